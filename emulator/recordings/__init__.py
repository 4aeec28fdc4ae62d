"""What people have of a login, read: recordings, events, and messages that somebody copied."""
