"""Logins and assertions that programs ask the running emulator for, and who does not get any."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from emulator.federation import Federation
from emulator.network.listener.server import Server
from emulator.running.served_world import ServedWorld
from emulator.world import DEFAULT_WORLD, load_world
from tests.conftest import ACCOUNT, APP, ROLE_ARN, USER
from tests.sdk import client

LOGIN = {"user": USER, "app": APP}


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


def test_what_is_served(server: Server, plain: requests.Session) -> None:
    """The world's file, whether it was changed, and the time."""
    answer = plain.get(f"{server.url}/fedemu/emulator")
    assert answer.json() == {
        "format": 2,
        "world": str(DEFAULT_WORLD),
        "built_in": True,
        "changed": [],
        "only": None,
        "now": "2026-01-15T09:00:00.000Z",
        "moved_seconds": 0.0,
        "state": None,
        "limits_reached": [],
    }


def test_limits_that_were_reached_are_listed(
    server: Server, plain: requests.Session, federation: Federation, caplog: pytest.LogCaptureFixture
) -> None:
    """In the sentences of the log, each once."""
    for _ in range(2):
        federation.limits.reached("people", "2 people are known, and nobody else can be")
    assert plain.get(f"{server.url}/fedemu/emulator").json()["limits_reached"] == [
        "2 people are known, and nobody else can be"
    ]
    assert [record.getMessage() for record in caplog.records] == [
        "fedemu: limit reached: 2 people are known, and nobody else can be"
    ]


def test_a_login(server: Server, plain: requests.Session) -> None:
    """What it came to as docs/result.md has it, and as a person reads it."""
    answer = plain.post(f"{server.url}/fedemu/logins", json=LOGIN)
    told = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert (told["login"]["format"], told["login"]["outcome"], told["login"]["role"]) == (2, "accepted", ROLE_ARN)
    assert told["text"][0].startswith(" 1. Okta dashboard")
    assert (told["block"], told["fixable"], told["world"]) == ("", False, str(DEFAULT_WORLD))
    assert "credentials" not in told
    assert "har" not in told


def test_credentials_of_a_login_are_accepted(server: Server, plain: requests.Session) -> None:
    """By the same emulator, with boto3; they are of the person's session."""
    told = plain.post(f"{server.url}/fedemu/logins", json={**LOGIN, "via": "sts", "duration_seconds": 900}).json()
    keys = told["credentials"]
    sts = client(
        "sts",
        url=server.url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    assert sts.get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/ConnectAgent/hanako@example.com"
    assert keys["Expiration"] == "2026-01-15T09:15:00Z"
    assert told["region"] == "ap-northeast-1"


def test_faults_are_of_one_login(server: Server, federation: Federation, plain: requests.Session) -> None:
    """As YAML or as objects; who logs in beside it, and the next login, have none."""
    fault = {"attribute": "RoleSessionName", "set": "hanako sato"}
    for given in (fault, "{attribute: RoleSessionName, set: hanako sato}"):
        login = plain.post(f"{server.url}/fedemu/logins", json={**LOGIN, "faults": [given], "fixes": False}).json()[
            "login"
        ]
        assert (login["outcome"], login["refusal"]["check"]) == ("refused", "role-session-name")
    faults = federation.identity_providers["acme"].faults
    with faults.apart():
        faults.inject(APP, USER, ())
        assert faults.of(APP, USER) == ()
    assert plain.post(f"{server.url}/fedemu/logins", json=LOGIN).json()["login"]["outcome"] == "accepted"


def test_logins_at_the_same_time(server: Server) -> None:
    """Of the same person, every other one with a fault: each has its own and no other."""

    def log_in(number: int) -> tuple[str, str]:
        session = requests.Session()
        session.trust_env = False
        faults = [{"attribute": "RoleSessionName", "set": "hanako sato"}] if number % 2 else []
        asked = {**LOGIN, "faults": faults, "fixes": False, "via": "sts" if number % 3 else "browser"}
        login = session.post(f"{server.url}/fedemu/logins", json=asked).json()["login"]
        return login["outcome"], login.get("refusal", {}).get("check", "")

    with ThreadPoolExecutor(8) as pool:
        came = list(pool.map(log_in, range(24)))
    assert came == [("accepted", ""), ("refused", "role-session-name")] * 12


def test_an_assertion(server: Server, plain: requests.Session) -> None:
    """In base64, and as XML."""
    told = plain.post(f"{server.url}/fedemu/assertions", json=LOGIN).json()
    assert sorted(told) == ["built_in", "changed", "format", "only", "saml_response", "world", "xml"]
    page = plain.post(f"{server.url}/saml", data={"SAMLResponse": told["saml_response"]}, allow_redirects=False)
    assert page.status_code == 302


@pytest.mark.parametrize("path", ["/fedemu/logins", "/fedemu/assertions", "/fedemu/scenarios"])
@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({"Origin": "https://evil.example.com"}, 403, "fedemu: the {} are not for web pages.\n"),
        ({"Origin": "null"}, 403, "fedemu: the {} are not for web pages.\n"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "fedemu: the {} are not for web pages.\n"),
        ({"Sec-Fetch-Site": "same-origin"}, 403, "This is not for web pages."),
        ({"Content-Type": "text/plain"}, 415, "This takes Content-Type: application/json."),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "This takes Content-Type: application/json."),
        ({"Content-Type": ""}, 415, "This takes Content-Type: application/json."),
    ],
)
def test_no_page_gets_any(
    server: Server, plain: requests.Session, path: str, headers: dict[str, str], status: int, message: str
) -> None:
    """Not even one of the emulator's own; nor a form or a text, which a page may send without being asked."""
    answer = plain.post(f"{server.url}{path}", json=LOGIN, headers=headers)
    said = answer.text if answer.text.startswith("fedemu: ") else answer.json()["error"]["message"]
    assert (answer.status_code, said) == (status, message.format(path.rpartition("/")[2]))
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert plain.options(f"{server.url}{path}").status_code == 405
    assert plain.post(f"{server.url}{path}", json=LOGIN, headers={"Host": "evil.example.com"}).status_code == 404


