"""Real command-line clients and Okta's own browser library sign in: second factors, the device flow, forms, listeners.

Each assertion they get is verified by STS: they print or use credentials that it gave.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.trace import Exchange
from emulator.running.start import Ports, Serving, serving
from emulator.world import World, change_world
from idp.signon.factors import STEP_SECONDS, totp
from tests.clients.conftest import CLIENTS, Run, client
from tests.conftest import APP, PROVIDER_ARN, ROLE_ARN, USER
from tests.requirements import installed, program

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
OIDC_CLIENT = "0oa-aws-cli"
ARN = f"arn:aws:sts::123456789012:assumed-role/ConnectAgent/{USER}"
LISTENER = 8090
AUTH_JS = """
const { OktaAuth } = require(process.argv[1]);
const issuer = `${process.argv[2]}/oauth2/default`;
const client = new OktaAuth({ issuer, clientId: "x", redirectUri: process.argv[2] });
(async () => {
  const done = await client.signInWithCredentials({ username: process.argv[3], password: "correct-horse" });
  const wrong = await client.signInWithCredentials({ username: process.argv[3], password: "wrong" }).catch((e) => e);
  console.log(JSON.stringify({ status: done.status, token: done.sessionToken, wrong: [wrong.name, wrong.errorCode] }));
})().catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.fixture
def changes() -> dict[str, Any]:
    """Returns what a test changes in the world."""
    return {}


@pytest.fixture
def internet(world: World, keys: KeyFolder, changes: dict[str, Any]) -> Iterator[Serving]:
    """Serves the built-in world with the test's changes, by the true clock."""
    changed = change_world(world, changes)
    with serving(Federation(changed, clock=Clock(), ids=Ids(), keys=keys), Ports()) as running:
        yield running


def _embed_link(internet: Serving) -> str:
    provider, app = internet.federation.find_app(APP)
    return provider.org.embed_link(app)


def _with(**settings: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("changes", [{f"/okta/acme/{name}": value for name, value in settings.items()}])


MFA = {"mfa": "required", f"users/{USER}/factors": [{"type": "totp", "secret": SECRET}]}


@_with(**MFA)
def test_okta_awscli_gives_a_one_time_code(run: Run, internet: Serving, home: Path) -> None:
    """The code goes along with -t."""
    (home / ".okta-aws").write_text(
        f"[default]\nbase-url = acme.okta.com\nfactor = OKTA\nusername = {USER}\npassword = correct-horse\n"
        f"role = {ROLE_ARN}\napp-link = {_embed_link(internet)}\n",
        encoding="utf-8",
    )
    code = totp(SECRET, int(internet.federation.clock.now().timestamp()) // STEP_SECONDS)
    done = run(client("okta-awscli"), "-v", "--force", "-t", code)
    assert done.returncode == 0, done.stderr
    assert "export AWS_ACCESS_KEY_ID=ASIA" in done.stdout
    wrong = run(client("okta-awscli"), "-v", "--force", "-t", "000000")
    assert wrong.returncode != 0
    assert "export AWS_ACCESS_KEY_ID" not in wrong.stdout


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        (
            {"/okta/acme/mfa": "required", f"/okta/acme/users/{USER}/factors": [{"type": "push", "after_polls": 2}]},
            ROLE_ARN,
        ),
        ({"/okta/acme/mfa": "required", f"/okta/acme/users/{USER}/factors": [{"type": "push", "answer": "deny"}]}, ""),
    ],
    ids=["approve", "deny"],
)
def test_gimme_aws_creds_waits_for_a_push(run: Run, internet: Serving, home: Path, role: str) -> None:
    """The person approves after a while, or denies."""
    (home / ".okta_aws_login_config").write_text(_gimme(internet), encoding="utf-8")
    done = run(client("gimme-aws-creds"), "-o", "json", extra={"OKTA_PASSWORD": "correct-horse"})
    if role:
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout[done.stdout.index("{") :])["role"]["arn"] == role
    else:
        assert done.returncode != 0
        assert "aws_access_key_id" not in done.stdout


def _gimme(internet: Serving, **settings: str) -> str:
    values = {
        "okta_org_url": "https://acme.okta.com",
        "gimme_creds_server": "appurl",
        "app_url": _embed_link(internet),
        "okta_username": USER,
        "cred_profile": "acc-role",
        "write_aws_creds": "False",
        "output_format": "json",
        "resolve_aws_alias": "False",
        "enable_keychain": "False",
        "aws_rolename": ROLE_ARN,
        **settings,
    }
    return "[DEFAULT]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())


def _approve(federation: Federation) -> Callable[[Exchange], None]:
    """Returns a listener: a person who opens the address that a device shows, signs in and agrees."""

    def listen(exchange: Exchange) -> None:
        if not exchange.url.endswith("/oauth2/v1/device/authorize"):
            return
        browser = federation.browser()
        page = browser.open(json.loads(exchange.body)["verification_uri_complete"])
        page = browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
        assert "Device activated" in browser.submit(page.forms[0]).visible_text

    return listen


