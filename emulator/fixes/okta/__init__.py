"""What could be changed at the identity provider, by what it is about."""
