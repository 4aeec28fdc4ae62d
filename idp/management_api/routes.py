"""The management API at ``/api/v1/``: who may call it, and how it refuses.

    users           idp.management_api.user_routes
    groups          idp.management_api.group_routes
    apps            idp.management_api.app_routes
    assignments     idp.management_api.assignment_routes
    signing keys    idp.management_api.key_routes
    event hooks     idp.management_api.hook_routes
    System Log      idp.management_api.log_routes

Lists come in pages: ``limit`` and ``after``, with the next page in a ``Link`` header.

Spec: developer.okta.com, Okta Management API
"""

from __future__ import annotations

from flask import Blueprint

from idp.api_answers import error_answer
from idp.management_api import (
    app_routes,
    assignment_routes,
    group_routes,
    hook_routes,
    key_routes,
    log_routes,
    user_routes,
)
from idp.management_api.caller_context import calling_login, remember_caller
from idp.refusals import ApiRefusal

api = Blueprint("management", __name__, url_prefix="/api/v1")
api.register_error_handler(ApiRefusal, error_answer)
for each in (user_routes, group_routes, app_routes, assignment_routes, key_routes, hook_routes, log_routes):
    api.register_blueprint(each.routes)


@api.before_request
def require_caller() -> None:
    """Requires that the caller may make the call.

    Raises:
        ApiRefusal: as ``calling_login``.
    """
    remember_caller(calling_login())
