"""Fills a world from what people already have: templates, Terraform's JSON, output of AWS's and Okta's APIs."""
