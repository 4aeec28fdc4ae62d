"""Runs the steps of a scenario: logins, pages, calls, changes in Okta, and searches in logs."""
