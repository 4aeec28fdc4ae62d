"""The shared settings of a folder's scenarios: ``defaults.yaml`` in their folder and in those above."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Final

from emulator.kernel.errors import Problem, ScenarioError
from emulator.kernel.records import dataclass
from emulator.scenarios.format.defaults_schema import DefaultsSettings
from emulator.worldfile.schema.schema_check import read_settings
from emulator.worldfile.text.read_files import note_read
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import Said, YamlDocument, read_documents

DEFAULTS: Final = "defaults.yaml"
WORLD: Final = "world.yaml"
BUILT_IN: Final = Path(__file__).parents[3] / "scenarios"
_LAID_OVER: Final = ("login", "changes")
_PLAIN: Final = ("world", "skip", "xfail")
_OF_STEPS: Final = ("steps", "then")


@dataclass(frozen=True, slots=True)
class Defaults:
    """The shared settings of a folder's scenarios.

    Args:
        data: Settings, with those of nearer files taking precedence.
        places: File and key of each setting.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[Key, tuple[YamlDocument, Key]] = field(default_factory=dict)

    def laid_under(self, document: YamlDocument) -> YamlDocument:
        """Returns a scenario with the defaults for what it does not state itself; every key has its place."""
        data = dict(document.data)
        taken: dict[Key, tuple[YamlDocument, Key]] = {}
        for name in _PLAIN:
            if name in self.data and name not in data:
                data[name] = self.data[name]
                taken[(name,)] = self.places[(name,)]
        if "tags" in self.data and isinstance(data.get("tags", []), list):
            own = data.get("tags", [])
            data["tags"] = [*own, *(tag for tag in self.data["tags"] if tag not in own)]
        if "changes" in self.data:
            data["changes"] = self._under(data.get("changes", {}), ("changes",), "changes", taken)
        if "login" in self.data:
            for key in _logins(data):
                _put(data, key, self._under(_at(data, key), key, "login", taken))
        return YamlDocument(document.file, data, document.lines, (*document.others, _Taken(taken)))

    def _under(self, own: Any, key: Key, name: str, taken: dict[Key, tuple[YamlDocument, Key]]) -> Any:
        if not isinstance(own, dict):
            return own  # not a mapping: the schema reports it
        missing = {each: value for each, value in self.data[name].items() if each not in own}
        if name == "login" and {"relay_state", "destination"} & own.keys():
            missing = {each: missing[each] for each in missing if each not in {"relay_state", "destination"}}
        taken.update({(*key, each): self.places[(name, each)] for each in missing})
        return {**missing, **own}


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a scenario has taken over from files of defaults."""

    places: Mapping[Key, tuple[YamlDocument, Key]]

    def said(self, key: Key) -> Said | None:
        """Returns where a key that was taken over is stated; None for the scenario's own keys."""
        for length in range(len(key), 0, -1):
            if key[:length] in self.places:
                document, there = self.places[key[:length]]
                return document.said((*there, *key[length:]))
        return None


def read_defaults(folder: Path) -> Defaults:
    """Reads the shared settings of a folder's scenarios.

    Parent folders are searched up to the one that contains ``.git``, or all of them where none does.

    Raises:
        ScenarioError: a file of defaults cannot be used.
    """
    data: dict[str, Any] = {}
    places: dict[Key, tuple[YamlDocument, Key]] = {}
    note_read(folder / DEFAULTS)
    files = [above / DEFAULTS for above in _around(folder) if (above / DEFAULTS).is_file()]
    for file in reversed(files):  # nearer files take precedence
        document = _read(file)
        for name, value in document.data.items():
            if name == "world":
                data[name] = str(file.parent / value)
            elif name in _LAID_OVER and value is not None:
                if name == "login" and {"relay_state", "destination"} & value.keys():
                    data[name] = {
                        k: v for k, v in data.get(name, {}).items() if k not in {"relay_state", "destination"}
                    }
                data[name] = {**data.get(name, {}), **value}
                places.update({(name, each): (document, (name, each)) for each in value})
                continue
            elif name == "tags":
                data[name] = [*value, *(tag for tag in data.get(name, []) if tag not in value)]
            else:
                data[name] = value
            places[(name,)] = (document, (name,))
    return Defaults(data, places)


def nearest_world(folder: Path) -> Path | None:
    """Returns the nearest ``world.yaml``, in a folder or in those above it; None where there is none."""
    return next((above / WORLD for above in _around(folder) if (above / WORLD).is_file()), None)


def _around(folder: Path) -> Iterator[Path]:
    """Yields a folder and those above it, up to the top of the project."""
    here, catalogue = folder.resolve(), BUILT_IN.resolve()
    for above in (here, *here.parents):
        # Files in a home folder or at the root of a disk belong to no project.
        if above != here and above in {Path.home(), Path(above.anchor)}:
            return
        yield above
        # The catalogue may be installed inside a project, but does not belong to it.
        if above == catalogue or (above / ".git").exists():
            return


def _read(file: Path) -> YamlDocument:
    documents = read_documents(file, error=ScenarioError)
    if len(documents) != 1 or not isinstance(documents[0].data, dict):
        here = documents[0] if documents else YamlDocument(str(file), None)
        raise ScenarioError([Problem(here.location(()), "these are not defaults", "one mapping, such as world: …")])
    read_settings(DefaultsSettings, documents[0], error=ScenarioError)
    return documents[0]


def _logins(data: dict[str, Any]) -> Iterator[Key]:
    """Yields the keys of a scenario's logins; a scenario without login and steps gets a login."""
    if not any(data.get(name) for name in _OF_STEPS):
        data.setdefault("login", {})
    if isinstance(data.get("login"), dict):
        yield ("login",)
    for name in _OF_STEPS:
        for index, step in enumerate(data[name] if isinstance(data.get(name), list) else ()):
            if isinstance(step, dict) and isinstance(step.get("login"), dict):
                yield (name, index, "login")


def _at(data: Any, key: Key) -> Any:
    for part in key:
        data = data[part]
    return data


def _put(data: Any, key: Key, value: Any) -> None:
    """Sets a value in data without changing what others share."""
    first, *rest = key
    if not rest:
        data[first] = value
        return
    data[first] = list(data[first]) if isinstance(data[first], list) else dict(data[first])
    _put(data[first], tuple(rest), value)
