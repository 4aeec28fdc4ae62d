"""Removes and reports what would make a world unusable if seeds alone decided."""