@_with(oidc_clients={OIDC_CLIENT: {}})
def test_gimme_aws_creds_by_the_device_flow(run: Run, internet: Serving, home: Path) -> None:
    """It shows an address, a person opens it and agrees, and the tokens become credentials."""
    internet.federation.gateway.listen(_approve(internet.federation))
    config = _gimme(internet, client_id=OIDC_CLIENT, force_classic="False")
    (home / ".okta_aws_login_config").write_text(config, encoding="utf-8")
    done = run(client("gimme-aws-creds"), "-o", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout[done.stdout.index("{") :])
    assert answer["role"]["arn"] == ROLE_ARN
    paths = [re.sub(r"\?.*", "", e.url) for e in internet.federation.gateway.exchanges]
    assert "https://acme.okta.com/login/token/sso" in paths


def test_aws_okta_processor_as_credential_process(run: Run, internet: Serving, home: Path) -> None:
    """The AWS CLI asks it for credentials, and STS knows them."""
    (home / ".aws").mkdir()
    command = (
        f"{client('aws-okta-processor')} authenticate --no-okta-cache --no-aws-cache -u {USER} -o acme.okta.com "
        f"-r {ROLE_ARN} -a {_embed_link(internet)} -s"
    )
    (home / ".aws" / "config").write_text(f"[profile okta]\ncredential_process = {command}\n", encoding="utf-8")
    done = run(
        client("aws"), "--profile", "okta", "sts", "get-caller-identity", extra={"AWS_OKTA_PASS": "correct-horse"}
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Arn"] == ARN


@pytest.mark.parametrize("password", ["correct-horse", "wrong"])
def test_alohomora(run: Run, internet: Serving, home: Path, password: str) -> None:
    """It fills in the sign-in form, without JavaScript, and writes credentials; a wrong password is reported."""
    (home / ".alohomora").write_text("[default]\n", encoding="utf-8")
    (home / ".aws").mkdir()
    script = (
        "import getpass, runpy, sys; password = sys.argv.pop(); getpass.getpass = lambda *_: password; "
        "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    python = str(CLIENTS / "bin" / "python")
    done = run(
        *(python, "-c", script, client("alohomora"), "--username", USER, "--idp-url", _embed_link(internet)),
        *("--account", "123456789012", "--role-name", "ConnectAgent", "--idp-name", "okta", "--aws-profile", "saml"),
        password,
    )
    if password == "wrong":
        assert done.returncode != 0
        return
    assert done.returncode == 0, done.stdout + done.stderr
    identity = run(client("aws"), "--profile", "saml", "sts", "get-caller-identity")
    assert json.loads(identity.stdout)["Arn"] == ARN, identity.stderr


TRUST = "/aws/123456789012/roles/ConnectAgent/trust/Statement/0/Condition/StringEquals/SAML:aud"
LISTENED = f"http://localhost:{LISTENER}/saml"


@pytest.mark.parametrize(
    ("changes", "trusted"),
    [
        ({f"/okta/acme/apps/{APP}/acs_url": LISTENED, TRUST: LISTENED}, True),
        ({f"/okta/acme/apps/{APP}/acs_url": LISTENED}, False),
    ],
    ids=["trusted", "not-trusted"],
)
def test_sts_saml_driver_listens_at_the_acs_url(internet: Serving, home: Path, trusted: bool) -> None:
    """The app's ACS URL is its listener; whether AWS takes what was sent there, the role's trust policy says.

    The driver's port is fixed, so these runs follow each other, whatever runs in parallel.
    """
    with _only_one_at_a_time():
        out, err = _drive(internet, home)
    if trusted:
        assert out, err
        assert json.loads(out)["AccessKeyId"].startswith("ASIA"), err
    else:
        assert (out, err) == ("", "AWS API Error: Not authorized to perform sts:AssumeRoleWithSAML\n")


@contextmanager
def _only_one_at_a_time() -> Iterator[None]:
    """Holds a lock that all workers of all runs on this machine share."""
    with (Path(tempfile.gettempdir()) / f"fedemu-port-{LISTENER}.lock").open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _drive(internet: Serving, home: Path) -> tuple[str, str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONUNBUFFERED": "1",
        **internet.running.environment(),
    }
    command = [client("stssamldriver"), "--role-arn", ROLE_ARN, "--saml-provider-arn", PROVIDER_ARN]
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as driver:
        try:
            issued = internet.federation.identity_providers["acme"].mint(USER, APP)
            _post_when_listening(driver, issued.saml_response)
            return driver.communicate(timeout=60)
        finally:
            driver.kill()


def _post_when_listening(driver: subprocess.Popen[str], saml_response: str) -> None:
    with requests.Session() as session:
        session.trust_env = False
        while driver.poll() is None:
            try:
                session.post(f"http://localhost:{LISTENER}/saml", data={"SAMLResponse": saml_response}, timeout=30)
                return
            except requests.ConnectionError:
                continue
    pytest.fail(f"sts-saml-driver ended: {driver.communicate()}")


def test_okta_auth_js(run: Run, internet: Serving) -> None:
    """Okta's library for browsers, in Node over plain HTTP: a session token that opens the app, and the error."""
    node, library = program("node"), installed(CLIENTS / "node_modules" / "@okta" / "okta-auth-js")
    url = internet.running.http
    done = run(node, "-e", AUTH_JS, str(library), url, USER, extra={"NO_PROXY": "*"})
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["status"], told["wrong"]) == ("SUCCESS", ["AuthApiError", "E0000004"])
    with requests.Session() as session:
        session.trust_env = False
        path = _embed_link(internet).removeprefix("https://acme.okta.com")
        assert 'name="SAMLResponse"' in session.get(f"{url}{path}", params={"sessionToken": told["token"]}).text
