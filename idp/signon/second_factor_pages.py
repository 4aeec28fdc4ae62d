"""The pages for a second factor and for an expired password: forms that need no JavaScript.

GET, POST /login/second-factor      a factor is chosen, a code given, a push waited for
POST      /login/password-expired   a new password for an expired one
GET       /login/step-up/redirect   ends a step-up: on to the app

The page carries its state token where Okta's does, because command-line clients read it there.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.errors import OktaRefusal
from emulator.kernel.trace_notes import TraceNote, link, record
from idp.pages import service
from idp.signon.authn import Authentication
from idp.signon.browser_session import HOME, own_path, set_session_cookie, sign_in_page
from idp.signon.factors import masked
from idp.signon.session import Session
from idp.signon.transaction import Transaction

_PUSH_WAIT_SECONDS = 2

pages = Blueprint("second_factor", __name__)


@pages.route("/login/second-factor", methods=["GET", "POST"])
def second_factor() -> AnyResponse:
    """Takes the choice of a factor or a code, and signs the person in once the factor is right."""
    authentication = service(Authentication)
    try:
        transaction = authentication.find(request.values.get("stateToken", ""))
        link(request.environ, transaction.state_token)
        factor = authentication.factor(transaction, request.values.get("factor", ""))
    except OktaRefusal as refusal:
        return _over(refusal)
    try:
        transaction = authentication.verify(transaction, factor, request.form.get("passCode", "").strip()[:20])
    except OktaRefusal as refusal:
        if refusal.status != 403:
            return _over(refusal)
        record(request.environ, TraceNote("Okta", "the second factor is wrong", refusal=refusal))
        return make_response(second_factor_page(transaction, wrong=True), 403)
    if transaction.status == "SUCCESS":
        return _arrived(authentication.finish(transaction), transaction.target)
    return second_factor_page(transaction)


@pages.post("/login/password-expired")
def password_expired() -> AnyResponse:
    """Replaces an expired password and continues the sign-in."""
    authentication, form = service(Authentication), request.form
    try:
        transaction = authentication.find(form.get("stateToken", ""))
        link(request.environ, transaction.state_token)
        step = authentication.change_password(transaction, form.get("oldPassword", ""), form.get("newPassword", ""))
    except OktaRefusal as refusal:
        if refusal.status != 403:
            return _over(refusal)
        record(request.environ, TraceNote("Okta", "the password was not changed", refusal=refusal))
        causes: tuple[str, ...] = getattr(refusal, "error_causes", ())
        return make_response(second_factor_page(transaction, wrong=True, cause=causes[0]), 403)
    return _arrived(step, transaction.target) if isinstance(step, Session) else second_factor_page(step)


@pages.get("/login/step-up/redirect")
def step_up_redirect() -> AnyResponse:
    """Ends a step-up that was completed through the Authentication API."""
    authentication = service(Authentication)
    try:
        transaction = authentication.find(request.args.get("stateToken", ""))
        link(request.environ, transaction.state_token)
        return _arrived(authentication.finish(transaction), transaction.target)
    except OktaRefusal as refusal:
        return _over(refusal)


def _arrived(session: Session, target: str) -> AnyResponse:
    login = session.user.login
    record(request.environ, TraceNote("Okta", f"signed {login} in", person=login))
    response = redirect(own_path(target), 303)
    set_session_cookie(response, session)
    return response


def _over(refusal: OktaRefusal) -> Response:
    record(request.environ, TraceNote("Okta", "the sign-in is over", refusal=refusal))
    return sign_in_page(HOME)


def second_factor_page(transaction: Transaction, *, wrong: bool = False, cause: str = "") -> Response:
    """Shows the state of an unfinished sign-in: choose a factor, enter a code, wait for a push, set a new password.

    Args:
        transaction: The sign-in.
        wrong: Whether a code or a password was refused just now.
        cause: Okta's message about a password that it refused.

    Spec: pages read by okta-awscli, gimme-aws-creds and saml2aws
    Evidence: observed (title, state token in a script), assumed (the rest)
    """
    transaction = service(Authentication).with_push_sent(transaction)
    user = service(Authentication).user_of(transaction)
    link(request.environ, transaction.state_token, transaction.session_id)
    record(request.environ, service(Authentication).note(transaction))
    chosen = next((factor for factor in user.factors if factor.factor_id == transaction.factor_id), None)
    page = render_template(
        "second-factor.html",
        transaction=transaction,
        user=user,
        chosen=chosen,
        wrong=wrong,
        cause=cause,
        masked=masked,
        script_token=Markup(transaction.state_token.replace("-", r"\x2D")),  # noqa: S704  letters, digits, - and _
        wait_seconds=_PUSH_WAIT_SECONDS if transaction.factor_result == "WAITING" else 0,
    )
    return make_response(page)
