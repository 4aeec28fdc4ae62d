"""Removes from seeds, and reports, what would make a world unusable."""
