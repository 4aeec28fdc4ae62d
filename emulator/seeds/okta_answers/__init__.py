"""Responses of Okta's management API, saved as JSON files, read as an org of a world."""
