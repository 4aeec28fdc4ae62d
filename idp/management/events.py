"""The System Log events that changes of the org cause, and the requests that carry events to event hooks.

Spec: developer.okta.com, System Log API, Event Hooks API
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from emulator.kernel.clock import Ids, instant
from idp.model import Org
from idp.system_log.events import LogEvent, OrgEvent, app_entity, app_user_entity, user_entity


def membership_changes(before: Org, after: Org) -> list[OrgEvent]:
    """Returns who gained or lost which app, because of changed assignments or groups.

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
                targets = (app_user_entity(user), app_entity(app), user_entity(user))
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
