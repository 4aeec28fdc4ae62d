"""The schema of world and scenario files: every setting says what it does, and something reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from emulator.commands.schema import command
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.format.defaults_schema import DefaultsSettings
from emulator.scenarios.scenario_file import BUILT_IN, scenario_files
from emulator.scenarios.scenario_schema import ScenarioSettings
from emulator.seeds.seeding import SEED_SETTINGS
from emulator.world import DEFAULT_WORLD, World, load_world
from emulator.worldfile.schema.aws_schema import Account
from emulator.worldfile.schema.seed_schema import Seed
from emulator.worldfile.schema.settings import Settings
from emulator.worldfile.schema.world_schema import WorldSettings
from emulator.worldfile.text.yaml_file import read_yaml
from tests.emulator.worldfile.everything import EVERYTHING, write_everything

Setting = tuple[str, str]


def _described(model: type[Settings]) -> dict[Setting, str]:
    """Returns every setting in a model's JSON Schema with its description."""
    schema = model.model_json_schema()
    return {
        (name, setting): entry.get("description", "")
        for name, definition in {model.__name__: schema, **schema["$defs"]}.items()
        for setting, entry in definition.get("properties", {}).items()
    }


WORLD = _described(WorldSettings)
SCENARIO = _described(ScenarioSettings) | _described(DefaultsSettings)

# Each is read before there are settings, or by no one because it only says what is read.
OTHER_READERS: dict[Setting, str] = {
    ("WorldSettings", "version"): "the schema itself, which takes 1 alone",
    ("OktaOrg", "seed"): "emulator.seeds.seeding, as for accounts",
    ("Account", "seed"): "emulator.seeds.seeding, which works the files in before the schema is asked",
    **{("Seed", name): "emulator.seeds.seeding" for name in SEED_SETTINGS},
}


@pytest.mark.parametrize("setting", [*WORLD, *SCENARIO], ids=".".join)
def test_every_setting_has_a_description(setting: Setting) -> None:
    """One sentence in the JSON Schema, and after it the place of the value in a console, where there is one."""
    description = {**WORLD, **SCENARIO}[setting]
    sentence, *place = re.split(r"(?<=\.) (?=(?:Okta|AWS|Amazon Connect): )", description)
    assert re.fullmatch(r"[A-Z][^\n]{15,260}\.", sentence), description
    assert not re.search(r"\. [A-Z]", sentence), description
    for text in place:
        assert re.fullmatch(r"(?:Okta|AWS|Amazon Connect): [^\n.]+\.", text), description
    assert len(place) <= 1, description


def test_a_setting_without_a_description_is_found() -> None:
    """The test above sees a setting that somebody adds without a word."""

    class Model(Settings):
        """A model."""

        told: str = ""
        """What it does."""
        untold: str = ""

    properties = Model.model_json_schema()["properties"]
    assert properties["told"]["description"] == "What it does."
    assert "description" not in properties["untold"]


def test_there_are_as_many_settings_as_ever() -> None:
    """The tables above are not empty by mistake."""
    assert len(WORLD) > 140
    assert len(SCENARIO) > 40


@pytest.mark.parametrize("kind", ["world", "scenario", "defaults"])
def test_the_schema_verb_prints_the_descriptions(kind: str) -> None:
    """``fedemu schema`` prints a JSON Schema that is one, and that editors can show help from."""
    printed = json.loads(CliRunner().invoke(command, [kind]).output)
    jsonschema.Draft202012Validator.check_schema(printed)
    first = next(iter(printed["properties"].values()))
    assert (
        first["description"]
        == {
            "world": "The version of this format, which is 1.",
            "scenario": "What happens, as a sentence.",
            "defaults": "The world file, relative to this file; each scenario says it unless given.",
        }[kind]
    )


@pytest.fixture
def everything(tmp_path: Path, world: World, keys: KeyFolder) -> World:
    """Returns the world in everything.yaml, with the files that it names."""
    return load_world(write_everything(tmp_path, world, keys))


def _given(model: Any) -> Iterator[Setting]:
    """Yields the settings that a model and those inside it were given."""
    if isinstance(model, Settings):
        for name in model.model_fields_set:
            yield type(model).__name__, name
            yield from _given(getattr(model, name))
    elif isinstance(model, (dict, list)):
        for each in model.values() if isinstance(model, dict) else model:
            yield from _given(each)


def _unread(settings: dict[Setting, str], read: set[Setting]) -> set[Setting]:
    return settings.keys() - read - OTHER_READERS.keys()


