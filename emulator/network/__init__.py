"""Hosts, the gateway, sockets and certificates: how a request finds the site that answers it."""
