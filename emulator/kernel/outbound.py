"""Requests that an emulated service makes itself: the org to event hooks, and to AWS to read the roles.

The transport is passed in, so that a service knows nothing about sockets.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from emulator.kernel.records import dataclass


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """A request that a service makes. ``reason`` goes into the trace; ``timeout_seconds`` bounds each step of it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = b""
    reason: str = ""
    timeout_seconds: float = 3.0


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    """The answer; its body is cut off after 64,000 bytes."""

    status: int
    body: bytes = b""


class Unreachable(Exception):
    """No answer, or a host that may not be contacted; the text says why."""


Send = Callable[[OutboundRequest], OutboundAnswer]


def send_nowhere(request: OutboundRequest) -> OutboundAnswer:
    """Refuses every request: the transport of a service without a network.

    Raises:
        Unreachable: always.
    """
    raise Unreachable(f"{request.url} cannot be reached from here")
