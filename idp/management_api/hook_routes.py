"""The routes for event hooks.

    GET POST /eventHooks; GET PUT DELETE /eventHooks/{id}; POST /eventHooks/{id}/lifecycle/{operation}

Spec: developer.okta.com, Event Hooks API
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from idp.directory import Directory
from idp.management import hooks
from idp.management.service import Management
from idp.management_api.json_answers import body, empty, page
from idp.pages import current_org, service
from idp.refusals import invalid

routes = Blueprint("hooks", __name__)


@routes.get("/eventHooks")
def list_hooks() -> Response:
    """Lists event hooks."""
    org = current_org()
    return page(hooks.as_json(org, hook) for hook in org.event_hooks.values())


@routes.post("/eventHooks")
def create_hook() -> Response:
    """Registers an event hook."""
    management, given = service(Management), body()
    now, ids = management.clock.now(), management.ids
    hook = service(Directory).change(lambda org: hooks.create(org, given, now=now, ids=ids))
    return jsonify(hooks.as_json(current_org(), hook))


@routes.route("/eventHooks/<hook_id>", methods=["GET", "PUT", "DELETE"])
def one_hook(hook_id: str) -> Response:
    """Shows, replaces or deletes an event hook."""
    directory = service(Directory)
    hook = hooks.find(directory.org, hook_id)
    if request.method == "DELETE":
        directory.change(lambda org: hooks.delete(org, hook))
        return empty()
    if request.method == "PUT":
        given, now = body(), service(Management).clock.now()
        hook = directory.change(lambda org: hooks.update(org, hooks.find(org, hook_id), given, now=now))
    return jsonify(hooks.as_json(directory.org, hook))


@routes.post("/eventHooks/<hook_id>/lifecycle/<operation>")
def change_hook(hook_id: str, operation: str) -> Response:
    """Verifies, activates or deactivates an event hook."""
    directory = service(Directory)
    hook = hooks.find(directory.org, hook_id)
    if operation == "verify":
        hook = service(Management).hooks.verify(hook)
    elif operation in {"activate", "deactivate"}:
        hook = directory.change(lambda org: hooks.change_status(org, hooks.find(org, hook_id), operation))
    else:
        raise invalid("operation", f"operation: {operation} is not one of verify, activate, deactivate")
    return jsonify(hooks.as_json(directory.org, hook))
