"""The state of reading an app: its settings for the world, what is reported, and why it may have to be left out."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Any
from urllib.parse import urlsplit

from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key

_URL = re.compile(r"https?://[^\s/?#\\@]+(?:[/?#]\S*)?", re.ASCII)


class CannotBeTaken(Exception):
    """An app has to be left out of the world, because with only some of its settings it would be a different app.

    Args:
        reason: Why, in words for a message.
        place: The keys in the app that lead to the cause.
        fix: How to get the app into the world, if there is a way.
    """

    def __init__(self, reason: str, place: Key = (), *, fix: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place
        self.fix = fix


@dataclass(slots=True)
class AppReading:
    """What has been read of an app.

    Args:
        is_of_the_catalogue: Whether it is Okta's "AWS Account Federation" rather than a custom app.
        values: The app's settings for the world: keys, values, and their places in Okta's app.
        notes: What differs between the file and the world, with its place in the app.
        left_out: What is in the file but not in the world, with its place in the app.
    """

    is_of_the_catalogue: bool = True
    values: list[tuple[Key, Any, Key]] = field(default_factory=list)
    notes: list[tuple[str, Key]] = field(default_factory=list)
    left_out: list[tuple[str, Key]] = field(default_factory=list)

    def put(self, key: Key, value: Any, place: Key) -> None:
        """Adds a setting; a number at the end of the key means that the value is appended to a list."""
        self.values.append((key, value, place))

    def add_note(self, what: str, place: Key) -> None:
        """Notes a difference between the file and the world."""
        self.notes.append((what, place))

    def leave_out(self, what: str, place: Key) -> None:
        """Notes something in the file that is left out of the world."""
        self.left_out.append((what, place))


def is_url(value: str) -> bool:
    """Returns whether a text is a URL that a world accepts."""
    try:
        _ = urlsplit(value).port
    except ValueError:
        return False
    return _URL.fullmatch(value) is not None
