"""Makes docs/world.md from the world file's schema: every setting with its type, its default and an example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from emulator.worldfile.schema.world_schema import WorldSettings
from emulator.worldfile.text.yaml_file import read_yaml
from tests.emulator.worldfile.everything import EVERYTHING

ROOT: Final = Path(__file__).parent.parent.parent
PAGE: Final = ROOT / "docs" / "world.md"
_HEAD: Final = """# The world file

Every setting of `world.yaml`. `make docs` writes this page from the schema that the program reads the file by;
`fedemu schema world` prints the same schema for editors, which then complete keys and mark mistakes.
[okta.md](okta.md), [connect.md](connect.md), [policies.md](policies.md) and [seeds.md](seeds.md) explain the settings
in context, and [the built-in world](../scenarios/worlds/connect.yaml) is a file to start from.

Names in capitals are yours to choose. A key that is required has no default; an empty default is nothing: no text, an
empty list or mapping. "Okta: …" and "AWS: …" name the field of the vendor's console that a setting corresponds to.
"""
_SERVICES: Final = {
    "": "The file",
    "okta": "Okta",
    "aws": "AWS accounts",
    "connect": "Amazon Connect",
    "seed": "Seeds",
}
_NAMES: Final = {
    "okta": "ORG",
    "aws": "ACCOUNT",
    "connect": "INSTANCE",
    "oidc_clients": "CLIENT",
    "event_hooks": "HOOK",
    "saml_providers": "PROVIDER",
    "security_profiles": "PROFILE",
}
_TYPES: Final = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
_LIMITS: Final = ("", ", from {}", ", {} to {}")
_POLICY: Final = "policy document"
_LONGEST_EXAMPLE: Final = 110


@dataclass(frozen=True, slots=True)
class _Part:
    """A mapping of the file with settings of its own: where it may be, its schema, and examples of it."""

    paths: list[str]
    schema: Mapping[str, Any]
    examples: list[Mapping[str, Any]]

    @property
    def path(self) -> str:
        return self.paths[0]

    @property
    def service(self) -> str:
        keys = self.path.replace("[]", "").split(".")
        return next((name for name in ("seed", "connect") if name in keys), keys[0] if keys[0] in _SERVICES else "")

    @property
    def heading(self) -> str:
        return ", ".join(f"`{path}`" for path in self.paths)

    @property
    def anchor(self) -> str:
        return re.sub(r"[^\w -]", "", self.heading.lower()).replace(" ", "-")


def page() -> str:
    """Returns the whole page."""
    return "".join(_text())


def settings() -> tuple[str, ...]:
    """Returns every setting, with the names in capitals that are a person's to choose."""
    return tuple(_joined(part.path, key) for part in _parts() for key in part.schema["properties"])


def _text() -> Iterator[str]:
    yield _HEAD
    parts = _parts()
    for service, title in _SERVICES.items():
        yield f"\n## {title}\n"
        for part in parts:
            if part.service == service:
                yield from _section(part, parts)


def _parts() -> list[_Part]:
    """Returns the parts in the order of the file, each once."""
    schema = WorldSettings.model_json_schema(by_alias=True)
    ((examples, _),) = read_yaml(EVERYTHING)
    found = {"WorldSettings": _Part([""], schema, [examples])}
    waiting = list(found.values())
    while waiting:
        part = waiting.pop(0)
        for key, field in part.schema["properties"].items():
            for path, name, below in _below(field, _joined(part.path, key), _values(part, key)):
                if name not in found:
                    found[name] = _Part([], schema["$defs"][name], [])
                    waiting.append(found[name])
                found[name].paths.append(path)
                found[name].examples.extend(below)
    paths = [part.path for part in found.values()]
    return sorted(found.values(), key=lambda part: [i for i, path in enumerate(paths) if part.path.startswith(path)])


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _values(part: _Part, key: str) -> list[Any]:
    return [example[key] for example in part.examples if key in example]


