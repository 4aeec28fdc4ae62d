"""An org with OIDC clients of each kind, and what a client's program does: it asks for codes and redeems them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.calls.gateway_adapter import GatewayAdapter
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import USER

ORG = "https://acme.okta.com"
CALLBACK = "https://wiki.example.com/callback"
GOODBYE = "https://wiki.example.com/goodbye"
SECRET = "wiki-secret"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
WEB, PUBLIC, OTHER, CLI = "0oa-wiki", "0oa-page", "0oa-other", "0oa-cli"
CLIENTS: dict[str, Any] = {
    WEB: {
        "label": "Wiki",
        "secret": SECRET,
        "redirect_uris": [CALLBACK, f"{CALLBACK}?team=voice"],
        "post_logout_redirect_uris": [GOODBYE],
    },
    PUBLIC: {"label": "Page", "redirect_uris": [CALLBACK]},
    OTHER: {"label": "Other", "redirect_uris": [CALLBACK], "users": ["taro@example.com"]},
    CLI: {},
}


@pytest.fixture
def federation(world: World, clock: Clock, keys: KeyFolder) -> Federation:
    """Returns the built-in world with OIDC clients."""
    changed = change_world(world, {"/okta/acme/oidc_clients": CLIENTS})
    return Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)


@dataclass
class Client:
    """The browser of a person and the program of a client in one: requests that follow no redirect."""

    federation: Federation
    session: requests.Session
    client_id: str = WEB

    def sign_in(self, login: str = USER) -> None:
        """Signs a person in, as the API does: with a session cookie."""
        password = self.federation.identity_providers["acme"].org.users[login].password
        token = self.session.post(f"{ORG}/api/v1/authn", json={"username": login, "password": password}).json()
        answer = self.session.get(f"{ORG}/login/sessionCookieRedirect", params=_redirect(token["sessionToken"]))
        assert "sid" in answer.cookies or "sid" in self.session.cookies

    def ask(self, **changes: str) -> requests.Response:
        """Asks for a code, without following where the answer leads; a parameter changed to nothing is left out."""
        parameters = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid profile email",
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        given = {name: value for name, value in parameters.items() if value}
        return self.session.get(f"{ORG}/oauth2/v1/authorize", params=given, allow_redirects=False)

    def code(self, **changes: str) -> str:
        """Returns a code for whoever is signed in."""
        return answered(self.ask(**changes))["code"]

    def token(self, **form: str) -> requests.Response:
        """Posts to the token endpoint, with what proves the client; a field changed to nothing is left out."""
        proof = {"client_id": self.client_id}
        if self.client_id == WEB:
            proof["client_secret"] = SECRET
        given = {name: value for name, value in {**proof, **form}.items() if value}
        return self.session.post(f"{ORG}/oauth2/v1/token", data=given)

    def redeem(self, code: str, /, **changes: str) -> requests.Response:
        """Redeems a code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.token(**{**form, **changes})

    def tokens(self, **changes: str) -> dict[str, Any]:
        """Returns tokens for whoever is signed in."""
        answer = self.redeem(self.code(**changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def _redirect(session_token: str) -> dict[str, str]:
    return {"checkAccountSetupComplete": "true", "token": session_token, "redirectUrl": ORG}


@pytest.fixture
def client(federation: Federation) -> Client:
    """Returns a client of the org, nobody signed in."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", GatewayAdapter(federation.gateway))
    return Client(federation, session)


def answered(answer: requests.Response, *, at: str = CALLBACK) -> dict[str, str]:
    """Returns what was sent to the redirect URI in its query."""
    assert answer.status_code == 302, answer.text
    address = urlsplit(answer.headers["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == at
    return dict(parse_qsl(address.query))


def error(answer: requests.Response) -> tuple[int, str, str]:
    """Returns status, error and description of a refusal by the token endpoint."""
    data = answer.json()
    assert data.keys() == {"error", "error_description"}
    return answer.status_code, data["error"], data["error_description"]
