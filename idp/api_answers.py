"""The JSON bodies and errors that Okta's APIs read and answer with."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response, request

from emulator.kernel.errors import OktaRefusal
from emulator.kernel.trace_notes import TraceNote, record
from idp.model import stable_id


def json_body() -> dict[str, Any]:
    """Returns the request's JSON object, or an empty one when there is none."""
    try:
        given = request.get_json(silent=True, force=True)
    except RecursionError:
        return {}
    return given if isinstance(given, dict) else {}


def text_of(given: dict[str, Any], name: str) -> str:
    """Returns a text in a JSON object, or an empty text when there is none."""
    value = given.get(name)
    # JSON can spell half of a surrogate pair, which no encoding can represent.
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


def internal_error(request_id: str) -> dict[str, Any]:
    """Returns what Okta's APIs answer where something went wrong on their side.

    Args:
        request_id: The request's, under which the log has what it was.

    Spec: developer.okta.com, error code E0000009
    Evidence: documented
    """
    return {
        "errorCode": "E0000009",
        "errorSummary": "Internal Server Error",
        "errorLink": "E0000009",
        "errorId": request_id,
        "errorCauses": [],
    }


def error_answer(refusal: OktaRefusal) -> Response:
    """Returns a refusal in the form of Okta's APIs, and records it in the trace.

    Spec: developer.okta.com, "Okta error codes and descriptions"
    Evidence: documented
    """
    record(request.environ, TraceNote("Okta", f"refused {request.method} {request.path}", refusal=refusal))
    data = {
        "errorCode": refusal.code,
        "errorSummary": refusal.message,
        "errorLink": refusal.code,
        "errorId": stable_id("oae", refusal.explanation),
        "errorCauses": [{"errorSummary": cause} for cause in getattr(refusal, "error_causes", ())],
    }
    return make_response(jsonify(data), refusal.status)
