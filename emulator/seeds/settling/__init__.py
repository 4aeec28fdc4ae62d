"""What seeds alone would make of a world that cannot be used: taken out of them, and told."""
