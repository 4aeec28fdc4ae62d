"""The principals that make calls: credentials, sessions and their permissions."""
