"""Where a setting of a world is in the vendor's console, in the words of the schema: every setting's description ends
with it, as in ``Okta: app > Sign On > Session Duration``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from emulator.kernel.records import dataclass
from emulator.worldfile.schema.schema_check import description_at
from emulator.worldfile.schema.world_schema import WorldSettings
from emulator.worldfile.text.yaml_data import Key, value_at

_PLACE = re.compile(r"\b(Okta|AWS|Amazon Connect): ([^.]+(?:\.(?! |$)[^.]*)*)")
# Words of a path for a thing with a name, which is the fourth part of its key: aws.<id>.roles.<name>.
_NAMED = frozenset({"role", "user", "group", "provider", "account"})


@dataclass(frozen=True, slots=True)
class ConsolePlace:
    """A place in a console.

    Args:
        console: Vendor's console: ``Okta``, ``AWS`` or ``Amazon Connect``.
        parts: Items that a person opens, one after the other; last the field.
    """

    console: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.console}: {' > '.join(self.parts)}"


def words_in_console(key: Key, data: Any) -> tuple[str, str]:
    """Returns the console of a setting, and its path in the schema; of two paths the one for the app's kind.

    Args:
        key: World key of the setting.
        data: Data of the world.

    Returns:
        Two empty texts where no console has the setting.
    """
    found = list(_PLACE.finditer(description_at(WorldSettings, key)))
    if not found:
        return "", ""
    first, other, second = found[-1][2].removesuffix(" lists them").strip().partition(", or ")
    is_custom = app_at(key, data).get("catalog") == "custom_saml"
    return found[-1][1], f"app > {second}" if other and is_custom else first


def app_at(key: Key, data: Any) -> dict[str, object]:
    """Returns the world's data of the app that a key is in; empty where it is in none."""
    if key[2:3] != ("apps",):
        return {}
    app, depth = value_at(data, key[:4])
    return app if depth == len(key[:4]) == 4 and isinstance(app, dict) else {}


def console_place(key: Key, data: Any) -> ConsolePlace | None:
    """Returns where a setting is in a console, with the names of the things on the way, or None.

    Args:
        key: World key of the setting.
        data: Data of the world.
    """
    console, words = words_in_console(key, data)
    return ConsolePlace(console, tuple(_with_names(console, words, key, data))) if words else None


def _with_names(console: str, words: str, key: Key, data: Any) -> Iterator[str]:
    name = str(key[3]) if len(key) > 3 else ""
    for part in words.split(" > "):
        if part == "app":
            yield from ("Applications", str(app_at(key, data).get("label", "AWS Account Federation")))
        elif part == "instance" and name:
            instance = value_at(data, key[:4])[0]
            yield str(instance.get("alias", name)) if isinstance(instance, dict) else name
        elif part in {"user", "profile"} and console == "Amazon Connect":
            yield str(key[5]) if len(key) > 5 else part
        elif (part in _NAMED or part == "person") and name:
            yield name
        else:
            yield part
