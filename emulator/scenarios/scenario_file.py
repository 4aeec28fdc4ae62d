"""Scenario files: read, extended, multiplied by their matrix, each with its world."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.building.faults import read_fault
from emulator.kernel.errors import FederationError, Problem, ScenarioError, WorldError
from emulator.scenarios.scenario_schema import ScenarioSettings
from emulator.world import World, change_world, load_world
from emulator.worldfile.schema_check import read_settings, suggestion
from emulator.worldfile.todos import todos_in
from emulator.worldfile.yaml_data import Lines
from emulator.worldfile.yaml_file import YamlDocument, read_documents

BUILT_IN = Path(__file__).parents[2] / "scenarios"
_INHERITED = frozenset({"world", "changes", "faults", "login", "then"})


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario ready to run."""

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
    """Reads every scenario in files and folders; world files are left out.

    Raises:
        ScenarioError: a file cannot be used.
        WorldError: a scenario's world cannot be used.
    """
    files = [file for path in paths for file in (scenario_files(path) if path.is_dir() else [path])]
    worlds: dict[Path, World] = {}
    return [scenario for file in files for scenario in read_scenarios(file, worlds)]


def scenario_files(folder: Path) -> list[Path]:
    """Returns the files of scenarios in a folder and those inside it; world files are left out."""
    return sorted(path for path in folder.rglob("*.yaml") if path.parent.name != "worlds")


def read_scenarios(path: Path, worlds: dict[Path, World] | None = None) -> Iterator[Scenario]:
    """Reads the scenarios of one file; ``worlds`` remembers those already read."""
    worlds = {} if worlds is None else worlds
    earlier: dict[str, YamlDocument] = {}
    for document in read_documents(path, error=ScenarioError):
        todos = list(todos_in(document, ScenarioSettings))
        if todos:
            raise ScenarioError(todos)
        whole = _with_base(document, earlier)
        for variant in _variants(whole):
            settings = read_settings(ScenarioSettings, variant, error=ScenarioError)
            scenario = Scenario(settings, _world_of(settings, variant, path, worlds), variant)
            problems = [*_unreadable_faults(scenario), *_unknown_apps(scenario)]
            if problems:
                raise ScenarioError(problems)
            yield scenario


def _with_base(document: YamlDocument, earlier: dict[str, YamlDocument]) -> YamlDocument:
    """Fills in what a scenario takes over from the one it extends: everything but its expectation and its names."""
    data, lines = document.data, document.lines
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
        inherited = {k: v for k, v in base.data.items() if k in _INHERITED}
        merged = {**inherited, **data}
        lines = _lines_over(base.lines, lines, [name for name in merged if name not in data])
        for name in ("login", "changes"):
            if isinstance(inherited.get(name), dict) and isinstance(data.get(name), dict):
                merged[name] = {**inherited[name], **data[name]}
                before, after = base.lines.inside.get(name, Lines()), lines.inside.get(name, Lines())
                lines.inside[name] = _lines_over(before, after, inherited[name].keys() - data[name].keys())
        data = merged
    document = YamlDocument(document.file, data, lines)
    if isinstance(data.get("id"), str):
        earlier[data["id"]] = document
    return document


def _lines_over(base: Lines, over: Lines, taken: Iterable[str | int]) -> Lines:
    """Returns the lines of a mapping that takes some keys over from another of the same file."""
    keys = list(taken)
    return Lines(
        {**{key: base.own[key] for key in keys if key in base.own}, **over.own},
        {**{key: base.inside[key] for key in keys if key in base.inside}, **over.inside},
    )


def _variants(document: YamlDocument) -> Iterator[YamlDocument]:
    """Multiplies a scenario by its matrix; ``{name}`` in any text becomes the value."""
    matrix = document.data.get("matrix")
    if not isinstance(matrix, dict) or not all(isinstance(values, list) for values in matrix.values()):
        yield document
        return
    for number, values in enumerate(itertools.product(*matrix.values()), 1):
        chosen = dict(zip(matrix, map(str, values), strict=True))
        data = {k: v if k == "matrix" else _fill(v, chosen) for k, v in document.data.items()}
        data["id"] = f"{data.get('id')}-{number}"
        yield YamlDocument(document.file, data, _fill_lines(document.lines, chosen))


def _fill_lines(lines: Lines, chosen: Mapping[str, str]) -> Lines:
    """Returns the lines with the keys that ``_fill`` gives the data."""
    return Lines(
        {_fill(key, chosen): line for key, line in lines.own.items()},
        {_fill(key, chosen): _fill_lines(inside, chosen) for key, inside in lines.inside.items()},
    )


def _fill(node: Any, chosen: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {_fill(key, chosen): _fill(value, chosen) for key, value in node.items()}
    if isinstance(node, list):
        return [_fill(value, chosen) for value in node]
    if isinstance(node, str):
        for name, value in chosen.items():
            node = node.replace("{" + name + "}", value)
    return node


def _world_of(settings: ScenarioSettings, document: YamlDocument, path: Path, worlds: dict[Path, World]) -> World:
    if settings.world is None:
        raise ScenarioError([Problem(document.location(()), "the key world is missing", "the path of a world file")])
    file = (path.parent / settings.world).resolve()
    if file not in worlds:
        worlds[file] = load_world(file)
    if not settings.changes:
        return worlds[file]
    try:
        return change_world(worlds[file], settings.changes, scenario=document)
    except (KeyError, ValueError, IndexError, WorldError):
        raise ScenarioError([_wrong_change(settings.changes, document, worlds[file])]) from None


def _wrong_change(changes: Mapping[str, Any], document: YamlDocument, world: World) -> Problem:
    """Returns what is wrong with the first change that the world does not take together with those before it."""
    made: dict[str, Any] = {}
    for pointer, value in changes.items():
        made[pointer] = value
        at = document.location(("changes", pointer))
        try:
            change_world(world, made)
        except (KeyError, ValueError, IndexError):
            return Problem(at, f"the pointer {pointer} leads nowhere", "a JSON pointer into the world")
        except WorldError as error:
            first = error.problems[0]
            text = f"the world does not take this change: {first.location.key}: {first.message}"
            return Problem(at, text, first.expected, first.did_you_mean, first.fix)
    return Problem(document.location(("changes",)), "the world does not take these changes")


def _unreadable_faults(scenario: Scenario) -> Iterator[Problem]:
    """Yields what is wrong with faults, each at its line."""
    for index, fault in enumerate(scenario.settings.faults):
        try:
            read_fault(fault)
        except FederationError as error:
            location = scenario.document.location(("faults", index))
            yield Problem(location, error.message, error.expected, fix=error.fix)


def _unknown_apps(scenario: Scenario) -> Iterator[Problem]:
    """Yields the logins to an app that no org of the world has."""
    orgs = scenario.world.settings.okta
    known = [f"{org}/{app}" for org, settings in orgs.items() for app in settings.apps]
    steps = ((("then", index, "login"), step.login) for index, step in enumerate(scenario.settings.then))
    for key, login in ((("login",), scenario.settings.login), *steps):
        if login is None:
            continue
        found = [each for each in known if login.app in {each, each.partition("/")[2]}]
        if len(found) == 1:
            continue
        message = f"several orgs have an app {login.app}" if found else f"there is no app {login.app}"
        location = scenario.document.location((*key, "app"))
        yield Problem(location, message, " or ".join(known), suggestion(login.app, known) if not found else "")
