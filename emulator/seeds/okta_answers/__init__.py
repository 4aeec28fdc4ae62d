"""Answers of Okta's management API, saved as JSON files, as the org of a world."""
