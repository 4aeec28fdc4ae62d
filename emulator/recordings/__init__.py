"""Reads whatever shows a login: recordings, event logs, and messages that somebody copied."""
