"""The state as JSON: out and in again, refused when it is none, and on disk whatever happens."""

from __future__ import annotations

import json
import os
import signal
import stat
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
from emulator.kernel.errors import StateError
from emulator.network.gateway import MAX_STATE_BYTES
from emulator.network.keys import KeyFolder
from emulator.network.server import Server
from emulator.running.state import StateFile, dump_state, load_state, write_atomically
from emulator.world import World
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, PROVIDER_ARN, ROLE_ARN, USER
from tests.sdk import Sdk, client, keys_of

ROLE = f"arn:aws:iam::{ACCOUNT}:role/Later"


@pytest.fixture
def other(world: World, clock: Clock, keys: KeyFolder) -> Federation:
    """Returns a second federation of the same world."""
    return Federation(world, clock=clock, ids=Ids(seed=8), keys=keys)


def _login(federation: Federation, sdk: Sdk) -> dict[str, str]:
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    answer = sdk("sts").assume_role_with_saml(RoleArn=ROLE_ARN, PrincipalArn=PROVIDER_ARN, SAMLAssertion=assertion)
    return keys_of(answer["Credentials"])


def test_everything_goes_out_and_in_again(federation: Federation, other: Federation, sdk: Sdk) -> None:
    """Accounts as calls left them, credentials and every session; the copy gives the same text."""
    log_in(federation, user=USER, app=APP)
    _login(federation, sdk)
    sdk("iam").create_user(UserName="kept", Tags=[{"Key": "a", "Value": "b"}])
    sdk("iam").create_access_key(UserName="kept")
    sdk("iam").create_group(GroupName="kept")
    sdk("iam").add_user_to_group(GroupName="kept", UserName="kept")
    sdk("iam").create_instance_profile(InstanceProfileName="kept")
    sdk("iam").create_open_id_connect_provider(Url="https://tokens.example.com")
    sdk("sts").get_federation_token(Name="guest", Policy='{"Version":"2012-10-17","Statement":[]}'.replace("[]", _S3))
    text = dump_state(federation)
    tables = json.loads(text)["tables"]
    for name in ("credentials", "console-sessions", "connect-access-tokens", "cloudtrail-events", "okta-sessions/acme"):
        assert tables[name], name
    load_state(other, text)
    assert dump_state(other) == text
    assert other.aws_services.history.records() == federation.aws_services.history.records()


def test_full_tables_are_loaded_again(federation: Federation, other: Federation, sdk: Sdk) -> None:
    """Every session and every credential; of the histories as much as there is room for, and the newest of it."""
    log_in(federation, user=USER, app=APP)
    _login(federation, sdk)
    tables = federation.store.tables
    for table in tables.values():
        found = list(table.running().items())
        for number in range(table.capacity if found else 0):
            key, value = found[number % len(found)]
            table.put(f"{number:05}{key[5:]}", value)
    text = dump_state(federation)
    assert 40_000_000 < len(text) <= MAX_STATE_BYTES
    load_state(other, text)
    filled = {name: table.capacity for name, table in tables.items() if len(table)}
    assert {name: len(other.store.tables[name]) for name in filled if not tables[name].is_history} == {
        name: 10_000 for name in filled if not tables[name].is_history
    }
    assert {"credentials", "console-sessions", "connect-access-tokens", "okta-sessions/acme"} <= filled.keys()
    for name in ("cloudtrail-events", "okta-system-log/acme"):
        kept = list(other.store.tables[name].running())
        assert kept == list(tables[name].running())[-len(kept) :]
        assert len(kept) > 1_000


def test_what_is_too_large_leaves_out_the_oldest(federation: Federation, other: Federation) -> None:
    """Events go before sessions; the text keeps to its limit and can be loaded."""
    for _ in range(5):
        log_in(federation, user=USER, app=APP)
    whole, sessions = json.loads(dump_state(federation)), 0
    for limit in range(len(dump_state(federation)), 30_000, -4_000):
        text = dump_state(federation, limit=limit)
        assert len(text) <= limit
        tables = json.loads(text)["tables"]
        for name, table in tables.items():
            assert list(table) == list(whole["tables"][name])[len(whole["tables"][name]) - len(table) :]
        if tables["cloudtrail-events"] or tables["okta-system-log/acme"]:
            assert tables["console-sessions"] == whole["tables"]["console-sessions"]
        sessions = len(tables["console-sessions"])
        load_state(other, text)
    assert sessions < 5


def test_a_state_from_before_there_were_events(federation: Federation, other: Federation) -> None:
    """It is loaded, and the event history is empty."""
    log_in(federation, user=USER, app=APP)
    data = json.loads(dump_state(federation))
    del data["tables"]["cloudtrail-events"]
    load_state(other, json.dumps(data))
    assert other.aws_services.history.records() == []


