"""A world that is saved while it is served: its changes are applied to the running models.

Sessions and histories stay, and so do changes by calls that the new world does not contradict. Where a call and the new
world both changed a setting, the running value stays and the conflict is reported. An invalid world changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator.building.differing import differing
from emulator.building.merging import Conflict, apply_difference
from emulator.building.models import build_models
from emulator.building.places import world_key
from emulator.diagnosis.fix import key_without_secrets
from emulator.federation import Federation
from emulator.kernel.errors import WorldError
from emulator.workbench.workbench import SavedWorld
from emulator.world import World, load_world
from emulator.worldfile.yaml_data import Key


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The result of reading a world again.

    Args:
        world: The world that is served now.
        changed: Keys of the changed settings, in the order of the world.
        conflicts: Settings that calls have changed too, and that keep their running values.
    """

    world: World
    changed: tuple[Key, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def conflicting_keys(self) -> tuple[str, ...]:
        """The settings that keep their running values, as a person writes their keys."""
        return tuple(_text_of(conflict.key) for conflict in self.conflicts)

    @property
    def sentences(self) -> Sequence[str]:
        """What to report: how much has changed, and each conflict."""
        count = len(self.changed)
        said = (
            "says nothing otherwise"
            if not count
            else f"says {count} {'setting' if count == 1 else 'settings'} otherwise"
        )
        return (f"{self.world.document.file} was saved and {said}", *map(_conflict, self.conflicting_keys))


def reload_world(federation: Federation) -> Reloaded:
    """Reads a federation's world and every file it names again, and serves the result.

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
    return Reloaded(served, tuple(keys), merged.conflicts)


def saved_world(told: Reloaded | WorldError) -> SavedWorld:
    """Returns what the workbench shows about a saved world."""
    if isinstance(told, WorldError):
        return SavedWorld(problems=told.problems)
    keys = dict.fromkeys(_text_of(key_without_secrets(conflict.key)) for conflict in told.conflicts)
    return SavedWorld(changed=len(told.changed), conflicts=tuple(keys))


def _text_of(key: Key) -> str:
    return ".".join(map(str, key))


def _conflict(key: str) -> str:
    return f"{key} stays as a call has set it: the world says otherwise now, and so did the call"
