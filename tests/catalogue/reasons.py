"""Why something has no scenario: the one place where that is said, ``reasons.yaml`` beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from emulator.kernel.errors import FileError
from emulator.worldfile.schema.schema_check import read_settings
from emulator.worldfile.schema.settings import Settings
from emulator.worldfile.text.yaml_file import read_documents

_Text = Annotated[str, Field(min_length=20)]


class Reason(Settings):
    """Why there is no scenario."""

    why: _Text
    tests: list[str] = []
    """The test files that show it where no scenario can; none unless given."""
    scenarios: list[str] = []
    """Scenarios that have it, though none ends otherwise because of it; none unless given."""


class Pain(Settings):
    """What people report of Amazon Connect behind SAML."""

    pain: _Text
    sources: _Text
    scenarios: list[str] = []
    why: str = ""
    """Why no scenario shows it; nothing where some do."""


class ReasonsFile(Settings):
    """The file."""

    reasons: dict[str, dict[str, Reason]]
    """By part of the catalogue, by name."""
    pains: list[Pain]


@cache
def read_reasons() -> ReasonsFile:
    """Reads the file."""
    (document,) = read_documents(Path(__file__).parent / "reasons.yaml", error=FileError)
    return read_settings(ReasonsFile, document, error=FileError)


def reasons_of(part: str) -> Mapping[str, Reason]:
    """Returns the reasons of one part of the catalogue, by name."""
    return read_reasons().reasons.get(part, {})
