"""Scenarios: a login with faults, and what must come of it."""
