"""What could be changed in AWS accounts and in Amazon Connect, by subject."""
