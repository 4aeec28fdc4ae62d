"""What can be behind a refusal, check by check, written down for people.

``checks/*.yaml`` has a text for every check that a refusal of Okta, AWS or Amazon Connect can name: the question that
is asked, and what makes the answer no, the most frequent cause first. Where a login can end in a check, the catalogue
has a scenario that does. A group of checks that no login can reach says why in ``without_scenario``; a check of the
assertion that no fault can make fail says why in ``without_fault``. The tests compare all of this with the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from emulator.kernel.errors import FileError
from emulator.worldfile.schema_check import read_settings
from emulator.worldfile.settings import Settings
from emulator.worldfile.yaml_file import read_documents

_FOLDER = Path(__file__).parent / "checks"
_Text = Annotated[str, Field(min_length=1)]


class CauseText(Settings):
    """What makes the answer no, and what to do about it."""

    cause: _Text
    fix: _Text


class CheckSettings(Settings):
    """A check in the file; the key is its name."""

    asks: _Text
    causes: Annotated[list[CauseText], Field(min_length=1)]
    without_fault: _Text | None = None


class GroupSettings(Settings):
    """Checks that belong together."""

    about: _Text
    without_scenario: _Text | None = None
    checks: dict[str, CheckSettings]


class FileSettings(Settings):
    """One file of checks."""

    groups: list[GroupSettings]


@dataclass(frozen=True, slots=True)
class CheckText:
    """A check, explained.

    Args:
        name: As refusals name it.
        about: What it belongs to, as a title.
        asks: The question it asks.
        causes: What makes the answer no, the most frequent cause first.
        without_scenario: Why no login can end in it; None where a scenario does.
        without_fault: Why no fault of the identity provider can make it fail; None where one does.
    """

    name: str
    about: str
    asks: str
    causes: tuple[CauseText, ...]
    without_scenario: str | None
    without_fault: str | None


def read_check_texts() -> Mapping[str, CheckText]:
    """Returns the text of every check, by its name.

    Raises:
        FileError: a file cannot be used.
    """
    return {text.name: text for path in sorted(_FOLDER.glob("*.yaml")) for text in _texts_in(path)}


def _texts_in(path: Path) -> Iterator[CheckText]:
    for document in read_documents(path, error=FileError):
        for group in read_settings(FileSettings, document, error=FileError).groups:
            for name, check in group.checks.items():
                causes = tuple(check.causes)
                yield CheckText(name, group.about, check.asks, causes, group.without_scenario, check.without_fault)
