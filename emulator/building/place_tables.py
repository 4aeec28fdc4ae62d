"""How the places of settings are written down: by class and attribute of a model, the world's keys.

Keys are relative to what the world says of the model's object. An attribute that is not listed has its own name there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.worldfile.yaml_data import Key

# The keys that can say an attribute: the first that a world gives, or else the last.
Alternatives = tuple[Key, ...]
PlaceTables = Mapping[type, Mapping[str, Alternatives]]
Place = tuple[type, str]
# Takes the model's object, the path after the attribute, and what the world says of the object; returns the key.
Special = Callable[[object, Sequence[str | int], Any], Key]


def one(*parts: str | int) -> Alternatives:
    """Returns the one key that says an attribute."""
    return (parts,)


def first(*keys: Key) -> Alternatives:
    """Returns keys of which the first that is given says an attribute; where none is, the last would."""
    return keys


# The object's own key says the attribute.
OWN: Alternatives = ((),)
# The attribute's parts are keys of the object around it.
SPREAD: Alternatives = ((),)
