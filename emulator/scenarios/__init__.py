"""Scenarios: a login with faults, and its expected result."""
