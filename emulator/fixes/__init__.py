"""Changes that would let a login arrive: proposed, tried on a copy, shown, and written."""
