"""Applies the difference of two worlds to the running models: later changes by calls stay, conflicts are reported.

Three models are compared, attribute by attribute: as built before, as built after, and as running now. Where the
running model is as it was built, the new value is taken. Where a call changed a place that the world changes too, that
is a conflict: the running value stays, unless the place is forced to follow the world. An org, an account or an
instance that stayed because of what calls had made in it, and that the world has again, takes from the world what it
lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from emulator.building.comparison import NOTHING, identity_of, is_same, value_of
from emulator.building.models import Models
from emulator.building.places import world_key
from emulator.building.still_needed import still_needed
from emulator.kernel.explanations import Setting
from emulator.kernel.records import dataclass
from emulator.world import World
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import without_appending
from idp.model import Org
from sp_mock.accounts.managed_policies import ManagedPolicy
from sp_mock.accounts.model import Account, Instance
from sp_mock.accounts.provider_metadata import ProviderMetadata
from sp_mock.arn import Arn
from sp_mock.policies.documents import PolicyDocument

# Values that are replaced as a whole: a document is never combined from two.
_WHOLE = (PolicyDocument, ManagedPolicy, ProviderMetadata, Arn)
_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A setting that both the world and a call have changed.

    Args:
        key: Key of the setting in the world.
        said: Value in the changed world; None for nothing.
        running: Running value; None for nothing.
        is_needed: Whether it stays only because something that a call has made needs it.
    """

    key: Key
    said: Any
    running: Any
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """The result of a merge.

    Args:
        models: The orgs and accounts with the difference applied.
        conflicts: Conflicts, at which the running value was kept.
        forced: Keys at which the running value differed from what was built, and was overwritten by the world's.
    """

    models: Models
    conflicts: tuple[Conflict, ...] = ()
    forced: tuple[Key, ...] = ()


def apply_difference(
    before: Models, after: Models, running: Models, *, world: World, force: Sequence[Key] = ()
) -> Merged:
    """Applies the difference of two worlds to running models, including what was created by API.

    Args:
        before: As built from the old world.
        after: As built from the changed world.
        running: The running models.
        world: The changed world.
        force: Keys at which the running value is overwritten by the world's, even if a call has changed it.
    """
    merge = _Merge(world, tuple(force))
    orgs = merge.mapping(before.orgs, after.orgs, running.orgs, ())
    accounts = merge.mapping(before.accounts, after.accounts, running.accounts, ())
    return Merged(Models(orgs, accounts), tuple(merge.conflicts), tuple(dict.fromkeys(merge.forced)))


