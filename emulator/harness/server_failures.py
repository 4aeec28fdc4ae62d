"""Failures inside servers, reported to the test in which they happened: the client has only seen a 500, or nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from traceback import FrameSummary, StackSummary, TracebackException
from typing import Final

import pytest

from emulator.kernel.failures import Failure

# Between the server and what failed are frames that say nothing about it.
_PASSING_ON = (
    "/_pytest/",
    "/flask/",
    "/werkzeug/",
    "/blinker/",
    "/emulator/network/",
    "/emulator/harness/",
    "/kernel/services.py",
)


class ServerFailures:
    """The failures since they were last asked for; tests of one process run one after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: list[Failure] = []

    def add(self, failure: Failure) -> None:
        """Keeps a failure; the same exception is kept once, as it was told of first."""
        with self._lock:
            if not any(each.error is failure.error for each in self._failures):
                self._failures.append(failure)

    def take(self) -> list[Failure]:
        """Returns the failures and forgets them."""
        with self._lock:
            taken, self._failures = self._failures, []
        return taken


FAILURES: Final = pytest.StashKey[ServerFailures]()


def failures_of(config: pytest.Config) -> ServerFailures:
    """Returns where the failures of a run are kept."""
    return config.stash.setdefault(FAILURES, ServerFailures())


def failure_text(failures: Iterable[Failure]) -> str:
    """Returns what went wrong, while what was being done, and where: frames of frameworks are left out."""
    return "\n".join(line for each in failures for line in _lines(each))


def _lines(failure: Failure) -> Iterator[str]:
    found = TracebackException.from_exception(failure.error)
    summary = "".join(found.format_exception_only()).strip()
    yield f"{summary.splitlines()[0]}, while {failure.during}"
    _leave_out_frames(found)
    yield from "".join(found.format()).rstrip().splitlines()


def _leave_out_frames(found: TracebackException) -> None:
    for each in (found.__cause__, found.__context__):
        if each is not None:
            _leave_out_frames(each)
    telling = [frame for frame in found.stack if not _passes_on(frame)]
    found.stack = StackSummary.from_list(telling or list(found.stack))


def _passes_on(frame: FrameSummary) -> bool:
    path = frame.filename.replace("\\", "/")
    return any(part in path for part in _PASSING_ON)


def is_raised_by(failure: Failure, error: BaseException | None) -> bool:
    """Returns whether a failure is what a test ended with anyway, or what that came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if error is failure.error:
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False
