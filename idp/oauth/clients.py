"""OIDC clients: which exist, and whether a request comes from one of them.

Spec: RFC 6749 §2.3; developer.okta.com, OpenID Connect & OAuth 2.0 API, "Client authentication methods"
"""

from __future__ import annotations

import base64
import binascii
import difflib
import hmac
from urllib.parse import unquote_plus

from emulator.kernel.explanations import Setting
from emulator.kernel.records import dataclass
from idp.model import OidcClient, Org, User
from idp.oauth.refusals import refused

# The dashboard's client, which every org has: command-line clients sign in with it as the dashboard does.
DASHBOARD_CLIENT_ID = "okta.2b1959c8-bcc0-56eb-a589-cfcfb7422f26"
DASHBOARD_CALLBACK = "/enduser/callback"


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The client credentials in a request: in a header, or in fields of its form."""

    authorization: str = ""
    client_id: str = ""
    client_secret: str = ""


def find_client(org: Org, client_id: str) -> OidcClient:
    """Returns an active client of the org; every org has the dashboard's.

    Raises:
        OauthRefusal: invalid_client (401).

    Spec: developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
    Evidence: documented (the words), observed (the id of the dashboard's client)
    """
    if client_id == DASHBOARD_CLIENT_ID:
        return OidcClient(
            DASHBOARD_CLIENT_ID,
            "Okta Dashboard",
            redirect_uris=(org.base_url + DASHBOARD_CALLBACK,),
            post_logout_redirect_uris=(org.base_url,),
            grant_types=("authorization_code",),
        )
    client = org.oidc_clients.get(client_id)
    if client is None:
        near = difflib.get_close_matches(client_id, list(org.oidc_clients), n=1, cutoff=0.8)
        raise refused(
            "invalid_client",
            "Invalid value for 'client_id' parameter.",
            status=401,
            explanation="The org has no OIDC app with this client id.",
            expected=near[0] if near else " or ".join(org.oidc_clients) or "a key of oidc_clients in the world file",
            received=client_id,
            fix=f"Give the client the id {near[0]}."
            if near
            else f"Add {client_id} to oidc_clients of {org.name} (Applications > Create App Integration > OIDC).",
            causes=(Setting(org, ("oidc_clients", *near)),),
        )
    return client


def authenticate_client(org: Org, given: ClientCredentials) -> OidcClient:
    """Returns the client whose credentials came with a request; for a public client the id is enough.

    Raises:
        OauthRefusal: invalid_client (401), invalid_request (401).

    Spec: RFC 6749 §2.3.1; developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
    Evidence: documented
    """
    client_id, secret = given.client_id, given.client_secret
    if given.authorization:
        if secret:
            raise refused(
                "invalid_request",
                "Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization "
                "header, credentials in the post body, or a client_assertion in the post body.",
                status=401,
                explanation="There is a header Authorization and a client_secret in the form.",
                fix="Send one of them.",
            )
        client_id, secret = _basic(given.authorization)
    if not client_id:
        raise refused(
            "invalid_client",
            "No client credentials found.",
            status=401,
            explanation="The request names no client.",
            fix="Send client_id in the form, or the header Authorization: Basic.",
        )
    client = find_client(org, client_id)
    if not client.secret:
        return client
    if not secret:
        raise refused(
            "invalid_client",
            "Client authentication failed. Either the client or the client credentials are invalid.",
            status=401,
            explanation=f"{client.label} is a confidential client, and the request has no secret.",
            expected="the client's secret",
            received="no secret",
            fix="Send the client's secret.",
            causes=(Setting(org, ("oidc_clients", client.client_id, "secret")),),
        )
    if not hmac.compare_digest(secret.encode(), client.secret.encode()):
        raise refused(
            "invalid_client",
            "The client secret supplied for a confidential client is invalid.",
            status=401,
            explanation=f"The secret is not the one of {client.label}.",
            expected="the client's secret",
            received="another secret",
            fix=f"Send the secret in oidc_clients.{client.client_id}.secret (app > General > Client Credentials).",
            causes=(Setting(org, ("oidc_clients", client.client_id, "secret")),),
        )
    return client


def _basic(authorization: str) -> tuple[str, str]:
    """Returns the client id and secret in an Authorization header; a public client's may hold the id alone.

    Spec: RFC 6749 §2.3.1; okta-auth-js, which sends the id alone to revoke tokens
    Evidence: documented (the words), observed (the id alone)
    """
    scheme, _, value = authorization.partition(" ")
    try:
        text = base64.b64decode(value.strip(), validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, ValueError):
        text = ""
    if not text:
        raise refused(
            "invalid_client",
            "Found Authentication header but was not valid client credentials.",
            status=401,
            explanation="The header Authorization is not Basic with a client id and a secret.",
            fix="Send Authorization: Basic and base64 of client_id:client_secret.",
        )
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def is_assigned(client: OidcClient, user: User) -> bool:
    """Whether a client is assigned to a user; without any assignment everybody may use it."""
    if not client.users and not client.groups:
        return True
    return user.login in client.users or any(group in client.groups for group in user.groups)
