"""What ``fedemu run`` does once its options are read: one run, or another after each save."""
