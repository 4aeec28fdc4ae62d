"""The IAM endpoint, the account as a whole, identity providers, and simulation."""
