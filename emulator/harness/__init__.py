"""What the pytest plugin brings: scenario files as tests, logins of tests, traces that are kept."""
