"""``make soak``: long use. Two hundred thousand logins and a million STS calls to one ``fedemu up``, memory watched.

    python -m tests.bench.soak [LOGINS [CALLS [FILE]]]

Logins are whole ones, by real names through the TLS proxy, of a thousand people in turn. Of ten calls to STS one is
AssumeRoleWithSAML, the others are signed GetCallerIdentity calls. Every answer is read: the first wrong one ends the
run. Prints a table of the server's memory and processor time, and writes it into FILE, too.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator.federation import Federation
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import DEFAULT_WORLD, World, change_world, load_world
from tests.bench.in_process import APP
from tests.bench.memory import resident_kilobytes
from tests.bench.processes import running
from tests.bench.storm import Client

LOGINS, CALLS = 200_000, 1_000_000
PEOPLE = 1_000
STRETCHES = 40
_AT_ONCE = 2
_PASSWORD = "correct-horse"
_ARN = "arn:aws:iam::123456789012"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_KEYS = re.compile(r"<AccessKeyId>(.+)</AccessKeyId><SecretAccessKey>(.+)</SecretAccessKey><SessionToken>(.+)</Session")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Stretch:
    """The server's state after a part of the run.

    Args:
        logins: Made so far.
        calls: Made to STS so far.
        megabytes: Resident memory of the server.
        login_ms: Processor milliseconds of the server for each login of this part.
        call_ms: Processor milliseconds of the server for each STS call of this part.
        seconds: Since the run began.
    """

    logins: int
    calls: int
    megabytes: float
    login_ms: float
    call_ms: float
    seconds: float

    def row(self) -> str:
        """Returns the state as a row of a Markdown table."""
        return (
            f"| {self.logins:,} | {self.calls:,} | {self.megabytes:.0f} | {self.login_ms:.1f} | {self.call_ms:.2f} "
            f"| {self.seconds / 60:.0f} |"
        )


class Person:
    """One of those who use the emulator at the same time, first in browsers and then at STS."""

    def __init__(self, ready: dict[str, str], embed_path: str) -> None:
        self._ready, self._embed_path = ready, embed_path
        self._saml_response = ""

    def log_in(self, numbers: range) -> None:
        """Logs in so many people, in a browser of this part of the run: idle connections are closed meanwhile."""
        browser = Client(int(self._ready["proxy"].rpartition(":")[2]), self._ready["ca_file"])
        for number in numbers:
            user = f"agent{number % PEOPLE}@example.com"
            assert browser.log_in(self._embed_path, user=user, password=_PASSWORD), f"{user} did not arrive"
        self._saml_response = browser.saml_response
        browser.close()

    def call_sts(self, calls: int) -> None:
        """Makes so many calls, with the assertion of the last login."""
        assume = urlencode(
            {
                "Action": "AssumeRoleWithSAML",
                "Version": "2011-06-15",
                "RoleArn": f"{_ARN}:role/ConnectAgent",
                "PrincipalArn": f"{_ARN}:saml-provider/okta",
                "SAMLAssertion": self._saml_response,
            }
        ).encode()
        sts = http.client.HTTPConnection("127.0.0.1", int(self._ready["http"].rpartition(":")[2]), timeout=60)
        identity = b"Action=GetCallerIdentity&Version=2011-06-15"
        signed: dict[str, str] = {}
        for number in range(calls):
            if number % 10 == 0:
                match = _KEYS.search(_answer(sts, assume, _FORM))
                assert match, "AssumeRoleWithSAML gave no credentials"
                if number % 1000 == 0:
                    signed = self._sign(identity, Credentials(*match.groups()))
            else:
                assert "assumed-role/ConnectAgent/agent" in _answer(sts, identity, signed)
        sts.close()

    def _sign(self, body: bytes, keys: Credentials) -> dict[str, str]:
        request = AWSRequest("POST", f"{self._ready['http']}/", data=body, headers=dict(_FORM))
        SigV4Auth(keys, "sts", "us-east-1").add_auth(request)
        return dict(request.headers)


def _answer(sts: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> str:
    sts.request("POST", "/", body, headers)
    answer = sts.getresponse()
    text = answer.read().decode()
    assert answer.status == 200, text
    return text


def main() -> None:
    """Runs, prints the table, and says how much the memory rose after the first tenth."""
    arguments = [*sys.argv[1:], *[""] * 3]
    logins, calls = int(arguments[0] or LOGINS), int(arguments[1] or CALLS)
    with open(arguments[2] or os.devnull, "w", encoding="utf-8") as out, tempfile.TemporaryDirectory() as name:  # noqa: PTH123
        _soak(Path(name), logins, calls, out)


def _soak(folder: Path, logins: int, calls: int, out: TextIO) -> None:
    environment = {**os.environ, "FEDEMU_HOME": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])}
    world = _crowd()
    world_file = folder / "world.yaml"
    world_file.write_text(json.dumps(world.document.data), encoding="utf-8")
    provider, app = Federation(world, keys=KeyFolder(folder / "keys")).find_app(APP)
    path = provider.org.embed_link(app).removeprefix(provider.org.base_url)
    _print(
        "| logins | STS calls | MB | ms of processor a login | ms a call | minutes |\n|---|---|---|---|---|---|", out
    )
    with running(folder, environment, "--world", str(world_file), "--proxy", "0") as ready:
        people = [Person(ready, path) for _ in range(_AT_ONCE)]
        stretches = _stretches(people, int(ready["pid"]), logins, calls, out)
    settled, last = stretches[len(stretches) // 10], stretches[-1]
    highest = max(each.megabytes for each in stretches)
    _print(
        f"\nmemory at the end against that after a tenth: {last.megabytes / settled.megabytes:.2f} "
        f"(highest {highest:.0f} MB); no answer was wrong",
        out,
    )


def _stretches(people: list[Person], pid: int, logins: int, calls: int, out: TextIO) -> list[Stretch]:
    began, stretches = time.monotonic(), list[Stretch]()
    with ThreadPoolExecutor(len(people)) as pool:
        for number in range(STRETCHES):
            many, more = logins // STRETCHES // len(people), calls // STRETCHES // len(people)
            first = number * many * len(people)
            before = _processor_seconds(pid)
            list(
                pool.map(
                    lambda pair: pair[1].log_in(range(first + pair[0] * many, first + (pair[0] + 1) * many)),  # noqa: B023
                    enumerate(people),
                )
            )
            between = _processor_seconds(pid)
            list(pool.map(lambda person: person.call_sts(more), people))  # noqa: B023
            after = _processor_seconds(pid)
            stretches.append(
                Stretch(
                    logins=(number + 1) * many * len(people),
                    calls=(number + 1) * more * len(people),
                    megabytes=resident_kilobytes(pid) / 1024,
                    login_ms=(between - before) / (many * len(people)) * 1000,
                    call_ms=(after - between) / (more * len(people)) * 1000,
                    seconds=time.monotonic() - began,
                )
            )
            _print(stretches[-1].row(), out)
    return stretches


def _crowd() -> World:
    """Returns the built-in world with a thousand more agents."""
    world = load_world(DEFAULT_WORLD)
    (account,) = world.document.data["aws"]
    (instance,) = world.document.data["aws"][account]["connect"]
    changes: dict[str, object] = {}
    for number in range(PEOPLE):
        login = f"agent{number}@example.com"
        changes[f"/okta/acme/users/{login}"] = {"groups": ["Agents"], "password": _PASSWORD}
        agent = {"first_name": "Agent", "last_name": str(number), "security_profiles": ["Agent"]}
        changes[f"/aws/{account}/connect/{instance}/users/{login}"] = agent
    return change_world(world, changes)


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _print(line: str, out: TextIO) -> None:
    print(line, flush=True)
    print(line, file=out, flush=True)


if __name__ == "__main__":
    main()
