"""A copy of a federation in which logins are made and changes tried: nothing in it affects the running one."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.building.merging import Merged, apply_difference
from emulator.building.models import rebuild_models, signing_keys, without_event_hooks
from emulator.federation import Federation, Instants, MadeModels
from emulator.kernel.clock import Clock, Ids, SkewedClock
from emulator.kernel.records import dataclass
from emulator.network.data_folder.keys import KeysInMemory
from emulator.world import World
from emulator.worldfile.text.yaml_data import Key

# The remembered values that affect a new login.
_REMEMBERED = ("connect-first-roles",)


@dataclass(frozen=True, slots=True)
class ChangedCopy:
    """A copy of a federation with the difference of another world applied, and the result of applying it."""

    federation: Federation
    merged: Merged


def copied(original: Federation, *, at: Instants) -> Federation:
    """Returns a copy of a federation in its current state, without its sessions, messages and histories.

    Args:
        original: Federation to copy.
        at: Time in the copy, which is frozen.
    """
    return changed_copy(original, original.world, at=at).federation


def changed_copy(original: Federation, world: World, *, at: Instants, force: Sequence[Key] = ()) -> ChangedCopy:
    """Returns a copy of a federation as it would be in another world.

    Planted faults, loaded state and changes by calls are included. Sessions, messages and histories are not; new keys
    stay in memory, and nothing outside is notified.

    Args:
        original: Federation to copy.
        world: World of the copy; its difference from the original's is applied to the running state.
        at: Time in the copy, which is frozen.
        force: Keys of the world at which the copy follows the world, even if a call has changed them.

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
