"""Where a setting of an identity provider is set, in the words of the Okta Admin Console.

The words are those of the world's schema, whose every setting says where it is in Okta.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from emulator.fixes.candidate import Edit
from emulator.worldfile.schema_check import description_at
from emulator.worldfile.world_schema import WorldSettings
from emulator.worldfile.yaml_data import Key, value_at

_PLACE = re.compile(r"\bOkta: ([^.]+(?:\.(?! |$)[^.]*)*)")
_CONSOLE = "Okta Admin Console"


def console_of(key: Key, data: Any) -> str:
    """Returns where a setting is set; empty where Okta has none such, or the app is another identity provider's.

    Args:
        key: The setting's key in the world.
        data: The world's data.
    """
    place = _place(key, data)
    if not place or _app(key, data).get("style", "okta") != "okta":
        return ""
    return " > ".join((_CONSOLE, *_parts(place, key, data)))


def console_of_first(edits: Iterable[Edit], data: Any) -> str:
    """Returns where the first of some changes is made that Okta has a place for."""
    return next(filter(None, (console_of(edit.key, data) for edit in edits)), "")


def name_in_console(key: Key, data: Any) -> str:
    """Returns what a setting is called in the console; empty where Okta has none such."""
    return _place(key, data).rpartition(" > ")[2]


def _place(key: Key, data: Any) -> str:
    """Returns the console's path of a setting as the schema writes it: of two the one of the app's kind."""
    found = _PLACE.search(description_at(WorldSettings, key))
    if found is None:
        return ""
    first, other, second = found[1].removesuffix(" lists them").strip().partition(", or ")
    is_custom = _app(key, data).get("catalog") == "custom_saml"
    return f"app > {second}" if other and is_custom else first


def _app(key: Key, data: Any) -> dict[str, object]:
    if key[2:3] != ("apps",):
        return {}
    app, depth = value_at(data, key[:4])
    return app if depth == len(key[:4]) == 4 and isinstance(app, dict) else {}


def _parts(place: str, key: Key, data: Any) -> Iterator[str]:
    """Yields the parts of a path, with the app's and the person's own names."""
    for part in place.split(" > "):
        if part == "app":
            yield from ("Applications", str(_app(key, data).get("label", "AWS Account Federation")))
        elif part == "person":
            yield str(key[3]) if len(key) > 3 else part
        else:
            yield part
