"""The routes for groups and their members.

    GET POST /groups; GET PUT DELETE /groups/{id}; GET /groups/{id}/users, /groups/{id}/apps
    PUT DELETE /groups/{id}/users/{user id}

Spec: developer.okta.com, Groups API
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from idp.management import apps, groups, users
from idp.management.assignments import assignment_of
from idp.management.service import Management
from idp.management_api.filters import compile_filter
from idp.management_api.json_answers import body, empty, page
from idp.model import Group, Org, User
from idp.pages import current_org, service
from idp.system_log.events import OrgEvent, group_entity, user_entity

routes = Blueprint("groups", __name__)


@routes.get("/groups")
def list_groups() -> Response:
    """Lists groups, by ``search``, ``filter`` or ``q``."""
    org = current_org()
    found = [groups.as_json(org, group) for group in org.groups.values()]
    expression = request.args.get("search") or request.args.get("filter")
    if expression:
        found = list(filter(compile_filter(expression), found))
    begins = request.args.get("q", "").lower()
    return page(each for each in found if each["profile"]["name"].lower().startswith(begins))


@routes.post("/groups")
def create_group() -> Response:
    """Creates a group."""
    management, given = service(Management), body()
    now, ids = management.clock.now(), management.ids
    group = management.change(lambda org: groups.create(org, given, now=now, ids=ids))
    management.log(OrgEvent("group.lifecycle.create", (group_entity(group),)))
    return jsonify(groups.as_json(current_org(), group))


@routes.get("/groups/<group_id>")
def get_group(group_id: str) -> Response:
    """Shows a group."""
    org = current_org()
    return jsonify(groups.as_json(org, groups.find(org, group_id)))


@routes.put("/groups/<group_id>")
def update_group(group_id: str) -> Response:
    """Changes a group's name and description."""
    management, given = service(Management), body()
    now = management.clock.now()
    group = management.change(lambda org: groups.update(org, groups.find(org, group_id), given, now=now))
    return jsonify(groups.as_json(current_org(), group))


@routes.delete("/groups/<group_id>")
def delete_group(group_id: str) -> Response:
    """Deletes a group."""
    group = groups.find(current_org(), group_id)
    service(Management).change(
        lambda org: groups.delete(org, groups.find(org, group_id)),
        OrgEvent("group.lifecycle.delete", (group_entity(group),)),
    )
    return empty()


@routes.get("/groups/<group_id>/users")
def users_of_group(group_id: str) -> Response:
    """Lists the members of a group."""
    org = current_org()
    name = groups.find(org, group_id).name
    return page(users.as_json(org, user, in_list=True) for user in org.users.values() if name in user.groups)


@routes.get("/groups/<group_id>/apps")
def apps_of_group(group_id: str) -> Response:
    """Lists the apps that are assigned to a group."""
    org = current_org()
    group = groups.find(org, group_id)
    return page(apps.as_json(org, app) for app in org.apps.values() if assignment_of(app, group))


@routes.route("/groups/<group_id>/users/<user_id>", methods=["PUT", "DELETE"])
def change_membership(group_id: str, user_id: str) -> Response:
    """Adds a user to a group (PUT), or removes them (DELETE)."""
    management, joins = service(Management), request.method == "PUT"

    def change(org: Org) -> tuple[Org, tuple[User, Group, bool]]:
        group, user = groups.find(org, group_id), users.find(org, user_id)
        org, is_new = users.put_in_group(org, user, group.name, member=joins)
        return org, (user, group, is_new)

    user, group, is_new = management.change(change)
    if is_new:
        event_type = "group.user_membership." + ("add" if joins else "remove")
        management.log(OrgEvent(event_type, (user_entity(user), group_entity(group))))
    return empty()
