"""A world that is saved while it is served: what it says otherwise is applied to what runs.

Sessions and histories stay, and so does what calls have made, where the new world leaves room for it; where a call and
the new world both changed a setting, what runs stays and that is told. A world that cannot be used changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator.building.differing import differing
from emulator.building.merging import Conflict, apply_difference
from emulator.building.models import build_models
from emulator.building.places import world_key
from emulator.federation import Federation
from emulator.kernel.errors import WorldError
from emulator.workbench.workbench import SavedWorld
from emulator.world import World, load_world
from emulator.worldfile.yaml_data import Key


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of a world that was read again.

    Args:
        world: The world that is served now.
        changed: The keys of the settings that it says otherwise, in the order of the world.
        conflicts: The settings that calls have changed too, and that stay as they run.
    """

    world: World
    changed: tuple[Key, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def conflicting_keys(self) -> tuple[str, ...]:
        """The settings that stay, as a person writes their keys."""
        return tuple(".".join(map(str, conflict.key)) for conflict in self.conflicts)

    @property
    def sentences(self) -> Sequence[str]:
        """What is told: how much has changed, and each conflict."""
        count = len(self.changed)
        said = (
            "says nothing otherwise"
            if not count
            else f"says {count} {'setting' if count == 1 else 'settings'} otherwise"
        )
        return (f"{self.world.document.file} was saved and {said}", *map(_conflict, self.conflicting_keys))


def reload_world(federation: Federation) -> Reloaded:
    """Reads the world of a federation again, with every file that it names, and goes on with what it says now.

    Raises:
        WorldError: the world cannot be used; nothing has changed.
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
    """Returns what the workbench shows of a world that was saved."""
    if isinstance(told, WorldError):
        return SavedWorld(problems=told.problems)
    return SavedWorld(changed=len(told.changed), conflicts=told.conflicting_keys)


def _conflict(key: str) -> str:
    return f"{key} stays as a call has set it: the world says otherwise now, and so did the call"
