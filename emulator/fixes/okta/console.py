"""Where a setting of an identity provider is set, in the words of the Okta Admin Console.

The words are those of the world's schema, whose every setting says where it is in Okta.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from emulator.fixes.candidate import Edit
from emulator.worldfile.consoles import app_at, console_place, words_in_console
from emulator.worldfile.yaml_data import Key

_CONSOLE = "Okta Admin Console"


def console_of(key: Key, data: Any) -> str:
    """Returns where a setting is set; empty where Okta has none such, or the app is another identity provider's.

    Args:
        key: The setting's key in the world.
        data: The world's data.
    """
    place = console_place(key, data)
    if place is None or place.console != "Okta" or app_at(key, data).get("style", "okta") != "okta":
        return ""
    return " > ".join((_CONSOLE, *place.parts))


def console_of_first(edits: Iterable[Edit], data: Any) -> str:
    """Returns where the first of some changes is made that Okta has a place for."""
    return next(filter(None, (console_of(edit.key, data) for edit in edits)), "")


def name_in_console(key: Key, data: Any) -> str:
    """Returns what a setting is called in the console; empty where Okta has none such."""
    console, words = words_in_console(key, data)
    return words.rpartition(" > ")[2] if console == "Okta" else ""
