"""Scenario files: read, extended, multiplied by their rows and their matrix, each with its world."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from emulator.kernel.errors import Problem, ScenarioError, WorldError, first_problems
from emulator.kernel.records import dataclass
from emulator.scenarios.format.defaults import BUILT_IN, DEFAULTS, WORLD, nearest_world, read_defaults
from emulator.scenarios.format.multiplying import MOST_SCENARIOS, refuse_too_many
from emulator.scenarios.format.placeholders import filled, filled_lines, names_in
from emulator.scenarios.format.rows import read_rows, slug
from emulator.scenarios.mistakes import mistakes_in
from emulator.scenarios.names_in_use import matrix_mistakes, unknown_names
from emulator.scenarios.scenario_schema import ScenarioSettings
from emulator.world import UnusablePointer, World, change_world, load_world
from emulator.worldfile.schema.schema_check import read_settings, suggestion
from emulator.worldfile.text.read_files import real_path
from emulator.worldfile.text.yaml_data import Lines
from emulator.worldfile.text.yaml_file import YamlDocument, read_documents
from emulator.worldfile.todos import todos_in

__all__ = ["BUILT_IN", "Scenario", "find_scenarios", "is_scenario_file", "read_scenarios", "scenario_files"]
_INHERITED = frozenset({"world", "changes", "faults", "login", "then", "steps"})
# Names of people in steps never begin with one of these.
_SHORT: Final = frozenset({"login", "then", "faults"})


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that is ready to run."""

    settings: ScenarioSettings
    world: World
    document: YamlDocument

    def __repr__(self) -> str:
        return f"<Scenario {self.id} of {self.document.file}>"

    @property
    def title(self) -> str:
        """Its sentence."""
        return self.settings.scenario

    @property
    def id(self) -> str:
        """Its short name."""
        return self.settings.id


def find_scenarios(paths: Sequence[Path]) -> list[Scenario]:
    """Reads every scenario in files and folders, skipping world files.

    Raises:
        ScenarioError: a file cannot be used.
        WorldError: a scenario's world cannot be used.
    """
    files = [file for path in paths for file in (scenario_files(path) if path.is_dir() else [path])]
    worlds: dict[Path, World] = {}
    return [scenario for file in files for scenario in read_scenarios(file, worlds)]


def scenario_files(folder: Path) -> list[Path]:
    """Returns the scenario files in a folder and its subfolders, without worlds and defaults."""
    return sorted(path for path in folder.rglob("*.yaml") if path.parent.name != "worlds" and is_scenario_file(path))


def is_scenario_file(path: Path) -> bool:
    """Returns whether a YAML file has scenarios, judging by its name: it is neither defaults nor a world."""
    return path.name not in {DEFAULTS, WORLD}


def read_scenarios(path: Path, worlds: dict[Path, World] | None = None) -> Iterator[Scenario]:
    """Reads the scenarios of one file; ``worlds`` remembers those already read."""
    worlds = {} if worlds is None else worlds
    documents = read_documents(path, error=ScenarioError)
    if not documents:
        # An empty file, perhaps emptied by an editor, would run nothing without anybody noticing.
        raise ScenarioError([Problem(YamlDocument(str(path), None).location(()), "there is no scenario in this file")])
    if path.name == DEFAULTS:
        place = (documents[0] if documents else YamlDocument(str(path), None)).location(())
        raise ScenarioError([Problem(place, "these are the defaults of the scenarios here", "a file of scenarios")])
    defaults = read_defaults(path.parent)
    earlier: dict[str, YamlDocument] = {}
    ids: dict[str, YamlDocument] = {}
    for number, document in enumerate(documents, 1):
        todos = list(todos_in(document, ScenarioSettings))
        if todos:
            raise ScenarioError(todos)
        whole = defaults.laid_under(_with_base(document, earlier, otherwise=f"{path.stem}-{number}"))
        _require_used_matrix(whole)
        for variant in _variants(whole, path):
            settings = read_settings(ScenarioSettings, variant, error=ScenarioError)
            if isinstance(variant.data.get("steps"), list) and not settings.steps:
                raise ScenarioError([Problem(variant.location(("steps",)), "there is no step", "a list of steps")])
            _require_new(settings.id, variant, ids)
            if len(ids) > MOST_SCENARIOS:
                message = f"the file makes more than {MOST_SCENARIOS:,} scenarios"
                raise ScenarioError([Problem(variant.location(()), message, "several files")])
            world = _world_of(settings, variant, path, worlds)
            problems = first_problems(mistakes_in(settings, world, variant))
            if problems:
                raise ScenarioError(problems)
            yield Scenario(settings, world, variant)


