"""Calls in this process without sockets: by programs on requests, by botocore, by a service itself."""
