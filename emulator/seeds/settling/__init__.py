"""What seeds alone would make unusable in a world: removed from them, and reported."""
