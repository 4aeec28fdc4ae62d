"""The routes for assignments of apps.

    GET POST /apps/{id}/users; GET POST PUT DELETE /apps/{id}/users/{user id}
    GET /apps/{id}/groups; GET PUT DELETE /apps/{id}/groups/{group id}

Spec: developer.okta.com, Applications API, "Application Users", "Application Groups"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from idp.management import apps, assignments, groups, users
from idp.management.assignments import Assignee
from idp.management.service import Management
from idp.management_api.json_answers import body, empty, page
from idp.model import Assignment, Org
from idp.pages import current_org, service

routes = Blueprint("assignments", __name__)


@routes.get("/apps/<app_id>/users")
def list_app_users(app_id: str) -> Response:
    """Lists the users whom an app is assigned to directly."""
    org = current_org()
    app = apps.find(org, app_id)
    found = ((user, each) for each in app.assignments if (user := org.users.get(each.user or "")))
    return page(assignments.as_json(org, app, user, each) for user, each in found)


@routes.post("/apps/<app_id>/users")
def assign_user(app_id: str) -> Response:
    """Assigns an app to the user whom the body names."""
    given = body()
    return _assign(app_id, lambda org: users.find(org, str(given.get("id", ""))), given)


@routes.route("/apps/<app_id>/users/<user_id>", methods=["GET", "POST", "PUT", "DELETE"])
def app_user(app_id: str, user_id: str) -> Response:
    """Shows, creates, changes or removes a user's assignment."""
    if request.method == "GET":
        return _get(app_id, users.find(current_org(), user_id))
    if request.method == "DELETE":
        return _withdraw(app_id, lambda org: users.find(org, user_id))
    return _assign(app_id, lambda org: users.find(org, user_id), body())


@routes.get("/apps/<app_id>/groups")
def list_app_groups(app_id: str) -> Response:
    """Lists the groups that an app is assigned to."""
    org = current_org()
    app = apps.find(org, app_id)
    found = ((group, each) for each in app.assignments if (group := org.groups.get(each.group or "")))
    return page(assignments.as_json(org, app, group, each) for group, each in found)


@routes.route("/apps/<app_id>/groups/<group_id>", methods=["GET", "PUT", "DELETE"])
def app_group(app_id: str, group_id: str) -> Response:
    """Shows, creates, changes or removes a group's assignment."""
    if request.method == "GET":
        return _get(app_id, groups.find(current_org(), group_id))
    if request.method == "DELETE":
        return _withdraw(app_id, lambda org: groups.find(org, group_id))
    return _assign(app_id, lambda org: groups.find(org, group_id), body() if request.data else {})


def _assign(app_id: str, find: Callable[[Org], Assignee], given: Mapping[str, Any]) -> Response:
    def change(org: Org) -> tuple[Org, Assignment]:
        return assignments.assign(org, apps.find(org, app_id), find(org), given)

    made = service(Management).change(change)
    org = current_org()
    return jsonify(assignments.as_json(org, apps.find(org, app_id), find(org), made))


def _withdraw(app_id: str, find: Callable[[Org], Assignee]) -> Response:
    service(Management).change(lambda org: assignments.withdraw(org, apps.find(org, app_id), find(org)))
    return empty()


def _get(app_id: str, assignee: Assignee) -> Response:
    org = current_org()
    app = apps.find(org, app_id)
    present = assignments.assignment_of(app, assignee)
    if present is None:
        raise assignments.not_assigned(assignee)
    return jsonify(assignments.as_json(org, app, assignee, present))
