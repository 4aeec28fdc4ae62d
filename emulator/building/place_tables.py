"""How the places of settings are described: the world's keys, by class and attribute of a model.

Keys are relative to the settings of the model's object. An attribute that is not listed has the same name there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.worldfile.text.yaml_data import Key

# The keys that can state an attribute: the first that a world gives, or else the last.
Alternatives = tuple[Key, ...]
PlaceTables = Mapping[type, Mapping[str, Alternatives]]
Place = tuple[type, str]
# Takes the model's object, the path after the attribute, and the object's settings; returns the key.
Special = Callable[[object, Sequence[str | int], Any], Key]


def one(*parts: str | int) -> Alternatives:
    """Returns the one key that states an attribute."""
    return (parts,)


def first(*keys: Key) -> Alternatives:
    """Returns keys of which the first given one states an attribute; where none is given, the last would."""
    return keys


# The object's own key states the attribute.
OWN: Alternatives = ((),)
# The attribute's parts are keys of the object around it.
SPREAD: Alternatives = ((),)
