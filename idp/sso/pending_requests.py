"""Service providers' requests that wait while a person signs in."""

from __future__ import annotations

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.sso.sp_requests import SamlRequest


class PendingRequests:
    """The requests that wait at one org.

    Args:
        directory: The org.
        store: Keeps the requests.
        clock: The org's.
        ids: Makes the tokens that the requests are found by.
    """

    def __init__(self, directory: Directory, store: Store, *, clock: Clock, ids: Ids) -> None:
        self._ids = ids
        self._by_token = store.table(f"okta-saml-requests/{directory.org.name}", SamlRequest, clock=clock)

    def keep(self, saml_request: SamlRequest) -> str:
        """Keeps a request, and returns the token that it is found by."""
        token = self._ids.token(24)
        self._by_token.put(token, saml_request)
        return token

    def find(self, token: str | None) -> SamlRequest | None:
        """Returns the request that was kept under a token, if it has not expired."""
        return self._by_token.get(token)
