"""An instance's users and what they need of it: profiles, queues, hours, the agents' hierarchy."""
