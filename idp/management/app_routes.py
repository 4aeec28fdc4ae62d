"""The routes for apps, who has them, and the keys they sign with.

    GET POST /apps; GET PUT DELETE /apps/{id}; POST /apps/{id}/lifecycle/{operation}
    GET POST /apps/{id}/users; GET POST PUT DELETE /apps/{id}/users/{user id}
    GET /apps/{id}/groups; GET PUT DELETE /apps/{id}/groups/{group id}
    GET /apps/{id}/credentials/keys; POST /apps/{id}/credentials/keys/generate; GET /apps/{id}/credentials/keys/{kid}
    GET /apps/{id}/sso/saml/metadata?kid=

Spec: developer.okta.com, Applications API
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from emulator.kernel.clock import instant
from idp.management import apps, groups, users
from idp.management.events import app_target
from idp.management.filters import compile_filter
from idp.management.paging import body, empty, page
from idp.management.service import Management
from idp.model import App, Assignment, Group, KeyPair, Org, User
from idp.refusals import invalid
from idp.saml.keys import certificate_base64, make_key_pair
from idp.saml.metadata import idp_metadata


def add_apps(api: Blueprint, management: Management) -> None:
    directory = management.directory

    @api.get("/apps")
    def list_apps() -> Response:
        org = directory.org
        found = [apps.as_json(org, app) for app in org.apps.values()]
        if request.args.get("filter"):
            found = list(filter(compile_filter(request.args["filter"]), found))
        begins = request.args.get("q", "").lower()
        return page(each for each in found if begins in {"", each["name"]} or each["label"].lower().startswith(begins))

    @api.post("/apps")
    def create_app() -> Response:
        given, now, ids = body(), management.clock.now(), management.ids
        pair = _new_key(management)
        app = management.change(lambda org: apps.create(org, given, key_pair=pair, now=now, ids=ids))
        management.record([("application.lifecycle.create", (app_target(app),))])
        return jsonify(apps.as_json(directory.org, app))

    @api.get("/apps/<app_id>")
    def get_app(app_id: str) -> Response:
        return jsonify(apps.as_json(directory.org, apps.find(directory.org, app_id)))

    @api.put("/apps/<app_id>")
    def update_app(app_id: str) -> Response:
        given, now = body(), management.clock.now()
        app = management.change(lambda org: apps.update(org, apps.find(org, app_id), given, now=now))
        management.record([("application.lifecycle.update", (app_target(app),))])
        return jsonify(apps.as_json(directory.org, app))

    @api.delete("/apps/<app_id>")
    def delete_app(app_id: str) -> Response:
        app = apps.find(directory.org, app_id)
        management.change(
            lambda org: apps.delete(org, apps.find(org, app_id)), ("application.lifecycle.delete", (app_target(app),))
        )
        return empty()

    @api.post("/apps/<app_id>/lifecycle/<operation>")
    def change_app(app_id: str, operation: str) -> Response:
        if operation not in {"activate", "deactivate"}:
            raise invalid("operation", f"operation: {operation} is neither activate nor deactivate")
        now = management.clock.now()
        app = management.change(lambda org: apps.change_status(org, apps.find(org, app_id), operation, now=now))
        management.record([(f"application.lifecycle.{operation}", (app_target(app),))])
        return jsonify({})

    @api.get("/apps/<app_id>/sso/saml/metadata")
    def metadata(app_id: str) -> Response:
        org = directory.org
        app = apps.find(org, app_id)
        pair = _key(app, request.args.get("kid", app.key_pair.key_id))
        return Response(idp_metadata(org, app, key_pair=pair), content_type="application/xml")


def add_assignments(api: Blueprint, management: Management) -> None:
    directory = management.directory

    def shown(app: App, holder: User | Group, held: Assignment) -> dict[str, Any]:
        profile = {"role": held.role, "samlRoles": list(held.saml_user_roles)}
        if isinstance(holder, Group):
            return {"id": holder.group_id, "priority": 0, "lastUpdated": instant(app.changed_at), "profile": profile}
        return {
            "id": holder.user_id,
            "scope": "USER",
            "status": "ACTIVE",
            "created": instant(app.changed_at),
            "lastUpdated": instant(app.changed_at),
            "credentials": {"userName": holder.login},
            "profile": {"email": holder.email, **profile},
        }

    def assign(app_id: str, find: Callable[[Org], User | Group], given: Mapping[str, Any]) -> Response:
        def change(org: Org) -> tuple[Org, tuple[Assignment, bool]]:
            return apps.assign(org, apps.find(org, app_id), find(org), given)

        made, _ = management.change(change)
        org = directory.org
        return jsonify(shown(apps.find(org, app_id), find(org), made))

    def withdraw(app_id: str, find: Callable[[Org], User | Group]) -> Response:
        management.change(lambda org: apps.withdraw(org, apps.find(org, app_id), find(org)))
        return empty()

    def get(app_id: str, holder: User | Group) -> Response:
        app = apps.find(directory.org, app_id)
        held = apps.held_by(app, holder)
        if held is None:
            raise apps.not_held(holder)
        return jsonify(shown(app, holder, held))

    @api.get("/apps/<app_id>/users")
    def list_app_users(app_id: str) -> Response:
        org = directory.org
        app = apps.find(org, app_id)
        found = ((user, a) for a in app.assignments if (user := org.users.get(a.user or "")))
        return page(shown(app, user, held) for user, held in found)

    @api.post("/apps/<app_id>/users")
    def assign_user(app_id: str) -> Response:
        given = body()
        return assign(app_id, lambda org: users.find(org, str(given.get("id", ""))), given)

    @api.route("/apps/<app_id>/users/<user_id>", methods=["GET", "POST", "PUT", "DELETE"])
    def app_user(app_id: str, user_id: str) -> Response:
        if request.method == "GET":
            return get(app_id, users.find(directory.org, user_id))
        if request.method == "DELETE":
            return withdraw(app_id, lambda org: users.find(org, user_id))
        return assign(app_id, lambda org: users.find(org, user_id), body())

    @api.get("/apps/<app_id>/groups")
    def list_app_groups(app_id: str) -> Response:
        org = directory.org
        app = apps.find(org, app_id)
        found = ((group, a) for a in app.assignments if (group := org.groups.get(a.group or "")))
        return page(shown(app, group, held) for group, held in found)

    @api.route("/apps/<app_id>/groups/<group_id>", methods=["GET", "PUT", "DELETE"])
    def app_group(app_id: str, group_id: str) -> Response:
        if request.method == "GET":
            return get(app_id, groups.find(directory.org, group_id))
        if request.method == "DELETE":
            return withdraw(app_id, lambda org: groups.find(org, group_id))
        return assign(app_id, lambda org: groups.find(org, group_id), body() if request.data else {})


def _new_key(management: Management) -> KeyPair:
    return make_key_pair(common_name=management.directory.org.name, clock=management.clock, ids=management.ids)


def _key(app: App, kid: str) -> KeyPair:
    pair = next((each for each in (app.key_pair, *app.other_keys) if each.key_id == kid), None)
    if pair is None:
        raise invalid("kid", "kid: The key does not belong to this app")
    return pair


def add_keys(api: Blueprint, management: Management) -> None:
    directory = management.directory

    def shown(pair: KeyPair) -> dict[str, Any]:
        return {
            "kid": pair.key_id,
            "kty": "RSA",
            "use": "sig",
            "created": instant(pair.created_at),
            "lastUpdated": instant(pair.created_at),
            "x5c": [certificate_base64(pair.certificate_pem)],
            "expiresAt": instant(pair.expires_at),
        }

    @api.get("/apps/<app_id>/credentials/keys")
    def list_keys(app_id: str) -> Response:
        app = apps.find(directory.org, app_id)
        return page(shown(pair) for pair in (app.key_pair, *app.other_keys))

    @api.get("/apps/<app_id>/credentials/keys/<kid>")
    def get_key(app_id: str, kid: str) -> Response:
        return jsonify(shown(_key(apps.find(directory.org, app_id), kid)))

    @api.post("/apps/<app_id>/credentials/keys/generate")
    def generate_key(app_id: str) -> Response:
        apps.find(directory.org, app_id)
        pair, now = _new_key(management), management.clock.now()
        management.change(lambda org: apps.add_key(org, apps.find(org, app_id), pair, now=now))
        return make_response(jsonify(shown(pair)), 201)
