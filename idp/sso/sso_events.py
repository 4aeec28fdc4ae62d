"""The System Log events of opening an app.

    policy.evaluate_sign_on                  ALLOW, or CHALLENGE where the app wants a second factor
    user.authentication.sso                  the person was sent to the app, whatever the app made of it
    app.generic.unauth_app_access_attempt    the app is not theirs

Spec: developer.okta.com, System Log API, "User event details"; Event Types
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from idp.model import App, Org, User
from idp.saml.issue import Issued
from idp.system_log.events import OrgEvent, app_entity, app_user_entity, policy_entities, user_entity

_ASSERTION_ID = re.compile(rb'<saml2:Assertion\b[^>]*? ID="([^"]*)"')
_LIFETIME = timedelta(minutes=5)


def sent_to_app(
    org: Org, app: App, user: User, issued: Issued, *, session_id: str, authenticated_at: datetime, asked_by_app: bool
) -> Iterator[OrgEvent]:
    """An assertion was issued.

    Args:
        issued: The issued Response.
        session_id: Id of the session.
        authenticated_at: When the session began.
        asked_by_app: Whether an AuthnRequest of the app preceded it.

    Spec: developer.okta.com, System Log API, "User event details"
    Evidence: documented (the event), observed (targets and debug data)
    """
    yield _evaluated(org, app, user, "ALLOW", session_id=session_id)
    assertion = _ASSERTION_ID.search(issued.xml)
    app_instance = app_entity(app) | {"detailEntry": {"signOnModeType": "SAML_2_0"}}
    yield OrgEvent(
        "user.authentication.sso",
        (app_instance, app_user_entity(user, issued.claims.name_id)),
        actor=user_entity(user),
        session_id=session_id,
        debug_data={
            "initiationType": "SP_INITIATED" if asked_by_app else "IDP_INITIATED",
            "signOnMode": "SAML 2.0",
            "subject": issued.claims.name_id,
            "issuer": app.issuer,
            "authenticationClassRef": app.style.authn_context,
            "authTime": authenticated_at,
            "issuedAt": issued.issued_at,
            "expiryTime": issued.issued_at + _LIFETIME,
            **({"jti": assertion[1].decode()} if assertion else {}),
        },
    )


def challenged(org: Org, app: App, user: User, *, session_id: str) -> OrgEvent:
    """The app's policy requires a second factor that the session has not had.

    Spec: developer.okta.com, System Log API, "Policy event details"
    Evidence: documented (the result), assumed (the policy's name and type)
    """
    return _evaluated(org, app, user, "CHALLENGE", session_id=session_id)


def denied(org: Org, app: App, user: User, *, session_id: str) -> OrgEvent:
    """The app's sign-on policy denies access.

    Spec: developer.okta.com, System Log API, "Policy event details", "Outcome object"
    Evidence: documented (the result), assumed (the reason's words, made like those of ALLOW)
    """
    return _evaluated(org, app, user, "DENY", session_id=session_id)


def unauthorized_attempt(app: App, user: User, *, session_id: str) -> OrgEvent:
    """A person opened an app that is not assigned to them.

    Spec: support.okta.com, 403 App Not Assigned
    Evidence: documented (type and message), assumed (outcome and targets)
    """
    return OrgEvent(
        "app.generic.unauth_app_access_attempt",
        (app_entity(app),),
        outcome=("FAILURE", "User attempted unauthorized access to app"),
        actor=user_entity(user),
        severity="WARN",
        session_id=session_id,
    )


def _evaluated(org: Org, app: App, user: User, result: str, *, session_id: str) -> OrgEvent:
    policy = "Any two factors" if app.requires_mfa else "Password only"
    return OrgEvent(
        "policy.evaluate_sign_on",
        (*policy_entities(org, policy, kind="ACCESS_POLICY", rule="Catch-all Rule"), app_entity(app)),
        outcome=(result, f"Sign-on policy evaluation resulted in {result}"),
        actor=user_entity(user),
        session_id=session_id,
    )
