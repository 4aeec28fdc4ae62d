"""The System Log events of signing in.

    user.session.start                    each sign-in that led to a session, and each that did not, with the reason
    user.authentication.auth_via_mfa      each factor that was tried; in Identity Engine the password is one, too
    user.authentication.verify            Identity Engine: everything that the policy wants has been verified
    policy.evaluate_sign_on               ALLOW, or CHALLENGE where a second factor is wanted
    user.mfa.okta_verify.deny_push        a push that the person did not approve
    user.account.lock                     too many wrong passwords or codes
    user.account.update_password          a password that had expired was changed
    user.session.end                      a sign-out

Spec: developer.okta.com, System Log API, "Event types"; Event Types
"""

from __future__ import annotations

from collections.abc import Iterator

from idp.model import Factor, Org, User
from idp.system_log.events import SUCCESS, OrgEvent, policy_entities, unknown_entity, user_entity

PASSWORD = "PASSWORD_AS_FACTOR"  # noqa: S105 - Okta's name for a kind of factor
_INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
_FACTORS = {"push": "OKTA_VERIFY_PUSH", "sms": "SMS_FACTOR"}
_CODES = {"OKTA": "OKTA_SOFT_TOKEN", "GOOGLE": "GOOGLE_OTP_TOKEN"}


def refused_sign_in(org: Org, user: User | None, username: str) -> tuple[OrgEvent, ...]:
    """A sign-in with a user name and password that were refused.

    Spec: developer.okta.com, System Log API, "Outcome object"
    Evidence: documented (INVALID_CREDENTIALS), observed (VERIFICATION_ERROR, severity, loginResult), assumed (which
        reason goes with which mistake, LOCKED_OUT, GENERAL_NONSUCCESS)
    """
    if user is None:
        reason, actor = "VERIFICATION_ERROR", unknown_entity(username)
    else:
        inactive = "LOCKED_OUT" if user.status == "LOCKED_OUT" else "GENERAL_NONSUCCESS"
        signs_in = user.status in {"ACTIVE", "PASSWORD_EXPIRED"}
        reason, actor = _INVALID_CREDENTIALS if signs_in else inactive, user_entity(user)
    start = OrgEvent(
        "user.session.start",
        outcome=("FAILURE", reason),
        actor=actor,
        severity="WARN",
        debug_data={"loginResult": reason},
    )
    if user is None or org.pipeline != "idx" or reason != _INVALID_CREDENTIALS:
        return (start,)
    return _attempt(user, PASSWORD, reason=reason), start


def accepted_password(org: Org, user: User) -> tuple[OrgEvent, ...]:
    """The right password: in Identity Engine it is a factor like others.

    Evidence: observed
    """
    return (_attempt(user, PASSWORD),) if org.pipeline == "idx" else ()


def challenged(org: Org, user: User, *, session_id: str = "") -> OrgEvent:
    """The policy requires a second factor.

    Spec: developer.okta.com, System Log API, "Policy event details", "Outcome object"
    Evidence: documented (the result), assumed (the reason's words, made like those of ALLOW)
    """
    return _evaluated(org, user, "CHALLENGE", session_id=session_id)


def denied(org: Org, user: User) -> OrgEvent:
    """The sign-on policy denies the sign-in.

    Spec: developer.okta.com, System Log API, "Policy event details", "Outcome object"
    Evidence: documented (the result), assumed (the reason's words, made like those of ALLOW)
    """
    return _evaluated(org, user, "DENY", session_id="")


def opened_session(org: Org, user: User, *, session_id: str) -> Iterator[OrgEvent]:
    """A session began.

    Spec: developer.okta.com, System Log API, "User events", "Policy event details"
    Evidence: observed (session start and policy, in this order), assumed (when user.authentication.verify is written)
    """
    actor = user_entity(user)
    if org.pipeline == "idx":
        yield OrgEvent("user.authentication.verify", (actor,), actor=actor)
    yield OrgEvent("user.session.start", actor=actor, session_id=session_id)
    yield _evaluated(org, user, "ALLOW", session_id=session_id)


def ended_session(user: User, *, session_id: str) -> OrgEvent:
    """A session ended because somebody signed out.

    Evidence: observed
    """
    return OrgEvent("user.session.end", actor=user_entity(user), session_id=session_id)


def tried_factor(user: User, factor: Factor, *, is_right: bool) -> OrgEvent:
    """A second factor was right or wrong.

    Evidence: observed (INVALID_CREDENTIALS, debug data), assumed (the names of one-time codes)
    """
    name = _FACTORS.get(factor.kind) or _CODES[factor.provider]
    return _attempt(user, name, reason=None if is_right else _INVALID_CREDENTIALS)


def denied_push(user: User) -> OrgEvent:
    """The person did not approve a push.

    Evidence: documented (the event type), assumed (the outcome)
    """
    return OrgEvent("user.mfa.okta_verify.deny_push", outcome=("FAILURE", None), actor=user_entity(user))


def locked_account(user: User) -> OrgEvent:
    """Too many attempts.

    Evidence: observed
    """
    return OrgEvent(
        "user.account.lock",
        (user_entity(user),),
        outcome=("FAILURE", "LOCKED_OUT"),
        actor=user_entity(user),
        severity="DEBUG",
    )


def changed_password(user: User) -> OrgEvent:
    """An expired password was replaced by its owner.

    Evidence: documented (the event type)
    """
    return OrgEvent("user.account.update_password", (user_entity(user),), actor=user_entity(user))


def _attempt(user: User, factor: str, *, reason: str | None = None) -> OrgEvent:
    actor = user_entity(user)
    return OrgEvent(
        "user.authentication.auth_via_mfa",
        (actor,),
        outcome=("FAILURE", reason) if reason else SUCCESS,
        actor=actor,
        debug_data={"factor": factor, "factorIntent": "AUTHENTICATION"},
    )


def _evaluated(org: Org, user: User, result: str, *, session_id: str) -> OrgEvent:
    return OrgEvent(
        "policy.evaluate_sign_on",
        policy_entities(org, "Default Policy", kind="OktaSignOn", rule="Default Rule"),
        outcome=(result, f"Sign-on policy evaluation resulted in {result}"),
        actor=user_entity(user),
        session_id=session_id,
    )
