"""What OIDC clients leave in the System Log.

    app.oauth2.authorize.code               a code was given for a person
    user.authentication.sso                 the person was sent to the client
    app.oauth2.token.grant.access_token     an access token was given
    app.oauth2.token.grant.id_token         an ID token was given

Spec: developer.okta.com, Event Types
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from idp.model import OidcClient, User
from idp.signon.session import Session
from idp.system_log.events import Entity, OrgEvent, user_entity


def gave_code(client: OidcClient, session: Session, scope: str) -> Iterator[OrgEvent]:
    """A client got a code for a person.

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


def gave_tokens(client: OidcClient, user: User, answer: Mapping[str, Any], *, grant_type: str) -> Iterator[OrgEvent]:
    """A client got tokens for a person.

    Evidence: documented (the event types), assumed (actor, targets and debug data)
    """
    for kind in ("access_token", "id_token"):
        if kind in answer:
            yield OrgEvent(
                f"app.oauth2.token.grant.{kind}",
                (user_entity(user),),
                actor=_client_entity(client),
                debug_data={"grantType": grant_type, "grantedScopes": answer["scope"]},
            )


def _client_entity(client: OidcClient, kind: str = "PublicClientApp") -> Entity:
    return {
        "id": client.client_id,
        "type": kind,
        "alternateId": client.client_id if kind == "PublicClientApp" else client.label,
        "displayName": client.label,
        "detailEntry": None,
    }
