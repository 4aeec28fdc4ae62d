"""Signing in to the org: sessions, second factors, the device flow, and their pages and APIs."""
