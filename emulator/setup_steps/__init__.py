"""The steps by which a login is set up in consoles: which value goes where, and whether it is there."""
