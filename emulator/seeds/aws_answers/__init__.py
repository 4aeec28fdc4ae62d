"""What the AWS CLI prints when it is asked for what an account holds."""
