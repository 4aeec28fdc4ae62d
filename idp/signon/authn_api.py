"""The Authentication API: from user name and password over a second factor to a session token.

POST /api/v1/authn                                  user name and password, or a state token
POST /api/v1/authn/factors/{id}/verify[/resend]     a code, a push, or nothing: a challenge
POST /api/v1/authn/credentials/change_password      a new password for an expired one
POST /api/v1/authn/previous, /cancel                back to the choice of a factor; the end

Spec: developer.okta.com, Authentication API
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request

from emulator.kernel.clock import Clock, instant
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.trace_notes import TraceNote, record
from idp.addresses import asked_base
from idp.api_answers import error_answer, json_body, person, text_of
from idp.signon.authn import Authentication, Transaction
from idp.signon.factors import KINDS, as_json
from idp.signon.session import TOKEN_LIFETIME, Session, Sessions

_HERE = "/api/v1/authn"


def add_authn_api(site: Flask, authentication: Authentication, sessions: Sessions, *, clock: Clock) -> None:
    """Adds the routes to the org's site.

    Spec: developer.okta.com, Authentication API
    Evidence: documented
    """

    def told(step: Transaction | Session) -> Response:
        if isinstance(step, Session):
            return jsonify(_success(step, sessions.make_token(step), clock=clock))
        if step.status == "SUCCESS" and not step.session_id:
            session = authentication.finish(step)
            return jsonify(_success(session, sessions.make_token(session), clock=clock))
        user = authentication.user_of(step)
        record(request.environ, TraceNote("Okta", f"{user.login} is at {step.status} {step.factor_result}".strip()))
        return jsonify(_state(step, authentication))

    @site.post(_HERE)
    def authn() -> Response:
        given = json_body()
        try:
            if text_of(given, "stateToken"):
                return told(authentication.find(text_of(given, "stateToken")))
            return told(authentication.begin(text_of(given, "username"), text_of(given, "password")))
        except OktaRefusal as refusal:
            return error_answer(refusal)

    @site.post(f"{_HERE}/factors/<factor_id>/verify")
    @site.post(f"{_HERE}/factors/<factor_id>/verify/resend")
    def verify(factor_id: str) -> Response:
        given = json_body()
        try:
            transaction = authentication.find(text_of(given, "stateToken"))
            factor = authentication.factor(transaction, factor_id)
            return told(authentication.verify(transaction, factor, _code(given)))
        except OktaRefusal as refusal:
            return error_answer(refusal)

    @site.post(f"{_HERE}/credentials/change_password")
    def change_password() -> Response:
        given = json_body()
        try:
            transaction = authentication.find(text_of(given, "stateToken"))
            return told(
                authentication.change_password(
                    transaction, text_of(given, "oldPassword"), text_of(given, "newPassword")
                )
            )
        except OktaRefusal as refusal:
            return error_answer(refusal)

    @site.post(f"{_HERE}/previous")
    @site.post(f"{_HERE}/cancel")
    def leave() -> Response:
        try:
            transaction = authentication.find(text_of(json_body(), "stateToken"))
        except OktaRefusal as refusal:
            return error_answer(refusal)
        if request.path.endswith("/previous"):
            return told(authentication.choose_again(transaction))
        authentication.cancel(transaction)
        return jsonify({"relayState": None})


def _code(given: dict[str, Any]) -> str:
    """Returns the code a client sends: ``passCode`` or ``answer``, as text or as a number.

    Evidence: observed (what command-line clients send)
    """
    for name in ("passCode", "answer"):
        value = given.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)[:20]
        if isinstance(value, str):
            return text_of(given, name)[:20]
    return ""


def _success(session: Session, token: str, *, clock: Clock) -> dict[str, Any]:
    record(request.environ, TraceNote("Okta", f"gave {session.user.login} a session token"))
    return {
        "status": "SUCCESS",
        "sessionToken": token,
        "expiresAt": instant(clock.now() + TOKEN_LIFETIME),
        "_embedded": {"user": person(session.user)},
    }


def _state(step: Transaction, authentication: Authentication) -> dict[str, Any]:
    """Returns a transaction as clients read it, with where to go on.

    Spec: developer.okta.com, Authentication API, "Transaction state"
    Evidence: documented
    """
    base, user = asked_base(), authentication.user_of(step)
    links: dict[str, Any] = {"cancel": _link(f"{base}{_HERE}/cancel")}
    embedded: dict[str, Any] = {"user": person(user)}
    data: dict[str, Any] = {
        "stateToken": step.state_token,
        "expiresAt": instant(step.expires_at),
        "status": step.status,
    }
    if step.status == "LOCKED_OUT":
        return {"status": "LOCKED_OUT", "_embedded": {}, "_links": {}}
    if step.status == "MFA_REQUIRED":
        embedded["factors"] = [as_json(factor, user, base=base) for factor in user.factors]
    elif step.status == "MFA_ENROLL":
        kinds = [{"factorType": kind, "provider": "OKTA", "status": "NOT_SETUP"} for kind in KINDS.values()]
        embedded["factors"] = kinds
    elif step.status == "PASSWORD_EXPIRED":
        links["next"] = _link(f"{base}{_HERE}/credentials/change_password", name="changePassword")
    elif step.status == "SUCCESS":
        links = {"next": _link(f"{base}/login/step-up/redirect?stateToken={step.state_token}", name="original")}
    elif step.status == "MFA_CHALLENGE":
        factor = authentication.factor(step, step.factor_id)
        shown = as_json(factor, user, base=base)
        verify = shown["_links"]["verify"]["href"]
        if factor.kind == "push":
            shown["_embedded"] = {"challenge": {"correctAnswer": step.number}}
        embedded["factor"] = shown
        data["factorResult"] = step.factor_result
        links |= {
            "next": _link(verify, name="poll" if factor.kind == "push" else "verify"),
            "prev": _link(f"{base}{_HERE}/previous"),
            "resend": [_link(f"{verify}/resend", name=factor.kind)],
        }
    return {**data, "_embedded": embedded, "_links": links}


def _link(href: str, *, name: str = "") -> dict[str, Any]:
    link: dict[str, Any] = {"href": href, "hints": {"allow": ["POST"]}}
    return {"name": name, **link} if name else link
