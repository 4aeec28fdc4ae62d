"""The examples in docs/examples: Amazon Connect's users are made when the app is assigned, or just before the login."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, Serving, serving
from emulator.world import World, change_world
from tests.clients.conftest import ROOT
from tests.conftest import ACCOUNT, APP, INSTANCE_ID
from tests.sdk import ADMINISTRATOR

EXAMPLES = ROOT / "docs" / "examples"
MIKA = "mika@example.com"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/ConnectAgent"
SECRET = "a-secret-of-the-hook"
API = "https://acme.okta.com/api/v1"
HEADERS = {"Authorization": "SSWS 00-example-token-of-the-built-in-world"}


@pytest.fixture
def internet(world: World, keys: KeyFolder) -> Iterator[Serving]:
    """Serves the built-in world, whose role also trusts the account: the broker assumes it."""
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    federated = world.settings.aws[ACCOUNT].roles["ConnectAgent"].trust
    assert isinstance(federated, dict)
    statements = [*federated["Statement"], trust]
    changed = change_world(world, {f"/aws/{ACCOUNT}/roles/ConnectAgent/trust/Statement": statements})
    with serving(Federation(changed, clock=Clock(), ids=Ids(), keys=keys), Ports()) as running:
        yield running


@pytest.fixture
def environment(internet: Serving, tmp_path: Path) -> dict[str, str]:
    """Returns what a program sees: the emulated internet, AWS's example key, an empty home."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONWARNINGS": "ignore",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_ACCESS_KEY_ID": ADMINISTRATOR["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": ADMINISTRATOR["aws_secret_access_key"],
        "CONNECT_INSTANCE_ID": INSTANCE_ID,
        "CONNECT_ROLE_ARN": ROLE_ARN,
        "EVENT_HOOK_SECRET": SECRET,
        **internet.running.environment(),
    }


@pytest.fixture
def receiver(environment: dict[str, str]) -> Iterator[str]:
    """Runs the receiver and returns its address."""
    with subprocess.Popen(  # noqa: S603
        [sys.executable, str(EXAMPLES / "event_hook_receiver.py"), "0"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        yield program.stdout.readline().removeprefix("hears ").strip()
        program.terminate()


def _users(federation: Federation) -> list[str]:
    instance = federation.aws_services.aws.instance(INSTANCE_ID)
    assert instance is not None
    return list(instance.users)


def _admin(federation: Federation, method: str, path: str, data: Any = None) -> Any:
    browser = federation.browser()
    answer = browser.session().request(method, API + path, json=data, headers=HEADERS)
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def test_an_assignment_makes_the_user_who_then_logs_in(internet: Serving, receiver: str) -> None:
    """Okta reports the assignment, the receiver calls CreateUser, and the tile leads to the CCP."""
    federation = internet.federation
    hook = {
        "name": "provisioner",
        "events": {"type": "EVENT_TYPE", "items": ["application.user_membership.add", "group.user_membership.add"]},
        "channel": {
            "type": "HTTP",
            "version": "1.0.0",
            "config": {
                "uri": receiver,
                "headers": [],
                "authScheme": {"type": "HEADER", "key": "Authorization", "value": SECRET},
            },
        },
    }
    made = _admin(federation, "POST", "/eventHooks", hook)
    verified = _admin(federation, "POST", f"/eventHooks/{made['id']}/lifecycle/verify")
    assert verified["verificationStatus"] == "VERIFIED"
    assert MIKA not in _users(federation)
    org = federation.identity_providers["acme"].org
    assignment = {
        "id": org.users[MIKA].user_id,
        "profile": {"role": "ConnectAgent", "samlRoles": ["ConnectAgent"]},
    }
    _admin(federation, "POST", f"/apps/{org.apps[APP].app_id}/users", assignment)
    federation.identity_providers["acme"].management.hooks.wait()
    instance = federation.aws_services.aws.instance(INSTANCE_ID)
    assert instance is not None
    user = instance.users[MIKA]
    assert (user.first_name, user.last_name, user.security_profiles) == ("Mika", "Mori", ("Agent",))
    login = log_in(federation, user=MIKA, app=APP)
    assert login.lands_on == "https://acme.my.connect.aws/home"


def test_the_receiver_refuses_what_is_not_oktas(internet: Serving, receiver: str) -> None:
    """No secret, another one, nonsense: nobody is made; a repeated event makes nobody twice."""
    event = {
        "data": {
            "events": [
                {
                    "eventType": "group.user_membership.add",
                    "target": [{"type": "User", "alternateId": MIKA, "displayName": "Mika Mori"}],
                }
            ]
        }
    }
    session = requests.Session()
    session.trust_env = False
    for authorization in ("", "another"):
        answer = session.post(receiver, json=event, headers={"Authorization": authorization}, timeout=30)
        assert answer.status_code == 401
    headers = {"Authorization": SECRET}
    for body in ("nonsense", "[]", '{"data": {"events": [{"eventType": "group.user_membership.add", "target": [1]}]}}'):
        assert session.post(receiver, data=body, headers=headers, timeout=30).status_code == 400
    assert MIKA not in _users(internet.federation)
    for _ in range(2):
        assert session.post(receiver, json=event, headers=headers, timeout=30).status_code == 204
    assert _users(internet.federation).count(MIKA) == 1


def test_a_broker_makes_the_user_just_before_the_login(internet: Serving, environment: dict[str, str]) -> None:
    """CreateUser, AssumeRole with the login as session name, a sign-in token, and the CCP is open."""
    for expected in ("made", "known"):
        ran = subprocess.run(  # noqa: S603
            [sys.executable, str(EXAMPLES / "create_before_login.py"), MIKA, "Mika", "Mori"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert ran.returncode == 0, ran.stderr
        told, url = ran.stdout.splitlines()
        assert told == f"{expected} {MIKA}"
        page = internet.federation.browser().open(url)
        assert page.url == "https://acme.my.connect.aws/ccp-v2"
        assert f'<strong id="user">{MIKA}</strong>' in page.text
    assert _users(internet.federation).count(MIKA) == 1
