"""A change that is proposed for a failed login, before it is tried."""

from __future__ import annotations

from typing import Final

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.flow import Login
from emulator.kernel.records import dataclass
from emulator.world import World
from emulator.worldfile.text.yaml_data import Key


class _Removed:
    """The marker for a value that is removed."""

    def __repr__(self) -> str:
        return "REMOVED"

    def __deepcopy__(self, _memo: object) -> _Removed:
        """Returns itself, because it is compared by identity."""
        return self


REMOVED: Final = _Removed()


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a world's data.

    Args:
        key: World key, from the root; ``-`` as the last part appends to a list.
        value: New value as plain data; ``REMOVED`` removes the key.
    """

    key: Key
    value: object


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible change.

    Args:
        title: The change in a few words: ``Set the default relay state``.
        edits: The edits, applied together.
        console: Where a person makes the change, in the console's words: ``Okta Admin Console > Applications > Amazon
            Connect SAML > Sign On > Default Relay State``.
        warning: What it gives up; empty where nothing is. Such candidates come last.
        grants: Role ARNs and addresses that it gives people besides the login itself, because that was asked for.
    """

    title: str
    edits: tuple[Edit, ...]
    console: str = ""
    warning: str = ""
    grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A failed login, with everything that the functions which propose changes may use.

    Args:
        world: The world as its file states it.
        diagnosis: Why the login failed; ``diagnosis.settings`` are the settings behind it, the likeliest first, with
            the immutable org or account of each.
        login: Record of the login.
        role: The role that was asked for, by name or ARN; empty for any.
        lands_on: Address where the login should have ended; empty where nobody said.
    """

    world: World
    diagnosis: Diagnosis
    login: Login
    role: str = ""
    lands_on: str = ""
