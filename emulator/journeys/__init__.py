"""Whose requests belong together: the logins that browsers and programs make, as the gateway sees them."""
