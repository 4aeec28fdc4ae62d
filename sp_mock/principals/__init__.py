"""Who makes a call: credentials, sessions and their permissions."""
