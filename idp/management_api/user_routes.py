"""The routes for users.

    GET POST /users; GET POST PUT DELETE /users/{id}; POST /users/{id}/lifecycle/{operation}
    GET /users/{id}/groups, /users/{id}/appLinks

Spec: developer.okta.com, Users API
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from idp.management import groups, users
from idp.management.app_links import app_links
from idp.management.service import Management
from idp.management_api.caller_context import calling_login
from idp.management_api.filters import compile_filter
from idp.management_api.json_answers import body, empty, page
from idp.model import Org, User
from idp.pages import current_org, service
from idp.refusals import invalid
from idp.system_log.events import OrgEvent, group_entity, user_entity

# These events are named after the account, those of other operations after its life cycle.
_ACCOUNT_OPERATIONS = frozenset({"unlock", "expire_password"})

routes = Blueprint("users", __name__)


@routes.get("/users")
def list_users() -> Response:
    """Lists users, by ``search``, ``filter`` or ``q``; deactivated ones only when a status is asked for."""
    org = current_org()
    found = [users.as_json(org, user, in_list=True) for user in org.users.values()]
    expression = request.args.get("search") or request.args.get("filter")
    if expression:
        found = list(filter(compile_filter(expression), found))
    elif request.args.get("q"):
        found = [each for each in found if _begins(each["profile"], request.args["q"])]
    if "status" not in (expression or ""):
        found = [each for each in found if each["status"] != "DEPROVISIONED"]
    return page(found)


def _begins(profile: Mapping[str, Any], text: str) -> bool:
    return any(str(profile[name]).lower().startswith(text.lower()) for name in ("firstName", "lastName", "email"))


@routes.post("/users")
def create_user() -> Response:
    """Creates a user, and adds them to groups."""
    management, given = service(Management), body()
    now, ids = management.clock.now(), management.ids
    activate = request.args.get("activate", "true") != "false"
    before = current_org()
    user = management.change(lambda org: users.create(org, given, activate=activate, now=now, ids=ids))
    target = user_entity(user)
    events = [OrgEvent("user.lifecycle.create", (target,))]
    events += [OrgEvent("user.lifecycle.activate", (target,))] if activate else []
    events += [
        OrgEvent("group.user_membership.add", (target, group_entity(before.groups[name]))) for name in user.groups
    ]
    management.log(*events)
    return jsonify(users.as_json(current_org(), user))


@routes.get("/users/<user_id>")
def get_user(user_id: str) -> Response:
    """Shows a user; ``me`` is the caller."""
    org = current_org()
    return jsonify(users.as_json(org, users.find(org, calling_login() if user_id == "me" else user_id)))


@routes.route("/users/<user_id>", methods=["POST", "PUT"])
def update_user(user_id: str) -> Response:
    """Changes parts of a user (POST), or replaces the profile (PUT)."""
    management, given, whole = service(Management), body(), request.method == "PUT"
    now = management.clock.now()

    def change(org: Org) -> tuple[Org, User]:
        return users.update(org, users.find(org, user_id), given, whole=whole, now=now)

    user = management.change(change)
    management.log(OrgEvent("user.account.update_profile", (user_entity(user),)))
    return jsonify(users.as_json(current_org(), user))


@routes.delete("/users/<user_id>")
def delete_user(user_id: str) -> Response:
    """Deactivates a user, or deletes a deactivated one."""
    management = service(Management)
    user, now = users.find(current_org(), user_id), management.clock.now()
    left = management.change(lambda org: users.delete(org, users.find(org, user_id), now=now))
    event_type = "user.lifecycle.deactivate" if left is not None else "user.lifecycle.delete.initiated"
    management.log(OrgEvent(event_type, (user_entity(user),)))
    return empty()


@routes.post("/users/<user_id>/lifecycle/<operation>")
def change_user(user_id: str, operation: str) -> Response:
    """Performs a life-cycle operation."""
    if operation not in users.LIFECYCLE_OPERATIONS:
        raise invalid("operation", f"operation: {operation} is not one of {', '.join(users.LIFECYCLE_OPERATIONS)}")
    management = service(Management)
    now = management.clock.now()
    user = management.change(lambda org: users.change_status(org, users.find(org, user_id), operation, now=now))
    kind = "account" if operation in _ACCOUNT_OPERATIONS else "lifecycle"
    management.log(OrgEvent(f"user.{kind}.{operation}", (user_entity(user),)))
    return jsonify({} if operation != "expire_password" else users.as_json(current_org(), user))


@routes.get("/users/<user_id>/appLinks")
def app_links_of_user(user_id: str) -> Response:
    """Lists the links behind a user's tiles."""
    org = current_org()
    return jsonify(app_links(org, users.find(org, user_id)))


@routes.get("/users/<user_id>/groups")
def groups_of_user(user_id: str) -> Response:
    """Lists the groups that a user is in."""
    org = current_org()
    user = users.find(org, user_id)
    return page(groups.as_json(org, org.groups[name]) for name in user.groups)
