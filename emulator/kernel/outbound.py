"""Requests that an emulated service makes itself: the org's to event hooks, and to AWS for the roles there are.

What carries them is given from outside, so that a service knows nothing of sockets.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


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
    """What came back; the body is cut off after 64,000 bytes."""

    status: int
    body: bytes = b""


class Unreachable(Exception):
    """Nobody answered, or nobody may be asked; the text says why."""


Send = Callable[[OutboundRequest], OutboundAnswer]


def send_nowhere(request: OutboundRequest) -> OutboundAnswer:
    """Reaches nobody: the transport of a service that has no network.

    Raises:
        Unreachable: always.
    """
    raise Unreachable(f"{request.url} cannot be reached from here")
