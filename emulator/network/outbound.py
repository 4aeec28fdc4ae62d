"""Carries requests that an emulated service makes itself: to emulated hosts without sockets, else to loopback only."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from emulator.kernel.trace_notes import TraceNote
from emulator.network.gateway_adapter import GatewayAdapter
from emulator.network.trace import Exchange, redact_url
from idp.management.outbound import OutboundAnswer, OutboundRequest, Unreachable

if TYPE_CHECKING:
    from emulator.network.gateway import Gateway

_MAX_BODY_BYTES = 64_000


class Outbound:
    """Carries outbound requests of one federation.

    Args:
        gateway: Gives the gateway in front of the emulated hosts.
    """

    def __init__(self, gateway: Callable[[], Gateway]) -> None:
        self._gateway = gateway

    def __call__(self, request: OutboundRequest) -> OutboundAnswer:
        """Sends a request and returns the answer.

        Raises:
            Unreachable: nobody answered in time, or the host is neither emulated nor this machine.
        """
        gateway = self._gateway()
        try:
            host = (urlsplit(request.url).hostname or "").lower()
        except ValueError:
            raise Unreachable(f"{request.url} is no URL; nothing is sent there") from None
        is_emulated = gateway.hosts.site(host) is not None
        if not is_emulated and not is_loopback(host):
            raise Unreachable(f"{host} is neither an emulated host nor this machine; nothing is sent there")
        started, began = gateway.clock.now(), perf_counter()
        answer, problem = OutboundAnswer(0), ""
        with requests.Session() as session:
            session.trust_env = False
            if is_emulated:
                session.mount("https://", GatewayAdapter(gateway))
            try:
                with session.request(
                    request.method,
                    request.url,
                    headers=dict(request.headers),
                    data=request.body or None,
                    timeout=request.timeout_seconds,
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    answer = OutboundAnswer(response.status_code, next(response.iter_content(_MAX_BODY_BYTES), b""))
            except (requests.RequestException, OSError, ValueError) as error:
                problem = f"{host} did not answer: {type(error).__name__}"
        if not is_emulated:
            outcome = problem or f"answered {answer.status}"
            gateway.keep(
                Exchange(
                    started_at=started,
                    duration_ms=(perf_counter() - began) * 1000,
                    method=request.method,
                    url=redact_url(request.url),
                    request_headers=(),
                    form=(),
                    status=answer.status,
                    response_headers=(),
                    body="",
                    notes=(TraceNote("Okta", f"{request.reason}: {outcome}"),),
                )
            )
        if problem:
            raise Unreachable(problem)
        return answer


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
