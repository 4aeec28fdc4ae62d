"""A copy of a federation in which logins are made and changes tried: nothing that happens in it reaches what runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emulator.building.merging import Merged, apply_difference
from emulator.building.models import rebuild_models, signing_keys, without_event_hooks
from emulator.federation import Federation, Instants, MadeModels
from emulator.kernel.clock import Clock, Ids, SkewedClock
from emulator.network.keys import KeysInMemory
from emulator.world import World
from emulator.worldfile.yaml_data import Key

# What of everything that a federation remembers decides about a login that begins anew.
_REMEMBERED = ("connect-first-roles",)


@dataclass(frozen=True, slots=True)
class ChangedCopy:
    """A copy of a federation with the difference of another world applied, and what came of applying it."""

    federation: Federation
    merged: Merged


def copied(original: Federation, *, at: Instants) -> Federation:
    """Returns a copy of a federation as it is now, without its sessions, messages and histories.

    Args:
        original: What is copied.
        at: What time it is in the copy; it stands still.
    """
    return changed_copy(original, original.world, at=at).federation


def changed_copy(original: Federation, world: World, *, at: Instants, force: Sequence[Key] = ()) -> ChangedCopy:
    """Returns a copy of a federation as it would be in another world.

    What is planted, loaded and set by calls is there too. Sessions, messages and histories are not; keys that have to
    be made stay in memory, and nobody outside is told of anything.

    Args:
        original: What is copied.
        world: The world that the copy has, with its difference from the original's applied to what runs.
        at: What time it is in the copy; it stands still.
        force: Keys of the world at which the copy has what the world says, whatever a call has made of it.

    Raises:
        WorldError: a policy, a metadata file or a group filter of the world cannot be used.
    """
    keys = KeysInMemory(original.keys.folder, signing_keys(original.world, original.built))
    built = original.built
    if world is not original.world:
        built_then = Clock(frozen_at=original.built_at)
        built = rebuild_models(
            world, before=original.world, built=original.built, clock=built_then, ids=Ids(), keys=keys
        )
    merged = apply_difference(original.built, built, original.running, world=world, force=force)
    clock = Clock(frozen_at=at.clock)
    follows = original.idp_clock is original.clock or isinstance(original.idp_clock, SkewedClock)
    copy = Federation(
        world,
        clock=clock,
        idp_clock=clock.skewed(at.idp_clock - at.clock) if follows else Clock(frozen_at=at.idp_clock),
        keys=keys,
        only=original.only,
        made=MadeModels(built, without_event_hooks(merged.models), original.built_at),
    )
    copy.loaded_state = original.loaded_state
    for name, provider in original.identity_providers.items():
        if name in copy.identity_providers:
            copy.identity_providers[name].faults.take(provider.faults)
    for table in _REMEMBERED:
        copy.tables[table].load(original.tables[table].running())
    return ChangedCopy(copy, merged)