def _below(field: Mapping[str, Any], path: str, values: Sequence[Any]) -> Iterator[tuple[str, str, list[Any]]]:
    """Yields the parts that a setting holds: path, name in the schema, examples."""
    if "$ref" in field:
        yield path, field["$ref"].removeprefix("#/$defs/"), [each for each in values if isinstance(each, Mapping)]
    for choice in field.get("anyOf", []):
        yield from _below(choice, path, values)
    if "items" in field:
        items = [item for each in values if isinstance(each, Sequence) and not isinstance(each, str) for item in each]
        yield from _below(field["items"], f"{path}[]", items)
    if isinstance(field.get("additionalProperties"), Mapping):
        items = [item for each in values if isinstance(each, Mapping) for item in each.values()]
        yield from _below(field["additionalProperties"], f"{path}.{_name_of(path)}", items)


def _name_of(path: str) -> str:
    key = path.rpartition(".")[2]
    return _NAMES.get(key, key.removesuffix("s").upper())


def _section(part: _Part, parts: Sequence[_Part]) -> Iterator[str]:
    if part.path:
        yield f"\n### {part.heading}\n\n{_words(part.schema['description'])}\n"
    yield "\n| key | type | default | what it does | example |\n|---|---|---|---|---|\n"
    required = part.schema.get("required", [])
    for key, field in part.schema["properties"].items():
        cells = (
            f"`{key}`",
            _type(field, _joined(part.path, key), parts),
            "required" if key in required else _default(field),
            _words(field["description"]),
            _example(_values(part, key)),
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _type(field: Mapping[str, Any], path: str, parts: Sequence[_Part]) -> str:
    """Returns what a value of the setting looks like, with a link to the settings below it."""
    if "$ref" in field:
        name = field["$ref"].removeprefix("#/$defs/")
        return f"[settings](#{next(part.anchor for part in parts if part.schema['title'] == name)})"
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return "one of " + ", ".join(f"`{each}`" if each else "empty" for each in field["enum"])
    if "anyOf" in field:
        kinds = [_type(each, path, parts) for each in field["anyOf"] if each.get("type") != "null"]
        return " or ".join("the name of a JSON file" if each == "text" and _POLICY in kinds else each for each in kinds)
    if field["type"] == "array":
        return f"list of {_type(field['items'], path, parts)}"
    if field["type"] == "object":
        return _mapping(field, path, parts)
    limits = [f"{field[name]}" for name in ("minimum", "maximum") if name in field]
    return f"{_TYPES[field['type']]}{_LIMITS[len(limits)].format(*limits)}"


def _mapping(field: Mapping[str, Any], path: str, parts: Sequence[_Part]) -> str:
    values = field.get("additionalProperties")
    if not isinstance(values, Mapping):
        return _POLICY
    names = _name_of(path) if "$ref" in values else "names"
    return f"mapping of {names} to {_type(values, path, parts)}"


def _default(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    if default in (None, "", [], {}) or isinstance(default, Mapping):
        return ""
    return f"`{default if isinstance(default, str) else _flow(default)}`"


def _example(values: Sequence[Any]) -> str:
    """Returns the first example that is short enough, else the beginning of one, with dots for what is left out."""
    short = [text for value in values if len(text := _flow(value)) <= _LONGEST_EXAMPLE]
    return f"`{short[0] if short else _beginning(values[0])}`" if values else ""


def _beginning(value: Any) -> str:
    if isinstance(value, Mapping):
        key, below = next(iter(value.items()))
        return f"{{{_flow(key)}: {'' if isinstance(below, Mapping) else f'{_flow(below)}, '}…}}"
    first = _flow(value[0])
    return f"[{first if len(first) <= _LONGEST_EXAMPLE else _beginning(value[0])}, …]"


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")


def _words(description: str) -> str:
    return " ".join(description.replace("``", "`").split())
