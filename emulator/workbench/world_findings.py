"""Findings in the world file at their lines: the mistakes of an invalid file, or what ``check`` finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from emulator.diagnosis.fix import problem_without_secrets
from emulator.diagnosis.login_groups import LoginGroup
from emulator.diagnosis.origins import Origin
from emulator.diagnosis.world_check import WorldCheck, origins_of
from emulator.kernel.errors import Location, Problem
from emulator.kernel.records import dataclass
from emulator.workbench.group_words import problem_rows

Kind = Literal["broken", "stops", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding in the world.

    Args:
        kind: Whether it makes the file invalid, stops somebody, or is merely worth knowing.
        text: Sentence that describes it; empty where ``group`` does.
        locations: Places; empty where nothing in a file is to blame.
        more: Further lines, such as what was expected or what to do: a key of words, which may be empty, and a text.
        group: Logins that it stops, whose headline is in the language of the page.
    """

    kind: Kind
    text: str
    locations: tuple[Location, ...]
    more: tuple[tuple[str, str], ...] = ()
    group: LoginGroup | None = None


def problem_findings(problems: Iterable[Problem]) -> Iterator[Finding]:
    """Yields the mistakes of an invalid file."""
    for each in problems:
        yield _of_problem("broken", each)


def check_findings(found: WorldCheck) -> Iterator[Finding]:
    """Yields the findings in a valid world: what stops somebody first."""
    yield from map(_of_group, found.failing)
    yield from (_of_problem("stops", each.problem) for each in found.findings)
    yield from (_of_problem("note", each.problem) for each in found.notes)
    for note in found.login_notes:
        yield Finding("note", note.why, _places(note.origins), _lines(note.cause))


def _of_group(group: LoginGroup) -> Finding:
    told = group.result.diagnosis if group.result is not None else None
    reasons = (told.why, told.cause) if told is not None else (group.problem,)
    return Finding("stops", "", _places(origins_of(group)), _lines(*reasons), group)


def _of_problem(kind: Kind, said: Problem) -> Finding:
    problem = problem_without_secrets(said)
    return Finding(kind, problem.message, (problem.location,), tuple(problem_rows(problem)))


def _lines(*texts: str) -> tuple[tuple[str, str], ...]:
    return tuple(("", text) for text in texts if text)


def _places(origins: Iterable[Origin]) -> tuple[Location, ...]:
    return tuple(dict.fromkeys(each.location for each in origins if each.location is not None and each.location.file))
