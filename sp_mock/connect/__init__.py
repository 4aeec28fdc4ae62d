"""Amazon Connect: federation from a role session to an instance's user, and the service's API."""
