"""The route for the System Log.

    GET /logs

Spec: developer.okta.com, System Log API
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.management.service import Management
from idp.management_api.filters import compile_filter
from idp.management_api.json_answers import page
from idp.pages import service

_LARGEST_PAGE = 1000

routes = Blueprint("log", __name__)


@routes.get("/logs")
def system_log() -> Response:
    """Lists events by ``since``, ``until`` and ``filter``, the oldest first unless ``sortOrder`` says otherwise."""
    found = [logged.event for logged in service(Management).system_log.running().values()]
    since, until = request.args.get("since", ""), request.args.get("until", "9")
    found = [event for event in found if since <= event["published"] < until]
    if request.args.get("filter"):
        found = list(filter(compile_filter(request.args["filter"]), found))
    if request.args.get("sortOrder") == "DESCENDING":
        found.reverse()
    return page(found, largest=_LARGEST_PAGE)
