"""The world: one file that describes the whole setup, from the Okta users to the Amazon Connect instance.

``emulator.worldfile.schema.world_schema`` is the file's format; ``World`` is a file that was read, with the line of
every key.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import Problem, WorldError, first_problems
from emulator.kernel.records import dataclass
from emulator.seeds.seed_report import SeedReport, as_left_out, left_out_of
from emulator.seeds.seeding import NO_TEXTS, seeded
from emulator.worldfile.references import dangling_references
from emulator.worldfile.repeated_names import repeated_names
from emulator.worldfile.schema.schema_check import read_settings
from emulator.worldfile.schema.world_schema import WorldSettings
from emulator.worldfile.sources import ScenarioChange
from emulator.worldfile.text.read_files import A_READABLE_FILE, UnreadableFile, bytes_of
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument, parse_documents, read_documents
from emulator.worldfile.todos import todos_in

if TYPE_CHECKING:
    from emulator.seeds.seed_text import SeedText

_NOT_THERE = re.compile(r"^there is no |\bis missing$")
DEFAULT_WORLD = Path(__file__).parent.parent / "scenarios" / "worlds" / "connect.yaml"


@dataclass(frozen=True, slots=True)
class World:
    """A world file that has been read and checked; ``seeds`` says what was taken from the files that fill it."""

    settings: WorldSettings
    document: YamlDocument
    seeds: tuple[SeedReport, ...] = ()

    def __repr__(self) -> str:
        return f"<World of {self.document.file}>"

    @property
    def folder(self) -> Path:
        """The folder that paths in the file are relative to."""
        return Path(self.document.file).parent

    def problem(self, key: Key, message: str, expected: str = "", did_you_mean: str = "", *, fix: str = "") -> Problem:
        """Returns a problem at ``key``."""
        return Problem(self.document.location(key), message, expected, did_you_mean, fix)


def load_world(path: Path) -> World:
    """Reads a world file.

    Raises:
        WorldError: the file cannot be read, is not YAML, does not conform to the schema, or refers to something
            undefined.
    """
    return read_world(world_document(path))


def world_document(path: Path) -> YamlDocument:
    """Reads a world file as data, before its seeds are merged.

    Raises:
        WorldError: the file cannot be read, is not YAML, or is not a mapping.
    """
    return _only(read_documents(path, error=WorldError), file=str(path))


def parse_world(text: str, *, file: str = "world.yaml") -> World:
    """Reads a world from text; ``file`` names it in messages."""
    return read_world(_only(parse_documents(text, file=file, error=WorldError), file=file))


def read_world(document: YamlDocument, *, texts: Mapping[str, SeedText] = NO_TEXTS) -> World:
    """Checks a parsed document and returns it as a world.

    Args:
        document: The document.
        texts: Seeds by the files that the document names, to be used instead of the files' contents.

    Raises:
        WorldError: as ``load_world``.
    """
    document, seeds = seeded(document, texts=texts)
    try:
        settings = read_settings(WorldSettings, document, error=WorldError)
    except WorldError as error:
        raise WorldError([_with_cause(problem, seeds) for problem in error.problems]) from None
    found = (*dangling_references(settings, document), *repeated_names(settings, document))
    problems = sorted(found, key=lambda problem: problem.location.line)
    if problems:
        raise WorldError([_with_cause(problem, seeds) for problem in first_problems(problems)])
    return World(settings, document, seeds)


def _with_cause(problem: Problem, seeds: tuple[SeedReport, ...]) -> Problem:
    """Returns a problem about something undefined with the reason why it was left out of a seed, if it was."""
    if problem.fix or not _NOT_THERE.search(problem.message):
        return problem
    left_out = left_out_of(seeds, problem.message)
    if left_out is None:
        return problem
    return replace(problem, fix=f"{as_left_out(left_out)} {left_out.fix}".rstrip())


def change_world(world: World, changes: Mapping[str, Any], *, scenario: YamlDocument | None = None) -> World:
    """Returns a world with some values replaced, as scenarios require.

    Args:
        world: The world to start from.
        changes: JSON pointers (RFC 6901) and new values; null removes the key. Missing parents are created.
        scenario: Scenario with these ``changes``, so that each value is found at its pointer's line; without it they
            count as the world file's own.

    Raises:
        WorldError: the changed world cannot be used.
        KeyError: a pointer leads through something that holds no keys.
        UnusablePointer: it is not JSON pointer.
    """
    data = copy.deepcopy(world.document.data)
    made: list[ScenarioChange] = []
    # A later change may lead into an earlier one's value, which scenarios that extend this one share.
    for pointer, value in copy.deepcopy(dict(changes)).items():
        key = _change(data, pointer, value)
        if scenario is not None:
            made.append(ScenarioChange(key, pointer, value, scenario))
    document = world.document
    changed = read_world(YamlDocument(document.file, data, document.lines, (*document.others, *made)))
    return replace(changed, seeds=world.seeds)


class UnusablePointer(ValueError):
    """A text that was given in the place of a JSON pointer.

    Args:
        pointer: The text.
    """

    def __init__(self, pointer: object) -> None:
        begun = f"/{pointer}" if isinstance(pointer, str) and pointer else "/okta/…"
        self.message = f"{pointer!r} is no JSON pointer"
        self.expected = f"a text that begins with a slash: {begun}"
        super().__init__(f"{self.message}; want {self.expected}")


def _change(data: Any, pointer: str, value: Any) -> Key:
    """Replaces one value, and returns the key that the pointer leads to.

    Spec: RFC 6901 §3
    """
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise UnusablePointer(pointer)
    *parents, last = (part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("/").split("/"))
    node = data
    key: list[str | int] = []
    for part in parents:
        key.append(int(part) if isinstance(node, list) else part)
        node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
        if not isinstance(node, (dict, list)):
            raise KeyError(pointer)
    if isinstance(node, list):
        node[int(last)] = value
        return (*key, int(last))
    if value is None:
        node.pop(last, None)
    else:
        node[last] = value
    return (*key, last)


def _only(documents: list[YamlDocument], *, file: str) -> YamlDocument:
    if len(documents) != 1 or not isinstance(documents[0].data, dict):
        document = documents[0] if documents else YamlDocument(file, None)
        problem = Problem(document.location(()), "this is not a world", "one YAML mapping with version, okta and aws")
        raise WorldError([problem])
    todos = list(todos_in(documents[0], WorldSettings))
    if todos:
        raise WorldError(todos)
    return documents[0]


def read_world_file(world: World, key: Key, name: str, *, limit: int = 1_000_000) -> bytes:
    """Returns the bytes of a file that a world names.

    Args:
        key: Key that names the file.
        name: File name, relative to the world file.
        limit: Maximum size in bytes.

    Raises:
        WorldError: the file cannot be read, or is larger.
    """
    try:
        return bytes_of(world.folder / name, limit=limit)
    except UnreadableFile as error:
        expected = f"a file, relative to {world.folder}" if error.expected == A_READABLE_FILE else error.expected
        problem: Problem = replace(world.problem(key, f"{name}: {error.message}", expected), fix=error.fix)
        raise WorldError([problem]) from None
