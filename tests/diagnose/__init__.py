"""A benchmark of explanations: worlds that work, broken in the ways in which people break them."""
