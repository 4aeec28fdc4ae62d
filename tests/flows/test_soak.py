"""A hundred clients at once, ten thousand requests, good and bad: nobody gets a 500, or somebody else's session."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import DEFAULT_WORLD, World, change_world, load_world
from tests.conftest import APP, NOW, PROVIDER_ARN, ROLE_ARN

_CLIENTS, _ROUNDS, _CALLS_A_ROUND = 100, 2, 50
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_KEYS = re.compile(r"<AccessKeyId>(.+)</AccessKeyId><SecretAccessKey>(.+)</SecretAccessKey><SessionToken>(.+)</Session")
_MAX_GROWTH_MEGABYTES = 24


@pytest.fixture(scope="module")
def crowd() -> World:
    """Returns the built-in world with a hundred more people."""
    people = {f"agent{number}@example.com": {"groups": ["Agents"]} for number in range(_CLIENTS)}
    return change_world(load_world(DEFAULT_WORLD), {f"/okta/acme/users/{name}": who for name, who in people.items()})


@dataclass
class _Server:
    """A served world in a process of its own."""

    port: int
    pid: int

    def megabytes(self) -> float:
        status = Path(f"/proc/{self.pid}/status")
        if not status.exists():
            pytest.skip("the memory of another process is read from /proc, which this system lacks")
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


@pytest.fixture
def served(crowd: World, data_home: Path, tmp_path: Path) -> Iterator[_Server]:
    """Serves that world with the keys of this test run."""
    world, ready = tmp_path / "world.yaml", tmp_path / "ready.json"
    world.write_text(json.dumps(crowd.document.data))
    command = [sys.executable, "-m", "emulator", "up", "--world", str(world), "--http", "0", "--no-proxy", "--quiet"]
    command += ["--clock", NOW.isoformat()]
    environment = {**os.environ, "FEDEMU_HOME": str(data_home)}
    with subprocess.Popen(  # noqa: S603
        [*command, "--ready-file", str(ready)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            while not process.stdout.readline().startswith("next:"):
                assert process.poll() is None
            yield _Server(int(json.loads(ready.read_text())["http"].rpartition(":")[2]), process.pid)
        finally:
            process.terminate()
            process.communicate(timeout=30)


@dataclass
class _Client:
    """One person with one connection, who knows which answers are due."""

    port: int
    login: str
    assertion: str
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)
    keys: tuple[str, str, str] | None = None
    connection: http.client.HTTPConnection | None = None

    def post(self, body: bytes, headers: dict[str, str], *, path: str = "/") -> tuple[int, str]:
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        self.connection.request("POST", path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        if answer.will_close:
            self.connection = None
        return answer.status, text

    def assume(self) -> None:
        status, text = self.post(_assume(self.assertion), _FORM)
        match = _KEYS.search(text)
        assert match, text
        assert f"assumed-role/ConnectAgent/{self.login}</Arn>" in text
        self.keys = (match[1], match[2], match[3])
        self.seen["assume", status] += 1

    def who_am_i(self) -> None:
        if self.keys is None:
            self.assume()
        status, text = self._signed("Action=GetCallerIdentity&Version=2011-06-15", self.keys)
        assert f"assumed-role/ConnectAgent/{self.login}</Arn>" in text, text
        self.seen["identity", status] += 1

    def wrong_secret(self) -> None:
        if self.keys is None:
            self.assume()
        assert self.keys is not None
        keys = (self.keys[0], "x" * 40, self.keys[2])
        self._refused("Action=GetCallerIdentity&Version=2011-06-15", keys, "SignatureDoesNotMatch", 403)

    def foreign_token(self) -> None:
        if self.keys is None:
            self.assume()
        assert self.keys is not None
        keys = (self.keys[0], self.keys[1], self.keys[2][:-4] + "AAAA")
        self._refused("Action=GetCallerIdentity&Version=2011-06-15", keys, "InvalidClientTokenId", 403)

    def tampered(self) -> None:
        xml = base64.b64decode(self.assertion).replace(self.login.encode(), b"mallory@example.com")
        self._bad(_assume(base64.b64encode(xml).decode()), "Response signature invalid", 400)

    def not_base64(self) -> None:
        self._bad(_assume("%%%%"), "Invalid base64 SAMLResponse", 400)

    def not_xml(self) -> None:
        self._bad(_assume(base64.b64encode(b"<a><b>").decode()), "InvalidIdentityToken", 400)

    def no_parameters(self) -> None:
        self._bad(b"Action=AssumeRoleWithSAML&Version=2011-06-15", "3 validation errors detected", 400)

    def unknown_action(self) -> None:
        self._bad(b"Action=Nonsense", "<Code>InvalidAction</Code>", 400)

    def unsigned(self) -> None:
        self._bad(b"Action=GetCallerIdentity", "<Code>MissingAuthenticationToken</Code>", 403)

    def no_form(self) -> None:
        status, _ = self.post(b"\x00\xff{]" * 20, {"Content-Type": "application/json"})
        self.seen["no form", status] += 1
        assert status == 404

    def denied(self) -> None:
        if self.keys is None:
            self.assume()
        self._refused("Action=ListRoles&Version=2010-05-08", self.keys, "AccessDenied", 403, service="iam")

    def _signed(self, body: str, keys: tuple[str, str, str] | None, *, service: str = "sts") -> tuple[int, str]:
        assert keys is not None
        request = AWSRequest("POST", f"http://127.0.0.1:{self.port}/", data=body, headers=dict(_FORM))
        SigV4Auth(Credentials(*keys), service, "us-east-1").add_auth(request)
        return self.post(body.encode(), dict(request.headers))

    def _refused(
        self, body: str, keys: tuple[str, str, str] | None, code: str, status: int, *, service: str = "sts"
    ) -> None:
        received, text = self._signed(body, keys, service=service)
        assert (received, f"<Code>{code}</Code>" in text) == (status, True), text
        self.seen[code, received] += 1

    def _bad(self, body: bytes, words: str, status: int) -> None:
        received, text = self.post(body, _FORM)
        assert (received, words in text) == (status, True), text
        self.seen[words, received] += 1

    def run(self, first: int) -> None:
        """Makes a round of calls, each client beginning at another place of the list."""
        calls: list[Callable[[], None]] = [
            self.assume,
            self.who_am_i,
            self.wrong_secret,
            self.who_am_i,
            self.tampered,
            self.no_form,
            self.foreign_token,
            self.not_base64,
            self.who_am_i,
            self.not_xml,
            self.unsigned,
            self.no_parameters,
            self.denied,
            self.unknown_action,
        ]
        for number in range(_CALLS_A_ROUND):
            calls[(first + number) % len(calls)]()


def _assume(assertion: str) -> bytes:
    form: dict[str, Any] = {
        "Action": "AssumeRoleWithSAML",
        "Version": "2011-06-15",
        "RoleArn": ROLE_ARN,
        "PrincipalArn": PROVIDER_ARN,
        "SAMLAssertion": assertion,
    }
    return urlencode(form).encode()


def test_a_hundred_clients(served: _Server, crowd: World, keys: KeyFolder) -> None:
    """Every answer is the one that is due to this client; memory does not grow with the number of requests."""
    provider = Federation(crowd, clock=Clock(frozen_at=NOW), keys=keys).identity_providers["acme"]
    clients = [
        _Client(served.port, login, provider.mint(login, APP).saml_response)
        for login in (f"agent{number}@example.com" for number in range(_CLIENTS))
    ]
    memory = []
    with ThreadPoolExecutor(_CLIENTS) as pool:
        for _ in range(_ROUNDS):
            list(pool.map(lambda pair: pair[1].run(pair[0]), enumerate(clients)))
            memory.append(served.megabytes())
    for each in clients:
        if each.connection is not None:
            each.connection.close()
    seen = sum((each.seen for each in clients), Counter[tuple[str, int]]())
    assert sum(seen.values()) >= _CLIENTS * _ROUNDS * _CALLS_A_ROUND == 10_000
    assert {status for _, status in seen} == {200, 400, 403, 404}
    assert len({each.keys for each in clients}) == _CLIENTS
    assert memory[-1] - memory[0] <= _MAX_GROWTH_MEGABYTES
