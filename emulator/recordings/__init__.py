"""Reads what people have of a login: recordings, event logs, and messages that they copied from somewhere."""
