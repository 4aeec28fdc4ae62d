"""The Authentication API: from user name and password through a second factor to a session token.

POST /api/v1/authn                                  user name and password, or a state token
POST /api/v1/authn/factors/{id}/verify[/resend]     a code, a push, or nothing: a challenge
POST /api/v1/authn/credentials/change_password      a new password for an expired one
POST /api/v1/authn/previous, /cancel                back to the choice of a factor; the end

Spec: developer.okta.com, Authentication API
Evidence: documented
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from emulator.kernel.errors import OktaRefusal
from emulator.kernel.trace_notes import link
from idp.api_answers import error_answer, json_body, text_of
from idp.pages import service
from idp.signon.authn import Authentication
from idp.signon.authn_answers import AUTHN_PATH, step_answer
from idp.signon.transaction import Transaction

api = Blueprint("authn", __name__, url_prefix=AUTHN_PATH)
api.register_error_handler(OktaRefusal, error_answer)


@api.post("")
def authn() -> Response:
    """Begins a sign-in, or returns the state of one."""
    given = json_body()
    if text_of(given, "stateToken"):
        return step_answer(_found(given))
    return step_answer(service(Authentication).begin(text_of(given, "username"), text_of(given, "password")))


@api.post("/factors/<factor_id>/verify")
@api.post("/factors/<factor_id>/verify/resend")
def verify(factor_id: str) -> Response:
    """Challenges a factor, or checks the response to a challenge."""
    authentication, given = service(Authentication), json_body()
    transaction = _found(given)
    factor = authentication.factor(transaction, factor_id)
    return step_answer(authentication.verify(transaction, factor, _code(given)))


@api.post("/credentials/change_password")
def change_password() -> Response:
    """Replaces an expired password and continues the sign-in."""
    authentication, given = service(Authentication), json_body()
    transaction = _found(given)
    old, new = text_of(given, "oldPassword"), text_of(given, "newPassword")
    return step_answer(authentication.change_password(transaction, old, new))


@api.post("/previous")
def previous() -> Response:
    """Goes back to the choice of a factor."""
    return step_answer(service(Authentication).choose_again(_found(json_body())))


@api.post("/cancel")
def cancel() -> Response:
    """Ends the sign-in."""
    service(Authentication).cancel(_found(json_body()))
    return jsonify({"relayState": None})


def _found(given: dict[str, Any]) -> Transaction:
    """Returns the sign-in that a client continues.

    Raises:
        OktaRefusal: E0000011 (401), there is no such sign-in.
    """
    transaction = service(Authentication).find(text_of(given, "stateToken"))
    link(request.environ, transaction.state_token)
    return transaction


def _code(given: dict[str, Any]) -> str:
    """Returns the code that a client sends: ``passCode`` or ``answer``, as text or as a number.

    Evidence: observed (what command-line clients send)
    """
    for name in ("passCode", "answer"):
        value = given.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)[:20]
        if isinstance(value, str):
            return text_of(given, name)[:20]
    return ""
