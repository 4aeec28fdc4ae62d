"""A world that is saved while it is served: its changes are applied to the running models.

Sessions and histories stay, and so do changes by calls that the new world does not contradict. Where a call and the new
world both changed a setting, the running value stays and the conflict is reported. An invalid world changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from emulator.building.differing import differing
from emulator.building.merging import Conflict, Merged, apply_difference
from emulator.building.models import Models, build_models
from emulator.building.places import world_key
from emulator.diagnosis.fix import key_without_secrets
from emulator.federation import Federation
from emulator.kernel.errors import WorldError
from emulator.kernel.records import dataclass
from emulator.workbench.workbench import SavedWorld
from emulator.world import World, load_world
from emulator.worldfile.text.yaml_data import Key


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The result of reading a world again.

    Args:
        world: The world that is served now.
        changed: Keys of the changed settings, in the order of the world.
        conflicts: Settings that calls have changed too, and that keep their running values.
        unsettled: Conflicts of earlier saves that still hold: the running value is not the world's.
    """

    world: World
    changed: tuple[Key, ...]
    conflicts: tuple[Conflict, ...]
    unsettled: tuple[Conflict, ...] = ()

    @property
    def conflicting_keys(self) -> tuple[str, ...]:
        """The settings that keep their running values, as a person writes their keys."""
        return tuple(_text_of(conflict.key) for conflict in self.conflicts)

    @property
    def sentences(self) -> Sequence[str]:
        """What to report: how much has changed, and each conflict."""
        count = len(self.changed)
        said = (
            f"with {count} changed {'setting' if count == 1 else 'settings'}" if count else "without changed settings"
        )
        still = (f"{_text_of(each.key)} still stays as a call has set it" for each in self.unsettled)
        return (f"{self.world.document.file} was saved {said}", *map(_conflict, self.conflicts), *still)


def reload_world(federation: Federation, *, earlier: Sequence[Conflict] = ()) -> Reloaded:
    """Reads a federation's world and every file it names again, and serves the result.

    Args:
        federation: The federation.
        earlier: The conflicts of earlier saves.

    Raises:
        WorldError: the world is invalid; nothing has changed.
    """
    with federation.reading_lock:
        world = load_world(Path(federation.world.document.file))
        built = build_models(world, clock=federation.clock, ids=federation.ids, keys=federation.keys)
        with federation.store.lock:
            before = federation.built
            merged = apply_difference(before, built, federation.running, world=world)
            federation.take_world(world, built=built, running=merged.models)
            served = federation.world
    settings = (each.after or each.before for each in differing(before, built))
    keys = dict.fromkeys(world_key(setting, world) for setting in settings if setting is not None)
    unsettled = _unsettled(earlier, merged, built, world) if earlier else ()
    return Reloaded(served, tuple(keys), merged.conflicts, unsettled)


def _unsettled(earlier: Sequence[Conflict], merged: Merged, built: Models, world: World) -> tuple[Conflict, ...]:
    """Returns the earlier conflicts that are none of this save's, and at which what runs is not what the world says.

    What the world has again does not conflict with what calls have added; what is inside another one goes with that.
    """
    settings = (each.after or each.before for each in differing(built, merged.models))
    others = [world_key(setting, world) for setting in settings if setting is not None]
    told = [each.key for each in merged.conflicts]
    found: list[Conflict] = []
    for each in sorted(earlier, key=lambda conflict: len(conflict.key)):
        is_other = any(
            _is_inside(each.key, key) or (each.said is not None and _is_inside(key, each.key)) for key in others
        )
        if is_other and not any(_is_inside(each.key, key) for key in (*told, *(one.key for one in found))):
            found.append(each)
    return tuple(found)


def _is_inside(key: Key, other: Key) -> bool:
    """Whether a key is another one, or is inside it."""
    return key[: len(other)] == other


def saved_world(told: Reloaded | WorldError) -> SavedWorld:
    """Returns what the workbench shows about a saved world."""
    if isinstance(told, WorldError):
        return SavedWorld(problems=told.problems)
    keys = dict.fromkeys(_text_of(key_without_secrets(conflict.key)) for conflict in (*told.conflicts, *told.unsettled))
    return SavedWorld(changed=len(told.changed), conflicts=tuple(keys))


def _text_of(key: Key) -> str:
    return ".".join(map(str, key))


def _conflict(conflict: Conflict) -> str:
    key = _text_of(conflict.key)
    if conflict.is_needed:
        return f"{key} stays, though the world has it no more: what a call has made needs it"
    return f"{key} stays as a call has set it: the world has another value now, and so had the call"
