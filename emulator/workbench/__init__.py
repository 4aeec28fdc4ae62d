"""The pages that people keep open while they work."""