def test_another_site_learns_not_what_is_served(server: Server, plain: requests.Session) -> None:
    """Nor may anything be put there."""
    address = f"{server.url}/fedemu/emulator"
    assert plain.get(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert plain.get(address, headers={"Origin": "https://evil.example.com"}).status_code == 403
    assert plain.post(address, json={}).status_code == 405


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "The request is not JSON: Expecting value: line 1 column 1 (char 0)."),
        ("[" * 100_000, "The request is not JSON: maximum recursion depth exceeded while decoding a JSON array"),
        ("[]", "The request cannot be used: "),
        ("{}", "The request cannot be used: required field missing @ $.user"),
        ('{"user": 1, "app": "a"}', "The request cannot be used: invalid value for type, expected str @ $.user"),
        ('{"user": "a", "app": "b", "usr": 1}', "The request cannot be used: extra fields found (usr) @ $"),
        ('{"user": "a", "app": "b", "via": "post"}', "The request cannot be used: "),
    ],
)
def test_a_request_that_cannot_be_used(server: Server, plain: requests.Session, body: str, message: str) -> None:
    """The answer says in JSON where it is wrong."""
    answer = plain.post(f"{server.url}/fedemu/logins", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["exit_code"] == 2
    assert answer.json()["error"]["message"].startswith(message)


def test_what_cannot_be_done_is_told_as_docs_have_it(server: Server, plain: requests.Session) -> None:
    """An app that there is not; an address that is none; a request that is too large."""
    answer = plain.post(f"{server.url}/fedemu/logins", json={"user": USER, "app": "nothing"})
    assert (answer.status_code, answer.json()["format"], answer.json()["exit_code"]) == (400, 2, 2)
    assert answer.json()["error"]["message"] == "There is no Okta app nothing"
    answer = plain.post(f"{server.url}/fedemu/logins", json={**LOGIN, "source_ip": "office"})
    assert answer.json()["error"]["message"] == "office is not an IP address such as 203.0.113.10"
    answer = plain.post(f"{server.url}/fedemu/logins", json={**LOGIN, "user": "x" * 1_100_000})
    assert answer.status_code == 413


def test_another_world_is_not_taken_for_the_served_one(server: Server, plain: requests.Session) -> None:
    """A conflict, with the file that is served."""
    answer = plain.post(f"{server.url}/fedemu/logins", json={**LOGIN, "world": "/elsewhere/other.yaml"})
    assert answer.status_code == 409
    reason = f"it serves {DEFAULT_WORLD}"
    assert answer.json()["reason"] == reason
    assert answer.json()["error"] == {"message": f"The running emulator does not do this: {reason}."}


def test_a_scenario_changes_no_world_that_is_served(server: Server, plain: requests.Session) -> None:
    """It is reported at the line of its changes."""
    data = {"scenario": "It changes", "id": "A", "changes": {"/okta": None}, "login": LOGIN, "expect": "arrives"}
    lines = [["scenario", 1, None], ["changes", 3, [["/okta", 4, None]]]]
    asked = {"file": "a.yaml", "data": data, "lines": lines, "elsewhere": [], "world": str(DEFAULT_WORLD)}
    told = plain.post(f"{server.url}/fedemu/scenarios", json=asked).json()
    message = "a running emulator's world is not changed for a scenario"
    problem = {"file": "a.yaml", "line": 3, "key": "changes", "message": message}
    assert told["error"] == {"message": message, "problems": [problem]}
    assert (told["text"], told["exit_code"]) == (f"a.yaml:3  changes\n  {message}", 2)


def test_secrets_stay_out_of_the_trace(server: Server, federation: Federation, plain: requests.Session) -> None:
    """The exchange is kept without its body."""
    keys = plain.post(f"{server.url}/fedemu/logins", json={**LOGIN, "via": "sts"}).json()["credentials"]
    exchanges: list[Any] = [each for each in federation.gateway.exchanges if "/fedemu/logins" in each.url]
    assert [each.body for each in exchanges] == [""]
    assert not any(keys["SecretAccessKey"] in each.body for each in federation.gateway.exchanges)


def test_files_of_a_world_that_change(tmp_path: Path) -> None:
    """The world's own, and what it names; a file that is saved as it was is none, one that is gone is."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    trust = json.dumps(yaml.safe_load(text)["aws"][ACCOUNT]["roles"]["ConnectAgent"]["trust"])
    (tmp_path / "my trust.json").write_text(trust, encoding="utf-8")
    path = tmp_path / "world.yaml"
    before, _, after = text.partition("        trust: *trust\n")
    path.write_text(before + "        trust: my trust.json\n" + after, encoding="utf-8")
    served = ServedWorld(Federation(load_world(path)))
    assert served.changed_files() == ()
    (tmp_path / "my trust.json").write_text(trust, encoding="utf-8")
    assert served.changed_files() == ()
    (tmp_path / "my trust.json").write_text(trust + " ", encoding="utf-8")
    assert served.changed_files() == (tmp_path / "my trust.json",)
    path.unlink()
    assert served.changed_files() == (path, tmp_path / "my trust.json")
