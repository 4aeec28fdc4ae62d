"""Planted faults of the network between a client and the emulated hosts: slow, cut, or overloaded.

A fault is selected by host and path, and acts a number of times or until it is cleared. The gateway checks for one
before a site answers. The emulator's own pages are exempt.
"""

from __future__ import annotations

import fnmatch
import math
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from emulator.kernel.errors import FederationError, NetworkFailure
from emulator.kernel.explanations import Planted
from emulator.kernel.records import dataclass
from emulator.kernel.trace_notes import OWN_SERVICE, TraceNote

MOST_FAULTS = 100
CHECK = "network-fault"


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """One thing that goes wrong on the way.

    Args:
        host: Real name of the host, or a pattern with ``*`` and ``?``.
        path: Path, or such a pattern; every path by default.
        method: Method; empty for every method.
        count: How many times it acts; None until it is cleared.
        delay: How much later the answer arrives.
        reset: Whether the connection is reset before a service has seen the request.
        truncated: Whether the connection ends in the middle of the service's answer.
        status: HTTP status that something in front of the service answers with; 0 for none.
        retry_after: Retry-After of that answer; None where it has none.
        by: Who planted it, for the trace: ``the control API``.
        number: Its number among all planted faults.
        used: How many times it has acted.
    """

    host: str
    path: str = "*"
    method: str = ""
    count: int | None = None
    delay: timedelta = timedelta()
    reset: bool = False
    truncated: bool = False
    status: int = 0
    retry_after: timedelta | None = None
    by: str = "a test"
    number: int = 0
    used: int = 0

    @property
    def what(self) -> str:
        """Its effect, for a person."""
        parts = [f"delay of {span_text(self.delay)}"] if self.delay else []
        if self.reset:
            parts.append("connection reset")
        if self.truncated:
            parts.append("answer cut off")
        if self.status:
            after = f" with Retry-After {_seconds(self.retry_after)}" if self.retry_after is not None else ""
            parts.append(f"{self.status}{after}")
        return " and ".join(parts)

    @property
    def where(self) -> str:
        """The requests it applies to, for a person."""
        return f"{self.method} {self.host} {self.path}".strip()

    @property
    def is_over(self) -> bool:
        """Whether it has acted as many times as it was planted for."""
        return self.count is not None and self.used >= self.count

    def is_for(self, host: str, path: str, method: str) -> bool:
        """Returns whether it applies to a request."""
        return (
            not self.is_over
            and fnmatch.fnmatchcase(host, self.host)
            and fnmatch.fnmatchcase(path, self.path)
            and self.method in {"", method}
        )

    @property
    def planted(self) -> Planted:
        """The cause given for whatever results from it."""
        return Planted(f"network fault, planted by {self.by}: {self.what} for {self.where}")

    def note(self) -> TraceNote:
        """Returns the trace note of a request on which it acts."""
        summary = f"network fault, planted by {self.by}: {self.what}"
        causes = (self.planted,) if self.delay else ()
        return TraceNote(OWN_SERVICE, summary, refusal=self._failure(), causes=causes)

    def _failure(self) -> NetworkFailure | None:
        """Returns what the client gets instead of an answer; None where the answer is only late."""
        if self.status:
            said, code = HTTPStatus(self.status).phrase, HTTPStatus(self.status).phrase.replace(" ", "")
            why = f"Something before the service answered with {self.status}; the service has not seen the request."
        elif self.reset:
            said, code = "Connection reset", "ECONNRESET"
            why = "The connection was reset; the service has not seen the request."
        elif self.truncated:
            said, code = "The answer ended too early", "IncompleteRead"
            why = "The service answered, and the connection ended in the middle of its answer."
        else:
            return None
        return NetworkFailure(
            said,
            code=code,
            status=self.status,
            check=CHECK,
            explanation=why,
            where=self.where,
            causes=(self.planted,),
            fix="Nothing of the set-up is wrong: clear the network fault, or let the client try again.",
        )

    def as_json(self) -> dict[str, Any]:
        """The fault as JSON data, without empty parts."""
        data: dict[str, Any] = {
            "number": self.number,
            "host": self.host,
            "path": self.path,
            "method": self.method,
            "delay": span_text(self.delay) if self.delay else "",
            "reset": self.reset,
            "truncated": self.truncated,
            "status": self.status,
        }
        if self.retry_after is not None:
            data["retry_after"] = _seconds(self.retry_after)
        data = {name: value for name, value in data.items() if value or name == "retry_after"}
        left = {} if self.count is None else {"left": self.count - self.used}
        return {**data, **left, "used": self.used}


class NetworkFaults:
    """The planted faults. It is thread-safe: a fault that is to act once acts on one request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[NetworkFault] = []
        self._numbered = 0

    @property
    def all(self) -> tuple[NetworkFault, ...]:
        """The active faults and those that are used up, the oldest first."""
        with self._lock:
            return tuple(self._faults)

    def plant(self, faults: Sequence[NetworkFault], *, in_place_of_others: bool = False) -> tuple[NetworkFault, ...]:
        """Adds faults and returns them with their numbers. If several match a request, the first acts.

        Args:
            faults: Faults to plant.
            in_place_of_others: Whether to clear the existing ones.

        Raises:
            FederationError: there would be too many; none was added.
        """
        with self._lock:
            kept = [] if in_place_of_others else [each for each in self._faults if not each.is_over]
            if len(kept) + len(faults) > MOST_FAULTS:
                raise FederationError(
                    "There are too many network faults",
                    expected=f"at most {MOST_FAULTS}",
                    received=str(len(kept) + len(faults)),
                    fix="Clear those that are not needed.",
                )
            numbered = tuple(replace(each, number=self._numbered + at) for at, each in enumerate(faults, 1))
            self._numbered += len(numbered)
            self._faults = [*kept, *numbered]
            return numbered

    def clear(self) -> None:
        """Removes all faults."""
        with self._lock:
            self._faults = []

    def take(self, host: str, path: str, method: str) -> NetworkFault | None:
        """Returns the fault that acts on a request and counts its use; None where none applies."""
        if not self._faults:
            return None
        with self._lock:
            for at, fault in enumerate(self._faults):
                if fault.is_for(host, path, method):
                    self._faults[at] = replace(fault, used=fault.used + 1)
                    return fault
        return None


def span_text(length: timedelta) -> str:
    """Returns a duration as people write it: ``200ms``, ``2s``."""
    milliseconds = round(length / timedelta(milliseconds=1))
    return f"{milliseconds}ms" if milliseconds % 1000 else f"{milliseconds // 1000}s"


def _seconds(length: timedelta | None) -> int:
    """Returns whole seconds, as in Retry-After, rounded up.

    Spec: RFC 9110 §10.2.3
    """
    return math.ceil((length or timedelta()).total_seconds())
