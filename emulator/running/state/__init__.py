"""A federation's state: as JSON text, read again, and a file that follows it."""
