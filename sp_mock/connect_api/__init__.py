"""Amazon Connect's service API: instances, their attributes and tags, federation tokens, and the endpoint."""
