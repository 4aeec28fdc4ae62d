"""The Okta management API over HTTP: who may call it, and its routes."""
