"""Who signed the request in hand: what STS, IAM and Amazon Connect's service API have in common at their fronts."""

from __future__ import annotations

from urllib.parse import quote

from flask import request

from emulator.kernel.clock import Clock
from emulator.kernel.partitions import PARTITIONS
from emulator.kernel.trace_notes import ASKED_HOST_KEY
from sp_mock.apis.api_endpoints import ApiEndpoint
from sp_mock.apis.sigv4 import SignedRequest, authenticate
from sp_mock.principals.callers import Caller, Keyring


def the_caller(keyring: Keyring, *, service: str, endpoint: ApiEndpoint, clock: Clock) -> Caller:
    """Returns who signed the request in hand.

    Args:
        keyring: The access keys that AWS knows.
        service: As in the signature's scope: ``sts``.
        endpoint: Which endpoint was asked; a global one wants signatures for its partition's first region.
        clock: AWS's.

    Raises:
        AwsRefusal: as ``authenticate`` raises.
    """
    asked = request.environ.get(ASKED_HOST_KEY, request.host)
    is_named = asked.startswith(endpoint.host)  # the bare address is every region's
    default = PARTITIONS[endpoint.partition].default_region
    return authenticate(
        SignedRequest(
            method=request.method,
            path=path_as_sent(),
            query=request.query_string.decode("utf-8", "replace"),
            headers={**{name.lower(): value for name, value in request.headers.items()}, "host": asked},
            body=request.get_data(cache=True),
        ),
        keyring,
        service=service,
        region=(endpoint.region or default) if is_named else "",
        clock=clock,
    )


def path_as_sent() -> str:
    """Returns the path with its percent-encoding: an ARN in it holds slashes that separate nothing."""
    sent = str(request.environ.get("REQUEST_URI", "")).partition("?")[0]
    if "://" in sent:
        sent = "/" + sent.split("://", 1)[1].partition("/")[2]
    return sent or quote(request.path, safe="/-_.~")
