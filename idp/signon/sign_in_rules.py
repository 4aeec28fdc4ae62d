"""What the org requires of a person before an app is opened, as rules without side effects."""

from __future__ import annotations

import hmac

from emulator.kernel.errors import OktaRefusal
from idp.model import App, Org, User
from idp.signon.sign_in_refusals import authentication_failed


def refuse_password(org: Org, user: User | None, username: str, password: str) -> OktaRefusal | None:
    """Returns the refusal of a user name and password; None where they belong to somebody who may sign in.

    An expired password is accepted here too.

    Args:
        user: The user with that user name, or None.
        username: User name as it was typed.
        password: Password as it was typed.

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
    """Returns whether a person is shown that their account is locked, before their password is checked.

    Spec: developer.okta.com, Authentication API, "Primary authentication"
    Evidence: documented
    """
    return user.status == "LOCKED_OUT" and org.shows_lockout


def step_after_password(org: Org, user: User) -> str:
    """Returns what is required after the right password, as a transaction's status; empty for nothing.

    Spec: developer.okta.com, Authentication API, "Primary authentication"
    Evidence: documented
    """
    if user.status == "PASSWORD_EXPIRED":
        return "PASSWORD_EXPIRED"
    return second_factor_step(user) if org.requires_mfa else ""


def step_before_app(app: App, user: User, *, has_mfa: bool) -> str:
    """Returns what an app requires of a person who has a session, as a transaction's status; empty for nothing.

    Args:
        has_mfa: Whether the session began with a second factor.
    """
    return second_factor_step(user) if app.requires_mfa and not has_mfa else ""


def second_factor_step(user: User) -> str:
    """Returns the status of a transaction that asks for a second factor: to use one, or to enrol one."""
    return "MFA_REQUIRED" if user.factors else "MFA_ENROLL"
