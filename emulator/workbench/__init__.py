"""The page that people keep open while they work: its templates."""
