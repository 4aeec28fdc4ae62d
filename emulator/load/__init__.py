"""Logins of many people over sockets, driven by Locust."""