class _Merge:
    """One merge, which collects conflicts."""

    def __init__(self, world: World, force: Sequence[Key]) -> None:
        self._world = world
        self._force = force
        self._owner: object = None
        self.conflicts: list[Conflict] = []
        self.forced: list[Key] = []

    def value(self, before: Any, after: Any, running: Any, path: _Path) -> Any:
        """Returns the merged value of a place; ``NOTHING`` where it is removed."""
        if isinstance(after, Org | Account) or (after is NOTHING and isinstance(running, Org | Account)):
            return self._whole_owner(before, after, running)
        if after is running or is_same(after, running):
            return running
        if before is NOTHING and isinstance(after, Instance) and isinstance(running, Instance):
            return self._attributes(before, after, running, path)
        kinds = {type(before), type(after), type(running)}
        if NOTHING not in (before, after, running) and len(kinds) == 1 and not isinstance(after, _WHOLE):
            if is_dataclass(after):
                return self._attributes(before, after, running, path)
            if isinstance(after, Mapping):
                return self.mapping(before, after, running, path)
            if isinstance(after, tuple):
                return self._elements(before, after, running, path)
        return self._whole(before, after, running, path)

    def mapping(
        self, before: Mapping[Any, Any], after: Mapping[Any, Any], running: Mapping[Any, Any], path: _Path
    ) -> Mapping[Any, Any]:
        """Returns the merged mapping, in the order of the changed world; additions by calls come last."""
        merged = {
            key: self.value(before.get(key, NOTHING), after.get(key, NOTHING), running.get(key, NOTHING), (*path, key))
            for key in dict.fromkeys((*after, *running, *before))
        }
        found = {key: value for key, value in merged.items() if value is not NOTHING}
        is_running = found.keys() == running.keys() and all(found[key] is running[key] for key in found)
        return running if is_running else found

    def _whole_owner(self, before: Any, after: Any, running: Any) -> Any:
        """An org or an account, in which paths begin anew."""
        self._owner = running if after is NOTHING else after
        if before is after and not any(self._is_inside(key) for key in self._force):
            return running
        if NOTHING in (after, running) or (before is NOTHING and type(after) is not type(running)):
            return self._whole(before, after, running, ())
        merged = self._attributes(before, after, running, ())
        if not isinstance(merged, Account) or merged is running:
            return merged
        needed = still_needed(merged, running)
        for path in needed.paths:
            thing = value_of(Setting(running, path))
            self.conflicts.append(Conflict(world_key(Setting(running, path), self._world), None, thing, is_needed=True))
        return needed.account

    def _is_inside(self, key: Key) -> bool:
        owner = self._owner
        here = ("okta", owner.name) if isinstance(owner, Org) else ("aws", getattr(owner, "account_id", ""))
        return key[:2] == here

    def _attributes(self, before: Any, after: Any, running: Any, path: _Path) -> Any:
        """Something attribute by attribute; where the world had it not before, it is put together from two."""
        made: dict[str, Any] = {}
        instants: dict[str, Any] = {}
        for each in fields(after):
            new, now = getattr(after, each.name), getattr(running, each.name)
            old = _none_of(new) if before is NOTHING else getattr(before, each.name)
            if each.name.endswith("_at"):
                instants[each.name] = _instants(old, new, now)
            else:
                made[each.name] = _blank(self.value(_some(old), _some(new), _some(now), (*path, each.name)))
        is_new = any(made[name] is not getattr(running, name) for name in made)
        if is_new and "changed_at" in instants:
            instants["changed_at"] = after.changed_at
        return replace(running, **made, **instants) if is_new else replace(running, **instants) if instants else running

    def _elements(
        self, before: tuple[Any, ...], after: tuple[Any, ...], running: tuple[Any, ...], path: _Path
    ) -> tuple[Any, ...]:
        """Merges lists by the identity of their elements; a list that repeats an identity is replaced as a whole."""
        if is_same(before, running) and is_same(before, after):
            return running
        named = [{identity_of(each): (index, each) for index, each in enumerate(model)} for model in (before, after)]
        now = {identity_of(each): each for each in running}
        old, new = named
        if (len(old), len(new), len(now)) != (len(before), len(after), len(running)):
            return self._whole(before, after, running, path)  # type: ignore[no-any-return]  # one of the three
        merged = []
        for name in dict.fromkeys((*new, *now, *old)):
            index, said = new.get(name, (old.get(name, (len(before), NOTHING))[0], NOTHING))
            found = self.value(old.get(name, (0, NOTHING))[1], said, now.get(name, NOTHING), (*path, index))
            if found is not NOTHING:
                merged.append(found)
        is_running = len(merged) == len(running) and all(each is now.get(identity_of(each)) for each in merged)
        return running if is_running else tuple(merged)

    def _whole(self, before: Any, after: Any, running: Any, path: _Path) -> Any:
        """A value that is taken as a whole from one of the three."""
        if is_same(after, running):
            return running
        ran_as_built = is_same(before, running)
        if is_same(before, after) or not ran_as_built:
            key = world_key(Setting(self._owner, path), self._world)
            if not ran_as_built and self._is_forced(key, after if after is not NOTHING else running):
                self.forced.append(key)
                return after
            if not is_same(before, after):
                self.conflicts.append(Conflict(key, _blank(after), _blank(running)))
            return running
        return after

    def _is_forced(self, key: Key, value: Any) -> bool:
        """A place is forced if it or something around it was edited; a document also if a part of it was."""
        return any(
            key[: len(each)] == each or (isinstance(value, _WHOLE) and each[: len(key)] == key)
            for each in map(without_appending, self._force)
        )


def _none_of(value: Any) -> Any:
    """Returns an empty mapping or list for one that a world had not; else nothing."""
    return {} if isinstance(value, Mapping) else () if isinstance(value, tuple) else NOTHING


def _some(value: Any) -> Any:
    return NOTHING if value is None else value


def _blank(value: Any) -> Any:
    return None if value is NOTHING else value


def _instants(before: Any, after: Any, running: Any) -> Any:
    """Creation times stay; in a mapping of instants new keys are added and removed keys dropped."""
    if not isinstance(running, Mapping) or not isinstance(after, Mapping):
        return running
    kept = {key: value for key, value in running.items() if key in after or key not in before}
    return {**{key: value for key, value in after.items() if key not in before}, **kept}
