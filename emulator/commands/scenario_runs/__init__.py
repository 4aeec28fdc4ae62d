"""``fedemu run`` after its options are read: one run, or another after each save."""
