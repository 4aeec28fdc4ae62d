"""Starts a world from existing files: collects what they contain, and marks what a person still has to fill in."""