def _require_used_matrix(document: YamlDocument) -> None:
    """Refuses a matrix that nothing uses, and names that it does not have.

    Raises:
        ScenarioError: there is either.
    """
    matrix = document.data.get("matrix")
    if not isinstance(matrix, dict) or not all(isinstance(values, list) for values in matrix.values()):
        return  # the schema says so
    problems = first_problems(matrix_mistakes(document))
    if problems:
        raise ScenarioError(problems)


def _require_new(name: str, document: YamlDocument, ids: dict[str, YamlDocument]) -> None:
    """Records the id of a scenario, by which others refer to it.

    Raises:
        ScenarioError: an earlier scenario of the file has it.
    """
    if name in ids:
        place = document.location(("id",) if ("id",) in document.lines else ("scenario",))
        line = ids[name].location(("scenario",)).line
        raise ScenarioError([Problem(place, f"the scenario of line {line} has the id {name}, too", "another id")])
    ids[name] = document


def _with_base(document: YamlDocument, earlier: dict[str, YamlDocument], *, otherwise: str) -> YamlDocument:
    """Adds what a scenario takes over from the one it extends: everything except its expectation and its names.

    Args:
        earlier: Earlier scenarios of the file, by id.
        otherwise: Id of a scenario that states neither an id nor a sentence to derive it from.
    """
    data, lines = document.data, document.lines
    if isinstance(data, dict) and "scenario" not in data and {"okta", "aws"} & data.keys():
        fix = f"`fedemu check {document.file}` says who gets where in it."
        raise ScenarioError(
            [Problem(document.location(()), "this is a world, and not a scenario", "a file of scenarios", fix=fix)]
        )
    if not isinstance(data, dict):
        raise ScenarioError(
            [Problem(document.location(()), "this is not a scenario", "a mapping with scenario and expect")]
        )
    base_id = data.get("extends")
    if isinstance(base_id, str):
        if base_id not in earlier:
            problem = Problem(
                document.location(("extends",)),
                f"no earlier scenario of this file has the id {base_id}",
                ", ".join(earlier) or "an earlier scenario",
                suggestion(base_id, list(earlier)),
            )
            raise ScenarioError([problem])
        base = earlier[base_id]
        inherited = {k: v for k, v in base.data.items() if k in _INHERITED and not (k in _SHORT and "steps" in data)}
        merged = {**inherited, **data}
        lines = _lines_over(base.lines, lines, [name for name in merged if name not in data])
        for name in ("login", "changes"):
            if isinstance(inherited.get(name), dict) and isinstance(data.get(name), dict):
                merged[name] = {**inherited[name], **data[name]}
                before, after = base.lines.inside.get(name, Lines()), lines.inside.get(name, Lines())
                lines.inside[name] = _lines_over(before, after, inherited[name].keys() - data[name].keys())
        data = merged
    sentence = data.get("scenario")
    data = {**data, "id": data.get("id", slug(sentence if isinstance(sentence, str) else "") or otherwise)}
    document = YamlDocument(document.file, data, lines)
    if isinstance(data["id"], str):
        earlier[data["id"]] = document
    return document


def _lines_over(base: Lines, over: Lines, taken: Iterable[str | int]) -> Lines:
    """Returns the lines of a mapping that takes some keys over from another of the same file."""
    keys = list(taken)
    return Lines(
        {**{key: base.own[key] for key in keys if key in base.own}, **over.own},
        {**{key: base.inside[key] for key in keys if key in base.inside}, **over.inside},
    )


