"""Okta in Terraform's files."""
