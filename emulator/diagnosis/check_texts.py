"""What can be behind a refusal, check by check, written down for people.

``checks/*.yaml`` has a text for every check that a refusal of Okta, AWS or Amazon Connect can name: the question that
is asked, and what makes the answer no, the most frequent cause first, each with the side it is on and the scenarios of
the catalogue that show it. A check of the assertion that no fault can make fail says why in ``without_fault``. The
tests compare all of this with the code, and want a scenario of the catalogue for every check. What is no check of a
service has its texts in the same form in ``emulator/explaining/topics``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from emulator.kernel.errors import FileError
from emulator.worldfile.schema_check import read_settings
from emulator.worldfile.settings import Settings
from emulator.worldfile.yaml_file import read_documents

CHECKS = Path(__file__).parent / "checks"
_Text = Annotated[str, Field(min_length=1)]
_Weight = Annotated[int, Field(ge=0, le=100)]
# What a cause weighs that has neither a weight nor a scenario: the most frequent of a check comes first in its file.
_BY_PLACE = (20, 15, 10, 8, 6, 5)


Side = Literal["you", "identity provider", "AWS account", "browser"]


class CauseSettings(Settings):
    """What makes the answer no, and what to do about it."""

    cause: _Text
    fix: _Text
    side: Side | None = None
    """Whose side it is on; the check's unless given."""
    weight: _Weight | None = None
    """How often this is the cause, from 0 to 100, as in a scenario; that of its scenarios unless given."""
    scenarios: list[str] = []
    """The ids of the scenarios that show it, the best one to run first; none unless given."""
    says: list[str] = []
    """The sentences that this cause ends in, where the check has others too; all of the check's unless given."""


class CheckSettings(Settings):
    """A check in the file; the key is its name."""

    asks: _Text
    causes: Annotated[list[CauseSettings], Field(min_length=1)]
    side: Side | None = None
    """Whose side its causes are on, unless they say otherwise; the group's unless given."""
    words: list[str] = []
    """What people call it, in lower case; none unless given."""
    without_fault: _Text | None = None
    not_emulated: _Text | None = None
    """Why the emulator cannot show it; nothing where it can."""


class GroupSettings(Settings):
    """Checks that belong together."""

    about: _Text
    side: Side
    """Whose side the causes are on, unless a check or a cause says otherwise."""
    checks: dict[str, CheckSettings]


class FileSettings(Settings):
    """One file of checks."""

    groups: list[GroupSettings]


@dataclass(frozen=True, slots=True)
class CauseText:
    """What makes the answer of a check no.

    Args:
        cause: In one or two sentences.
        fix: What to do about it.
        side: Whose side it is on.
        weight: How often it is the cause, from 0 to 100; None where that is what its scenarios say.
        scenarios: The ids of the scenarios that show it, the best one to run first.
        says: The sentences that it ends in; empty for all of the check's.
    """

    cause: str
    fix: str
    side: Side
    weight: int | None = None
    scenarios: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckText:
    """A check, explained.

    Args:
        name: As refusals name it.
        about: What it belongs to, as a title.
        asks: The question it asks.
        causes: What makes the answer no, the most frequent cause first.
        words: What people call it, in lower case.
        without_fault: Why no fault of the identity provider can make it fail; None where one does.
        not_emulated: Why the emulator cannot show it; None where it can.
    """

    name: str
    about: str
    asks: str
    causes: tuple[CauseText, ...]
    words: tuple[str, ...] = ()
    without_fault: str | None = None
    not_emulated: str | None = None


def read_check_texts(folder: Path = CHECKS) -> Mapping[str, CheckText]:
    """Returns the text of every check of a folder, by its name.

    Raises:
        FileError: a file cannot be used.
    """
    return {text.name: text for path in sorted(folder.glob("*.yaml")) for text in _texts_in(path)}


def _texts_in(path: Path) -> Iterator[CheckText]:
    for document in read_documents(path, error=FileError):
        for group in read_settings(FileSettings, document, error=FileError).groups:
            for name, check in group.checks.items():
                side = check.side or group.side
                yield CheckText(
                    name,
                    group.about,
                    check.asks,
                    tuple(_cause(each, place, side) for place, each in enumerate(check.causes)),
                    words=tuple(check.words),
                    without_fault=check.without_fault,
                    not_emulated=check.not_emulated,
                )


def _cause(cause: CauseSettings, place: int, side: Side) -> CauseText:
    weight = cause.weight
    if weight is None and not cause.scenarios:
        weight = _BY_PLACE[min(place, len(_BY_PLACE) - 1)]
    return CauseText(cause.cause, cause.fix, cause.side or side, weight, tuple(cause.scenarios), tuple(cause.says))
