"""Okta orgs and AWS accounts made from a world."""