def _read_while_building(world: World, keys: KeyFolder, monkeypatch: pytest.MonkeyPatch) -> set[Setting]:
    """Builds a federation and returns the settings whose values were asked for."""
    read: set[Setting] = set()
    plain = Settings.__getattribute__

    def recording(self: Settings, name: str) -> Any:
        if name in type(self).model_fields:
            read.add((type(self).__name__, name))
        return plain(self, name)

    with monkeypatch.context() as patch:
        patch.setattr(Settings, "__getattribute__", recording)
        federation = Federation(world, clock=Clock(), ids=Ids(seed=1), keys=keys)
        assert "connect.example.com" in list(federation.custom_hosts())
        assert federation.aws_services.sign_in.settings.multi_session
    return read


def test_every_setting_is_given_in_the_world_of_everything(everything: World) -> None:
    """A setting that is added to the schema is added to everything.yaml, or the next test would not see it."""
    (seed,) = read_yaml(EVERYTHING.replace("METADATA", "x"))[0][0]["aws"]["123456789012"]["seed"]
    given = {*_given(everything.settings), *(("Seed", name) for name in seed), ("Account", "seed"), ("OktaOrg", "seed")}
    assert WORLD.keys() - given == set(), "give them a value in everything.yaml"


def test_every_setting_is_read(everything: World, keys: KeyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Building Okta and AWS from a world asks for the value of every setting, but for those that others read."""
    read = _read_while_building(everything, keys, monkeypatch)
    assert _unread(WORLD, read) == set(), "no builder in emulator/building reads them"
    assert read & OTHER_READERS.keys() == set()


def test_a_setting_that_nobody_reads_is_found(
    everything: World, keys: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above sees a setting that somebody adds and forgets."""
    read = _read_while_building(everything, keys, monkeypatch)
    assert _unread({**WORLD, ("Role", "colour"): "Its colour."}, read) >= {("Role", "colour")}


def test_seeds_know_their_settings_and_are_worked_in(everything: World) -> None:
    """What the schema takes for a seed is what is read of it."""
    assert set(Seed.model_fields) == SEED_SETTINGS
    assert "seed" in Account.model_fields
    assert "Seeded" in everything.settings.aws["123456789012"].users


@cache
def _validator(name: str) -> Any:
    """Returns what judges files by a schema that ``fedemu schema`` prints, which is one itself: asked once for all."""
    schema = json.loads(CliRunner().invoke(command, [name]).output)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("file", scenario_files(BUILT_IN), ids=lambda file: file.stem)
def test_the_scenarios_of_the_catalogue_fit_the_schema(file: Path) -> None:
    """What editors say of a file is what the emulator says: nothing, where it is right."""
    for data, _ in read_yaml(file.read_text(encoding="utf-8")):
        _validator("scenario").validate(data)


@pytest.mark.parametrize(
    ("data", "is_right"),
    [
        ({"scenario": "x", "expect": "arrives"}, True),
        ({"scenario": "x", "expect": "arives"}, False),
        ({"scenario": "x", "expect": {"outcome": "{outcome}", "status": "{status}"}}, True),
        ({"scenario": "x", "expect": {"status": "four hundred"}}, False),
        ({"scenario": "x"}, False),
        ({"expect": "arrives"}, False),
        ({"scenario": "x", "extends": "A"}, True),
        ({"scenario": "x", "steps": [{"call": {"service": "sts", "operation": "X", "as": "me"}}]}, True),
        ({"scenario": "x", "steps": [{"call": {"service": "sts"}}]}, False),
        ({"scenario": "x", "steps": [{"okta": {"deactivate": "a"}, "expect": "refused"}]}, True),
        ({"scenario": "x", "steps": [{"loggin": {}}]}, False),
    ],
)
def test_short_forms_and_steps_are_in_the_schema(data: dict[str, Any], is_right: bool) -> None:
    """An editor takes them, and marks what is none of them."""
    assert _validator("scenario").is_valid(data) is is_right


def test_defaults_fit_their_schema() -> None:
    """Logins may be half said there."""
    right = {"world": "../world.yaml", "tags": ["x"], "login": {"app": "amazon-connect"}, "changes": {"/okta": None}}
    _validator("defaults").validate(right)
    assert not _validator("defaults").is_valid({"expect": "arrives"})


def test_the_worlds_of_the_catalogue_fit_the_schema() -> None:
    """An editor that checks by the JSON Schema finds nothing in a world that is read."""
    for path in sorted(DEFAULT_WORLD.parent.glob("*.yaml")):
        ((data, _),) = read_yaml(path.read_text(encoding="utf-8"))
        _validator("world").validate(data)
