"""The wire formats of AWS's service APIs, as botocore's models describe them."""
