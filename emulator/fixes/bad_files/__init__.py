"""World files that cannot be used: what was probably meant in them."""
