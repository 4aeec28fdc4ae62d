"""Sends the requests that an emulated service makes itself: to emulated hosts without sockets, or to loopback."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from time import perf_counter
from urllib.parse import SplitResult, urlsplit

from emulator.kernel.outbound import OutboundAnswer, OutboundRequest, Send, Unreachable
from emulator.kernel.trace_notes import TraceNote
from emulator.network.gateway import Gateway
from emulator.network.trace import NO_BODY, Exchange, redact_url
from emulator.network.wsgi import call, make_environ

_MAX_BODY_BYTES = 64_000


class Outbound:
    """Sends the outbound requests of one federation.

    Args:
        gateway: Returns the gateway in front of the emulated hosts.
    """

    def __init__(self, gateway: Callable[[], Gateway]) -> None:
        self._gateway = gateway
        self.stood_in_by: Send | None = None

    def stand_in(self, answer: Send | None) -> None:
        """Has ``answer`` take every request to a host that is not emulated, so that none leaves this process."""
        self.stood_in_by = answer

    def __call__(self, request: OutboundRequest) -> OutboundAnswer:
        """Sends a request and returns the answer.

        Raises:
            Unreachable: nobody answered in time, or the host is neither emulated nor this machine.
        """
        gateway = self._gateway()
        try:
            url = urlsplit(request.url)
            host = (url.hostname or "").lower()
        except ValueError:
            raise Unreachable(f"{request.url} is not a URL; nothing is sent there") from None
        if gateway.hosts.site(host) is not None:
            return _ask_emulated(gateway, request, url)
        if self.stood_in_by is not None:
            return self.stood_in_by(request)
        if is_loopback(host):
            return _ask_this_machine(gateway, request, host)
        raise Unreachable(f"{host} is neither an emulated host nor this machine; nothing is sent there")


def _ask_emulated(gateway: Gateway, request: OutboundRequest, url: SplitResult) -> OutboundAnswer:
    """Passes a request to the gateway, which records it."""
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = [*request.headers.items(), ("Host", url.netloc)]
    answer = call(gateway, make_environ(request.method, target, headers, request.body, scheme="https"))
    return OutboundAnswer(answer.code, answer.body[:_MAX_BODY_BYTES])


def _ask_this_machine(gateway: Gateway, request: OutboundRequest, host: str) -> OutboundAnswer:
    """Sends a request to a program on this machine and records the result."""
    import requests  # imported late, because a start that sends nothing does not need it

    started, began = gateway.clock.now(), perf_counter()
    answer, problem = OutboundAnswer(0), ""
    with requests.Session() as session:
        session.trust_env = False
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
    gateway.record(
        Exchange(
            started_at=started,
            duration_ms=(perf_counter() - began) * 1000,
            method=request.method,
            url=redact_url(request.url),
            request_headers=(),
            form=(),
            status=answer.status,
            response_headers=(),
            content=NO_BODY,
            notes=(TraceNote("Okta", f"{request.reason}: {problem or f'answered {answer.status}'}"),),
        )
    )
    if problem:
        raise Unreachable(problem)
    return answer


def is_loopback(host: str) -> bool:
    """Returns whether a host name or address belongs to this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
