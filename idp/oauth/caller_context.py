"""A client's call of the OAuth endpoints: its form, the client that makes it, and how it is refused."""

from __future__ import annotations

from flask import Response, jsonify, make_response, request

from emulator.kernel.trace_notes import TraceNote, record
from idp.model import OidcClient
from idp.oauth.clients import ClientCredentials, authenticate_client
from idp.oauth.refusals import OauthRefusal, refused
from idp.pages import current_org

_MAX_CHARACTERS = 20_000


def field(name: str) -> str:
    """Returns a field of the form, empty when there is none."""
    return request.form.get(name, "")[:_MAX_CHARACTERS]


def fields() -> dict[str, str]:
    """Returns the fields of the form."""
    return {name: field(name) for name in request.form}


def calling_client() -> OidcClient:
    """Returns the client whose credentials are in the request.

    Raises:
        OauthRefusal: invalid_client, invalid_request.

    Spec: developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
    Evidence: documented
    """
    if "client_secret" in request.args:
        raise refused(
            "invalid_request",
            "Client credentials cannot be supplied via query parameters.",
            explanation="The secret is in the URL, which logs keep.",
            fix="Send it in the form or in the header Authorization.",
        )
    client_id = field("client_id") or request.args.get("client_id", "")
    given = ClientCredentials(request.headers.get("Authorization", ""), client_id, field("client_secret"))
    return authenticate_client(current_org(), given)


def refuse(refusal: OauthRefusal) -> Response:
    """Answers with a refusal as OAuth writes it.

    Spec: RFC 6749 §5.2
    """
    record(request.environ, TraceNote("Okta", f"refused {request.path}", refusal=refusal))
    return make_response(jsonify({"error": refusal.code, "error_description": refusal.message}), refusal.status)
