"""Output of the AWS CLI that lists what is in an account."""
