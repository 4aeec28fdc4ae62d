"""Files that no world can be filled from: what they are, and what to give instead."""
