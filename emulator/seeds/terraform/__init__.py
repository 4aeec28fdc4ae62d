"""States and plans of Terraform and OpenTofu, read as parts of a world."""
