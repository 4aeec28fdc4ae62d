"""The token endpoint and what its tokens are good for: keys, claims, userinfo, refreshing; and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests

from emulator.federation import Federation
from idp.oauth.tokens import half_hash
from tests.conftest import USER
from tests.idp.oauth.conftest import CALLBACK, OTHER, PUBLIC, SECRET, VERIFIER, WEB, Client, error

# The tests' clock is frozen, in the past.
ANY_TIME: Any = {"verify_exp": False, "verify_iat": False}
ORG = "https://acme.okta.com"
NOW = 1768467600


def _claims(client: Client, token: str, audience: str) -> dict[str, Any]:
    """Returns what a token says, verified as a client verifies it: with the key that its kid names."""
    keys = jwt.PyJWKSet.from_dict(client.session.get(f"{ORG}/oauth2/v1/keys").json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return dict(jwt.decode(token, key, algorithms=["RS256"], audience=audience, issuer=ORG, options=ANY_TIME))


def test_a_code_becomes_tokens(client: Client) -> None:
    """Access and ID token for an hour, with the claims that Okta documents; the nonce comes back."""
    client.sign_in()
    answer = client.tokens()
    user_id = client.federation.identity_providers["acme"].org.users[USER].user_id
    assert {name: answer[name] for name in answer if "_token" not in name} == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "openid profile email",
    }
    assert answer.keys() == {"token_type", "expires_in", "access_token", "scope", "id_token"}
    access = _claims(client, answer["access_token"], ORG)
    assert access.pop("jti").startswith("AT.")
    assert access == {
        "ver": 1,
        "iss": ORG,
        "aud": ORG,
        "iat": NOW,
        "exp": NOW + 3600,
        "cid": WEB,
        "uid": user_id,
        "scp": ["openid", "profile", "email"],
        "auth_time": NOW,
        "sub": USER,
    }
    identity = _claims(client, answer["id_token"], WEB)
    assert identity.pop("jti").startswith("ID.")
    assert identity.pop("idp").startswith("00o")
    assert identity == {
        "ver": 1,
        "iss": ORG,
        "aud": WEB,
        "iat": NOW,
        "exp": NOW + 3600,
        "sub": user_id,
        "auth_time": NOW,
        "amr": ["pwd"],
        "at_hash": half_hash(answer["access_token"]),
        "name": "Hanako Sato",
        "preferred_username": USER,
        "email": USER,
        "nonce": "n-1",
    }


def test_without_openid_there_is_no_id_token(client: Client) -> None:
    """An access token alone."""
    client.sign_in()
    assert "id_token" not in client.tokens(scope="okta.apps.read")


def test_the_ways_a_client_proves_itself(client: Client) -> None:
    """A secret in the form or in the header Authorization; a public client with its challenge alone."""
    client.sign_in()
    assert client.redeem(client.code()).status_code == 200
    form = {"grant_type": "authorization_code", "code": client.code(), "redirect_uri": CALLBACK}
    in_header = client.session.post(
        f"{ORG}/oauth2/v1/token", data={**form, "code_verifier": VERIFIER}, auth=(WEB, SECRET)
    )
    assert in_header.status_code == 200
    public = replace(client, client_id=PUBLIC)
    assert public.redeem(public.code()).status_code == 200


INVALID_CODE = (400, "invalid_grant", "The authorization code is invalid or has expired.")


def test_a_code_is_good_once_for_a_minute(client: Client) -> None:
    """The second time, and after 60 seconds, there is nothing."""
    client.sign_in()
    code = client.code()
    client.federation.clock.advance(timedelta(seconds=59))
    assert client.redeem(code).status_code == 200
    assert error(client.redeem(code)) == INVALID_CODE
    late = client.code()
    client.federation.clock.advance(timedelta(seconds=60))
    assert error(client.redeem(late)) == INVALID_CODE
    assert error(client.redeem("x")) == INVALID_CODE


def test_a_code_of_a_person_who_is_gone(client: Client) -> None:
    """Someone suspended meanwhile gets no tokens."""
    client.sign_in()
    code = client.code()
    _suspend(client)
    assert error(client.redeem(code)) == INVALID_CODE


def _suspend(client: Client) -> None:
    header = {"Authorization": "SSWS 00-example-token-of-the-built-in-world"}
    answer = client.session.post(f"{ORG}/api/v1/users/{USER}/lifecycle/suspend", headers=header)
    assert answer.status_code == 200, answer.text


GRANTS = (
    "authorization_code, refresh_token, urn:ietf:params:oauth:grant-type:device_code, "
    "urn:ietf:params:oauth:grant-type:token-exchange"
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"grant_type": ""},
            (400, "invalid_request", f"The token request must specify a 'grant_type'. Valid values: [{GRANTS}]"),
        ),
        (
            {"grant_type": "password"},
            (
                400,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server. Configured grant types: "
                f"[{GRANTS}].",
            ),
        ),
        (
            {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"},
            (
                400,
                "unauthorized_client",
                "The client is not authorized to use the provided grant type. Configured grant types: "
                "[authorization_code, refresh_token].",
            ),
        ),
        ({"client_id": "0oa-none"}, (401, "invalid_client", "Invalid value for 'client_id' parameter.")),
        ({"client_id": ""}, (401, "invalid_client", "No client credentials found.")),
        (
            {"client_secret": ""},
            (
                401,
                "invalid_client",
                "Client authentication failed. Either the client or the client credentials are invalid.",
            ),
        ),
        (
            {"client_secret": "wrong"},
            (401, "invalid_client", "The client secret supplied for a confidential client is invalid."),
        ),
        ({"code": ""}, (400, "invalid_request", "The required parameter 'code' is missing.")),
        ({"redirect_uri": ""}, (400, "invalid_request", "The required parameter 'redirect_uri' is missing.")),
        (
            {"redirect_uri": f"{CALLBACK}?team=voice"},
            (
                400,
                "invalid_grant",
                "The 'redirect_uri' does not match the redirection URI used in the authorization request.",
            ),
        ),
        (
            {"client_id": PUBLIC, "client_secret": ""},
            (
                400,
                "invalid_grant",
                "The grant was issued to another client. Please make sure the 'client_id' matches the one used at the "
                "authorize request.",
            ),
        ),
        (
            {"code_verifier": ""},
            (400, "invalid_request", "PKCE code verifier is required by the application."),
        ),
        ({"code_verifier": "w" * 43}, (400, "invalid_grant", "PKCE verification failed.")),
    ],
)
def test_codes_that_are_not_redeemed(client: Client, changes: dict[str, str], expected: tuple[int, str, str]) -> None:
    """Each mistake has its error, in Okta's words."""
    client.sign_in()
    form = {"client_secret": SECRET, **changes}
    assert error(client.redeem(client.code(), **form)) == expected


