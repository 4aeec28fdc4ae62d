"""The routes for users and groups.

    GET POST /users; GET POST PUT DELETE /users/{id}; POST /users/{id}/lifecycle/{operation}; GET /users/{id}/groups
    GET POST /groups; GET PUT DELETE /groups/{id}; GET /groups/{id}/users, /groups/{id}/apps
    PUT DELETE /groups/{id}/users/{user id}

Spec: developer.okta.com, Users API, Groups API
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from idp.management import apps, groups, users
from idp.management.events import group_target, user_target
from idp.management.filters import compile_filter
from idp.management.paging import body, empty, page
from idp.management.service import Management, Told
from idp.model import Group, Org, User
from idp.refusals import invalid
from idp.signon.app_links import app_link


def add_users(api: Blueprint, management: Management) -> None:
    directory = management.directory

    @api.get("/users")
    def list_users() -> Response:
        org = directory.org
        found = [users.as_json(org, user) for user in org.users.values()]
        expression = request.args.get("search") or request.args.get("filter")
        if expression:
            found = list(filter(compile_filter(expression), found))
        elif request.args.get("q"):
            found = [each for each in found if _begins(each["profile"], request.args["q"])]
        if "status" not in (expression or ""):
            found = [each for each in found if each["status"] != "DEPROVISIONED"]
        return page(found)

    @api.post("/users")
    def create_user() -> Response:
        given, now = body(), management.clock.now()
        activate = request.args.get("activate", "true") != "false"
        before = directory.org
        user = management.change(lambda org: users.create(org, given, activate=activate, now=now, ids=management.ids))
        told: list[Told] = [("user.lifecycle.create", (user_target(user),))]
        told += [("user.lifecycle.activate", (user_target(user),))] if activate else []
        told += [
            ("group.user_membership.add", (user_target(user), group_target(before.groups[g]))) for g in user.groups
        ]
        management.record(told)
        return jsonify(users.as_json(directory.org, user))

    @api.get("/users/<user_id>")
    def get_user(user_id: str) -> Response:
        who = g.me if user_id == "me" else user_id
        return jsonify(users.as_json(directory.org, users.find(directory.org, who)))

    @api.route("/users/<user_id>", methods=["POST", "PUT"])
    def update_user(user_id: str) -> Response:
        given, now, whole = body(), management.clock.now(), request.method == "PUT"

        def change(org: Org) -> tuple[Org, User]:
            return users.update(org, users.find(org, user_id), given, whole=whole, now=now)

        user = management.change(change)
        management.record([("user.account.update_profile", (user_target(user),))])
        return jsonify(users.as_json(directory.org, user))

    @api.delete("/users/<user_id>")
    def delete_user(user_id: str) -> Response:
        user, now = users.find(directory.org, user_id), management.clock.now()
        left = management.change(lambda org: users.delete(org, users.find(org, user_id), now=now))
        kind = "user.lifecycle.deactivate" if left is not None else "user.lifecycle.delete.initiated"
        management.record([(kind, (user_target(user),))])
        return empty()

    @api.post("/users/<user_id>/lifecycle/<operation>")
    def change_user(user_id: str, operation: str) -> Response:
        if operation not in users.LIFECYCLE_OPERATIONS:
            raise invalid("operation", f"operation: {operation} is not one of {', '.join(users.LIFECYCLE_OPERATIONS)}")
        now = management.clock.now()
        user = management.change(lambda org: users.change_status(org, users.find(org, user_id), operation, now=now))
        by_account = {"unlock", "expire_password"}
        kind = f"user.account.{operation}" if operation in by_account else f"user.lifecycle.{operation}"
        management.record([(kind, (user_target(user),))])
        return jsonify({} if operation != "expire_password" else users.as_json(directory.org, user))

    @api.get("/users/<user_id>/appLinks")
    def app_links_of_user(user_id: str) -> Response:
        org = directory.org
        user = users.find(org, user_id)
        assigned = [app for app in org.apps.values() if org.assigned(app, user)]
        return jsonify([app_link(org, app, user, order) for order, app in enumerate(assigned)])

    @api.get("/users/<user_id>/groups")
    def groups_of_user(user_id: str) -> Response:
        org = directory.org
        user = users.find(org, user_id)
        return page(groups.as_json(org, org.groups[name]) for name in user.groups)


def _begins(profile: Mapping[str, Any], text: str) -> bool:
    return any(str(profile[name]).lower().startswith(text.lower()) for name in ("firstName", "lastName", "email"))


def add_groups(api: Blueprint, management: Management) -> None:
    directory = management.directory

    @api.get("/groups")
    def list_groups() -> Response:
        org = directory.org
        found = [groups.as_json(org, group) for group in org.groups.values()]
        expression = request.args.get("search") or request.args.get("filter")
        if expression:
            found = list(filter(compile_filter(expression), found))
        begins = request.args.get("q", "").lower()
        return page(each for each in found if each["profile"]["name"].lower().startswith(begins))

    @api.post("/groups")
    def create_group() -> Response:
        given, now = body(), management.clock.now()
        group = management.change(lambda org: groups.create(org, given, now=now, ids=management.ids))
        management.record([("group.lifecycle.create", (group_target(group),))])
        return jsonify(groups.as_json(directory.org, group))

    @api.get("/groups/<group_id>")
    def get_group(group_id: str) -> Response:
        return jsonify(groups.as_json(directory.org, groups.find(directory.org, group_id)))

    @api.put("/groups/<group_id>")
    def update_group(group_id: str) -> Response:
        given, now = body(), management.clock.now()
        group = management.change(lambda org: groups.update(org, groups.find(org, group_id), given, now=now))
        return jsonify(groups.as_json(directory.org, group))

    @api.delete("/groups/<group_id>")
    def delete_group(group_id: str) -> Response:
        group = groups.find(directory.org, group_id)
        management.change(
            lambda org: groups.delete(org, groups.find(org, group_id)),
            ("group.lifecycle.delete", (group_target(group),)),
        )
        return empty()

    @api.get("/groups/<group_id>/users")
    def users_of_group(group_id: str) -> Response:
        org = directory.org
        name = groups.find(org, group_id).name
        return page(users.as_json(org, user) for user in org.users.values() if name in user.groups)

    @api.get("/groups/<group_id>/apps")
    def apps_of_group(group_id: str) -> Response:
        org = directory.org
        group = groups.find(org, group_id)
        return page(apps.as_json(org, app) for app in org.apps.values() if apps.held_by(app, group))

    @api.route("/groups/<group_id>/users/<user_id>", methods=["PUT", "DELETE"])
    def change_membership(group_id: str, user_id: str) -> Response:
        joins = request.method == "PUT"

        def change(org: Org) -> tuple[Org, tuple[User, Group, bool]]:
            group, user = groups.find(org, group_id), users.find(org, user_id)
            org, is_new = users.put_in_group(org, user, group.name, member=joins)
            return org, (user, group, is_new)

        user, group, is_new = management.change(change)
        if is_new:
            kind = "group.user_membership." + ("add" if joins else "remove")
            management.record([(kind, (user_target(user), group_target(group)))])
        return empty()
