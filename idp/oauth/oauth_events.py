"""The System Log events of OIDC clients.

    app.oauth2.authorize                    a request for a code that was refused, with the error as reason
    app.oauth2.authorize.code               a code was given for a person
    user.authentication.sso                 the person was sent to the client
    app.oauth2.token.grant                  a request for tokens that was refused, with the error as reason
    app.oauth2.token.grant.access_token     an access token was given
    app.oauth2.token.grant.id_token         an ID token was given
    app.oauth2.token.grant.refresh_token    a refresh token was given
    app.oauth2.token.revoke                 a token was revoked, or one that is none was to be

Spec: developer.okta.com, Event Types; release notes 2018.09, "Simplified Failure Messages"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from idp.model import OidcClient, User
from idp.oauth.refusals import OauthRefusal
from idp.signon.session import Session
from idp.system_log.events import Entity, OrgEvent, user_entity

# A device that polls before its person has decided does not count as a failure.
_NO_FAILURES = frozenset({"authorization_pending", "slow_down"})


def gave_code(client: OidcClient, session: Session, scope: str) -> Iterator[OrgEvent]:
    """A client received a code for a person.

    Evidence: documented (the event types), assumed (targets and debug data)
    """
    user, session_id = user_entity(session.user), session.session_id
    yield OrgEvent(
        "app.oauth2.authorize.code",
        (_client_entity(client),),
        actor=user,
        session_id=session_id,
        debug_data={"grantType": "authorization_code", "requestedScopes": scope},
    )
    yield OrgEvent(
        "user.authentication.sso",
        (_client_entity(client, kind="AppInstance"), user),
        actor=user,
        session_id=session_id,
        debug_data={"signOnMode": "OpenID Connect", "initiationType": "SP_INITIATED"},
    )


def refused_code(client: OidcClient, session: Session | None, refusal: OauthRefusal) -> OrgEvent:
    """A client's request for a code was refused.

    Evidence: documented (the event type), assumed (actor and targets, and that the reason is OAuth's error)
    """
    return OrgEvent(
        "app.oauth2.authorize",
        (_client_entity(client),),
        outcome=("FAILURE", refusal.code),
        actor=user_entity(session.user) if session is not None else _client_entity(client),
        severity="WARN",
        session_id=session.session_id if session is not None else "",
    )


def gave_tokens(client: OidcClient, user: User, answer: Mapping[str, Any], *, grant_type: str) -> Iterator[OrgEvent]:
    """A client received tokens for a person.

    Evidence: documented (the event types), assumed (actor, targets and debug data)
    """
    for kind in ("access_token", "id_token", "refresh_token"):
        if kind in answer:
            yield OrgEvent(
                f"app.oauth2.token.grant.{kind}",
                (user_entity(user),),
                actor=_client_entity(client),
                debug_data={"grantType": grant_type, "grantedScopes": answer["scope"]},
            )


def refused_tokens(client: OidcClient | None, refusal: OauthRefusal, *, grant_type: str) -> Iterator[OrgEvent]:
    """A client's request for tokens was refused; without valid client credentials the client is logged as unknown.

    Evidence: documented (the event type), assumed (actor and debug data, and that the reason is OAuth's error)
    """
    if refusal.code not in _NO_FAILURES:
        yield OrgEvent(
            "app.oauth2.token.grant",
            outcome=("FAILURE", refusal.code),
            actor=_client_entity(client or OidcClient("unknown", "unknown")),
            severity="WARN",
            debug_data={"grantType": grant_type},
        )


def revoked_token(client: OidcClient, *, is_done: bool) -> OrgEvent:
    """A client asked to revoke a token.

    Evidence: observed (a failure: its reason, severity and actor), assumed (a success)
    """
    return OrgEvent(
        "app.oauth2.token.revoke",
        outcome=("SUCCESS", None) if is_done else ("FAILURE", "invalid_token"),
        actor=_client_entity(client),
        severity="INFO" if is_done else "WARN",
    )


def _client_entity(client: OidcClient, kind: str = "PublicClientApp") -> Entity:
    return {
        "id": client.client_id,
        "type": kind,
        "alternateId": client.client_id if kind == "PublicClientApp" else client.label,
        "displayName": client.label,
        "detailEntry": None,
    }
