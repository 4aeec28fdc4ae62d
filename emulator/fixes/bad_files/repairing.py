"""Repairs a world file that cannot be used: corrections are tried until the file can be read and built."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from emulator.building.models import build_models
from emulator.fixes.bad_files import aws_problems, okta_problems
from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.fixes.writing import Files
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError, FileError, Problem, WorldError
from emulator.kernel.records import dataclass
from emulator.network.data_folder.keys import KeyFolder, KeysInMemory
from emulator.world import World, parse_world
from emulator.worldfile.text.yaml_data import UnreadableYaml
from emulator.worldfile.text.yaml_edit import CannotWrite, edited
from emulator.worldfile.text.yaml_file import YamlDocument, parse_documents

_MOST_REPAIRS = 20
# Each correction that is tried reads the file again; so many mistakes were not made by hand.
_MOST_PROBLEMS = 60
_MOST_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Repair:
    """A mistake in a file, and what was changed to correct it."""

    problem: Problem
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Repaired:
    """A file that has become usable.

    Args:
        world: World in the repaired file.
        repairs: What was changed, in order.
        files: The changed files.
    """

    world: World
    repairs: tuple[Repair, ...]
    files: Files


def repaired(path: Path, error: FileError) -> Repaired:
    """Returns a repaired world file, with what was changed.

    Args:
        error: Why it cannot be used.

    Raises:
        FileError: ``error``, where none of the corrections helps.
    """
    if len(error.problems) > _MOST_PROBLEMS:
        raise error
    try:
        files = Files(str(path))
        text = files.text(str(path))
    except (OSError, UnicodeDecodeError):
        raise error from None
    repairs: list[Repair] = []
    problems = error.problems
    for _ in range(_MOST_REPAIRS):
        step = next(_better(text, str(path), problems), None)
        if step is None:
            raise error
        repair, text, found = step
        repairs.append(repair)
        if isinstance(found, World):
            files.put(str(path), text)
            return Repaired(found, tuple(repairs), files)
        problems = found
    raise error


def propose_for_problem(problem: Problem, document: YamlDocument) -> Iterator[Candidate]:
    """Yields what was probably meant where a file is invalid, by the side that the place belongs to."""
    yield from okta_problems.propose_for_problem(problem, document)
    yield from aws_problems.propose_for_problem(problem, document)


def _better(
    text: str, file: str, problems: tuple[Problem, ...]
) -> Iterator[tuple[Repair, str, World | tuple[Problem, ...]]]:
    """Yields changes after which a file is usable, has fewer mistakes, or has its first mistake later."""
    document = _document(text, file)
    if document is None:
        return
    for problem in problems:
        for candidate in islice(propose_for_problem(problem, document), _MOST_CANDIDATES):
            if candidate.warning:
                continue
            changed = _changed(text, candidate)
            if changed is None:
                continue
            found = _read(changed, file)
            if isinstance(found, World) or (problem not in found and len(found) <= len(problems)):
                yield Repair(problem, candidate), changed, found


def _document(text: str, file: str) -> YamlDocument | None:
    try:
        (document,) = parse_documents(text, file=file, error=WorldError)
    except (FileError, ValueError):
        return None
    return document


def _changed(text: str, candidate: Candidate) -> str | None:
    try:
        return edited(text, [(edit.key, _written(edit)) for edit in candidate.edits])
    except (CannotWrite, UnreadableYaml, ValueError):
        return None


def _written(edit: Edit) -> object:
    return None if edit.value is REMOVED else edit.value


def _read(text: str, file: str) -> World | tuple[Problem, ...]:
    """Returns the world in a text, or what is wrong with it."""
    try:
        world = parse_world(text, file=file)
        build_models(world, clock=Clock(), ids=Ids(), keys=KeysInMemory(KeyFolder().folder, {}))
    except FileError as error:
        return tuple(error.problems)
    except FederationError as error:
        return (Problem(world.document.location(()), error.message),)
    return world
