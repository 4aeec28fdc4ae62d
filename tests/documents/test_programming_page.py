"""The calls of docs/programming.md, as they stand there, by curl."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import Outcome, log_in
from emulator.network.listener.server import Server
from tests.conftest import APP, USER

PAGE = (Path(__file__).parents[2] / "docs" / "programming.md").read_text(encoding="utf-8")
CALLS = [
    line
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for line in re.split(r"^\$ ", block, flags=re.MULTILINE)
    if line.strip()
]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed here; CI has it")
def test_the_calls_of_the_page(server: Server, federation: Federation) -> None:
    """In the page's order, with the logins in between that they are about."""

    def answer(call: str) -> Any:
        command = call.replace("http://127.0.0.1:7080", server.url)
        done = subprocess.run(  # noqa: S602 - a shell is what the line is for
            command, shell=True, capture_output=True, text=True, check=True, timeout=60
        )
        return json.loads(done.stdout)

    program, listed, forget, wait, faults, clear = CALLS
    assert answer(program)["next_logins"][0]["faults"] == ["{attribute: RoleSessionName, set: hanako sato}"]
    assert log_in(federation, user=USER, app=APP).outcome is Outcome.REFUSED
    assert answer(listed)["next_logins"][0]["used"] == 1
    assert answer(forget) == {"next_logins": []}
    (login,) = answer(wait)["logins"]
    assert (login["number"], login["user"], login["refusal"]["check"]) == (1, USER, "role-session-name")
    assert [each["host"] for each in answer(faults)["network_faults"]] == ["sts.amazonaws.com", "*.okta.com"]
    assert answer(clear) == {"network_faults": []}


def test_the_page_names_every_key() -> None:
    """What may be asked and planted is in its tables, and nothing else."""
    from emulator.building import next_logins
    from emulator.network.faults import network_fault_data

    named = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`[^|]*`) \|", PAGE, re.MULTILINE))))
    answered = {"number", "started_at", "assertion"}
    assert named == {*next_logins.KEYS, *network_fault_data.KEYS, *answered}
