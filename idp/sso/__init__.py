"""Opening an app: the dashboard, launch pages, service providers' requests, single logout."""
