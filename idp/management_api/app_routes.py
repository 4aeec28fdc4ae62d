"""The routes for apps.

    GET POST /apps; GET PUT DELETE /apps/{id}; POST /apps/{id}/lifecycle/{operation}

Spec: developer.okta.com, Applications API
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from idp.management import apps
from idp.management.service import Management
from idp.management_api.filters import compile_filter
from idp.management_api.json_answers import body, empty, page
from idp.management_api.key_routes import new_key
from idp.pages import current_org, service
from idp.refusals import invalid
from idp.system_log.events import OrgEvent, app_entity

routes = Blueprint("apps", __name__)


@routes.get("/apps")
def list_apps() -> Response:
    """Lists apps, by ``filter`` or ``q``."""
    org = current_org()
    found = [apps.as_json(org, app) for app in org.apps.values()]
    if request.args.get("filter"):
        found = list(filter(compile_filter(request.args["filter"]), found))
    begins = request.args.get("q", "").lower()
    return page(each for each in found if begins in {"", each["name"]} or each["label"].lower().startswith(begins))


@routes.post("/apps")
def create_app() -> Response:
    """Creates an app, with its own signing key."""
    management, given = service(Management), body()
    now, ids, pair = management.clock.now(), management.ids, new_key()
    app = management.change(lambda org: apps.create(org, given, key_pair=pair, now=now, ids=ids))
    management.log(OrgEvent("application.lifecycle.create", (app_entity(app),)))
    return jsonify(apps.as_json(current_org(), app))


@routes.get("/apps/<app_id>")
def get_app(app_id: str) -> Response:
    """Shows an app."""
    org = current_org()
    return jsonify(apps.as_json(org, apps.find(org, app_id)))


@routes.put("/apps/<app_id>")
def update_app(app_id: str) -> Response:
    """Changes an app's settings."""
    management, given = service(Management), body()
    now = management.clock.now()
    app = management.change(lambda org: apps.update(org, apps.find(org, app_id), given, now=now))
    management.log(OrgEvent("application.lifecycle.update", (app_entity(app),)))
    return jsonify(apps.as_json(current_org(), app))


@routes.delete("/apps/<app_id>")
def delete_app(app_id: str) -> Response:
    """Deletes an app that is inactive."""
    app = apps.find(current_org(), app_id)
    service(Management).change(
        lambda org: apps.delete(org, apps.find(org, app_id)),
        OrgEvent("application.lifecycle.delete", (app_entity(app),)),
    )
    return empty()


@routes.post("/apps/<app_id>/lifecycle/<operation>")
def change_app(app_id: str, operation: str) -> Response:
    """Activates or deactivates an app."""
    if operation not in {"activate", "deactivate"}:
        raise invalid("operation", f"operation: {operation} is neither activate nor deactivate")
    management = service(Management)
    now = management.clock.now()
    app = management.change(lambda org: apps.change_status(org, apps.find(org, app_id), operation, now=now))
    management.log(OrgEvent(f"application.lifecycle.{operation}", (app_entity(app),)))
    return jsonify({})
