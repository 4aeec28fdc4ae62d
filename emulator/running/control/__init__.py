"""The control API: state, clock, recorded events, programmed logins, and logins that were made."""
