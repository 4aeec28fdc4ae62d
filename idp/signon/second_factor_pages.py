"""The pages for a second factor and for an expired password; forms, and no JavaScript needed.

GET, POST /login/second-factor      a factor is chosen, a code given, a push waited for
POST      /login/password-expired   a new password for an expired one
GET       /login/step-up/redirect   ends a step-up: on to the app

The page carries its state token as Okta's does, since command-line clients read it there.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.errors import OktaRefusal
from emulator.kernel.trace_notes import TraceNote, record
from idp.signon.authn import Authentication, Transaction
from idp.signon.factors import masked
from idp.signon.session import Session

_PUSH_WAIT_SECONDS = 2


def add_second_factor_pages(
    site: Flask,
    authentication: Authentication,
    *,
    set_session: Callable[[AnyResponse, Session], None],
    own_path: Callable[[str], str],
    sign_in_page: Callable[[str], Response],
) -> None:
    """Adds the pages to the org's site.

    Args:
        site: Where to.
        authentication: The unfinished sign-ins.
        set_session: Puts a session's cookie on an answer.
        own_path: Makes a path of this org of a target.
        sign_in_page: Shows the sign-in page, where a transaction is over.
    """

    def arrived(session: Session, target: str) -> AnyResponse:
        record(request.environ, TraceNote("Okta", f"signed {session.user.login} in"))
        response = redirect(own_path(target), 303)
        set_session(response, session)
        return response

    def over(refusal: OktaRefusal) -> Response:
        record(request.environ, TraceNote("Okta", "the sign-in is over", refusal=refusal))
        return sign_in_page("/app/UserHome")

    @site.route("/login/second-factor", methods=["GET", "POST"])
    def second_factor() -> AnyResponse:
        try:
            transaction = authentication.find(request.values.get("stateToken", ""))
            factor = authentication.factor(transaction, request.values.get("factor", ""))
        except OktaRefusal as refusal:
            return over(refusal)
        try:
            transaction = authentication.verify(transaction, factor, request.form.get("passCode", "").strip()[:20])
        except OktaRefusal as refusal:
            if refusal.status != 403:
                return over(refusal)
            record(request.environ, TraceNote("Okta", "the second factor is wrong", refusal=refusal))
            return make_response(second_factor_page(transaction, authentication, wrong=True), 403)
        if transaction.status == "SUCCESS":
            return arrived(authentication.finish(transaction), transaction.target)
        return second_factor_page(transaction, authentication)

    @site.post("/login/password-expired")
    def password_expired() -> AnyResponse:
        try:
            transaction = authentication.find(request.form.get("stateToken", ""))
            step = authentication.change_password(
                transaction, request.form.get("oldPassword", ""), request.form.get("newPassword", "")
            )
        except OktaRefusal as refusal:
            if refusal.status != 403:
                return over(refusal)
            record(request.environ, TraceNote("Okta", "the password was not changed", refusal=refusal))
            causes: tuple[str, ...] = getattr(refusal, "causes", ())
            return make_response(second_factor_page(transaction, authentication, wrong=True, cause=causes[0]), 403)
        return (
            arrived(step, transaction.target) if isinstance(step, Session) else second_factor_page(step, authentication)
        )

    @site.get("/login/step-up/redirect")
    def step_up_redirect() -> AnyResponse:
        try:
            transaction = authentication.find(request.args.get("stateToken", ""))
            return arrived(authentication.finish(transaction), transaction.target)
        except OktaRefusal as refusal:
            return over(refusal)


def second_factor_page(
    transaction: Transaction, authentication: Authentication, *, wrong: bool = False, cause: str = ""
) -> Response:
    """Shows where an unfinished sign-in is: a choice of factors, a code to give, a push to wait for, a new password.

    Spec: pages read by okta-awscli, gimme-aws-creds and saml2aws
    Evidence: observed (title, state token in a script), assumed (the rest)
    """
    user = authentication.user_of(transaction)
    record(
        request.environ,
        TraceNote("Okta", f"{user.login} is at {transaction.status} {transaction.factor_result}".strip()),
    )
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
