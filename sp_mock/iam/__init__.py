"""IAM: the part that the setup of a federation needs, through real API calls."""
