"""Amazon Connect: the federate URL and what an instance serves."""
