"""Firefox driven by Marionette, the remote protocol that it has itself: no driver is installed for it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_START_SECONDS = 60
_PREFERENCES = {
    "app.update.auto": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "en",
    "marionette.port": 0,
    # Nothing but this machine is reached.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "toolkit.telemetry.enabled": False,
}


class Marionette:
    """A session with a Firefox.

    Args:
        connection: To its port.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._stream = connection.makefile("rwb")
        self._number = 0
        self._read()  # who it is
        self._ask("WebDriver:NewSession", {})

    def open(self, url: str) -> None:
        """Opens a page."""
        self._ask("WebDriver:Navigate", {"url": url})

    def tab(self) -> str:
        """Returns the handle of the tab that is asked from now on."""
        return str(self._ask("WebDriver:GetWindowHandle", {})["value"])

    def new_tab(self) -> str:
        """Opens a tab and returns its handle; the one that was asked before is asked still."""
        return str(self._ask("WebDriver:NewWindow", {"type": "tab"})["handle"])

    def switch_to(self, tab: str) -> None:
        """Asks another tab from now on, and brings it to the front.

        Args:
            tab: Its handle.
        """
        self._ask("WebDriver:SwitchToWindow", {"handle": tab, "focus": True})

    def run(self, script: str) -> Any:
        """Returns what the body of a function returns in the page."""
        return self._ask("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]

    def wait_for(self, script: str, *, seconds: float = 30) -> float:
        """Waits until the body of a function returns what is true, and returns how many seconds it took."""
        began = time.monotonic()
        while not self.run(script):
            assert time.monotonic() - began < seconds, (
                f"{script} is not so: {self.run('return document.body.innerText')}"
            )
            time.sleep(0.05)
        return time.monotonic() - began

    def _ask(self, command: str, parameters: dict[str, Any]) -> Any:
        self._number += 1
        data = json.dumps([0, self._number, command, parameters]).encode()
        self._stream.write(b"%d:%s" % (len(data), data))
        self._stream.flush()
        _, _, error, result = self._read()
        assert error is None, error
        return result

    def _read(self) -> Any:
        length = b""
        while (byte := self._stream.read(1)) != b":":
            assert byte, "Firefox ended"
            length += byte
        return json.loads(self._stream.read(int(length)))


@contextmanager
def firefox_session(firefox: str, folder: Path) -> Iterator[Marionette]:
    """Starts a headless Firefox with a profile in a folder.

    Args:
        firefox: The path of the program.
        folder: Where its profile and its home are made.
    """
    profile = folder / "marionette"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [firefox, "--headless", "--marionette", "--no-remote", "--profile", str(profile), "about:blank"]
    nothing = subprocess.DEVNULL
    environment = {**os.environ, "HOME": str(folder)}
    process = subprocess.Popen(command, env=environment, stdout=nothing, stderr=nothing)  # noqa: S603 - the browser under test
    try:
        with socket.create_connection(("127.0.0.1", _port(profile, process)), timeout=60) as connection:
            yield Marionette(connection)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _port(profile: Path, process: subprocess.Popen[bytes]) -> int:
    """Returns the port that Firefox has taken: it writes it into its profile."""
    began = time.monotonic()
    file = profile / "MarionetteActivePort"
    while not (file.exists() and file.read_text(encoding="ascii").strip()):
        assert process.poll() is None, "Firefox ended"
        assert time.monotonic() - began < _START_SECONDS, "Firefox opens no port"
        time.sleep(0.05)
    return int(file.read_text(encoding="ascii"))
