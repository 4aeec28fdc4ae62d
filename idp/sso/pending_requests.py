"""Service providers' requests that are pending while a person signs in."""

from __future__ import annotations

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.sso.sp_requests import SamlRequest


class PendingRequests:
    """The pending requests of one org.

    Args:
        store: Store of the requests.
        ids: Source of the tokens that the requests are found by.
    """

    def __init__(self, directory: Directory, store: Store, *, clock: Clock, ids: Ids) -> None:
        self._ids = ids
        self._by_token = store.table(f"okta-saml-requests/{directory.org.name}", SamlRequest, clock=clock)

    def keep(self, saml_request: SamlRequest) -> str:
        """Stores a request, and returns the token to find it by."""
        token = self._ids.token(24)
        self._by_token.put(token, saml_request)
        return token

    def find(self, token: str | None) -> SamlRequest | None:
        """Returns the request that was stored under a token, unless it has expired."""
        return self._by_token.get(token)
