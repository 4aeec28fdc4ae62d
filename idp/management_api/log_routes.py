"""The route for the System Log.

    GET /logs

Spec: developer.okta.com, System Log API
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, jsonify, request

from emulator.kernel.clock import Clock, instant
from idp.management_api.json_answers import limit_of, link_to_here
from idp.management_api.log_filters import bound, compile_keywords, compile_log_filter
from idp.pages import service
from idp.refusals import invalid
from idp.system_log.events import LogEvent
from idp.system_log.service import SystemLog

_LARGEST_PAGE = 1000
_USUAL_PAGE = 100
_USUAL_SPAN = timedelta(days=7)

routes = Blueprint("log", __name__)


@routes.get("/logs")
def system_log() -> Response:
    """Lists events by ``since``, ``until``, ``filter`` and ``q``, the oldest first unless ``sortOrder`` says otherwise.

    Without ``until`` it is a polling request, whose answers always have a next link, for events yet to come.

    Spec: developer.okta.com, System Log API, "List events", "Polling requests", "Bounded requests"
    Evidence: documented
    """
    given = request.args
    order = given.get("sortOrder", "ASCENDING")
    if order not in {"ASCENDING", "DESCENDING"}:
        raise invalid("sortOrder", "sortOrder: The value is not one of ASCENDING, DESCENDING")
    everything = service(SystemLog).events
    begin = _after(everything, given.get("after", ""))
    found = _found(everything[begin:] if order == "ASCENDING" else everything)
    if order == "DESCENDING":
        found.reverse()
        found = found[_after(tuple(found), given.get("after", "")) :]
    limit = limit_of(usual=_USUAL_PAGE, largest=_LARGEST_PAGE)
    shown = found[:limit]
    response = jsonify(shown)
    response.headers.add("Link", link_to_here(given.to_dict(), rel="self"))
    is_polling = not given.get("until") and order == "ASCENDING"
    if len(found) > limit:
        cursor = shown[-1]["uuid"] if shown else given.get("after", "")
    elif is_polling:
        cursor = everything[-1]["uuid"] if everything else given.get("after", "0")
    else:
        return response
    following = {name: value for name, value in given.to_dict().items() if name != "since" or not is_polling}
    response.headers.add("Link", link_to_here(following | {"after": cursor}, rel="next"))
    return response


def _after(events: tuple[LogEvent, ...], cursor: str) -> int:
    """Returns the index after the event that a ``next`` link names; 0 if that event is no longer kept."""
    return next((index + 1 for index, event in enumerate(events) if event["uuid"] == cursor), 0) if cursor else 0


def _found(events: tuple[LogEvent, ...]) -> list[LogEvent]:
    given, now = request.args, service(Clock).now()
    until = bound("until", given.get("until", ""), now=now)
    since = bound("since", given.get("since", ""), now=now)
    if not since and not given.get("after"):
        since = instant(now - _USUAL_SPAN)
    found = [event for event in events if since <= event["published"] and (not until or event["published"] < until)]
    if given.get("filter"):
        found = list(filter(compile_log_filter(given["filter"]), found))
    if given.get("q"):
        found = list(filter(compile_keywords(given["q"]), found))
    return found
