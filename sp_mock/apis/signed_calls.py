"""Who signed a request, for any service: the endpoint determines the region and the keys that are valid there."""

from __future__ import annotations

from emulator.kernel.clock import Clock
from emulator.kernel.errors import InvalidClientTokenId
from sp_mock.apis.api_endpoints import ApiEndpoint
from sp_mock.apis.operations import ServiceApi
from sp_mock.apis.sigv4 import authenticate
from sp_mock.apis.wire_protocol import HttpRequest
from sp_mock.principals.callers import Caller, Keyring


def authenticated_caller(
    request: HttpRequest, *, api: ServiceApi, endpoint: ApiEndpoint, keyring: Keyring, clock: Clock
) -> Caller:
    """Returns the principal who signed a request.

    Args:
        request: The request as it was sent.
        endpoint: The endpoint that received the request. A global endpoint expects signatures for its partition's first
            region.

    Raises:
        AwsRefusal: as ``authenticate`` raises.
        InvalidClientTokenId: the key belongs to another partition than the endpoint.

    Spec: AWS General Reference "AWS service endpoints"
    Evidence: documented (regions), assumed (the answer to another partition's key)
    """
    is_named = request.headers["host"].startswith(endpoint.host)  # the bare address serves every region
    caller = authenticate(request, keyring, api=api, region=endpoint.region_name if is_named else "", clock=clock)
    if caller.partition != endpoint.partition:
        raise InvalidClientTokenId(
            "The security token included in the request is invalid.",
            service=api.name,
            check="partition",
            evidence="assumed",
            explanation=f"The credentials belong to partition {caller.partition}, "
            f"the endpoint to {endpoint.partition}.",
            where="the endpoint's host",
            expected=f"an endpoint of {caller.partition}",
            received=endpoint.host,
            fix="Set the region: each partition has endpoints of its own.",
            spec='AWS General Reference "AWS service endpoints"',
        )
    return caller
