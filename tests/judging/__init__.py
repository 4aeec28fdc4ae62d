"""Real identity providers and service providers of others, as processes of their own, against this project's sides."""
