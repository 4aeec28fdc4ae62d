"""Discovery of the endpoints, the dashboard's client and a person's sign-in; there are no custom servers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.oauth.clients import DASHBOARD_CLIENT_ID
from tests.conftest import USER
from tests.idp.oauth.conftest import ORG, Client, answered


def test_the_endpoints(client: Client) -> None:
    """Both documents say where they are; OpenID Connect's has more."""
    oauth = client.session.get(f"{ORG}/.well-known/oauth-authorization-server").json()
    assert oauth == {
        "issuer": ORG,
        "authorization_endpoint": f"{ORG}/oauth2/v1/authorize",
        "token_endpoint": f"{ORG}/oauth2/v1/token",
        "jwks_uri": f"{ORG}/oauth2/v1/keys",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone", "offline_access", "groups"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "introspection_endpoint": f"{ORG}/oauth2/v1/introspect",
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint": f"{ORG}/oauth2/v1/revoke",
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "end_session_endpoint": f"{ORG}/oauth2/v1/logout",
        "request_parameter_supported": False,
        "device_authorization_endpoint": f"{ORG}/oauth2/v1/device/authorize",
    }
    openid = client.session.get(f"{ORG}/.well-known/openid-configuration").json()
    assert openid.items() >= oauth.items()
    assert openid["userinfo_endpoint"] == f"{ORG}/oauth2/v1/userinfo"
    assert openid["id_token_signing_alg_values_supported"] == ["RS256"]


def test_the_keys(client: Client) -> None:
    """One RSA key for signatures, with its id."""
    (key,) = client.session.get(f"{ORG}/oauth2/v1/keys").json()["keys"]
    assert key.keys() == {"kty", "alg", "kid", "use", "e", "n"}
    assert (key["kty"], key["alg"], key["use"], key["e"]) == ("RSA", "RS256", "sig", "AQAB")


@pytest.mark.parametrize(
    ("rel", "expected"),
    [
        ("okta:idp", "okta:idp"),
        ("", "http://openid.net/specs/connect/1.0/issuer"),
        ("http://openid.net/specs/connect/1.0/issuer", "http://openid.net/specs/connect/1.0/issuer"),
    ],
)
def test_webfinger(client: Client, rel: str, expected: str) -> None:
    """Everybody signs in at the org itself."""
    query = {"resource": f"okta:acct:{USER}", **({"rel": rel} if rel else {})}
    answer = client.session.get(f"{ORG}/.well-known/webfinger", params=query)
    assert answer.headers["Content-Type"] == "application/jrd+json"
    assert answer.json() == {
        "subject": f"okta:acct:{USER}",
        "links": [
            {
                "rel": expected,
                "href": f"{ORG}/sso/idps/OKTA",
                "titles": {"und": "acme"},
                "properties": {"okta:idp:type": "OKTA"},
            }
        ],
    }


def test_webfinger_without_an_account(client: Client) -> None:
    """The parameter is missing, or it is another kind of resource."""
    for query in ({}, {"resource": "mailto:hanako@example.com"}):
        answer = client.session.get(f"{ORG}/.well-known/webfinger", params=query)
        assert (answer.status_code, answer.json()["errorCode"], answer.json()["errorSummary"]) == (
            400,
            "E0000028",
            "The request is missing a required parameter.",
        )


@pytest.mark.parametrize(
    "path",
    [
        "/oauth2/default/.well-known/openid-configuration",
        "/oauth2/default/.well-known/oauth-authorization-server",
        "/oauth2/default/v1/authorize?client_id=x",
        "/oauth2/aus1/v1/keys",
    ],
)
def test_custom_authorization_servers(client: Client, path: str) -> None:
    """The org does not have the feature that they belong to."""
    answer = client.session.get(ORG + path)
    assert (answer.status_code, answer.json()["errorCode"], answer.json()["errorSummary"]) == (
        401,
        "E0000015",
        "You do not have permission to access the feature you are requesting",
    )


def test_the_dashboards_client(client: Client) -> None:
    """Its id is in the script of the org's pages; it gets a code at the dashboard's callback, and tokens for it."""
    page = client.session.get(ORG)
    (script,) = re.findall(r'<script src="(.*enduser-v.*enduser.*?)"', page.text)
    answer = client.session.get(script)
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert DASHBOARD_CLIENT_ID in answer.text
    client.sign_in()
    dashboard = replace(client, client_id=DASHBOARD_CLIENT_ID)
    callback = f"{ORG}/enduser/callback"
    scope = "openid profile email okta.users.read.self okta.internal.enduser.read okta.enduser.dashboard.read"
    code = answered(dashboard.ask(redirect_uri=callback, scope=scope, prompt="none"), at=callback)["code"]
    assert dashboard.redeem(code, redirect_uri=callback).status_code == 200
    assert "My Apps" in client.session.get(callback).text


def test_a_classic_org_has_no_such_script(world: World, clock: Clock, keys: KeyFolder) -> None:
    """Clients that look for it go by the older way."""
    federation = Federation(change_world(world, {"/okta/acme/pipeline": "v1"}), clock=clock, ids=Ids(seed=7), keys=keys)
    assert "enduser-v" not in federation.browser().open(ORG).text


def _tabs(client: Client, query: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
    answer = client.session.get(f"{ORG}/api/v1/users/me/home/tabs", params=query, headers=headers)
    assert answer.status_code == 200
    return list(answer.json())


def test_the_tabs_of_the_dashboard(client: Client) -> None:
    """One tab; with the tiles on it as far as they are asked for, each with the link behind it."""
    client.sign_in()
    (tab,) = _tabs(client, {"type": "all"})
    assert (tab["label"], tab["_links"].keys(), "_embedded" in tab) == ("My Apps", {"self", "items"}, False)
    (item,) = _tabs(client, {"expand": "items"})[0]["_embedded"]["items"]
    assert "_embedded" not in item
    for expand in (["items", "items.resource"], ["items,items.resource"], ["items.resource"]):
        (item,) = _tabs(client, {"type": "all", "expand": expand})[0]["_embedded"]["items"]
        assert item["_embedded"]["resource"]["linkUrl"].startswith(f"{ORG}/home/amazon_aws/0oa")
    links = client.session.get(f"{ORG}/api/v1/users/me/appLinks").json()
    assert item["_embedded"]["resource"] == links[0]


def test_whose_tabs(client: Client) -> None:
    """A session, an access token or an API token says who asks; nobody is refused."""
    answer = client.session.get(f"{ORG}/api/v1/users/me/home/tabs")
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "E0000005")
    client.sign_in()
    token = client.tokens()["access_token"]
    client.session.cookies.clear()
    for authorization in (f"Bearer {token}", "SSWS 00-example-token-of-the-built-in-world"):
        assert _tabs(client, {}, Authorization=authorization)
