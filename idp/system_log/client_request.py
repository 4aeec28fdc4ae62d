"""The request during which something happens in the org: what the System Log says of the client.

Services log where they decide, several calls below the page that was asked for. The site puts the request into a
context variable for as long as it answers, so that no decision has to hand it on; outside of a request there is none.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from idp.model import User

_BROWSERS = (("Edg/", "EDGE"), ("Firefox/", "FIREFOX"), ("Chrome/", "CHROME"), ("Safari/", "SAFARI"))
_SYSTEMS = (("Windows", "Windows"), ("Mac OS X", "Mac OS X"), ("Android", "Android"), ("Linux", "Linux"))


@dataclass
class ClientRequest:
    """A request to the org.

    Args:
        ip_address: Where it comes from.
        user_agent: Its header User-Agent.
        path: Its path.
        url: Its path and query.
        request_id: Names it in the System Log, as soon as something is logged.
        caller: Who is known to ask, for events of which nobody else is the actor.
        api_token_id: The id of the API token that it carries.
    """

    ip_address: str = "127.0.0.1"
    user_agent: str = ""
    path: str = ""
    url: str = ""
    request_id: str = ""
    caller: User | None = None
    api_token_id: str = ""

    @cached_property
    def client(self) -> dict[str, Any]:
        """The Client object of the request's events, which share it.

        Spec: developer.okta.com, System Log API, "Client object", "UserAgent object"
        Evidence: documented
        """
        browser = next((name for mark, name in _BROWSERS if mark in self.user_agent), "UNKNOWN")
        return {
            "userAgent": {
                "rawUserAgent": self.user_agent or "UNKNOWN-DOWNLOAD",
                "os": next((name for mark, name in _SYSTEMS if mark in self.user_agent), "Unknown"),
                "browser": browser,
            },
            "zone": "null",
            "device": "Unknown" if browser == "UNKNOWN" else "Computer",
            "id": None,
            "ipAddress": self.ip_address,
            "geographicalContext": None,
        }

    @cached_property
    def addresses(self) -> dict[str, Any]:
        """The Request object of the request's events: the addresses that it came through.

        Spec: developer.okta.com, System Log API, "Request object"
        Evidence: documented
        """
        version = "V6" if ":" in self.ip_address else "V4"
        return {"ipChain": [{"ip": self.ip_address, "geographicalContext": None, "version": version, "source": None}]}


_CURRENT: ContextVar[ClientRequest | None] = ContextVar("okta-client-request", default=None)


def begin(request: ClientRequest) -> Token[ClientRequest | None]:
    """Makes a request the current one; what is returned ends that."""
    return _CURRENT.set(request)


def end(token: Token[ClientRequest | None]) -> None:
    """Forgets the request that ``begin`` made the current one."""
    _CURRENT.reset(token)


def current_request() -> ClientRequest:
    """Returns the request that is answered; an empty one outside of requests."""
    return _CURRENT.get() or ClientRequest()
