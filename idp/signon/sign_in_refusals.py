"""How the org refuses a sign-in, and what it notes about a waiting one, each with the setting behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from emulator.kernel.differences import nearest_login
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.explanations import Asked, Cause, Planted, Setting
from emulator.kernel.trace_notes import Facts, TraceNote
from idp.model import App, Factor, Org, User
from idp.refusals import ApiRefusal
from idp.signon.factors import STEP_SECONDS, matching_step, totp
from idp.signon.programmed_refusals import denied_push, with_planted
from idp.signon.transaction import Transaction

_BACK_TO_ACTIVE: Mapping[str, str] = {
    "STAGED": "Activate",
    "SUSPENDED": "Unsuspend",
    "LOCKED_OUT": "Unlock",
    "DEPROVISIONED": "Activate",
}
_LONGEST_SKEW_STEPS = 120


def authentication_failed(org: Org, user: User | None, username: str) -> OktaRefusal:
    """User name and password are not those of an account that can sign in; Okta's message is the same in all cases.

    Spec: developer.okta.com, error code E0000004
    Evidence: documented
    """
    explanation, causes, expected, received, fix = (
        _unknown(org, username) if user is None else _not_active(org, user) or _wrong_password(org, user)
    )
    return OktaRefusal(
        "Authentication failed",
        code="E0000004",
        status=401,
        check="okta-sign-in",
        explanation=explanation,
        where="Okta sign-in page",
        expected=expected,
        received=received,
        fix=fix,
        spec="developer.okta.com, error code E0000004",
        causes=causes,
    )


_Reason = tuple[str, tuple[Cause, ...], str, str, str]


def _unknown(org: Org, username: str) -> _Reason:
    by_email = next((each.login for each in org.users.values() if each.email.casefold() == username.casefold()), "")
    near = by_email or nearest_login(username, org.users)
    if not near:
        return (
            f"The org {org.name} has no user {username}.",
            (Setting(org, ("users",)),),
            " or ".join(list(org.users)[:5]) or "a user",
            username,
            f"Add {username} to users of the org {org.name} (Directory > People > Add person).",
        )
    what = (
        "that is the e-mail address of" if by_email and by_email.casefold() != username.casefold() else "the nearest is"
    )
    return (
        f"The org {org.name} has no user {username}; {what} {near}.",
        (Setting(org, ("users", near)),),
        near,
        username,
        f"Sign in as {near}, which is the login (the key under users).",
    )


def _not_active(org: Org, user: User) -> _Reason | None:
    if user.status in {"ACTIVE", "PASSWORD_EXPIRED"}:
        return None
    step = _BACK_TO_ACTIVE.get(user.status, "Activate")
    return (
        f"The account of {user.login} is {user.status}; only ACTIVE accounts sign in.",
        (Setting(org, ("users", user.login, "status")),),
        "ACTIVE",
        user.status,
        f"Set users.{user.login}.status: ACTIVE (Directory > People > person > More Actions > {step}).",
    )


def _wrong_password(org: Org, user: User) -> _Reason:
    return (
        f"The password of {user.login} is another one.",
        (Setting(org, ("users", user.login, "password")),),
        f"the password of {user.login}",
        "another password",
        f"Sign in with the password in users.{user.login}.password, which is fedemu where the world gives none.",
    )


def bad_session_token() -> OktaRefusal:
    """Returns the refusal of a session token that does not exist, was used or has expired.

    Spec: developer.okta.com, Sessions API
    Evidence: documented
    """
    return OktaRefusal(
        "Authentication failed",
        code="E0000004",
        status=401,
        check="session-token",
        explanation="The session token is unknown, was used already, or is older than five minutes.",
        where="sessionToken",
        expected="a session token that /api/v1/authn gave in the last five minutes, once",
        fix="Ask /api/v1/authn for a new one.",
        spec="developer.okta.com, Sessions API",
        causes=(Asked("sessionToken"),),
    )


def bad_state_token() -> ApiRefusal:
    """Returns the refusal of a state token that belongs to no sign-in at this step.

    Spec: developer.okta.com, error code E0000011
    Evidence: documented
    """
    return ApiRefusal(
        "Invalid token provided",
        code="E0000011",
        status=401,
        check="okta-state-token",
        explanation="The state token is unknown, older than five minutes, or its sign-in is at another step.",
        where="stateToken",
        expected="the state token of a sign-in of the last five minutes",
        fix="Begin with user name and password again.",
        spec="developer.okta.com, error code E0000011",
        causes=(Asked("stateToken"),),
    )


def no_such_factor(org: Org, user: User, factor_id: str) -> ApiRefusal:
    """Returns the refusal of a factor id that the person does not have.

    Spec: developer.okta.com, error code E0000007
    Evidence: documented
    """
    return ApiRefusal(
        f"Not found: Resource not found: {factor_id} (UserFactor)",
        code="E0000007",
        status=404,
        check="okta-factor",
        explanation=f"{user.login} has no factor with this id.",
        where="the request's path",
        expected=" or ".join(f"{each.factor_id} ({each.kind})" for each in user.factors) or "a factor",
        received=factor_id,
        fix="Take the link that the list of factors gives.",
        spec="developer.okta.com, Authentication API",
        causes=(Setting(org, ("users", user.login, "factors")),),
    )


def wrong_code(org: Org, user: User, factor: Factor, code: str, *, now: datetime) -> ApiRefusal:
    """Returns the refusal of a wrong code.

    Spec: developer.okta.com, error code E0000068
    Evidence: documented
    """
    explanation, expected, fix = _mistake_of_code(user, factor, code, now)
    return _code_refusal(org, user, factor, explanation=explanation, expected=expected, fix=fix)


def refused_code(org: Org, user: User, factor: Factor) -> ApiRefusal:
    """Returns the refusal of a code where codes are refused whatever they are.

    Spec: developer.okta.com, error code E0000068
    Evidence: documented
    """
    return _code_refusal(org, user, factor, explanation="The code is refused, whatever it is.", expected="", fix="")


def _code_refusal(org: Org, user: User, factor: Factor, *, explanation: str, expected: str, fix: str) -> ApiRefusal:
    return ApiRefusal(
        "Invalid Passcode/Answer",
        code="E0000068",
        status=403,
        check="okta-factor",
        error_causes=("Your passcode doesn't match our records. Please try again.",),
        explanation=explanation,
        where="passCode",
        expected=expected,
        received="another code",
        fix=fix,
        spec="developer.okta.com, error code E0000068",
        causes=(Setting(org, ("users", user.login, "factors", user.factors.index(factor))),),
    )


def _mistake_of_code(user: User, factor: Factor, code: str, now: datetime) -> tuple[str, str, str]:
    if factor.kind == "sms":
        return (
            f"The code was not sent to {user.login} for this sign-in in the last five minutes, or it was used before.",
            "the code of the latest SMS",
            "Take the code from the outbox, where the emulator keeps the SMS.",
        )
    expected = "the code of this half minute, by the emulator's clock, which was not used yet"
    if matching_step(factor.secret, code.zfill(6), now) is not None:
        return (
            "The code was used before; a code opens one sign-in.",
            expected,
            "Wait for the next code of the authenticator app, at most half a minute.",
        )
    present = int(now.timestamp()) // STEP_SECONDS
    for delta in range(-_LONGEST_SKEW_STEPS, _LONGEST_SKEW_STEPS + 1):
        if totp(factor.secret, present + delta) == code.zfill(6):
            apart = f"{abs(delta) * STEP_SECONDS} seconds {'ago' if delta < 0 else 'ahead'}"
            return (
                f"The code is that of {apart}: the authenticator app's clock and the emulator's are apart.",
                expected,
                f"Make the code for {now:%Y-%m-%dT%H:%M:%SZ}, the instant of the emulator's clock.",
            )
    return (
        f"The code is not one that the secret of {user.login}'s factor gives around this half minute.",
        expected,
        f"Set the authenticator app up with the secret in users.{user.login}.factors.",
    )


def waiting_note(org: Org, app: App | None, user: User, transaction: Transaction) -> TraceNote:
    """Returns the note of an unfinished sign-in: what it waits for, and whose rule requires that.

    Args:
        app: App whose rule asks for the second factor; None for the org's.
        transaction: The sign-in.
    """
    note, causes = _what_it_waits_for(org, app, user, transaction)
    summary = f"{user.login} is at {transaction.status} {transaction.factor_result}".strip()
    refusal = None
    if transaction.is_refused and transaction.factor_result == "REJECTED":
        refusal = with_planted(denied_push(user), transaction)
    return TraceNote(
        "Okta",
        summary,
        Facts(note=note) if note and refusal is None else Facts(),
        refusal,
        causes=causes,
        person=user.login,
        app=f"{org.name}/{app.name}" if app is not None else "",
    )


def _what_it_waits_for(
    org: Org, app: App | None, user: User, transaction: Transaction
) -> tuple[str, tuple[Setting | Planted, ...]]:
    login = user.login
    if transaction.planted and transaction.status != "SUCCESS":
        asked = "is locked out" if transaction.status == "LOCKED_OUT" else "has to give a second factor"
        return f"{login} {asked}, since that was programmed.", (Planted(transaction.planted),)
    status = Setting(org, ("users", login, "status"))
    if transaction.status == "PASSWORD_EXPIRED":
        return f"The password of {login} has expired, and Okta asks for a new one.", (status,)
    if transaction.status == "LOCKED_OUT":
        return f"The account of {login} is LOCKED_OUT.", (status,)
    if transaction.status == "SUCCESS":
        return "", ()
    rule = Setting(org, ("apps", app.name, "requires_mfa")) if app is not None else Setting(org, ("requires_mfa",))
    whose = (
        f"the app {app.label} requires it (mfa of the app)"
        if app is not None
        else "the org requires it (mfa of the org)"
    )
    wants = f"{login} has to give a second factor, since {whose}"
    if transaction.status == "MFA_ENROLL":
        return f"{wants}, and has enrolled none.", (rule, Setting(org, ("users", login, "factors")))
    index = next((i for i, each in enumerate(user.factors) if each.factor_id == transaction.factor_id), None)
    if transaction.factor_result in {"REJECTED", "TIMEOUT"} and index is not None:
        did = "denied the push" if transaction.factor_result == "REJECTED" else "let the push time out"
        answer = Setting(org, ("users", login, "factors", index, "answer"))
        return f"{wants}, and {did} (users.{login}.factors).", (answer, rule)
    return f"{wants}.", (rule,)
