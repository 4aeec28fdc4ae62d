"""IAM and Amazon Connect in Terraform's files."""
