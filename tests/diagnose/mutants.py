"""The benchmark's data: worlds, the journeys made in them, and the mutants, each with what is to be blamed for it.

A file of ``mutants/`` is about one world. ``short`` names long parts of its keys: with ``app: /okta/acme/apps/aws`` a
pointer may begin with ``{app}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import model_validator

from emulator.kernel.errors import ScenarioError
from emulator.scenarios.scenario_schema import LoginSettings, StepSettings
from emulator.worldfile.schema.schema_check import read_settings
from emulator.worldfile.schema.settings import Settings
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import key_text, read_documents

HERE = Path(__file__).parent
WORLDS = HERE / "worlds"

Kind = Literal[
    "absent",
    "address",
    "arn",
    "assignment",
    "case",
    "condition",
    "duration",
    "encryption",
    "form",
    "frame",
    "group-mapping",
    "guardrail",
    "key",
    "name",
    "person",
    "policy",
    "region",
    "relay-state",
    "trust",
    "typo",
    "username",
    "yaml",
]


class Journey(Settings):
    """What is done in a world: a login, and what comes after it."""

    login: LoginSettings | None = None
    """The login that the journey begins with."""
    then: list[StepSettings] = []
    """What happens after the login."""
    works: bool = True
    """Whether the journey arrives in the world as it is; one that does not is itself the mistake."""


class Edit(Settings):
    """A change to the text of a world file."""

    find: str
    """The text to be replaced, which is in the file once."""
    put: str
    """What comes in its place."""


class Mutant(Settings):
    """A world with a mistake in it."""

    id: str
    """A name that no other mutant has."""
    kind: Kind
    """The kind of mistake, by which results are counted."""
    changes: dict[str, Any] = {}
    """JSON pointers with new values, where null takes a key out."""
    edit: Edit | None = None
    """A change to the text of the file in place of ``changes``, for mistakes that data cannot have."""
    journey: str = ""
    """The journey that is made; the file's first unless given."""
    blames: list[str] = []
    """What has to be named: the key at fault, or both keys where two merely disagree, as pointers; ``asked:`` where it
    is in no file, ``outside:`` where it is in a page that is not here, ``page:NAME`` for a setting in a page's file,
    and ``line:N`` where the file cannot be read as keys."""
    harmless: str = ""
    """Why the mistake stops nothing, where it does not."""
    stable: bool = False
    """Whether the test suite asks that this one is named."""

    @model_validator(mode="after")
    def says_what_is_expected(self) -> Mutant:
        """Refuses a mutant without an answer, or with more than two."""
        if bool(self.blames) == bool(self.harmless) or len(self.blames) > 2:
            raise ValueError("a mutant blames one key or two, or is harmless")
        return self


class MutantFile(Settings):
    """A file of mutants of one world."""

    world: str
    """The world's name: its file in ``worlds`` without the extension."""
    short: dict[str, str] = {}
    """Short names for the beginnings of pointers."""
    journeys: dict[str, Journey]
    """The journeys by name."""
    mutants: list[Mutant]
    """The mutants."""
    unmutated: dict[str, str] = {}
    """The keys that no mutant changes, each with the reason."""

    @property
    def path(self) -> Path:
        """The world's file."""
        return WORLDS / f"{self.world}.yaml"

    def pointer(self, text: str) -> str:
        """Returns a pointer with its short beginning written out."""
        for name, beginning in self.short.items():
            text = text.replace("{" + name + "}", beginning, 1) if text.startswith("{" + name + "}") else text
        return text

    def changes(self, mutant: Mutant) -> Mapping[str, Any]:
        """Returns a mutant's changes by whole pointers."""
        return {self.pointer(pointer): value for pointer, value in mutant.changes.items()}

    def blames(self, mutant: Mutant) -> tuple[str, ...]:
        """Returns what a mutant blames, keys as a person writes them."""
        return tuple(self._blame(text) for text in mutant.blames)

    def _blame(self, text: str) -> str:
        return (
            text if text.startswith(("asked:", "outside:", "page:", "line:")) else key_text(key_of(self.pointer(text)))
        )

    def journey(self, mutant: Mutant) -> Journey:
        """Returns the journey that shows a mutant."""
        return self.journeys[mutant.journey or next(iter(self.journeys))]


@cache
def mutant_files() -> tuple[MutantFile, ...]:
    """Reads every file of mutants."""
    return tuple(
        read_settings(MutantFile, document, error=ScenarioError)
        for path in sorted((HERE / "mutants").glob("*.yaml"))
        for document in read_documents(path, error=ScenarioError)
    )


def key_of(pointer: str) -> Key:
    """Returns the key that a JSON pointer leads to. Short numbers are indexes: account ids have twelve digits."""
    parts = (part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("/").split("/"))
    return tuple(int(part) if part.isdigit() and len(part) < 3 else part for part in parts)
