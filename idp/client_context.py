"""What the System Log says about the current request, read from it once, before a page decides anything."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Request, request

from emulator.kernel.client_connection import ClientConnection, KnownAddresses
from emulator.kernel.failures import REQUEST_ID_KEY
from emulator.kernel.services import services_of
from idp.system_log import client_request
from idp.system_log.client_request import ClientRequest
from idp.system_log.service import SystemLog

_MAX_CHARACTERS = 2000
# Kept in the request and not in Flask's g, which a request made while another one is answered would share.
_ENVIRON_KEY = "fedemu.client_request"
# Parameters of a query that could open something; a query with one of them is left out of the log.
_SECRETS = frozenset({"token", "sessionToken", "onetimetoken", "stateToken", "code", "id_token_hint", "client_secret"})


def begin_request() -> None:
    """Makes the request the one that events are logged with."""
    now: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # public in werkzeug
    environ, path, query = now.environ, now.path, now.query_string.decode("ascii", "replace")
    if query and any(name in _SECRETS for name, _ in parse_qsl(query, keep_blank_values=True)):
        query = ""
    # A request that failed outside of this site comes back to it for the answer.
    failed_id: str = environ.get(REQUEST_ID_KEY, "")
    request_id = failed_id or services_of(environ).get(SystemLog).new_request_id()
    environ[REQUEST_ID_KEY] = request_id
    asked = ClientRequest(
        request_id=request_id,
        connection=ClientConnection.of_request(environ, services_of(environ).get(KnownAddresses)),
        path=path[:_MAX_CHARACTERS],
        url=f"{path}?{query}"[:_MAX_CHARACTERS],
    )
    environ[_ENVIRON_KEY] = client_request.begin(asked)


def end_request(_error: BaseException | None) -> None:
    """Forgets the request."""
    token = request.environ.pop(_ENVIRON_KEY, None)
    if token is not None:
        client_request.end(token)
