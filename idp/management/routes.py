"""The management API at ``/api/v1/``: who may call it, and how it says no.

    users, groups       idp.management.people_routes
    apps                idp.management.app_routes
    GET POST /eventHooks; GET PUT DELETE /eventHooks/{id}; POST /eventHooks/{id}/lifecycle/{operation}
    GET /logs

Lists come in pages: ``limit`` and ``after``, with the next page in a ``Link`` header.

Spec: developer.okta.com, Okta Management API
"""

from __future__ import annotations

import hmac

from flask import Blueprint, Flask, Response, g, jsonify, request

from idp.api_answers import error_answer
from idp.management import hooks
from idp.management.app_routes import add_apps, add_assignments, add_keys
from idp.management.filters import compile_filter
from idp.management.paging import body, empty, page
from idp.management.people_routes import add_groups, add_users
from idp.management.service import Management
from idp.refusals import ApiRefusal, forbidden, invalid, invalid_token
from idp.signon.session import Sessions


def add_management(site: Flask, management: Management, sessions: Sessions) -> None:
    """Adds the routes to the org's site.

    A caller needs one of the org's API tokens; a person who is signed in may read about themselves only.

    Spec: developer.okta.com, "Create an API token"
    Evidence: documented
    """
    api = Blueprint("management", __name__, url_prefix="/api/v1")
    add_users(api, management)
    add_groups(api, management)
    add_apps(api, management)
    add_assignments(api, management)
    add_keys(api, management)
    _add_hooks(api, management)
    _add_log(api, management)

    @api.errorhandler(ApiRefusal)
    def refused(refusal: ApiRefusal) -> Response:
        return error_answer(refusal)

    @api.before_request
    def require_token() -> None:
        given = api_token(request.headers.get("Authorization", ""))
        tokens = management.directory.org.api_tokens
        g.me = next((who for each, who in tokens.items() if hmac.compare_digest(given.encode(), each.encode())), None)
        if g.me is None:
            session = sessions.find(request.cookies.get("sid"))
            if session is None or request.headers.get("Authorization"):
                raise invalid_token()
            if (request.method, request.path) != ("GET", "/api/v1/users/me"):
                raise forbidden()
            g.me = session.user.login

    site.register_blueprint(api)


def api_token(authorization: str) -> str:
    """Returns the token in an Authorization header, with or without a space after ``SSWS``; empty when there is none.

    Evidence: observed (a client that leaves the space out)
    """
    scheme, found, token = authorization.partition("SSWS")
    return token.strip() if found and not scheme.strip() else ""


def _add_hooks(api: Blueprint, management: Management) -> None:
    directory = management.directory

    @api.get("/eventHooks")
    def list_hooks() -> Response:
        org = directory.org
        return page(hooks.as_json(org, hook) for hook in org.event_hooks.values())

    @api.post("/eventHooks")
    def create_hook() -> Response:
        given, now = body(), management.clock.now()
        hook = directory.change(lambda org: hooks.create(org, given, now=now, ids=management.ids))
        return jsonify(hooks.as_json(directory.org, hook))

    @api.route("/eventHooks/<hook_id>", methods=["GET", "PUT", "DELETE"])
    def one_hook(hook_id: str) -> Response:
        hook = hooks.find(directory.org, hook_id)
        if request.method == "DELETE":
            directory.change(lambda org: hooks.delete(org, hook))
            return empty()
        if request.method == "PUT":
            given, now = body(), management.clock.now()
            hook = directory.change(lambda org: hooks.update(org, hooks.find(org, hook_id), given, now=now))
        return jsonify(hooks.as_json(directory.org, hook))

    @api.post("/eventHooks/<hook_id>/lifecycle/<operation>")
    def change_hook(hook_id: str, operation: str) -> Response:
        hook = hooks.find(directory.org, hook_id)
        if operation == "verify":
            hook = management.hooks.verify(hook)
        elif operation in {"activate", "deactivate"}:
            hook = directory.change(lambda org: hooks.change_status(org, hooks.find(org, hook_id), operation))
        else:
            raise invalid("operation", f"operation: {operation} is not one of verify, activate, deactivate")
        return jsonify(hooks.as_json(directory.org, hook))


def _add_log(api: Blueprint, management: Management) -> None:
    @api.get("/logs")
    def log() -> Response:
        found = [logged.event for logged in management.log.running().values()]
        since, until = request.args.get("since", ""), request.args.get("until", "9")
        found = [event for event in found if since <= event["published"] < until]
        if request.args.get("filter"):
            found = list(filter(compile_filter(request.args["filter"]), found))
        if request.args.get("sortOrder") == "DESCENDING":
            found.reverse()
        return page(found, largest=1000)
