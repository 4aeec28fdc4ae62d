"""Formats for the results of ``fedemu run``, one module each, and their table."""
