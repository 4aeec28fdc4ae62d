"""Terraform's and OpenTofu's states and plans, read as parts of a world."""
