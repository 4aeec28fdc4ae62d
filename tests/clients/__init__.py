"""Real, unmodified clients."""
