"""What the org asks of a person before an app is opened, as rules that open and count nothing."""

from __future__ import annotations

import hmac

from emulator.kernel.errors import OktaRefusal
from idp.model import App, Org, User
from idp.signon.sign_in_refusals import authentication_failed


def refuse_password(org: Org, user: User | None, username: str, password: str) -> OktaRefusal | None:
    """Returns the refusal of a user name and a password; None where they are somebody's who may sign in.

    An expired password is a password as well.

    Args:
        org: The org.
        user: Whose user name it is; None where it is nobody's.
        username: As it was typed.
        password: As it was typed.

    Spec: developer.okta.com, error code E0000004
    Evidence: documented
    """
    if (
        user is None
        or not hmac.compare_digest(user.password.encode(), password.encode())
        or user.status not in {"ACTIVE", "PASSWORD_EXPIRED"}
    ):
        return authentication_failed(org, user, username)
    return None


def is_shown_as_locked(org: Org, user: User) -> bool:
    """Returns whether a person is told that their account is locked, before their password is looked at.

    Spec: developer.okta.com, Authentication API, "Primary authentication"
    Evidence: documented
    """
    return user.status == "LOCKED_OUT" and org.shows_lockout


def step_after_password(org: Org, user: User) -> str:
    """Returns what is asked of a person once their password was right, as a transaction's status; empty for nothing.

    Spec: developer.okta.com, Authentication API, "Primary authentication"
    Evidence: documented
    """
    if user.status == "PASSWORD_EXPIRED":
        return "PASSWORD_EXPIRED"
    return second_factor_step(user) if org.requires_mfa else ""


def step_before_app(app: App, user: User, *, has_mfa: bool) -> str:
    """Returns what an app asks of a person who has a session, as a transaction's status; empty for nothing.

    Args:
        app: The app that is opened.
        user: Who opens it.
        has_mfa: Whether the session began with a second factor.
    """
    return second_factor_step(user) if app.requires_mfa and not has_mfa else ""


def second_factor_step(user: User) -> str:
    """Returns the status of a transaction in which a second factor is asked for: to give it, or to enrol one."""
    return "MFA_REQUIRED" if user.factors else "MFA_ENROLL"
