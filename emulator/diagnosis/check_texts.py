"""What can be behind a refusal, check by check, written for people.

``checks/*.yaml`` has a text for every check that a refusal of Okta, AWS or Amazon Connect can name: the question that
it asks, and the causes of a failure, the most frequent first, each with the side it is on and the scenarios of the
catalogue that show it. For a check of the assertion that no fault can make fail, ``without_fault`` gives the reason.
The tests compare all of this with the code, and require a scenario of the catalogue for every check. Topics other than
a service's checks have their texts in the same form in ``emulator/explaining/topics``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from emulator.kernel.errors import FileError
from emulator.kernel.records import dataclass
from emulator.worldfile.schema.schema_check import read_settings
from emulator.worldfile.schema.settings import Settings
from emulator.worldfile.text.yaml_file import read_documents

CHECKS = Path(__file__).parent / "checks"
_Text = Annotated[str, Field(min_length=1)]
_Weight = Annotated[int, Field(ge=0, le=100)]
# Weight of a cause without weight and scenarios: the causes of a check are in order of frequency in their file.
_BY_PLACE = (20, 15, 10, 8, 6, 5)


Side = Literal["you", "identity provider", "AWS account", "browser"]


class CauseSettings(Settings):
    """A cause of a failure, and what to do about it."""

    cause: _Text
    fix: _Text
    side: Side | None = None
    """The side that has to change; by default the check's."""
    weight: _Weight | None = None
    """How often this is the cause, from 0 to 100, as in a scenario; by default the weight of its scenarios."""
    scenarios: list[str] = []
    """The ids of the scenarios that show it, the best one to run first; none by default."""
    says: list[str] = []
    """The messages that this cause leads to, where the check has others too; by default all of the check's."""


class CheckSettings(Settings):
    """A check in the file; the key is its name."""

    asks: _Text
    causes: Annotated[list[CauseSettings], Field(min_length=1)]
    side: Side | None = None
    """The side of its causes, unless they say otherwise; by default the group's."""
    words: list[str] = []
    """What people call it, in lower case; none by default."""
    without_fault: _Text | None = None
    not_emulated: _Text | None = None
    """Why the emulator cannot show it; absent where it can."""


class GroupSettings(Settings):
    """Checks that belong together."""

    about: _Text
    side: Side
    """The side of the causes, unless a check or a cause says otherwise."""
    checks: dict[str, CheckSettings]


class FileSettings(Settings):
    """One file of checks."""

    groups: list[GroupSettings]


@dataclass(frozen=True, slots=True)
class CauseText:
    """A cause of a check's failure.

    Args:
        cause: One or two sentences.
        fix: What to do about it.
        side: The side that has to change.
        weight: How often it is the cause, from 0 to 100; None where its scenarios say so.
        scenarios: Ids of the scenarios that show it, the best one to run first.
        says: Messages that it leads to; empty for all of the check's.
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
        name: Name in refusals.
        about: Title of the group it belongs to.
        asks: The question it asks.
        causes: Causes of a failure, the most frequent first.
        words: What people call it, in lower case.
        without_fault: Why no fault of the identity provider can make it fail; None where one can.
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
    """Returns the text of every check in a folder, by its name.

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
