"""Tests of the mock Okta org."""
