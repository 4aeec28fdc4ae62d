"""A world that is saved beside a kept state: what the state holds stays, and conflicts are reported everywhere."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.reloading import reload_world
from emulator.running.state.reading import load_state
from emulator.running.state.writing import dump_state
from emulator.scenarios.runner import START
from emulator.world import DEFAULT_WORLD, load_world
from tests.conftest import APP
from tests.sdk import client

TEXT = DEFAULT_WORLD.read_text(encoding="utf-8")
ROLE = "ConnectAgent"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Returns a copy of the built-in world."""
    path = tmp_path / "world.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def _federation(file: Path, keys: KeyFolder) -> Federation:
    return Federation(load_world(file), clock=Clock(frozen_at=START), keys=keys)


def test_what_a_loaded_state_holds_stays(file: Path, keys: KeyFolder) -> None:
    """A label of the state stays where the world says another, which is reported; what only the world says is taken."""
    before = _federation(file, keys)
    org = before.identity_providers["acme"].org
    apps = {**org.apps, APP: replace(org.apps[APP], label="Of the state")}
    before.identity_providers["acme"].directory.replace(replace(org, apps=apps))
    served = _federation(file, keys)
    load_state(served, dump_state(before))
    text = TEXT.replace("label: Amazon Connect SAML", "label: Of the world\n        audience: urn:example:app")
    file.write_text(text, encoding="utf-8")
    reloaded = reload_world(served)
    app = served.identity_providers["acme"].org.apps[APP]
    assert (app.label, app.audience) == ("Of the state", "urn:example:app")
    assert reloaded.conflicting_keys == ("okta.acme.apps.amazon-connect.label",)


@contextmanager
def _up(file: Path, state: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serves a world with a state, and gives the address and the process; its output is what follows the start."""
    ready = file.with_name("ready.json")
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "emulator", "up", "--world", str(file), "--http", "0", "--no-proxy", "--quiet"]
    command += ["--state", str(state), "--ready-file", str(ready)]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        try:
            while not process.stdout.readline().startswith("next: "):
                assert process.poll() is None
            yield json.loads(ready.read_text(encoding="utf-8"))["http"], process
        finally:
            process.terminate()
            process.communicate(timeout=30)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _page(url: str) -> str:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{url}/workbench/world", timeout=60).text


def _wait_for(url: str, part: str) -> str:
    for _ in range(200):
        page = _page(url)
        if part in page:
            return page
        time.sleep(0.1)
    raise AssertionError(f"{part!r} is not on the page of the world")


def test_up_tells_a_conflict_with_its_state_in_the_terminal_and_on_the_page(file: Path, tmp_path: Path) -> None:
    """What a call made and changed before a restart is there after it, and after a save; a broken save is reported."""
    state = tmp_path / "state.json"

    def role(iam: Any) -> Any:
        return iam.get_role(RoleName=ROLE)["Role"]

    with _up(file, state) as (url, _):
        iam = client("iam", url=url)
        iam.create_user(UserName="kept")
        iam.update_role(RoleName=ROLE, MaxSessionDuration=7200)
    with _up(file, state) as (url, process):
        iam = client("iam", url=url)
        assert role(iam)["MaxSessionDuration"] == 7200
        file.write_text(TEXT.replace("max_session_duration: 3600", "max_session_duration: 10800"), encoding="utf-8")
        assert _line(process) == f"{file} was saved with 1 changed setting"
        key = f"aws.123456789012.roles.{ROLE}.max_session_duration"
        assert _line(process).startswith(f"{key} stays as a call has set it")
        page = _wait_for(url, "It was saved with one changed setting.")
        assert f"<li><code>{key}</code></li>" in page
        assert role(iam)["MaxSessionDuration"] == 7200
        assert iam.get_user(UserName="kept")["User"]["UserName"] == "kept"
        file.write_text(TEXT.replace("okta:", "oktaa:", 1), encoding="utf-8")
        page = _wait_for(url, "The saved file cannot be used")
        assert "unknown key oktaa" in page
        assert role(iam)["MaxSessionDuration"] == 7200
