"""Whole logins, as scenarios."""
