"""A change that is proposed for a login which did not arrive, before anybody has tried it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.flow import Login
from emulator.world import World
from emulator.worldfile.yaml_data import Key


class _Removed:
    """Stands for the value of what is taken out."""

    def __repr__(self) -> str:
        return "REMOVED"

    def __deepcopy__(self, _memo: object) -> _Removed:
        """Stays the one that it is compared with."""
        return self


REMOVED: Final = _Removed()


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a world's data.

    Args:
        key: The world's key, from its root; ``-`` as the last part appends to a list.
        value: The new value as plain data; ``REMOVED`` takes the key out.
    """

    key: Key
    value: object


@dataclass(frozen=True, slots=True)
class Candidate:
    """What could be changed.

    Args:
        title: What is changed, in a few words: ``Set the default relay state``.
        edits: The changes, applied together.
        console: Where a person sets it, in the words of the console: ``Okta Admin Console > Applications > Amazon
            Connect SAML > Sign On > Default Relay State``.
        warning: What is given up by it; empty where nothing is. Such a candidate comes last.
        grants: What it gives to people beyond the login itself, because that was asked for: role ARNs, addresses.
    """

    title: str
    edits: tuple[Edit, ...]
    console: str = ""
    warning: str = ""
    grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A login that did not arrive, as the functions that propose changes see it: they see nothing else.

    Args:
        world: The world as its file says it.
        diagnosis: Why the login did not arrive; ``diagnosis.settings`` are the settings behind it, the likeliest
            first, with the frozen org or account that each is of.
        login: The record of the login.
        role: The role that was asked for, by name or ARN; empty for any.
        lands_on: The address where the login should have ended; empty where nobody said.
    """

    world: World
    diagnosis: Diagnosis
    login: Login
    role: str = ""
    lands_on: str = ""
