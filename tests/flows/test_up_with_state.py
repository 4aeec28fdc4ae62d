"""``fedemu up --state`` as a process: killed, with a file that cannot be written for a while, and hung up on."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import requests

from tests.conftest import ACCOUNT, INSTANCE_ID
from tests.sdk import client


@contextmanager
def _up(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serves with a state in a folder, under a umask that takes nobody's rights away, and gives process and URL."""
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "emulator", "up", "--http", "0", "--no-proxy", "--quiet", "--no-reload"]
    command += ["--state", str(folder / "state.json"), "--ready-file", str(ready), *options]
    environment = {**os.environ, "FEDEMU_HOME": str(folder / "home")}
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, umask=0
    )
    assert process.stdout is not None
    with process:
        try:
            while not process.stdout.readline().startswith("next: "):
                assert process.poll() is None
            yield process, json.loads(ready.read_text(encoding="utf-8"))["http"]
        finally:
            process.kill()


def _wait_for_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip()


def _until(is_so: Callable[[], bool]) -> None:
    ends = monotonic() + 30
    while not is_so():
        assert monotonic() < ends
        sleep(0.05)


def _plain() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def _state_of(url: str) -> Any:
    return _plain().get(f"{url}/fedemu/emulator", timeout=30).json()["state"]


def test_what_was_acknowledged_survives_a_kill_and_what_cannot_be_saved_is_told(
    tmp_path: Path, data_home: Path
) -> None:
    """At once with --save-before-answer, else a moment later; a hang-up saves the rest."""
    state, home = tmp_path / "state.json", tmp_path / "home"
    home.mkdir(mode=0o755)
    (data_home / "keys").mkdir(parents=True, exist_ok=True)
    (home / "keys").symlink_to(data_home / "keys")
    with _up(tmp_path, "--save-before-answer") as (process, url):
        client("iam", url=url).create_user(UserName="at-once")
        process.kill()
    assert f"arn:aws:iam::{ACCOUNT}:user/at-once" in state.read_text(encoding="utf-8")

    with _up(tmp_path) as (process, url):
        files = [tmp_path / name for name in ("home", "home/running.json", "ready.json", "state.json")]
        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o700, 0o600, 0o600, 0o600]
        iam = client("iam", url=url)
        assert iam.get_user(UserName="at-once")["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/at-once"
        iam.create_user(UserName="in-time")
        _until(lambda: "user/in-time" in state.read_text(encoding="utf-8"))
        assert _state_of(url)["problem"] is None

        aside = tmp_path / "aside.json"
        state.replace(aside)
        state.mkdir()
        line = _wait_for_line(process)
        problem = f"{state} cannot be written: something else has been put in its place, which is not a file"
        assert line == f"{problem}; trying again until it succeeds."
        told = _state_of(url)
        assert (told["file"], told["problem"]) == (str(state), problem)
        page = _plain().get(f"{url}/workbench/world", timeout=30).text
        assert f"The state has not been saved since {told['failing_since'][11:19]} UTC: {problem}." in page
        state.rmdir()
        assert _wait_for_line(process) == f"{state} was deleted while fedemu runs, and is written again"
        assert _wait_for_line(process) == f"{state} is saved again"

        iam.create_user(UserName="at-the-end")
        process.send_signal(signal.SIGHUP)
        assert process.communicate(timeout=30)[0].rstrip().endswith("stopped")
        assert process.returncode == 0
    text = state.read_text(encoding="utf-8")
    assert "user/at-the-end" in text
    assert INSTANCE_ID in text
