"""Where an identity provider's setting is found in the Okta Admin Console.

The words come from the world's schema, in which every setting says where it is in Okta.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from emulator.fixes.candidate import Edit
from emulator.worldfile.consoles import app_at, console_place, words_in_console
from emulator.worldfile.text.yaml_data import Key

_CONSOLE = "Okta Admin Console"


def console_of(key: Key, data: Any) -> str:
    """Returns where a setting is found; empty where Okta has no such setting, or the app is not Okta's.

    Args:
        key: World key of the setting.
        data: Data of the world.
    """
    place = console_place(key, data)
    if place is None or place.console != "Okta" or app_at(key, data).get("style", "okta") != "okta":
        return ""
    return " > ".join((_CONSOLE, *place.parts))


def console_of_first(edits: Iterable[Edit], data: Any) -> str:
    """Returns where the first change that Okta has a place for is made."""
    return next(filter(None, (console_of(edit.key, data) for edit in edits)), "")


def name_in_console(key: Key, data: Any) -> str:
    """Returns the name of a setting in the console; empty where Okta has no such setting."""
    console, words = words_in_console(key, data)
    return words.rpartition(" > ")[2] if console == "Okta" else ""
