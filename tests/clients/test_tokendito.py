"""tokendito signs in as it does at Okta: with PKCE in Identity Engine orgs, with a session in Classic ones.

What it writes are credentials that STS gave: get-caller-identity says whose they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, Serving, serving
from emulator.world import World, change_world
from idp.oauth.clients import DASHBOARD_CLIENT_ID
from idp.signon.factors import STEP_SECONDS, totp
from tests.clients.conftest import Run, client
from tests.requirements import aws_cli_v2

TARO = "taro@example.com"
ROLE = "ConnectSupervisor"
ROLE_ARN = f"arn:aws:iam::123456789012:role/{ROLE}"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ORG = "https://acme.okta.com"


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


def _command(*more: str, password: str = "battery-staple") -> list[str]:
    return [
        *(client("tokendito"), "--username", TARO, "--password", password, "--okta-org", ORG),
        *("--aws-role-arn", ROLE_ARN, "--aws-profile", "emu", "--loglevel", "INFO"),
        *more,
    ]


def _asked(internet: Serving) -> list[str]:
    """Returns the paths that were asked of the org, in order."""
    urls = [exchange.url for exchange in internet.federation.gateway.exchanges]
    return [re.sub(r"\?.*", "", url).removeprefix(ORG) for url in urls if url.startswith(ORG)]


def _identity(run: Run, aws: str = "") -> str:
    done = run(aws or client("aws"), "--profile", "emu", "sts", "get-caller-identity")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["Arn"])


@pytest.mark.parametrize("changes", [{"/okta/acme/pipeline": "idx"}, {"/okta/acme/pipeline": "v1"}], ids=["idx", "v1"])
def test_tokendito_finds_its_tile_and_the_credentials_are_good(
    run: Run, internet: Serving, changes: dict[str, Any]
) -> None:
    """It is given an org and a role, finds the way to sign in and the tile itself, and writes a profile."""
    done = run(*_command())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error" not in (done.stdout + done.stderr).lower()
    assert _identity(run) == f"arn:aws:sts::123456789012:assumed-role/{ROLE}/{TARO}"
    paths = _asked(internet)
    assert "/api/v1/users/me/home/tabs" in paths
    assert ("/oauth2/v1/token" in paths) is (changes["/okta/acme/pipeline"] == "idx")
    assert "/.well-known/webfinger" in paths


def test_the_credentials_serve_version_2_of_the_aws_cli(run: Run) -> None:
    """Debian's package reads the profile that tokendito wrote."""
    aws = aws_cli_v2()
    assert run(*_command()).returncode == 0
    assert _identity(run, aws) == f"arn:aws:sts::123456789012:assumed-role/{ROLE}/{TARO}"


def test_the_authorize_requests_of_tokendito(run: Run, internet: Serving) -> None:
    """It asks as the dashboard's client: first nobody is signed in, then it gets a code, and tokens for that."""
    assert run(*_command()).returncode == 0
    asked = [e for e in internet.federation.gateway.exchanges if "/oauth2/v1/authorize?" in e.url]
    answers = []
    for exchange in asked:
        query = parse_qs(urlsplit(exchange.url).query)
        assert query["client_id"] == [DASHBOARD_CLIENT_ID]
        assert query["code_challenge_method"] == ["S256"]
        location = next(value for name, value in exchange.response_headers if name.lower() == "location")
        answers.append(sorted(parse_qs(urlsplit(location).query)))
    assert answers == [["error", "error_description", "state"], ["code", "state"]]


@pytest.mark.parametrize(
    "changes",
    [
        {
            "/okta/acme/mfa": "required",
            f"/okta/acme/users/{TARO}/factors": [{"type": "totp", "secret": SECRET}],
            "/okta/acme/pipeline": pipeline,
        }
        for pipeline in ("idx", "v1")
    ],
    ids=["idx", "v1"],
)
def test_tokendito_with_a_second_factor(run: Run, internet: Serving) -> None:
    """A one-time code goes along; a wrong one is refused."""
    code = totp(SECRET, int(internet.federation.clock.now().timestamp()) // STEP_SECONDS)
    factor = ("--okta-mfa", "token:software:totp", "--okta-mfa-response")
    wrong = run(*_command(*factor, "000000"))
    assert wrong.returncode != 0
    done = run(*_command(*factor, code))
    assert done.returncode == 0, done.stdout + done.stderr
    assert _identity(run) == f"arn:aws:sts::123456789012:assumed-role/{ROLE}/{TARO}"


def test_tokendito_with_a_wrong_password(run: Run, internet: Serving, home: Path) -> None:
    """It says so, and writes nothing."""
    done = run(*_command(password="wrong"))
    assert done.returncode != 0
    assert "401 Client Error" in done.stderr
    assert not (home / ".aws" / "credentials").exists()
    assert internet.federation.gateway.exchanges
