"""The settings of a world, where a scenario gives them, and the proof that its end depends on one of them.

A setting is a field of a mapping of the world file's schema, such as ``OktaApp.audience``. A scenario covers it if it
no longer comes out as it says once the setting is taken out of its world, or has another value there.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from emulator.kernel.errors import FederationError, WorldError
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import Scenario
from emulator.world import World, change_world, load_world, read_world
from emulator.worldfile.schema.seed_schema import Seed
from emulator.worldfile.schema.world_schema import WorldSettings
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument
from tests.built_in_scenarios import built_in_scenarios
from tests.catalogue.reasons import reasons_of

# Enough to find the scenario that depends on a setting that many worlds give; the first come from its own changes.
_MOST_TRIED = 12


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """A setting by the model and the field in the world file's schema."""

    model: str
    field: str

    def __str__(self) -> str:
        return f"{self.model}.{self.field}"


@dataclass(frozen=True, slots=True)
class Given:
    """A place in a scenario's world that gives a setting.

    Args:
        key: The place.
        pointer: The scenario's own change that leads there; empty where the world file gives it.
    """

    key: Key
    pointer: str


@cache
def all_settings() -> Mapping[Setting, Any]:
    """Returns every setting of a world with its type; those of seeds say where settings come from, and are none."""
    found: dict[Setting, Any] = {}
    for model in _models_in(WorldSettings, set()):
        for name, field in model.model_fields.items():
            if (model, name) != (WorldSettings, "version") and name != "seed":
                found[Setting(model.__name__, name)] = field.annotation
    return found


def _models_in(annotation: Any, seen: set[Any]) -> Iterator[type[BaseModel]]:
    """Yields the models that a type is made of, and those that these are made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation is Seed or annotation in seen:
            return
        seen.add(annotation)
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models_in(field.annotation, seen)
    for inner in get_args(annotation):
        yield from _models_in(inner, seen)


def holds_others(setting: Setting) -> bool:
    """Returns whether a setting only holds others, which are shown each by itself."""
    return any(True for _ in _nearest_models(all_settings()[setting]))


def possible_values() -> Iterator[str]:
    """Yields every value that the schema lists for a setting, but its default, as ``Model.field: value``."""
    for model in _models_in(WorldSettings, set()):
        for name, field in model.model_fields.items():
            for value in _literals(field.annotation) if name != "version" else ():
                if value != field.default:
                    yield f"{model.__name__}.{name}: {value}"


def values_given(scenario: Scenario) -> Iterator[str]:
    """Yields the values of this kind that a scenario's world gives."""
    for setting, key in _walk(scenario.world.settings, scenario.world.document.data, ()):
        value = _value_at(scenario.world.document.data, key)
        for each in value if isinstance(value, list) else [value]:
            yield f"{setting}: {each}"


