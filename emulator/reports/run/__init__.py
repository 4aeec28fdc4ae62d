"""Forms of what ``fedemu run`` came to: a module each, and the table of them."""
