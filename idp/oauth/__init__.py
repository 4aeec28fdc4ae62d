"""The org authorization server: OIDC clients, their tokens, and how they get them."""
