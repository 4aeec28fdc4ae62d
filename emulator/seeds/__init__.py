"""What people already have, read as parts of a world: templates, Terraform's JSON, answers of AWS's and Okta's APIs."""
