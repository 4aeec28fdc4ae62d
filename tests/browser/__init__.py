"""Logins in a real browser."""