def _literals(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif get_origin(annotation) is dict:
        yield from _literals(get_args(annotation)[1])
    else:
        for inner in get_args(annotation):
            if not isinstance(inner, BeforeValidator | FieldInfo):
                yield from _literals(inner)


def setting_of(key: Key) -> Setting | None:
    """Returns the setting that a place of a world belongs to, the innermost one; None where it belongs to none."""
    found: Setting | None = None
    kinds: list[type[BaseModel]] = [WorldSettings]
    for part in key:
        owner = next((kind for kind in kinds if part in kind.model_fields), None)
        if owner is not None:
            found = Setting(owner.__name__, str(part))
            kinds = list(_nearest_models(owner.model_fields[str(part)].annotation))
    return found


def _nearest_models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _nearest_models(inner)


@cache
def covering() -> Mapping[Setting, str]:
    """Returns the settings that scenarios of the catalogue depend on, each with the id of the first that is proven."""
    variants = {(each.document.file, each.document.lines.own["scenario"]): each for each in built_in_scenarios()}
    scenarios = [(each, _given_in(each)) for each in variants.values()]  # one of a matrix represents the others
    wanted = [each for each in all_settings() if not holds_others(each) and str(each) not in reasons_of("settings")]
    found = ((setting, first_proof(setting, scenarios)) for setting in wanted)
    return {setting: scenario for setting, scenario in found if scenario}


Prepared = tuple[Scenario, Mapping[Setting, Sequence[Given]]]


def first_proof(setting: Setting, scenarios: Sequence[Prepared]) -> str:
    """Returns the id of the first scenario whose end depends on a setting, or nothing where none does."""
    candidates = [(scenario, given) for scenario, settings in scenarios for given in settings.get(setting, ())]
    candidates.sort(key=lambda each: _farness(setting, *each))
    for scenario, given in candidates[:_MOST_TRIED]:
        if _depends(scenario, given):
            return scenario.id
    return ""


def _farness(setting: Setting, scenario: Scenario, given: Given) -> tuple[bool, int]:
    """Says where to look first: what a scenario changes itself, near to the setting; then what it expects by name."""
    if given.pointer:
        return False, abs(len(given.key) - given.pointer.count("/"))
    value = str(_value_at(scenario.world.document.data, given.key))
    return True, 0 if value in str(scenario.settings.expect) else 1


def _depends(scenario: Scenario, given: Given) -> bool:
    """Returns whether a scenario comes out otherwise without a setting, or with another value of it."""
    for world in _other_worlds(scenario, given):
        try:
            if not run_scenario(replace(scenario, world=world), tries_fixes=False).passed:
                return True
        except FederationError:
            return True  # the world is one, and the scenario cannot be played in it
    return False


def _other_worlds(scenario: Scenario, given: Given) -> Iterator[World]:
    """Yields worlds that differ in one setting: without the scenario's own change, without it, with another value."""
    if given.pointer:
        kept = {name: value for name, value in scenario.settings.changes.items() if name != given.pointer}
        with contextlib.suppress(WorldError, KeyError):
            yield change_world(_world(scenario.world.document.file), kept)
    data = scenario.world.document.data
    for other in _others(_value_at(data, given.key)):
        changed = copy.deepcopy(data)
        _put(changed, given.key, other)
        with contextlib.suppress(WorldError):
            yield _read(changed, scenario.world)


@cache
def _world(file: str) -> World:
    return load_world(Path(file))


def _others(value: Any) -> Iterator[Any]:
    """Yields nothing, which takes a setting out, and then values that differ from the one that is given."""
    yield None
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
        yield max(1, value // 2)
    elif isinstance(value, str):
        yield f"{value}x"
        yield f"x{value}"


def _read(data: Any, world: World) -> World:
    document = world.document
    changed = read_world(YamlDocument(document.file, data, document.lines, document.others))
    return replace(changed, seeds=world.seeds)


def _value_at(data: Any, key: Key) -> Any:
    for part in key:
        data = data[part]
    return data


def _put(data: Any, key: Key, value: Any) -> None:
    holder = _value_at(data, key[:-1])
    if value is None:
        del holder[key[-1]]
    else:
        holder[key[-1]] = value


def _given_in(scenario: Scenario) -> Mapping[Setting, Sequence[Given]]:
    """Returns every setting that a scenario's world gives, with its places."""
    changed = {pointer: tuple(pointer.removeprefix("/").split("/")) for pointer in scenario.settings.changes}
    found: dict[Setting, list[Given]] = {}
    for setting, key in _walk(scenario.world.settings, scenario.world.document.data, ()):
        texts = tuple(str(part).replace("~", "~0").replace("/", "~1") for part in key)
        leading = [name for name, each in changed.items() if each[: len(texts)] == texts or texts[: len(each)] == each]
        found.setdefault(setting, []).append(Given(key, min(leading, key=len, default="")))
    return found


def _walk(node: Any, data: Any, key: Key) -> Iterator[tuple[Setting, Key]]:
    if isinstance(node, BaseModel) and isinstance(data, Mapping):
        for name in type(node).model_fields:
            if name in data:
                yield Setting(type(node).__name__, name), (*key, name)
                yield from _walk(getattr(node, name), data[name], (*key, name))
    elif isinstance(node, Mapping) and isinstance(data, Mapping):
        for name, inner in node.items():
            if name in data:
                yield from _walk(inner, data[name], (*key, name))
    elif isinstance(node, Sequence) and isinstance(data, Sequence) and not isinstance(node, str):
        for index, (inner, given) in enumerate(zip(node, data, strict=False)):
            yield from _walk(inner, given, (*key, index))
