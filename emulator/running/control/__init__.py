"""The control API: state, clock, what happened, logins that are programmed and logins that were made."""
