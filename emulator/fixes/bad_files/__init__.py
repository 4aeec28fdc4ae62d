"""World files that cannot be used, and what was probably meant."""
