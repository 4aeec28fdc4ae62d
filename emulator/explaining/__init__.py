"""From the words of an error to its causes, ranked by how often they are it."""
