"""From a refusal to its origin in the world, and the check of a whole world."""
