"""What each request of a login is, in the words of the journey."""

from __future__ import annotations

from urllib.parse import urlsplit

from emulator.network.hosts import Hosts, Site
from emulator.network.trace import Exchange


def step_name(exchange: Exchange, hosts: Hosts) -> str:
    """Returns what an exchange is in the journey, for a person."""
    parts = urlsplit(exchange.url)
    site = hosts.site(parts.hostname or "")
    if site is None:
        return "Other request"
    if site is Site.OKTA:
        return _step_in_okta(exchange, parts.path)
    if site is Site.CONSOLE and "/connect/federate/" in parts.path:
        return "Federate into Connect"
    return _STEPS.get((site, exchange.method), site.value)


_STEPS = {
    (Site.SIGN_IN, "POST"): "Present the assertion",
    (Site.SIGN_IN, "GET"): "AWS sign-in page",
    (Site.STS, "POST"): "AssumeRoleWithSAML",
    (Site.CONSOLE, "GET"): "Console",
    (Site.CONNECT, "POST"): "Sign in to the instance",
    (Site.CONNECT, "GET"): "Connect page",
}


def _step_in_okta(exchange: Exchange, path: str) -> str:
    if path.startswith("/login"):
        return "Okta password" if exchange.method == "POST" else "Okta sign-in page"
    if path.endswith("/metadata"):
        return "Okta metadata"
    return "Okta tile" if path.startswith(("/home/", "/app/amazon_aws/")) else "Okta dashboard"
