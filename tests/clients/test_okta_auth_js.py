"""Okta's own browser library gets tokens by a code with PKCE, verifies them, asks who it is, and revokes them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, Serving, serving
from emulator.world import World, change_world
from tests.clients.conftest import CLIENTS, Run
from tests.conftest import USER
from tests.requirements import installed, program

ORG, CLIENT_ID, CALLBACK = "https://acme.okta.com", "0oa-page", "http://localhost:8080/callback"
# The library verifies issuer, audience, nonce, times and the signature by the org's keys; it throws what is wrong.
SCRIPT = """
const { EnvHttpProxyAgent, setGlobalDispatcher } = require(process.argv[1]);
const { OktaAuth } = require(process.argv[2]);
const [issuer, clientId, redirectUri, username] = process.argv.slice(3);
setGlobalDispatcher(new EnvHttpProxyAgent());
(async () => {
  const client = new OktaAuth({ issuer, clientId, redirectUri, pkce: true });
  const { sessionToken } = await client.signInWithCredentials({ username, password: "correct-horse" });
  const asked = await client.token.prepareTokenParams({ scopes: ["openid", "profile", "email"] });
  const query = new URLSearchParams({
    client_id: clientId, redirect_uri: redirectUri, response_type: "code", scope: asked.scopes.join(" "),
    state: asked.state, nonce: asked.nonce, code_challenge: asked.codeChallenge,
    code_challenge_method: asked.codeChallengeMethod, prompt: "none", sessionToken,
  });
  const answer = await fetch(`${issuer}/oauth2/v1/authorize?${query}`, { redirect: "manual" });
  const authorizationCode = new URL(answer.headers.get("location")).searchParams.get("code");
  const { tokens } = await client.token.exchangeCodeForTokens({ ...asked, authorizationCode });
  const told = { user: await client.token.getUserInfo(tokens.accessToken, tokens.idToken) };
  await client.revokeAccessToken(tokens.accessToken);
  const refused = await client.token.getUserInfo(tokens.accessToken, tokens.idToken).catch((error) => error);
  told.refused = [refused.error, refused.error_description];
  const again = await client.token.exchangeCodeForTokens({ ...asked, authorizationCode }).catch((error) => error);
  told.again = [again.name, again.errorCode, again.errorSummary];
  console.log(JSON.stringify(told));
})().catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.fixture
def internet(world: World, keys: KeyFolder) -> Iterator[Serving]:
    """Serves the built-in world with a public OIDC client, by the true clock."""
    changed = change_world(world, {"/okta/acme/oidc_clients": {CLIENT_ID: {"redirect_uris": [CALLBACK]}}})
    with serving(Federation(changed, clock=Clock(), ids=Ids(), keys=keys), Ports()) as running:
        yield running


def test_okta_auth_js_gets_and_verifies_tokens(run: Run, internet: Serving) -> None:
    """From a session token to claims; what was revoked or used is refused in words that the library knows."""
    modules = CLIENTS / "node_modules"
    libraries = [str(installed(modules / name)) for name in ("undici", "@okta/okta-auth-js")]
    done = run(program("node"), "-e", SCRIPT, *libraries, ORG, CLIENT_ID, CALLBACK, USER)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    user = internet.federation.identity_providers["acme"].org.users[USER]
    assert (told["user"]["sub"], told["user"]["preferred_username"]) == (user.user_id, USER)
    assert told["refused"] == ["invalid_token", "The access token is invalid"]
    assert told["again"] == ["OAuthError", "invalid_grant", "The authorization code is invalid or has expired."]
