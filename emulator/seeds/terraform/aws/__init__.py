"""Resources of IAM and Amazon Connect in Terraform files."""
