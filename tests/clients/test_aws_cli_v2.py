"""Version 2 of the AWS CLI, Debian's package, unmodified: by real names under ``fedemu exec``.

It is older than AWS_ENDPOINT_URL (2.13.0): it finds the emulator by the proxy, or by ``--endpoint-url``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, Serving, serving
from emulator.world import World
from tests.conftest import ACCOUNT, APP, PROVIDER_ARN, ROLE_ARN, USER
from tests.requirements import aws_cli_v2

Aws = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def running(world: World, keys: KeyFolder) -> Iterator[Serving]:
    """Serves the built-in world by the true clock and announces itself, as ``fedemu up`` does."""
    with serving(Federation(world, clock=Clock(), ids=Ids(), keys=keys), Ports()) as own:
        own.running.announce()
        yield own
        own.running.withdraw()


@pytest.fixture
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the running emulator's announcement, keys and authority in a folder of this test's own."""
    monkeypatch.setenv("FEDEMU_HOME", str(tmp_path / "fedemu-home"))
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def aws(running: Serving, tmp_path: Path) -> Aws:
    """Returns a function that runs ``fedemu exec -- aws`` with an empty home and the credentials given."""
    path = aws_cli_v2()
    assert running.running.proxy

    def call(*arguments: str, **credentials: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "FEDEMU_HOME": os.environ["FEDEMU_HOME"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "AWS_DEFAULT_REGION": "us-east-1",
            **credentials,
        }
        return subprocess.run(  # noqa: S603
            [sys.executable, "-m", "emulator", "exec", "--", path, *arguments, "--output", "json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return call


def _answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_saml_login_and_who_that_is(aws: Aws, running: Serving) -> None:
    """assume-role-with-saml gives credentials, get-caller-identity says whose, and both asked the real names."""
    assertion = running.federation.identity_providers["acme"].mint(USER, APP).saml_response
    assume = ["sts", "assume-role-with-saml", "--role-arn", ROLE_ARN, "--principal-arn", PROVIDER_ARN]
    answer = _answer(aws(*assume, "--saml-assertion", assertion))
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/ConnectAgent/{USER}"
    assert answer["AssumedRoleUser"]["Arn"] == session
    assert answer["Audience"] == "https://signin.aws.amazon.com/saml"
    given = answer["Credentials"]
    identity = _answer(
        aws(
            *("sts", "get-caller-identity"),
            AWS_ACCESS_KEY_ID=given["AccessKeyId"],
            AWS_SECRET_ACCESS_KEY=given["SecretAccessKey"],
            AWS_SESSION_TOKEN=given["SessionToken"],
        )
    )
    assert identity["Arn"] == session
    asked = [exchange for exchange in running.federation.gateway.exchanges if "sts" in exchange.url]
    assert {exchange.url for exchange in asked} <= {
        "https://sts.us-east-1.amazonaws.com/",
        "https://sts.amazonaws.com/",
    }
    assert all("aws-cli/2" in dict(exchange.request_headers)["User-Agent"] for exchange in asked)


def test_a_refused_login_is_told_in_the_words_of_sts(aws: Aws, running: Serving) -> None:
    """The code and the sentence are on standard error, with the CLI's own exit code; the reason follows."""
    assertion = running.federation.identity_providers["acme"].mint(USER, APP).saml_response
    role = ROLE_ARN.replace("ConnectAgent", "ConnectSupervisor")
    done = aws(
        *("sts", "assume-role-with-saml", "--role-arn", role, "--principal-arn", PROVIDER_ARN),
        *("--saml-assertion", assertion),
    )
    assert done.returncode == 254
    said, _, reason = done.stderr.strip().partition("\n\n")
    assert said == (
        "An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithSAML operation: "
        "SAML Assertion doesn't contain the requested Role and Metadata in the attributes"
    )
    assert reason.startswith("AWS STS refused: InvalidIdentityToken (400), check requested-role\n")
