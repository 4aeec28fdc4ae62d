"""IAM: what a federation's set-up needs of it, by real API calls."""
