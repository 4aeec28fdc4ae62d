"""What happened in the org, as its System Log records it and as event hooks carry it.

Spec: developer.okta.com, System Log API, "LogEvent object"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emulator.kernel.clock import Ids, instant
from idp.model import App, Group, Org, User

# What the System Log writes beside the event's type.
MESSAGES: Mapping[str, str] = {
    "user.lifecycle.create": "Create okta user",
    "user.lifecycle.activate": "Activate Okta user",
    "user.lifecycle.reactivate": "Reactivate Okta user",
    "user.lifecycle.deactivate": "Deactivate Okta user",
    "user.lifecycle.suspend": "Suspend Okta user",
    "user.lifecycle.unsuspend": "Unsuspend Okta user",
    "user.lifecycle.delete.initiated": "Delete Okta user initiated",
    "user.account.unlock": "Unlock user account",
    "user.account.expire_password": "Expire user password",
    "user.account.update_profile": "Update user profile for Okta",
    "group.lifecycle.create": "Create Okta group",
    "group.lifecycle.delete": "Delete Okta group",
    "group.user_membership.add": "Add user to group membership",
    "group.user_membership.remove": "Remove user from group membership",
    "application.lifecycle.create": "Create application",
    "application.lifecycle.update": "Update application",
    "application.lifecycle.activate": "Activate application",
    "application.lifecycle.deactivate": "Deactivate application",
    "application.lifecycle.delete": "Delete application",
    "application.user_membership.add": "Add user to application membership",
    "application.user_membership.remove": "Remove user's application membership",
}
_CLIENT: Mapping[str, Any] = {
    "userAgent": None,
    "zone": None,
    "device": None,
    "id": None,
    "ipAddress": "127.0.0.1",
    "geographicalContext": None,
}
LogEvent = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrgEvent:
    """Something that happened in the org, before the System Log dates it.

    Args:
        event_type: Okta's name for it, for example ``group.user_membership.add``.
        targets: What it happened to, as the System Log names them.
    """

    event_type: str
    targets: tuple[dict[str, Any], ...]


def user_target(user: User) -> dict[str, Any]:
    """Returns a user as an event names them: ``alternateId`` is the login.

    Spec: developer.okta.com, System Log API, "Target object"
    Evidence: documented
    """
    return _target(user.user_id, "User", user.login, f"{user.first_name} {user.last_name}".strip())


def group_target(group: Group) -> dict[str, Any]:
    """Returns a group as an event names it."""
    return _target(group.group_id, "UserGroup", "unknown", group.name)


def app_target(app: App) -> dict[str, Any]:
    """Returns an app as an event names it."""
    return _target(app.app_id, "AppInstance", app.label, app.label)


def app_user_target(user: User) -> dict[str, Any]:
    """Returns a user as the user of an app, as an event names them."""
    return _target(f"0ua{user.user_id[3:]}", "AppUser", user.login, f"{user.first_name} {user.last_name}".strip())


def _target(target_id: str, kind: str, alternate: str, display: str) -> dict[str, Any]:
    return {"id": target_id, "type": kind, "alternateId": alternate, "displayName": display, "detailEntry": None}


def log_event(event: OrgEvent, *, actor: str, now: datetime, ids: Ids) -> LogEvent:
    """Returns an entry of the System Log.

    Args:
        event: What happened.
        actor: Who did it: the name of the token, or a login.
        now: The instant of the request.
        ids: Makes the identifiers.

    Spec: developer.okta.com, System Log API, "LogEvent object"
    Evidence: documented
    """
    return {
        "uuid": ids.uuid(),
        "published": instant(now),
        "eventType": event.event_type,
        "version": "0",
        "displayMessage": MESSAGES[event.event_type],
        "severity": "INFO",
        "client": dict(_CLIENT),
        "device": None,
        "actor": {
            "id": "00u" + "0" * 17,
            "type": "User",
            "alternateId": actor,
            "displayName": actor,
            "detailEntry": None,
        },
        "outcome": {"result": "SUCCESS", "reason": None},
        "target": list(event.targets),
        "transaction": {"type": "WEB", "id": ids.uuid(), "detail": {}},
        "debugContext": {"debugData": {}},
        "legacyEventType": None,
        "authenticationContext": {"authenticationStep": 0, "externalSessionId": "unknown"},
        "securityContext": {"asNumber": None, "asOrg": None, "isp": None, "domain": None, "isProxy": None},
    }


def membership_changes(before: Org, after: Org) -> list[OrgEvent]:
    """Returns who came to have, or lost, which app: what assigning, and changing groups, leads to.

    Evidence: documented (the event), assumed (that gaining an app through a group is an event too)
    """
    changes: list[OrgEvent] = []
    apps = {app.app_id: app for org in (before, after) for app in org.apps.values()}
    for login, user in {**before.users, **after.users}.items():
        if before.apps is after.apps and before.users.get(login) is after.users.get(login):
            continue
        for app_id, app in apps.items():
            had, has = _has(before, app_id, login), _has(after, app_id, login)
            if had != has:
                event_type = "application.user_membership." + ("add" if has else "remove")
                targets = (app_user_target(user), app_target(app), user_target(user))
                changes.append(OrgEvent(event_type, targets))
    return changes


def _has(org: Org, app_id: str, login: str) -> bool:
    user, app = org.users.get(login), org.app_by_id(app_id)
    return user is not None and app is not None and bool(org.assigned(app, user))


def hook_request(org: Org, hook_id: str, event: LogEvent, *, now: datetime, ids: Ids) -> dict[str, Any]:
    """Returns the body of the request that carries an event to a hook.

    Spec: developer.okta.com, "Event hooks", sample event delivery payload
    Evidence: documented
    """
    return {
        "eventType": "com.okta.event_hook",
        "eventTypeVersion": "1.0",
        "cloudEventsVersion": "0.1",
        "source": f"{org.base_url}/api/v1/eventHooks/{hook_id}",
        "eventId": ids.uuid(),
        "data": {"events": [event]},
        "eventTime": instant(now),
        "contentType": "application/json",
    }
