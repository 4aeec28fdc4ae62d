"""The refusals of programmed logins: Okta's words, and no setting that is to blame."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from emulator.kernel.errors import OktaRefusal
from emulator.kernel.explanations import Planted
from idp.model import App, Factor, User, stable_id
from idp.refusals import ApiRefusal
from idp.signon.next_logins import NextLogin
from idp.signon.transaction import Transaction

Refused = TypeVar("Refused", bound=OktaRefusal)


def with_planted(refusal: Refused, planted: NextLogin | Transaction) -> Refused:
    """Returns a refusal with the programmed entry as its only cause; what would otherwise be right does not matter."""
    refusal.causes = (Planted(planted.planted) if isinstance(planted, Transaction) else planted.planted,)
    refusal.expected = refusal.received = ""
    refusal.fix = "Nothing of the set-up is wrong: this login was programmed to be refused."
    return refusal


def with_denied_push(user: User) -> User:
    """Returns a person who denies every push, with a push factor added where they have none."""
    factors = tuple(
        replace(each, answer="deny", after_polls=0) if each.kind == "push" else each for each in user.factors
    )
    if not any(each.kind == "push" for each in factors):
        push = Factor(stable_id("opf", f"{user.login} programmed"), "push", answer="deny", after_polls=0)
        factors = (*factors, push)
    return replace(user, factors=factors)


def denied_by_policy(user: User) -> ApiRefusal:
    """Returns the refusal by the org's sign-on policy of a person whose password was right.

    Spec: developer.okta.com, error code E0000006; support.okta.com, "403 Access Forbidden"
    Evidence: documented (the code and its words), assumed (that signing in is answered with it)
    """
    return ApiRefusal(
        "You do not have permission to perform the requested action",
        code="E0000006",
        status=403,
        check="sign-on-policy",
        evidence="assumed",
        explanation=f"The sign-on policy of the org does not let {user.login} in.",
        where="Okta sign-in page",
        expected="a person, a place and a time that a rule of the policy allows",
        received=user.login,
        fix="Change the rule, or sign in as the rule wants it.",
        spec="support.okta.com, 403 Access Forbidden",
    )


def app_denied_by_policy(app: App, user: User, *, pipeline: str) -> OktaRefusal:
    """Returns the refusal by the app's sign-on policy.

    Args:
        pipeline: ``idx`` for Identity Engine, whose page has another sentence.

    Spec: support.okta.com, "You are not allowed to access this app. To request access, contact an admin." Error;
        support.okta.com, User Receives "403 Access Forbidden" Error When Logging In
    Evidence: documented
    """
    words = "You are not allowed to access this app. To request access, contact an admin."
    return OktaRefusal(
        words if pipeline == "idx" else "Access Forbidden",
        code="Access Forbidden",
        status=403,
        check="sign-on-policy",
        explanation=f"The sign-on policy of {app.label} does not let {user.login} in.",
        where=f"the sign-on policy of {app.label}",
        expected="a person, a place and a device that a rule of the policy allows",
        received=user.login,
        fix="Change the rule, or open the app as the rule wants it.",
        spec="support.okta.com, 403 Access Forbidden",
    )


def denied_push(user: User) -> OktaRefusal:
    """Returns the refusal of a second factor whose push the person denied.

    Spec: okta-signin-widget, oktaverify.rejected; developer.okta.com, Authentication API, "Verify push factor"
    Evidence: observed
    """
    return OktaRefusal(
        "You have chosen to reject this login.",
        code="REJECTED",
        status=200,
        check="okta-factor",
        evidence="observed",
        explanation=f"{user.login} denied the push.",
        where="Okta's page for the second factor",
        expected="a push that is approved",
        received="a push that is denied",
        fix="Approve the push.",
        spec="okta-signin-widget, oktaverify.rejected",
    )
