"""An app as it is read: what a world's app gets from it, what is reported, and why it may have to be left out."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Any
from urllib.parse import urlsplit

from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key

_URL = re.compile(r"https?://[^\s/?#\\@]+(?:[/?#]\S*)?", re.ASCII)


class CannotBeTaken(Exception):
    """An app that has to stay out of the world: half of it would be another app.

    Args:
        reason: Why, in a person's words.
        place: Where in the app.
        fix: What to do to have it, where something can be done.
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
        is_of_the_catalogue: Whether it is Okta's "AWS Account Federation", and not made by oneself.
        values: The world's app, as keys, values, and the places in Okta's app that they come from.
        told: What is otherwise than in the file, with its place in the app.
        left_out: What is in the file and not in the world, with its place in the app.
    """

    is_of_the_catalogue: bool = True
    values: list[tuple[Key, Any, Key]] = field(default_factory=list)
    told: list[tuple[str, Key]] = field(default_factory=list)
    left_out: list[tuple[str, Key]] = field(default_factory=list)

    def put(self, key: Key, value: Any, place: Key) -> None:
        """Adds a setting; a number at the end of a key appends to a list."""
        self.values.append((key, value, place))

    def tell(self, what: str, place: Key) -> None:
        """Says what is otherwise than in the file."""
        self.told.append((what, place))

    def leave_out(self, what: str, place: Key) -> None:
        """Says what is in the file and not in the world."""
        self.left_out.append((what, place))


def is_url(value: str) -> bool:
    """Returns whether a world takes a text for a URL."""
    try:
        _ = urlsplit(value).port
    except ValueError:
        return False
    return _URL.fullmatch(value) is not None
