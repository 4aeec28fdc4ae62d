"""Whether ``fedemu check`` finds a mutant without being told of a journey: what it says that it did not say before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from emulator.diagnosis.world_check import check_world
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FileError
from emulator.network.keys import KeyFolder
from emulator.world import load_world
from tests.diagnose.mutants import Journey
from tests.diagnose.playing import START, End


class Found(StrEnum):
    """What ``check`` makes of a mutant."""

    FOUND = "found"
    NOTED = "noted, and the exit code is 0"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Said:
    """What ``check`` said of a world: what makes its exit code 1, and what does not."""

    stops: Collection[object] = ()
    notes: Collection[object] = ()
    is_bad_file: bool = False

    def beside(self, before: Said) -> Found:
        """Returns what it says more than it said of another world."""
        if self.is_bad_file or set(self.stops) - set(before.stops):
            return Found.FOUND
        return Found.NOTED if set(self.notes) - set(before.notes) else Found.MISSED


def said_of(path: Path, keys: KeyFolder) -> Said:
    """Checks the world of a file."""
    try:
        federation = Federation(load_world(path), clock=Clock(frozen_at=START), ids=Ids(seed=1), keys=keys)
    except FileError:
        return Said(is_bad_file=True)
    found = check_world(federation)
    failing = {(each.who, each.role, each.check) for group in found.failing for each in group.decisions}
    findings = {(remark.rule, remark.problem.message) for remark in found.findings}
    notes = {(remark.rule, remark.problem.message) for remark in found.notes}
    return Said(failing | findings, notes | {(note.why, note.cause) for note in found.login_notes})


def is_in_the_world(journey: Journey, end: End) -> bool:
    """Whether a journey is a login that asks for no more than the world says.

    Where somebody asked for a place or a role, which the mutant keeps from them, nobody can tell from the world; nor
    whether a page of somebody else's is to frame the instance.
    """
    login = journey.login
    if login is None or journey.then or login.relay_state is not None or login.destination is not None:
        return False
    return not end.says.startswith("[lands-on]")