def test_a_state_of_before_groups_is_still_read(federation: Federation, other: Federation) -> None:
    """What IAM did not have then is empty, and nothing else is missing."""
    state = json.loads(dump_state(federation))
    for account in state["accounts"]:
        for added in ("groups", "instance_profiles", "oidc_providers"):
            assert account.pop(added) == {}
        for policy in account["policies"].values():
            assert policy.pop("newest_version") == 0
        for provider in account["saml_providers"].values():
            assert provider.pop("updated_at") is None
    load_state(other, json.dumps(state))
    assert dump_state(other) == dump_state(federation)


_S3 = '[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]'


def test_a_state_of_before_routing_profiles_is_still_read(federation: Federation, other: Federation) -> None:
    """They were names then, and instances had neither attributes nor queues."""
    state = json.loads(dump_state(federation))
    for account in state["accounts"]:
        del account["released_aliases"]
        for instance in account["instances"].values():
            instance["routing_profiles"] = [each["name"] for each in instance["routing_profiles"]]
            for name in ("attributes", "queues", "hours_of_operation", "hierarchy_levels", "hierarchy_groups"):
                del instance[name]
            for profile in instance["security_profiles"]:
                for name in [name for name in profile if name not in {"name", "access_ccp"}]:
                    del profile[name]
            for user in instance["users"].values():
                for name in ("phone", "hierarchy_group_id", "directory_user_id"):
                    del user[name]
    load_state(other, json.dumps(state))
    assert dump_state(other) == dump_state(federation)


def test_a_loaded_state_answers(federation: Federation, other: Federation, sdk: Sdk) -> None:
    """Credentials and roles work where the state was taken to."""
    keys = _login(federation, sdk)
    trust = sdk("iam").get_role(RoleName="ConnectAgent")["Role"]["AssumeRolePolicyDocument"]
    sdk("iam").create_role(RoleName="Later", AssumeRolePolicyDocument=json.dumps(trust))
    load_state(other, dump_state(federation))
    made, loaded = federation.aws_services.aws.role(ROLE), other.aws_services.aws.role(ROLE)
    assert made is not None
    assert loaded is not None
    assert (loaded.role_id, loaded.trust.text) == (made.role_id, made.trust.text)
    with Server(other.gateway) as server:
        assert (
            client("sts", url=server.url, **keys)
            .get_caller_identity()["Arn"]
            .endswith(f"assumed-role/ConnectAgent/{USER}")
        )


MISTAKES: list[tuple[str, Any, str]] = [
    ("no JSON", "{", "it is not JSON: "),
    ("no object", "[]", "it is not a state of version 1"),
    ("another version", '{"version": 2}', "it is not a state of version 1"),
    ("no tables", '{"version": 1, "orgs": {}, "accounts": []}', "it lacks tables"),
    ("no orgs", '{"version": 1, "accounts": [], "tables": {}}', "it lacks orgs"),
    ("no accounts", '{"version": 1, "orgs": {}, "tables": {}}', "it lacks accounts"),
    (
        "tables as a list",
        '{"version": 1, "orgs": {}, "accounts": [], "tables": []}',
        "it cannot be used: tables is not an object",
    ),
    (
        "a number as account id",
        '{"version": 1, "orgs": {}, "accounts": [{"account_id": 1}], "tables": {}}',
        "it, accounts cannot be used: ",
    ),
    (
        "an unknown key",
        '{"version": 1, "orgs": {}, "accounts": [{"account_id": "123456789012", "colour": "red"}], "tables": {}}',
        "it, accounts cannot be used: extra fields found (colour)",
    ),
    (
        "half a credential",
        '{"version": 1, "orgs": {}, "accounts": [], "tables": {"credentials": {"a": {}}}}',
        "it, tables.credentials cannot be used: required field missing",
    ),
]


