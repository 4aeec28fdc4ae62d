"""Resources of Okta in Terraform files."""
