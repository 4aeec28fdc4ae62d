"""Requests that the org itself makes: to event hooks, and to AWS for the roles there are.

What carries them is given from outside, so that the org knows nothing of sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """A request that the org makes. ``reason`` goes into the trace; ``timeout_seconds`` bounds each step of it."""

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
    """Reaches nobody: the transport of an org that has no network.

    Raises:
        Unreachable: always.
    """
    raise Unreachable(f"{request.url} cannot be reached from here")