def test_a_verifier_without_a_challenge(client: Client) -> None:
    """It was not asked for."""
    client.sign_in()
    code = client.code(code_challenge="", code_challenge_method="")
    assert error(client.redeem(code)) == (
        400,
        "invalid_request",
        "PKCE code challenge should be specified in the authorize request for code verification.",
    )


@pytest.mark.parametrize(
    ("header", "form", "query", "expected"),
    [
        (
            "Basic MG9hL",
            {},
            "",
            (401, "invalid_client", "Found Authentication header but was not valid client credentials."),
        ),
        (
            "Basic \xff",
            {},
            "",
            (401, "invalid_client", "Found Authentication header but was not valid client credentials."),
        ),
        (
            "Bearer eA==",
            {},
            "",
            (401, "invalid_client", "Found Authentication header but was not valid client credentials."),
        ),
        (
            "Basic MG9hLXdpa2k6d2lraS1zZWNyZXQ=",
            {"client_secret": SECRET},
            "",
            (
                401,
                "invalid_request",
                "Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization "
                "header, credentials in the post body, or a client_assertion in the post body.",
            ),
        ),
        (
            "",
            {"client_id": WEB},
            f"?client_secret={SECRET}",
            (400, "invalid_request", "Client credentials cannot be supplied via query parameters."),
        ),
    ],
)
def test_proofs_that_are_none(
    client: Client, header: str, form: dict[str, str], query: str, expected: tuple[int, str, str]
) -> None:
    """A header that is not Basic, two proofs at once, and a secret in the URL."""
    headers = {"Authorization": header} if header else {}
    given = {"grant_type": "authorization_code", "code": "x", **form}
    assert error(client.session.post(f"{ORG}/oauth2/v1/token{query}", data=given, headers=headers)) == expected


