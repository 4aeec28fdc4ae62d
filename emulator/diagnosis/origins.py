"""The origin of a setting: the file and line that state it, a default that is on no line, or a later call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.building.comparison import Match, compared, lacks_element, reached
from emulator.building.defaults import default_text
from emulator.building.places import aws_managed_policy_of, owner_key, world_key
from emulator.diagnosis.aws_calls import Change, call_behind
from emulator.diagnosis.okta_events import event_behind
from emulator.kernel.errors import Location
from emulator.kernel.explanations import BROWSER, Asked, Setting
from emulator.kernel.records import dataclass
from emulator.world import World
from emulator.worldfile.text.json_text import UnreadableJson, json_of
from emulator.worldfile.text.read_files import UnreadableFile, bytes_of
from emulator.worldfile.text.yaml_data import Key, UnreadableYaml, value_at
from emulator.worldfile.text.yaml_file import MAX_FILE_BYTES, Said, SaidBy, key_text, read_yaml

if TYPE_CHECKING:
    from emulator.federation import Federation


class OriginKind(StrEnum):
    """The kind of source that a value comes from."""

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
        location: File, line and key, where there are any; for a default, those of what it applies to.
        text: Description without the location.
    """

    kind: OriginKind
    location: Location | None = None
    text: str = ""

    def __str__(self) -> str:
        place = self.location
        shown = "" if place is None else str(place) if place.file else place.key
        return ", ".join(filter(None, (shown, self.text)))

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


_KINDS = {SaidBy.WORLD: OriginKind.WORLD, SaidBy.SEED: OriginKind.SEED, SaidBy.CHANGED: OriginKind.CHANGED}
_ABSENT = "which is not there"


def origin_of(setting: Setting, federation: Federation) -> Origin:
    """Returns where a setting's value comes from.

    Where the running value differs from the one that was built from the world, the origin is not the world's line but
    the call that set it or the file that it was loaded from.
    """
    world = federation.world
    arn = aws_managed_policy_of(setting)
    if arn:
        return Origin(OriginKind.OUTSIDE, text=f"AWS's own policy {arn}")
    owner = owner_key(setting.owner)
    built = federation.as_built.get(owner)
    match = compared(setting, built)
    if built is None or not match.is_same:
        return _set_since(setting, federation, built, match)
    as_built = Setting(built, match.path, setting.inside)
    key = world_key(as_built, world)
    if setting.inside:
        return _inside(key, setting.inside, world)
    said = world.document.said(key)
    if said.is_whole:
        location = _place(said, key) if _is_token(key) else said.location
        return Origin(_KINDS[said.by], location, said.text)
    if lacks_element(as_built):
        return Origin(_KINDS[said.by], _place(said, key), _ABSENT)
    _, depth = value_at(world.document.data, key)
    if depth == len(key):
        # It is in the data but in no file: a program put it there.
        return Origin(_KINDS[said.by], _place(said, key), _joined("set by a program", said.text))
    default = default_text(as_built, key, world)
    return Origin(OriginKind.DEFAULT, _place(said, key), _joined(default, said.text))


def _is_token(key: Key) -> bool:
    """Returns whether a key is an API token, which must not be shown."""
    return len(key) > 3 and key[2] == "api_tokens"


def _place(said: Said, key: Key) -> Location:
    """Returns the place where a key could be stated: the line of its nearest parent."""
    return Location(said.location.file, said.location.line, key_text(key[:3] if _is_token(key) else key))


def _inside(key: Key, inside: Sequence[str | int], world: World) -> Origin:
    """Returns the origin of a place inside a policy document, in the world, in a seed, or in its own file."""
    document, depth = value_at(world.document.data, key)
    if depth == len(key) and isinstance(document, str):
        return _in_file(key, inside, document, world)
    keys, missing = reached(document, inside) if depth == len(key) else ((), tuple(inside))
    said = world.document.said((*key, *keys))
    if missing:
        return Origin(_KINDS[said.by], _place(said, (*key, *keys, *missing)), _joined(_ABSENT, said.text))
    return Origin(_KINDS[said.by], said.location, said.text)


def _in_file(key: Key, inside: Sequence[str | int], name: str, world: World) -> Origin:
    """Returns the line in the JSON file that a world names, or the world's line where the file is not readable."""
    said = world.document.said(key)
    try:
        text = bytes_of(world.folder / name, limit=MAX_FILE_BYTES).decode("utf-8")
        document = json_of(text)
        ((_, lines),) = read_yaml(text)  # JSON is YAML, and this reader keeps the lines
    except (UnreadableFile, UnreadableJson, ValueError, UnreadableYaml):
        return Origin(_KINDS[said.by], said.location, said.text)
    keys, missing = reached(document, inside)
    path = str(Path(world.document.file).parent / name)
    location = Location(path, lines.nearest(keys) or 1, key_text((*key, *keys, *missing)))
    named = f"named in {said.location.file}:{said.location.line}"
    return Origin(_KINDS[said.by], location, _joined(_ABSENT if missing else "", named))


def _joined(*texts: str) -> str:
    return ", ".join(filter(None, texts))


def _set_since(setting: Setting, federation: Federation, built: object, match: Match) -> Origin:
    """Returns what set a value that differs from the world's: a call, the loaded state, or an earlier world."""
    key = (*world_key(setting, federation.world), *setting.inside)
    if _is_corrected(setting, federation, built):
        said = federation.world.document.said(key)
        return Origin(_KINDS[said.by], _place(said, key), "changed since")
    location = Location("", 0, key_text(key[:3] if _is_token(key) else key))
    loaded = federation.loaded_state
    if loaded is not None:
        before = loaded.owners.get(owner_key(setting.owner))
        if before is not None and compared(setting, before).is_same:
            return Origin(OriginKind.STATE, location, f"as loaded from {loaded.source}")
    behind = event_behind if owner_key(setting.owner)[0] == "okta" else call_behind
    change = behind(setting, federation, built)
    if change is None:
        return Origin(OriginKind.API, location, "set by a call since the start")
    return Origin(OriginKind.API, location, _told(change, is_there=match.is_there))


def _is_corrected(setting: Setting, federation: Federation, built: object) -> bool:
    """Returns whether a value of some time ago has been replaced, and the running one is the world's again."""
    key = owner_key(setting.owner)
    running = federation.running.by_key.get(key)
    if built is None or running is None or running is setting.owner:
        return False
    return compared(Setting(running, setting.path, setting.inside), built).is_same


def _told(change: Change, *, is_there: bool) -> str:
    verb = ("made" if change.is_making else "set") if is_there else "removed"
    return f"{verb} by {change.name} at {change.at:%Y-%m-%dT%H:%M:%SZ}"


def origin_of_asked(asked: Asked, options: Mapping[str, Origin]) -> Origin:
    """Returns where a requested value comes from: an option, a scenario's line, or the request itself."""
    if asked.what == BROWSER:
        return Origin(OriginKind.ASKED, text="the person's browser; no setting is behind it")
    return options.get(asked.what, Origin(OriginKind.ASKED, text=f"the {asked.what} that came with the request"))


def origin_of_fault(planted: Sequence[str], options: Mapping[str, Origin], *, by: str = "") -> Origin:
    """Returns where planted faults come from: the scenario's line of the first that has one.

    Args:
        planted: Faults, as they were written.
        options: Where requested values come from; faults are in it under their text.
        by: Who programmed them for this one login, if somebody did.
    """
    text = "planted fault " + ", ".join(planted) + (f", programmed by {by}" if by else "")
    known = next((options[each] for each in planted if each in options), None)
    return Origin(OriginKind.FAULT, known.location if known is not None else None, text)
