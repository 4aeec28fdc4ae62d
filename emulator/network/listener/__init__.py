"""Sockets: what is read from them, how long it may take, and how TLS and the proxy lead to the gateway."""
