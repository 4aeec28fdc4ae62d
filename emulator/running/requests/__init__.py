"""What commands ask of the running emulator: logins, assertions, scenarios, and their results."""
