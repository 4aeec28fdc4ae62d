"""Possible changes at the identity provider, by subject."""
