"""IAM policy documents, and whether they allow a request."""
