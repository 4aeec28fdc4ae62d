"""Faults of the network between a client and the emulated hosts, planted on purpose: slow, cut, or overloaded.

A fault is chosen by host and path, and acts a number of times or until it is cleared. The gateway asks here before a
site answers. Nothing is planted on the emulator's own pages.
"""

from __future__ import annotations

import fnmatch
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from emulator.kernel.errors import FederationError, NetworkFailure
from emulator.kernel.explanations import Planted
from emulator.kernel.trace_notes import OWN_SERVICE, TraceNote

MOST_FAULTS = 100
CHECK = "network-fault"


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """One thing that goes wrong on the way.

    Args:
        host: The host's real name, or a pattern with ``*`` and ``?``.
        path: The path, or such a pattern; every path by default.
        method: The method; every one when empty.
        count: How often it acts; None until it is cleared.
        delay: How much later the answer arrives.
        reset: Whether the connection is reset before a service has seen the request.
        truncated: Whether the connection ends in the middle of the service's answer.
        status: The HTTP status that something before the service answers with; 0 for none.
        retry_after: What that answer's Retry-After says; None where it has none.
        by: Who planted it, for the trace: ``the control API``.
        number: Which one it is of those that were planted.
        used: How often it has acted.
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
        """What it does, for a person."""
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
        """For which requests it is, for a person."""
        return f"{self.method} {self.host} {self.path}".strip()

    @property
    def is_over(self) -> bool:
        """Whether it has acted as often as it was to."""
        return self.count is not None and self.used >= self.count

    def is_for(self, host: str, path: str, method: str) -> bool:
        """Returns whether a request is one of those that it is for."""
        return (
            not self.is_over
            and fnmatch.fnmatchcase(host, self.host)
            and fnmatch.fnmatchcase(path, self.path)
            and self.method in {"", method}
        )

    @property
    def planted(self) -> Planted:
        """The cause of whatever comes of it."""
        return Planted(f"network fault, planted by {self.by}: {self.what} for {self.where}")

    def note(self) -> TraceNote:
        """Returns the trace's note of a request on which it acts."""
        summary = f"network fault, planted by {self.by}: {self.what}"
        causes = (self.planted,) if self.delay else ()
        return TraceNote(OWN_SERVICE, summary, refusal=self._failure(), causes=causes)

    def _failure(self) -> NetworkFailure | None:
        """Returns what the client meets in place of an answer; None where the answer is late and no more."""
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
        """The fault as JSON data; what it does not do is left out."""
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
    """The faults that are planted. Threads may ask at once: what is to act once acts on one request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[NetworkFault] = []
        self._numbered = 0

    @property
    def all(self) -> tuple[NetworkFault, ...]:
        """Those that are planted and those that have acted as often as they were to, the oldest first."""
        with self._lock:
            return tuple(self._faults)

    def plant(self, faults: Sequence[NetworkFault], *, in_place_of_others: bool = False) -> tuple[NetworkFault, ...]:
        """Adds faults and returns them with their numbers. Of several that are for a request the first acts.

        Args:
            faults: What is planted.
            in_place_of_others: Clears those that there were.

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
        """Takes all faults away."""
        with self._lock:
            self._faults = []

    def take(self, host: str, path: str, method: str) -> NetworkFault | None:
        """Returns the fault that acts on a request, which has acted once more then; None where none is for it."""
        if not self._faults:
            return None
        with self._lock:
            for at, fault in enumerate(self._faults):
                if fault.is_for(host, path, method):
                    self._faults[at] = replace(fault, used=fault.used + 1)
                    return fault
        return None


def span_text(length: timedelta) -> str:
    """Returns a length of time as people write it: ``200ms``, ``2s``."""
    milliseconds = round(length / timedelta(milliseconds=1))
    return f"{milliseconds}ms" if milliseconds % 1000 else f"{milliseconds // 1000}s"


def _seconds(length: timedelta | None) -> int:
    """Returns whole seconds, as Retry-After counts them, rounded up.

    Spec: RFC 9110 §10.2.3
    """
    return math.ceil((length or timedelta()).total_seconds())
