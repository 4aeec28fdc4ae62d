"""Results that take seconds to compute for a large world: computed once, in a thread, and kept while they are valid.

A page asks for a result and waits a moment. If it takes longer, the page shows the previous result, if any, and gets
the new one when it asks again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from emulator.federation import Federation
from emulator.kernel.records import dataclass

PATIENCE_SECONDS = 1.5
# Anything faster is computed for each page, because it may depend on unwatched files such as custom pages.
_QUICK_SECONDS: Final = 0.3
# Findings change with the time, for example when a certificate is about to expire.
_HOLDS: Final = timedelta(minutes=1)

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Basis:
    """What a result was computed from.

    Args:
        parts: Compared by identity: a change of a world, an org or an account makes a new object.
        values: Compared by value: what is planted and what is remembered.
        at: Time by the federation's clock.
        asked_at: Time by a clock that nobody moves, in seconds.
    """

    parts: Sequence[object]
    values: Sequence[object]
    at: datetime
    asked_at: float

    def holds_for(self, other: Basis, *, seconds: float = 0) -> bool:
        """Returns whether a result computed from this is valid for another basis.

        Args:
            other: The basis at present.
            seconds: Duration of the computation, which does not count towards its age.
        """
        holds = _HOLDS + timedelta(seconds=seconds)
        return (
            len(self.parts) == len(other.parts)
            and all(one is another for one, another in zip(self.parts, other.parts, strict=True))
            and self.values == other.values
            and abs(self.at - other.at) < holds
            and other.asked_at - self.asked_at < holds.total_seconds()
        )


def basis_of(federation: Federation) -> Basis:
    """Returns everything that determines the logins of a running federation."""
    running = federation.running
    with federation.store.lock:
        first_roles = tuple(federation.tables["connect-first-roles"].running().values())
    return Basis(
        (federation.world, *running.orgs.values(), *running.accounts.values()),
        tuple(filter(None, (first_roles, *(each.faults.planted for each in federation.identity_providers.values())))),
        federation.clock.now(),
        time.monotonic(),
    )


@dataclass(frozen=True, slots=True)
class Worked(Generic[Found]):
    """A computed result.

    Args:
        found: The result; None where there is none yet.
        is_current: Whether it is valid now; otherwise it is being computed again.
    """

    found: Found | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class _Done(Generic[Found]):
    basis: Basis
    found: tuple[Found, ...]
    error: Exception | None
    seconds: float

    def value(self) -> Found:
        if self.error is not None:
            raise self.error
        return self.found[0]

    def is_for(self, basis: Basis, asked: float) -> bool:
        return self.basis.holds_for(basis, seconds=self.seconds) and (
            self.seconds >= _QUICK_SECONDS or self.basis.asked_at >= asked
        )


class WorkedOut(Generic[Found]):
    """Something that is computed from a federation.

    Args:
        basis: Returns what it depends on, in the current state.
        work: Computes it.
    """

    def __init__(self, basis: Callable[[], Basis], work: Callable[[], Found]) -> None:
        self._basis = basis
        self._work = work
        self._changed = threading.Condition()
        self._done: _Done[Found] | None = None
        self._is_at_work = False

    def get(self, *, patience_seconds: float | None = None) -> Worked[Found]:
        """Returns the result; waits a moment for it, and then returns the previous one.

        Args:
            patience_seconds: How long it waits; by default ``PATIENCE_SECONDS``.

        Raises:
            Exception: the exception of the computation.
        """
        asked = time.monotonic()
        patience_seconds = PATIENCE_SECONDS if patience_seconds is None else patience_seconds
        with self._changed:
            # What it depends on may change while it is worked out.
            while (done := self._done) is None or not done.is_for(self._basis(), asked):
                left = asked + patience_seconds - time.monotonic()
                if left <= 0 and self._is_at_work:
                    known = done.found[0] if done is not None and done.found else None
                    return Worked(known, is_current=False)
                self._wait(left)
            return Worked(done.value(), is_current=True)

    def wait(self) -> Found:
        """Returns the result, however long that takes.

        Raises:
            Exception: the exception of the computation.
        """
        asked = time.monotonic()
        with self._changed:
            while (done := self._done) is None or not done.is_for(self._basis(), asked):
                self._wait(None)
            return done.value()

    def _wait(self, seconds: float | None) -> None:
        if not self._is_at_work:
            self._is_at_work = True
            threading.Thread(target=self._work_out, name="worked-out", daemon=True).start()
        if seconds is None or seconds > 0:
            self._changed.wait(seconds)

    def _work_out(self) -> None:
        basis = self._basis()
        found: tuple[Found, ...] = ()
        error = None
        try:
            found = (self._work(),)
        except Exception as problem:  # noqa: BLE001  the page that asks raises it
            error = problem
        with self._changed:
            self._done = _Done(basis, found, error, time.monotonic() - basis.asked_at)
            self._is_at_work = False
            self._changed.notify_all()
