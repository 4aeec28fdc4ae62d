"""Compares what was named with what is to be blamed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from emulator.network.data_folder.keys import KeyFolder
from tests.diagnose.checking import Found, Kind, Said, kind_of, said_of
from tests.diagnose.mutants import Journey, Mutant, MutantFile
from tests.diagnose.mutating import write
from tests.diagnose.playing import End, arrives, play


class Verdict(StrEnum):
    """What a mutant came to."""

    NAMED = "named first"
    MISSED = "missed"
    HARMLESS = "harmless"
    STOPS_NOTHING = "stops nothing, and is not listed as harmless"
    NOT_HARMLESS = "is listed as harmless, and is not"

    @property
    def is_mistake_of_the_data(self) -> bool:
        """Whether the list of mutants is wrong, and not what the emulator said."""
        return self in {Verdict.STOPS_NOTHING, Verdict.NOT_HARMLESS}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one mutant.

    Args:
        blames: What is to be blamed.
        found: What ``fedemu check`` makes of it; None where it stops nothing, or what stops it is not in the world.
    """

    mutant: Mutant
    world: str
    blames: tuple[str, ...]
    end: End
    verdict: Verdict
    found: tuple[Kind, Found] | None = None


class Bench:
    """Tries mutants, and keeps how each journey ends in the world as it is.

    Args:
        folder: A prepared folder that worlds are written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys = KeyFolder(folder / "keys")
        self._wanted: dict[tuple[str, str], End] = {}
        self._said: dict[str, Said] = {}

    def wanted(self, file: MutantFile, journey: Journey) -> End:
        """Returns how a journey ends in a world as it is."""
        key = (file.world, journey.model_dump_json())
        if key not in self._wanted:
            self._wanted[key] = play(write(self._folder, file, None), journey, self._keys)
        return self._wanted[key]

    def judge(self, file: MutantFile, mutant: Mutant) -> Result:
        """Makes a mutant's journey and compares what was named."""
        journey = file.journey(mutant)
        wanted = self.wanted(file, journey)
        path = write(self._folder, file, mutant)
        end = play(path, journey, self._keys, lands_on=wanted.lands_on if journey.works else "")
        blames = file.blames(mutant)
        if end.came_to(wanted, journey) if journey.works else arrives(end, journey):
            verdict = Verdict.HARMLESS if mutant.harmless else Verdict.STOPS_NOTHING
        elif mutant.harmless:
            verdict = Verdict.NOT_HARMLESS
        else:
            verdict = Verdict.NAMED if is_named(blames, end) else Verdict.MISSED
        found = None
        kind = kind_of(journey, end)
        if verdict in {Verdict.NAMED, Verdict.MISSED} and kind is not None:
            found = kind, said_of(path, self._keys).beside(self._said_before(file))
        return Result(mutant, file.world, blames, end, verdict, found)

    def _said_before(self, file: MutantFile) -> Said:
        """Returns what ``fedemu check`` says of a world as it is."""
        if file.world not in self._said:
            self._said[file.world] = said_of(write(self._folder, file, None), self._keys)
        return self._said[file.world]


def is_named(blames: tuple[str, ...], end: End) -> bool:
    """Whether the right key is named: first where there is one, among two where two are right."""
    named = zip(end.origins, end.lines, strict=True)
    return any(_fits(origin, line, blame) for origin, line in list(named)[: len(blames)] for blame in blames)


def _fits(origin: str, line: int, blame: str) -> bool:
    """Whether an origin is the key itself or inside it, what was asked for, or on the line where there is no key."""
    if blame.startswith("line:"):
        return f"line:{line}" == blame
    if blame.startswith(("asked:", "outside:")):
        return origin.startswith(blame)
    blame = blame.removeprefix("page:")
    return origin == blame or origin.startswith((f"{blame}.", f"{blame}["))
