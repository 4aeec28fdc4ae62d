"""Locust's own page: where it listens, what it asks for, and a run that it begins and ends."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.network.listener.server import Server
from tests.conftest import APP
from tests.emulator.load.conftest import PATIENCE_SECONDS, command


@dataclass(frozen=True, slots=True)
class Page:
    """Locust's page, with what it said of itself."""

    port: int
    log: Path

    def get(self, path: str) -> requests.Response:
        """Asks for a page."""
        return self._session().get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_SECONDS)

    def swarm(self, **form: Any) -> dict[str, Any]:
        """Begins a run, as the page's form does."""
        fields = {"user_count": 2, "spawn_rate": 2, **form}
        url = f"http://127.0.0.1:{self.port}/swarm"
        told: dict[str, Any] = self._session().post(url, data=fields, timeout=PATIENCE_SECONDS).json()
        return told

    def ended(self, *, with_name: str = "Aggregated") -> dict[str, int]:
        """Waits for the end of a run that made some request, and returns how often each was made, by its name."""
        for _ in range(PATIENCE_SECONDS * 10):
            told = self.get("/stats/requests").json()
            made = {each["name"]: each["num_requests"] for each in told["stats"]}
            if told["state"] == "stopped" and with_name in made:
                return made
            time.sleep(0.1)
        raise TimeoutError(self.log.read_text(encoding="utf-8"))

    @staticmethod
    def _session() -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        return session


@pytest.fixture
def page(environment: dict[str, str], server: Server, tmp_path: Path) -> Iterator[Page]:
    """Starts a load with its page and waits until that is there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "log"
    line = command("--host", server.url, "--web-port", str(port))
    with log.open("w", encoding="utf-8") as file:
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(line, stdin=nothing, stdout=nothing, stderr=file, env=environment)  # noqa: S603
    try:
        for _ in range(PATIENCE_SECONDS * 10):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.1)
        yield Page(port, log)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


def test_the_page_begins_a_load_and_its_last_login_ends_it(page: Page, server: Server) -> None:
    """It is for this machine alone, has the options of a load, and can begin another run with other people."""
    assert f"Starting web interface at http://127.0.0.1:{page.port}," in page.log.read_text(encoding="utf-8")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.2", page.port)) != 0
    shown = page.get("/")
    assert (shown.status_code, "<title>Locust</title>" in shown.text) == (200, True)
    assert server.url in shown.text
    assert "Who logs in: an Okta login, or a pattern such as" in shown.text

    begun = page.swarm(logins=5, people="hanako*", host=server.url)
    assert (begun["success"], begun["message"]) == (True, "Swarming started")
    ended = page.ended()
    assert (ended[f"acme/{APP}"], ended["Present the assertion"]) == (5, 5)

    page.swarm(logins=4, people="taro*", via="sts", host=server.url)
    assert page.ended(with_name=f"acme/{APP} (STS)")[f"acme/{APP} (STS)"] == 4


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"host": "http://example.com"}, "http://example.com is not an emulator of this machine"),
        ({"people": "nobody"}, "There is no login with people nobody"),
        ({"via": "fax"}, "There is no --via fax"),
        ({"logins": -1}, "--logins and --pause are not below 0"),
    ],
)
def test_what_the_page_asks_for_and_cannot_be(page: Page, form: dict[str, Any], said: str) -> None:
    """Nobody logs in anywhere; the page's list of exceptions says why, and the next run may be right."""
    page.swarm(**form)
    assert page.ended() == {"Aggregated": 0}
    (told,) = page.get("/exceptions").json()["exceptions"]
    assert told["msg"].splitlines()[0] == said