@pytest.mark.parametrize(("text", "words"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_what_is_no_state_changes_nothing(federation: Federation, text: str, words: str) -> None:
    """Everything is read before anything is replaced."""
    log_in(federation, user=USER, app=APP)
    before = dump_state(federation)
    with pytest.raises(StateError) as caught:
        load_state(federation, text, source="it")
    assert caught.value.message.startswith(words)
    assert dump_state(federation) == before


def test_a_policy_in_a_state_is_read_as_any_other(federation: Federation) -> None:
    """A document that IAM would not take is not taken from a state either."""
    before = dump_state(federation)
    broken = before.replace('\\"Effect\\": \\"Allow\\"', '\\"Effect\\": \\"Perhaps\\"')
    assert broken != before
    with pytest.raises(StateError, match="accounts cannot be used"):
        load_state(federation, broken)
    assert dump_state(federation) == before


@pytest.fixture
def plain() -> Iterator[requests.Session]:
    """Returns a client that looks at no proxy settings."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_the_control_api(server: Server, federation: Federation, plain: requests.Session) -> None:
    """GET gives the state, PUT takes one; a bad one is answered with 400 and the reason."""
    url = f"{server.url}/fedemu/state"
    log_in(federation, user=USER, app=APP)
    state = plain.get(url, timeout=30)
    assert state.headers["Content-Type"] == "application/json; charset=utf-8"
    assert state.text == dump_state(federation)
    emptied = json.loads(state.text)
    emptied["tables"] = {}
    answer = plain.put(url, json=emptied, timeout=30)
    assert (answer.status_code, answer.json()["tables"]["console-sessions"]) == (200, {})
    assert len(federation.aws_services.aws.accounts) == 1
    bad = plain.put(url, data="{", timeout=30)
    assert (bad.status_code, bad.text[:31]) == (400, "fedemu: the request's body is n")
    assert plain.post(url, data="{}", timeout=30).status_code == 405
    assert plain.put(url, data=state.text, timeout=30).text == state.text


def test_the_state_is_not_for_web_pages(server: Server, plain: requests.Session) -> None:
    """A page of another site gets no secrets and changes nothing; the trace keeps no state."""
    url = f"{server.url}/fedemu/state"
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = plain.get(url, headers=headers, timeout=30)
        assert (answer.status_code, answer.text) == (403, "fedemu: the state is not for web pages.\n")
        assert plain.put(url, headers=headers, data="{}", timeout=30).status_code == 403
    evil_host = {"Host": "rebound.example"}
    assert plain.get(url, headers=evil_host, timeout=30).status_code == 404


def test_the_trace_keeps_no_state(server: Server, federation: Federation, plain: requests.Session) -> None:
    """Reading it is not recorded; of putting another one in its place the body is not."""
    state = plain.get(f"{server.url}/fedemu/state", timeout=30).text
    assert not federation.gateway.exchanges
    plain.put(f"{server.url}/fedemu/state", data=state.encode(), timeout=30)
    assert [(each.method, each.body) for each in federation.gateway.exchanges] == [("PUT", "")]


def test_a_large_state_fits(server: Server, federation: Federation, plain: requests.Session) -> None:
    """A state may be larger than any other request."""
    state = json.loads(dump_state(federation))
    big = json.dumps({**state, "accounts": state["accounts"]}) + " " * 2_000_000
    assert plain.put(f"{server.url}/fedemu/state", data=big, timeout=30).status_code == 200
    assert plain.post(f"{server.url}/fedemu/state", data=big, timeout=30).status_code == 413


def test_a_file_follows_the_state(tmp_path: Path, federation: Federation, other: Federation) -> None:
    """What happened is in the file when it is closed, for its owner only, and another federation begins there."""
    path = tmp_path / "kept" / "state.json"
    with StateFile(path, federation) as state:
        federation.gateway.listen(state.ask)
        log_in(federation, user=USER, app=APP)
    text = path.read_text()
    assert text == dump_state(federation)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with StateFile(path, other):
        assert dump_state(other) == text
    assert [file.name for file in path.parent.iterdir()] == ["state.json"]


def test_a_file_that_is_no_state_is_left_alone(tmp_path: Path, federation: Federation) -> None:
    """A wrong file is named and not overwritten."""
    path = tmp_path / "world.yaml"
    path.write_text("version: 1\n")
    with pytest.raises(StateError) as caught, StateFile(path, federation):
        pass
    assert caught.value.message.startswith(f"{path} is not JSON: ")
    assert path.read_text() == "version: 1\n"


_WRITER = """
import sys
from pathlib import Path
from emulator.running.state import write_atomically
path = Path(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    write_atomically(path, (str(number % 10) * 300_000).encode())
"""


def test_a_kill_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    """Whatever moment the process ends at, the file is whole."""
    path = tmp_path / "state.json"
    write_atomically(path, b"0" * 300_000)
    for _ in range(12):
        command = [sys.executable, "-c", _WRITER, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:  # noqa: S603
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            writer.stdout.close()
            os.kill(writer.pid, signal.SIGKILL)
        data = path.read_bytes()
        assert (len(data), len(set(data))) == (300_000, 1)


def test_up_keeps_the_state(tmp_path: Path, clock: Clock) -> None:
    """A user made over the API is there after a restart; the console session too."""
    state, ready = tmp_path / "state.json", tmp_path / "ready.json"
    command = [sys.executable, "-m", "emulator", "up", "--http", "0", "--no-proxy", "--quiet"]
    command += ["--state", str(state), "--ready-file", str(ready)]

    def running() -> Iterator[Any]:
        ready.unlink(missing_ok=True)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
            assert process.stdout is not None
            try:
                while not process.stdout.readline().startswith("next:"):
                    assert process.poll() is None
                url = json.loads(ready.read_text())["http"]
                yield client("iam", url=url)
            finally:
                process.terminate()
                process.communicate(timeout=30)

    for iam in running():
        iam.create_user(UserName="kept")
    for iam in running():
        assert iam.get_user(UserName="kept")["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/kept"
    assert INSTANCE_ID in state.read_text()