def _variants(document: YamlDocument, path: Path) -> Iterator[YamlDocument]:
    """Multiplies a scenario by its rows and its matrix; ``{name}`` in any text becomes the value."""
    rows = document.data.get("rows")
    if not isinstance(rows, str):
        yield from _of_matrix(document)
        return
    listed = read_rows(path.parent / rows)
    longest = sum(max((len(str(value)) for value in row.values.values()), default=0) for row in listed)
    matrix = document.data.get("matrix")
    each = [values for values in matrix.values() if isinstance(values, list)] if isinstance(matrix, dict) else []
    times = math.prod(map(len, each))
    refuse_too_many(document, "rows", times=len(listed) * times, characters=longest * times)
    for row in listed:
        data = _filled_but_sources(document.data, row.values)
        if not set(names_in(str(document.data["id"]))) & row.values.keys():
            data["id"] = f"{document.data['id']}-{row.name}"
        whole = YamlDocument(document.file, data, filled_lines(document.lines, row.values), document.others)
        for variant in _of_matrix(whole):
            problems = first_problems(unknown_names(variant, row))
            if problems:
                raise ScenarioError(problems)
            yield variant


def _of_matrix(document: YamlDocument) -> Iterator[YamlDocument]:
    matrix = document.data.get("matrix")
    if not isinstance(matrix, dict) or not all(isinstance(values, list) for values in matrix.values()):
        yield document
        return
    for name, values in matrix.items():
        if not values:
            raise ScenarioError(
                [Problem(document.location(("matrix", name)), f"{name} has no value", "a list of values")]
            )
    longest = sum(max(len(str(value)) for value in values) for values in matrix.values())
    times = math.prod(map(len, matrix.values()))
    refuse_too_many(document, "matrix", times=times, characters=times * longest)
    for number, values in enumerate(itertools.product(*matrix.values()), 1):
        chosen = dict(zip(matrix, map(str, values), strict=True))
        data = _filled_but_sources(document.data, chosen)
        data["id"] = f"{data['id']}-{number}"
        yield YamlDocument(document.file, data, filled_lines(document.lines, chosen), document.others)


def _filled_but_sources(data: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a scenario with names replaced by values, except where the values are defined."""
    return {key: value if key in {"matrix", "rows"} else filled(value, values) for key, value in data.items()}


def _world_of(settings: ScenarioSettings, document: YamlDocument, path: Path, worlds: dict[Path, World]) -> World:
    file = path.parent / settings.world if settings.world is not None else nearest_world(path.parent)
    if file is None:
        expected = "the path of a world file"
        fix = f"Say world here or in a {DEFAULTS} of its folder, or have a {WORLD} in this folder or above it."
        raise ScenarioError([Problem(document.location(()), "the key world is missing", expected, fix=fix)])
    file = real_path(file)
    if file not in worlds:
        worlds[file] = load_world(file)
    if not settings.changes:
        return worlds[file]
    try:
        return change_world(worlds[file], settings.changes, scenario=document)
    except (KeyError, ValueError, IndexError, WorldError):
        raise ScenarioError([_wrong_change(settings.changes, document, worlds[file])]) from None


def _wrong_change(changes: Mapping[str, Any], document: YamlDocument, world: World) -> Problem:
    """Returns what is wrong with the first change that is invalid on top of those before it."""
    made: dict[str, Any] = {}
    for pointer, value in changes.items():
        made[pointer] = value
        at = document.location(("changes", pointer))
        try:
            change_world(world, made)
        except UnusablePointer as error:
            return Problem(at, error.message, error.expected)
        except (KeyError, ValueError, IndexError):
            return Problem(at, f"the pointer {pointer} leads nowhere", "a JSON pointer into the world")
        except WorldError as error:
            first = error.problems[0]
            text = f"the world does not take this change: {first.location.key}: {first.message}"
            return Problem(at, text, first.expected, first.did_you_mean, first.fix)
    return Problem(document.location(("changes",)), "the world does not take these changes")
