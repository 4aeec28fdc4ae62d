"""Whether ``fedemu check`` finds a mutant without knowing a login: what it reports that it did not report before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from emulator.diagnosis.world_check import check_world
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FileError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import load_world
from tests.diagnose.mutants import Journey
from tests.diagnose.playing import START, End


class Found(StrEnum):
    """What ``check`` makes of a mutant."""

    FOUND = "found"
    NOTED = "noted, and the exit code is 0"
    MISSED = "missed"


class Kind(StrEnum):
    """What a mutant stops: a login, or a page that is opened or framed after one."""

    LOGIN = "found by check"
    PAGE = "pages by check"


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


def kind_of(journey: Journey, end: End) -> Kind | None:
    """Returns by what a journey is counted; None where what stops it is not in the world.

    Where somebody asked for a place, an address or a length which a mutant keeps from them, nobody can tell from the
    world that it was wanted.
    """
    login = journey.login
    if end.outcome == "bad file":
        return Kind.LOGIN
    if login is None or not journey.works:
        return None
    if journey.then:
        return Kind.PAGE
    if login.relay_state is not None or login.destination is not None or end.says.startswith("[lands-on]"):
        return None
    return Kind.LOGIN
