"""The origin of a setting: the file and line that say it, a default that is in no line, or a call made since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from emulator.building.places import owner_key, world_key
from emulator.kernel.errors import Location
from emulator.kernel.explanations import Asked, Setting
from emulator.worldfile.yaml_file import key_text

if TYPE_CHECKING:
    from emulator.federation import Federation


class OriginKind(StrEnum):
    """What a value comes from."""

    WORLD = "world"
    DEFAULT = "default"
    SEED = "seed"
    API = "api"
    STATE = "state"
    ASKED = "asked"
    FAULT = "fault"
    CHANGED = "changed"
    OUTSIDE = "outside"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from.

    Args:
        kind: What it is.
        location: The file, line and key, where there are any; of a default those of what it is a default of.
        text: For a person, without the location.
    """

    kind: OriginKind
    location: Location | None = None
    text: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (str(self.location) if self.location else "", self.text)))

    def as_json(self) -> dict[str, Any]:
        """The origin as JSON data; empty parts are left out."""
        place = self.location
        data = {
            "kind": self.kind.value,
            "file": place.file if place else "",
            "line": place.line if place else 0,
            "key": place.key if place else "",
            "text": self.text,
        }
        return {name: value for name, value in data.items() if value}


def origin_of(setting: Setting, federation: Federation) -> Origin:
    """Returns where a setting's value comes from.

    Where the running org or account holds another value than the one that was built from the world, the world's line is
    not named.
    """
    world = federation.world
    key = world_key(setting)
    built = federation.as_built.get(owner_key(setting.owner))
    if built is None or _value(built, setting.path) != _value(setting.owner, setting.path):
        return Origin(OriginKind.API, Location("", 0, ""), f"{key_text(key)}, set by a call since the start")
    location = world.document.location(key)
    if key in world.document.lines:
        return Origin(OriginKind.WORLD, location)
    vendor = "Okta" if key[0] == "okta" else "AWS"
    return Origin(OriginKind.DEFAULT, location, f"left at {vendor}'s default")


def origin_of_asked(asked: Asked, options: Mapping[str, Origin]) -> Origin:
    """Returns where something that was asked for comes from: an option, a scenario's line, or the request itself."""
    return options.get(asked.what, Origin(OriginKind.ASKED, text=f"the {asked.what} that came with the request"))


def _value(owner: object, path: tuple[str | int, ...]) -> object:
    """Returns what an org or an account holds at a path; None where it holds nothing there."""
    here: Any = owner
    for part in path:
        if isinstance(here, Mapping):
            here = here.get(part)
        elif isinstance(here, tuple) and isinstance(part, int):
            here = here[part] if part < len(here) else None
        else:
            here = getattr(here, str(part), None)
    return here
