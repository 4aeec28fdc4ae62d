"""What happened in the org, as its System Log records it.

Spec: developer.okta.com, System Log API, "LogEvent object"; Event Types
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from functools import lru_cache
from typing import Any

from emulator.kernel.clock import Ids, instant
from emulator.kernel.records import dataclass
from idp.model import App, Group, Org, User, stable_id
from idp.system_log.client_request import ClientRequest

# Each event type with what the System Log adds to it.
DISPLAY_MESSAGES: Mapping[str, str] = {
    "user.session.start": "User login to Okta",
    "user.session.end": "User logout from Okta",
    "user.authentication.sso": "User single sign on to app",
    "user.authentication.auth_via_mfa": "Authentication of user via MFA",
    "user.authentication.verify": "Verify user identity",
    "user.mfa.okta_verify.deny_push": "User rejected Okta push verify",
    "user.account.lock": "Max sign in attempts exceeded",
    "user.account.update_password": "User update password for Okta",
    "policy.evaluate_sign_on": "Evaluation of sign-on policy",
    "app.generic.unauth_app_access_attempt": "User attempted unauthorized access to app",
    "app.oauth2.authorize": "OIDC authorization request",
    "app.oauth2.authorize.code": "OIDC authorization code request",
    "app.oauth2.token.grant": "OIDC token request",
    "app.oauth2.token.grant.access_token": "OIDC access token is granted",
    "app.oauth2.token.grant.id_token": "OIDC id token is granted",
    "app.oauth2.token.grant.refresh_token": "OIDC refresh token is granted",
    "app.oauth2.token.revoke": "OIDC token revocation request",
    "system.org.rate_limit.violation": "Rate limit violation",
    "user.lifecycle.create": "Create okta user",
    "user.lifecycle.activate": "Activate Okta user",
    "user.lifecycle.reactivate": "Reactivate Okta user",
    "user.lifecycle.deactivate": "Deactivate Okta user",
    "user.lifecycle.suspend": "Suspend Okta user",
    "user.lifecycle.unsuspend": "Unsuspend Okta user",
    "user.lifecycle.delete.initiated": "Delete Okta user initiated",
    "user.account.unlock": "Unlock user account",
    "user.account.expire_password": "Expire user password",
    "user.account.update_profile": "Update user profile for Okta",
    "group.lifecycle.create": "Create Okta group",
    "group.lifecycle.delete": "Delete Okta group",
    "group.user_membership.add": "Add user to group membership",
    "group.user_membership.remove": "Remove user from group membership",
    "application.lifecycle.create": "Create application",
    "application.lifecycle.update": "Update application",
    "application.lifecycle.activate": "Activate application",
    "application.lifecycle.deactivate": "Deactivate application",
    "application.lifecycle.delete": "Delete application",
    "application.user_membership.add": "Add user to application membership",
    "application.user_membership.remove": "Remove user's application membership",
}
# The Events API's names for the same events: by event type, and where it differs by the result.
_LEGACY_TYPES: Mapping[tuple[str, str], str] = {
    ("user.session.start", "SUCCESS"): "core.user_auth.login_success",
    ("user.session.start", "FAILURE"): "core.user_auth.login_failed",
    ("user.session.end", "SUCCESS"): "core.user_auth.logout_success",
    ("user.authentication.sso", "SUCCESS"): "app.auth.sso",
    ("user.authentication.auth_via_mfa", "SUCCESS"): "core.user.factor.attempt_success",
    ("user.authentication.auth_via_mfa", "FAILURE"): "core.user.factor.attempt_fail",
    ("user.account.lock", "FAILURE"): "core.user_auth.account_locked",
    ("app.oauth2.authorize", "FAILURE"): "app.oauth2.authorize_failure",
    ("app.oauth2.authorize.code", "SUCCESS"): "app.oauth2.authorize.code_success",
    ("app.oauth2.token.grant", "FAILURE"): "app.oauth2.token.grant_failure",
    ("app.oauth2.token.grant.access_token", "SUCCESS"): "app.oauth2.token.grant.access_token_success",
    ("app.oauth2.token.grant.id_token", "SUCCESS"): "app.oauth2.token.grant.id_token_success",
    ("app.oauth2.token.grant.refresh_token", "SUCCESS"): "app.oauth2.token.grant.refresh_token_success",
    ("app.oauth2.token.revoke", "SUCCESS"): "app.oauth2.token.revoke_success",
    ("app.oauth2.token.revoke", "FAILURE"): "app.oauth2.token.revoke_failure",
    ("app.generic.unauth_app_access_attempt", "FAILURE"): "app.generic.unauth_app_access_attempt",
}
LogEvent = dict[str, Any]
Entity = dict[str, Any]
SUCCESS = ("SUCCESS", None)


@dataclass(frozen=True, slots=True)
class OrgEvent:
    """Something that happened in the org, before the System Log dates it.

    Args:
        event_type: Okta's name for it, for example ``group.user_membership.add``.
        targets: Objects that it happened to, in the System Log's form.
        outcome: Result, and the reason for it.
        actor: Who did it; by default the caller of the current request.
        severity: ``DEBUG``, ``INFO``, ``WARN`` or ``ERROR``.
        session_id: Id of the session during which it happened, if any.
        debug_data: Details that the System Log adds for this event type; it writes a datetime as an instant.
    """

    event_type: str
    targets: tuple[Entity, ...] = ()
    outcome: tuple[str, str | None] = SUCCESS
    actor: Entity | None = None
    severity: str = "INFO"
    session_id: str = ""
    debug_data: Mapping[str, Any] = field(default_factory=dict)


def user_entity(user: User) -> Entity:
    """Returns a user in the form of actors and targets: ``alternateId`` is the login.

    Spec: developer.okta.com, System Log API, "Actor object", "Target object"
    Evidence: documented
    """
    return _entity(user.user_id, "User", user.login, f"{user.first_name} {user.last_name}".strip() or user.login)


def unknown_entity(username: str) -> Entity:
    """Returns the actor of a sign-in with an unknown user name.

    Evidence: observed
    """
    return _entity("unknown", "User", username or "unknown", "unknown")


def group_entity(group: Group) -> Entity:
    """Returns a group in the form of targets."""
    return _entity(group.group_id, "UserGroup", "unknown", group.name)


def app_entity(app: App) -> Entity:
    """Returns an app in the form of targets."""
    return _entity(app.app_id, "AppInstance", app.label, app.label)


def app_user_entity(user: User, username: str = "") -> Entity:
    """Returns a user as the user of an app, by their name in the app."""
    name = f"{user.first_name} {user.last_name}".strip() or user.login
    return _entity(f"0ua{user.user_id[3:]}", "AppUser", username or user.login, name)


def policy_entities(org: Org, policy: str, *, kind: str, rule: str) -> tuple[Entity, Entity]:
    """Returns a policy and the rule of it that decided, in the form of targets.

    Args:
        policy: Name of the policy.
        kind: ``OktaSignOn`` or ``ACCESS_POLICY``.
        rule: Name of the rule.

    Spec: developer.okta.com, System Log API, "Policy event details"
    Evidence: observed
    """
    return _policy_entities(org.name, policy, kind, rule)


@lru_cache(maxsize=256)
def _policy_entities(org_name: str, policy: str, kind: str, rule: str) -> tuple[Entity, Entity]:
    """Returns what all events of a policy and its rule share."""
    policy_id = stable_id("00p", f"{org_name}/{policy}")
    entity = _entity(policy_id, "PolicyEntity", "unknown", policy) | {"detailEntry": {"policyType": kind}}
    return entity, _entity(stable_id("0pr", f"{policy_id}/{rule}"), "PolicyRule", policy_id, rule)


@lru_cache(maxsize=4096)
def _entity(entity_id: str, kind: str, alternate: str, display: str) -> Entity:
    """Returns an object in the System Log's form. Events share it: whoever adds to it makes a new one."""
    return {"id": entity_id, "type": kind, "alternateId": alternate, "displayName": display, "detailEntry": None}


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event with everything that its entry in the System Log says; the entry itself is written when it is read.

    Args:
        event: What happened.
        uuid: Its identifier.
        published: The instant of the event.
        actor: Who did it.
        client: The client of the request, in the System Log's form.
        addresses: The addresses through which the request came, in the System Log's form.
        request_id: Id of the request.
        path: Path of the request.
        url: Path and query of the request.
        api_token_id: Id of the API token that the request carried; empty without one.
    """

    event: OrgEvent
    uuid: str
    published: datetime
    actor: Entity
    client: Mapping[str, Any]
    addresses: Mapping[str, Any]
    request_id: str
    path: str
    url: str
    api_token_id: str

    @property
    def entry(self) -> LogEvent:
        """The entry of the System Log.

        Spec: developer.okta.com, System Log API, "LogEvent object"
        Evidence: documented (the fields), observed (which are null, legacy event types, severities)
        """
        event = self.event
        result, reason = event.outcome
        debug_data = {"requestId": self.request_id, "requestUri": self.path, "url": self.url}
        details = {
            name: instant(value) if isinstance(value, datetime) else value for name, value in event.debug_data.items()
        }
        return {
            "uuid": self.uuid,
            "published": instant(self.published),
            "eventType": event.event_type,
            "version": "0",
            "displayMessage": DISPLAY_MESSAGES[event.event_type],
            "severity": event.severity,
            "client": self.client,
            "device": None,
            "actor": self.actor,
            "outcome": _outcome(result, reason),
            "target": list(event.targets) or None,
            "transaction": {
                "type": "WEB",
                "id": self.request_id,
                "detail": {"requestApiTokenId": self.api_token_id} if self.api_token_id else _NO_DETAIL,
            },
            "debugContext": {"debugData": {**debug_data, "threatSuspected": "false", **details}},
            "legacyEventType": _LEGACY_TYPES.get((event.event_type, result)),
            "authenticationContext": _authentication_context(external_session_id(event.session_id)),
            "securityContext": _NO_SECURITY_CONTEXT,
            "request": self.addresses,
        }


def record_event(event: OrgEvent, request: ClientRequest, *, published: datetime, ids: Ids) -> EventRecord:
    """Returns an event with what is known about the request during which it happened.

    Args:
        event: What happened.
        request: The request during which it happened.
        published: The instant of the event.
        ids: Source of the event's identifier.
    """
    actor = event.actor or (user_entity(request.caller) if request.caller else _SYSTEM)
    client, addresses = request.client(actor["alternateId"])
    return EventRecord(
        event,
        uuid=ids.uuid(),
        published=published,
        actor=actor,
        client=client,
        addresses=addresses,
        request_id=request.request_id,
        path=request.path,
        url=request.url,
        api_token_id=request.api_token_id,
    )


_NO_DETAIL: Mapping[str, Any] = {}


@lru_cache(maxsize=256)
def _outcome(result: str, reason: str | None) -> Mapping[str, str | None]:
    return {"result": result, "reason": reason}


@lru_cache(maxsize=256)
def _authentication_context(external_session: str) -> Mapping[str, Any]:
    """Returns the authentication context that all events of a session share."""
    return {
        "authenticationProvider": None,
        "authenticationStep": 0,
        "credentialProvider": None,
        "credentialType": None,
        "externalSessionId": external_session,
        "interface": None,
        "issuer": None,
    }


_NO_SECURITY_CONTEXT: Mapping[str, None] = {
    "asNumber": None,
    "asOrg": None,
    "isp": None,
    "domain": None,
    "isProxy": None,
}
_SYSTEM = _entity("00u" + "0" * 17, "SystemPrincipal", "system@okta.com", "Okta System")


@lru_cache(maxsize=1000)
def external_session_id(session_id: str) -> str:
    """Returns the id of a session in events, which is not the value of its cookie.

    Spec: developer.okta.com, System Log API, "AuthenticationContext object"
    Evidence: documented (that it is a proxy), observed (its form)
    """
    if not session_id:
        return "unknown"
    digest = hashlib.sha256(f"external/{session_id}".encode()).digest()
    return "102" + base64.urlsafe_b64encode(digest).decode()[:22]
