"""The request during which something happens in the org: what the System Log says about the client.

Services log where they decide, several calls below the page that was asked for. The site keeps the request in a context
variable while it answers, so that it need not be passed through every call; outside a request there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar, Token
from functools import lru_cache
from typing import Any

from emulator.kernel.client_connection import UNKNOWN_CLIENT, ClientConnection
from emulator.kernel.records import dataclass
from idp.model import User

_MAX_CHARACTERS = 2000
_BROWSERS = (("Edg/", "EDGE"), ("Firefox/", "FIREFOX"), ("Chrome/", "CHROME"), ("Safari/", "SAFARI"))
_SYSTEMS = (("Windows", "Windows"), ("Mac OS X", "Mac OS X"), ("Android", "Android"), ("Linux", "Linux"))


@dataclass
class ClientRequest:
    """A request to the org.

    Args:
        connection: How the request reached the org.
        url: Path and query.
        request_id: Id in the System Log and in the header X-Okta-Request-Id.
        caller: Known caller, for events that have no other actor.
        api_token_id: Id of the API token that it carries.
    """

    connection: ClientConnection = UNKNOWN_CLIENT
    path: str = ""
    url: str = ""
    request_id: str = ""
    caller: User | None = None
    api_token_id: str = ""

    def client(self, actor: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Returns the Client object and the Request object of an event; events of one client share them.

        Args:
            actor: Login of the actor, for their address where the request has none.
        """
        address = self.connection.address_of((actor,))
        return _client(address, self.connection.user_agent[:_MAX_CHARACTERS]), _request(address)


@lru_cache(maxsize=256)
def _client(address: str, user_agent: str) -> Mapping[str, Any]:
    """Returns the Client object.

    Spec: developer.okta.com, System Log API, "Client object", "UserAgent object"
    Evidence: documented
    """
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "UNKNOWN")
    return {
        "userAgent": {
            "rawUserAgent": user_agent or "UNKNOWN-DOWNLOAD",
            "os": next((name for mark, name in _SYSTEMS if mark in user_agent), "Unknown"),
            "browser": browser,
        },
        "zone": "null",
        "device": "Unknown" if browser == "UNKNOWN" else "Computer",
        "id": None,
        "ipAddress": address,
        "geographicalContext": None,
    }


@lru_cache(maxsize=256)
def _request(address: str) -> Mapping[str, Any]:
    """Returns the Request object: the addresses through which the request came.

    Spec: developer.okta.com, System Log API, "Request object"
    Evidence: documented
    """
    version = "V6" if ":" in address else "V4"
    return {"ipChain": [{"ip": address, "geographicalContext": None, "version": version, "source": None}]}


_CURRENT: ContextVar[ClientRequest | None] = ContextVar("okta-client-request", default=None)


def begin(request: ClientRequest) -> Token[ClientRequest | None]:
    """Makes a request the current one; the returned token ends that."""
    return _CURRENT.set(request)


def end(token: Token[ClientRequest | None]) -> None:
    """Ends what ``begin`` began."""
    _CURRENT.reset(token)


def current_request() -> ClientRequest:
    """Returns the current request, or an empty one outside requests."""
    return _CURRENT.get() or ClientRequest()
