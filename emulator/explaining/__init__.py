"""From the words of an error to its causes, ranked by frequency."""
