"""What last changed a setting of an Okta org, according to the System Log or the object's own time of change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from emulator.diagnosis.aws_calls import Change
from emulator.kernel.explanations import Setting

if TYPE_CHECKING:
    from emulator.federation import Federation

_UNIQUE_IDS = {"users": "user_id", "groups": "group_id", "apps": "app_id"}
_PROFILE = ("user.account.update_profile", "user.lifecycle.create")
_STATUS = ("user.lifecycle.", "user.account.lock", "user.account.unlock", "user.account.expire_password")
# Which events change which attribute; attributes that are not listed change with any update of the object.
_CHANGED_BY: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("users", "status"): _STATUS,
    ("users", "password"): ("user.account.update_password", *_PROFILE),
    ("users", "groups"): ("group.user_membership.", "user.lifecycle.create"),
    ("apps", "assignments"): ("application.user_membership.", "application.lifecycle.create"),
    ("apps", "status"): ("application.lifecycle.",),
    ("apps", ""): ("application.lifecycle.create", "application.lifecycle.delete"),
    ("users", ""): ("user.lifecycle.create", "user.lifecycle.delete"),
    ("groups", ""): ("group.lifecycle.",),
}
_UPDATES: Mapping[str, tuple[str, ...]] = {
    "users": _PROFILE,
    "groups": ("group.lifecycle.create",),
    "apps": ("application.lifecycle.update", "application.lifecycle.create"),
}
_CHANGES: Mapping[str, tuple[str, ...]] = {
    "users": ("user.lifecycle.", "user.account.", "group.user_membership."),
    "groups": ("group.lifecycle.",),
    "apps": ("application.",),
}


def event_behind(setting: Setting, federation: Federation, built: object) -> Change | None:
    """Returns what last changed a setting of an org, or None where nothing recorded could have.

    Args:
        federation: Federation with the System Log.
        built: The org as it was built.
    """
    org: Any = setting.owner
    provider = federation.identity_providers.get(org.name)
    kind, name, attribute = (*map(str, setting.path[:3]), "", "", "")[:3]
    now, before = (getattr(each, kind, {}).get(name) if name else None for each in (org, built))
    thing = now or before
    if provider is None or thing is None:
        return None
    if kind in _UNIQUE_IDS:
        unique_id = getattr(thing, _UNIQUE_IDS[kind])
        types = _CHANGED_BY.get((kind, attribute), _UPDATES[kind])
        if not attribute and now is not None and before is not None:
            types = _CHANGES[kind]
        people = _people(setting, built)
        about = [
            event
            for event in reversed(provider.system_log.events)
            if event["eventType"].startswith(types) and unique_id in _targets(event)
        ]
        exact = [event for event in about if not people or people & _targets(event)] or about
        if exact:
            event = exact[0]
            at = datetime.fromisoformat(event["published"])
            return Change(event["eventType"], at, is_making=event["eventType"].endswith(".create"))
    changed = getattr(now, "changed_at", None)
    if changed is not None and changed != getattr(before, "changed_at", None):
        return Change("Okta's API", changed, is_making=before is None)
    return None


def _targets(event: Mapping[str, Any]) -> frozenset[str]:
    """Returns the ids and names of an event's targets and actor."""
    entities = [*(event["target"] or ()), event["actor"]]
    return frozenset(str(each[name]) for each in entities for name in ("id", "displayName", "alternateId"))


def _people(setting: Setting, built: object) -> frozenset[str]:
    """Returns the names for an element of a list: the group that a person is in, or the person of an assignment."""
    if len(setting.path) < 4 or not isinstance(setting.path[3], int):
        return frozenset()
    for owner in (setting.owner, built):
        values: Any = getattr(getattr(owner, str(setting.path[0]), {}).get(setting.path[1]), str(setting.path[2]), ())
        if isinstance(values, tuple) and setting.path[3] < len(values):
            element = values[setting.path[3]]
            name = element if isinstance(element, str) else getattr(element, "user", None)
            return frozenset({name} if name else ())
    return frozenset()
