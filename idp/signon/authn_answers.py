"""The answers of the Authentication API: a session token, or a transaction with links to the next steps.

Spec: developer.okta.com, Authentication API, "Transaction state"
"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from emulator.kernel.clock import Clock, instant
from emulator.kernel.trace_notes import TraceNote, link, record
from idp.addresses import asked_base
from idp.model import User
from idp.pages import service
from idp.signon.authn import Authentication
from idp.signon.factors import KINDS, as_json
from idp.signon.session import TOKEN_LIFETIME, Session, Sessions
from idp.signon.transaction import Transaction

AUTHN_PATH = "/api/v1/authn"


def step_answer(step: Transaction | Session) -> Response:
    """Answers with the state of a sign-in; a finished one gives a session token."""
    if isinstance(step, Session):
        return jsonify(_success(step))
    link(request.environ, step.state_token, step.session_id)
    if step.status == "SUCCESS" and not step.session_id:
        return jsonify(_success(service(Authentication).finish(step)))
    user = service(Authentication).user_of(step)
    record(request.environ, service(Authentication).note(step))
    return jsonify(_state(step, user))


def _success(session: Session) -> dict[str, Any]:
    token = service(Sessions).make_token(session)
    login = session.user.login
    link(request.environ, token, session.session_id)
    record(request.environ, TraceNote("Okta", f"gave {login} a session token", person=login))
    return {
        "status": "SUCCESS",
        "sessionToken": token,
        "expiresAt": instant(service(Clock).now() + TOKEN_LIFETIME),
        "_embedded": {"user": _person(session.user)},
    }


def _state(step: Transaction, user: User) -> dict[str, Any]:
    """Returns a transaction in the API's form, with links to the next steps.

    Spec: developer.okta.com, Authentication API, "Transaction state"
    Evidence: documented
    """
    if step.status == "LOCKED_OUT":
        return {"status": "LOCKED_OUT", "_embedded": {}, "_links": {}}
    base = asked_base()
    links: dict[str, Any] = {"cancel": _link(f"{base}{AUTHN_PATH}/cancel")}
    embedded: dict[str, Any] = {"user": _person(user)}
    data: dict[str, Any] = {
        "stateToken": step.state_token,
        "expiresAt": instant(step.expires_at),
        "status": step.status,
    }
    if step.status == "MFA_REQUIRED":
        embedded["factors"] = [as_json(factor, user, base=base) for factor in user.factors]
    elif step.status == "MFA_ENROLL":
        kinds = [{"factorType": kind, "provider": "OKTA", "status": "NOT_SETUP"} for kind in KINDS.values()]
        embedded["factors"] = kinds
    elif step.status == "PASSWORD_EXPIRED":
        links["next"] = _link(f"{base}{AUTHN_PATH}/credentials/change_password", name="changePassword")
    elif step.status == "SUCCESS":
        links = {"next": _link(f"{base}/login/step-up/redirect?stateToken={step.state_token}", name="original")}
    elif step.status == "MFA_CHALLENGE":
        embedded["factor"], more_links = _challenge(step, user, base=base)
        data["factorResult"] = step.factor_result
        links |= more_links
    return {**data, "_embedded": embedded, "_links": links}


def _challenge(step: Transaction, user: User, *, base: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the challenged factor, and the links by which a client answers, asks again or goes back."""
    factor = service(Authentication).factor(step, step.factor_id)
    shown = as_json(factor, user, base=base)
    verify = shown["_links"]["verify"]["href"]
    if factor.kind == "push":
        shown["_embedded"] = {"challenge": {"correctAnswer": step.number}}
    return shown, {
        "next": _link(verify, name="poll" if factor.kind == "push" else "verify"),
        "prev": _link(f"{base}{AUTHN_PATH}/previous"),
        "resend": [_link(f"{verify}/resend", name=factor.kind)],
    }


def _person(user: User) -> dict[str, Any]:
    """Returns a user as the Authentication API embeds them.

    Spec: developer.okta.com, Authentication API, "User object"
    Evidence: documented
    """
    profile = {
        "login": user.login,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "locale": "en",
        "timeZone": "America/Los_Angeles",
    }
    return {"id": user.user_id, "passwordChanged": None, "profile": profile}


def _link(href: str, *, name: str = "") -> dict[str, Any]:
    link: dict[str, Any] = {"href": href, "hints": {"allow": ["POST"]}}
    return {"name": name, **link} if name else link
