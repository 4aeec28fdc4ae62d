"""``fedemu run`` after its options are read."""
