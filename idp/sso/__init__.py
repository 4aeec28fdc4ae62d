"""Opening an app: launch pages, service providers' requests, single logout."""
