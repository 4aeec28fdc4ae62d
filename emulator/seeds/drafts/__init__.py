"""A world begun from files that people have: what they say, and what a person still has to fill in."""