def test_refreshing(client: Client) -> None:
    """With offline_access there is a refresh token: it gives new tokens, also for fewer scopes, for 90 days."""
    client.sign_in()
    first = client.tokens(scope="openid profile offline_access")
    client.federation.clock.advance(timedelta(hours=2))
    again = client.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert again["refresh_token"] == first["refresh_token"]
    assert again["access_token"] != first["access_token"]
    assert _claims(client, again["id_token"], WEB)["auth_time"] == NOW
    less = client.token(grant_type="refresh_token", refresh_token=first["refresh_token"], scope="openid").json()
    assert less["scope"] == "openid"
    client.federation.clock.advance(timedelta(days=90))
    late = client.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert error(late) == (400, "invalid_grant", "The refresh token is invalid or expired.")


def test_refreshing_that_is_refused(client: Client) -> None:
    """More scopes than before, no token, another client's, and a person who is gone."""
    client.sign_in()
    token = client.tokens(scope="openid offline_access")["refresh_token"]
    refresh: dict[str, str] = {"grant_type": "refresh_token", "refresh_token": token}
    invalid = (400, "invalid_grant", "The refresh token is invalid or expired.")
    assert error(client.token(**refresh, scope="openid email")) == (
        400,
        "access_denied",
        "Some of the scopes requested for the refresh request were not granted in the original authorize request. "
        "Denied scopes: email.",
    )
    assert error(client.token(grant_type="refresh_token")) == (
        400,
        "invalid_request",
        "The required parameter 'refresh_token' is missing.",
    )
    assert error(replace(client, client_id=PUBLIC).token(**refresh)) == invalid
    _suspend(client)
    assert error(client.token(**refresh)) == invalid


def _userinfo(client: Client, token: str, scheme: str = "Bearer") -> requests.Response:
    return client.session.get(f"{ORG}/oauth2/v1/userinfo", headers={"Authorization": f"{scheme} {token}"})


def test_userinfo(client: Client, federation: Federation) -> None:
    """The claims of the scopes that were asked for."""
    client.sign_in()
    user = federation.identity_providers["acme"].org.users[USER]
    profile = {
        "sub": user.user_id,
        "name": "Hanako Sato",
        "locale": "en_US",
        "preferred_username": USER,
        "given_name": "Hanako",
        "family_name": "Sato",
        "zoneinfo": "America/Los_Angeles",
        "updated_at": NOW,
    }
    email = {"email": USER, "email_verified": True}
    assert _userinfo(client, client.tokens()["access_token"]).json() == profile | email
    only = client.tokens(scope="openid email")["access_token"]
    assert _userinfo(client, only).json() == {"sub": user.user_id} | email
    groups = client.tokens(scope="openid profile groups")["access_token"]
    assert _userinfo(client, groups).json()["groups"] == list(user.groups)


INVALID = 'Bearer error="invalid_token", error_description="The access token is invalid"'


def test_userinfo_that_is_refused(client: Client) -> None:
    """No access token, an ID token, one that is over, and one that is for openid alone."""
    client.sign_in()
    tokens = client.tokens()
    for token, scheme in ((tokens["id_token"], "Bearer"), ("x", "Bearer"), (tokens["access_token"], "Basic")):
        answer = _userinfo(client, token, scheme)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, INVALID)
    bare = _userinfo(client, client.tokens(scope="openid")["access_token"])
    assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (
        403,
        'Bearer error="insufficient_scope", error_description="The access token must provide access to at least one of '
        'these scopes - profile, email, address or phone"',
    )
    client.federation.clock.advance(timedelta(hours=1))
    assert _userinfo(client, tokens["access_token"]).status_code == 401


def test_a_client_of_other_people(client: Client) -> None:
    """Tokens are refused where the code is: nobody gets as far as the token endpoint."""
    client.sign_in("taro@example.com")
    taros = replace(client, client_id=OTHER)
    assert _claims(client, taros.tokens()["access_token"], ORG)["sub"] == "taro@example.com"
