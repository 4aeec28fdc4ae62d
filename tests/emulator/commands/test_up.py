"""``fedemu up`` as a process: it serves, reports what happens, and stops when asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.cli import main
from emulator.world import DEFAULT_WORLD
from tests.thread_signals import signal_another_thread


@pytest.fixture
def running(tmp_path: Path, data_home: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Starts ``fedemu up`` on a free port and waits until it has written its ready file."""
    ready = tmp_path / "ready.json"
    environment = {**os.environ, "FEDEMU_HOME": str(data_home)}
    command = [sys.executable, "-m", "emulator", "up", "--http", "0", "--proxy", "0", "--ready-file", str(ready)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)  # noqa: S603
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first.startswith("fedemu serves "), first
    for line in process.stdout:
        if line.startswith("next:"):
            break
    yield process, json.loads(ready.read_text(encoding="utf-8")) if ready.exists() else {}
    if process.poll() is None:
        process.kill()
    process.wait(timeout=30)
    process.stdout.close()


def test_up_serves_prints_refusals_and_stops_on_a_signal(
    running: tuple[subprocess.Popen[str], dict[str, Any]],
) -> None:
    """The ready file has the address; a refused request is reported with its reason; SIGTERM ends it with code 0."""
    process, ready = running
    session = requests.Session()
    session.trust_env = False
    assert session.get(ready["http"], timeout=30).status_code == 200
    assert ready["dashboards"]["acme"].startswith("http://acme.okta.com.localhost:")
    assert session.post(f"{ready['http']}/saml", data={"SAMLResponse": "*"}, timeout=30).status_code == 400
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "AWS sign-in refused: InvalidSAMLResponse (400), check base64" in out
    assert "The SAMLResponse has a character that base64 does not have: *, character 1 of 1." in out
    assert out.rstrip().endswith("stopped")


def test_a_signal_that_a_serving_thread_takes_stops_it(running: tuple[subprocess.Popen[str], dict[str, Any]]) -> None:
    """The system gives signals to a thread that is just starting another one, as the server does for each client."""
    process, _ = running
    signal_another_thread(process, signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out.rstrip().endswith("stopped")) == (0, True)


def test_a_taken_port_is_a_matter_of_the_environment(
    running: tuple[subprocess.Popen[str], dict[str, Any]], data_home: Path
) -> None:
    """A second start on the same port exits with 3 and says what to do."""
    _, ready = running
    command = [sys.executable, "-m", "emulator", "up", "--http", ready["http"].rpartition(":")[2], "--proxy", "0"]
    environment = {**os.environ, "FEDEMU_HOME": str(data_home)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)  # noqa: S603
    assert done.returncode == 3
    assert f"Port {ready['http'].rpartition(':')[2]} on 127.0.0.1 cannot be used" in done.stderr
    assert "Choose another port, or 0 for a free one." in done.stderr


@pytest.mark.parametrize(
    "instant",
    [
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "2000-01-01T00:00:00+01:00",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
    ],
)
def test_a_clock_out_of_its_century_is_a_mistake_of_the_command_line(
    instant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In UTC: a zone may lead out of it."""
    with pytest.raises(SystemExit) as ended:
        main(["up", "--clock", instant])
    assert ended.value.code == 2
    words = f"Error: Invalid value for --clock: {instant} cannot be used: clocks go from 2000 to 2099\n"
    assert capsys.readouterr().err.endswith(words)


def test_up_begins_with_what_the_seeds_gave(tmp_path: Path, data_home: Path) -> None:
    """The list of check, before the addresses."""
    trust = '{Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "*"}, Action: "sts:AssumeRole"}]}'
    (tmp_path / "t.yaml").write_text(
        "Resources:\n  Agent:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: Agent\n"
        f"      MaxSessionDuration: 900\n      AssumeRolePolicyDocument: {trust}\n",
        encoding="utf-8",
    )
    (tmp_path / "world.yaml").write_text('version: 1\naws: {"123456789012": {seed: [t.yaml]}}\n', encoding="utf-8")
    command = [sys.executable, "-m", "emulator", "up", "--http", "0", "--no-proxy"]
    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "FEDEMU_HOME": str(data_home), "PYTHONPATH": root}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) as process:  # noqa: S603
        assert process.stdout is not None
        lines = [process.stdout.readline().rstrip() for _ in range(5)]
        process.send_signal(signal.SIGTERM)
    assert lines[:4] == [
        "fedemu serves world.yaml",
        "  t.yaml (CloudFormation template): nothing that this world can use",
        "    left out  t.yaml:6  Agent.Properties.MaxSessionDuration",
        "              role Agent: max_session_duration: 900 does not fit (want greater than or equal to 3600)",
    ]
    assert lines[4].startswith("  workbench        http://127.0.0.1:")


def test_up_serves_what_is_saved(tmp_path: Path, data_home: Path) -> None:
    """A saved world is announced and served; a broken one is reported, and the previous one stays."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    world = tmp_path / "world.yaml"
    world.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "emulator", "up", "--http", "0", "--no-proxy", "--ready-file", "ready.json"]
    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "FEDEMU_HOME": str(data_home), "PYTHONPATH": root}
    process = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=tmp_path
    )
    assert process.stdout is not None
    with process, ExitStack() as ending:
        ending.callback(process.kill)
        lines = (line.rstrip() for line in process.stdout)
        begin = [*iter(lines.__next__, "next: open the Okta dashboard in a browser. Ctrl-C stops.")]
        pages = [
            line.split()[-1] for line in begin if line.lstrip().startswith(("tile ", "IdP metadata ", "Okta dash"))
        ]
        assert len(pages) == 3
        assert {page.partition("/")[2].partition(":")[0] for page in pages} == {"/acme.okta.com.localhost"}
        world.write_text(text.replace("label: Amazon Connect SAML", "label: Another label"), encoding="utf-8")
        assert next(lines) == "world.yaml was saved with 1 changed setting"
        world.write_text("version: 2\n", encoding="utf-8")
        assert next(lines) == "world.yaml:1  version"
        assert next(lines) == "  2 does not fit"
        assert next(lines) == "  want   1"
        assert next(lines) == "the previous world is still served"
        process.send_signal(signal.SIGTERM)
        assert list(lines) == ["stopped"]


def test_the_identity_provider_alone_keeps_nothing(tmp_path: Path, data_home: Path) -> None:
    """With real AWS an assertion is a credential: a login leaves no file in the folder that it was started in."""
    ready, project = tmp_path / "ready.json", tmp_path / "project"
    project.mkdir()
    command = [sys.executable, "-m", "emulator", "up", "--only", "idp", "--http", "0", "--no-proxy", "--ready-file"]
    environment = {**os.environ, "FEDEMU_HOME": str(data_home), "PYTHONPATH": str(Path(__file__).parents[3])}
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [*command, str(ready)], stdout=subprocess.PIPE, text=True, env=environment, cwd=project
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("next:"):
            break
    session = requests.Session()
    session.trust_env = False
    url = json.loads(ready.read_text(encoding="utf-8"))["http"]
    form = {"username": "hanako@example.com", "password": "correct-horse"}
    session.post(f"{url}/login/login.htm", data=form, timeout=30)
    tile = next(line for line in session.get(f"{url}/app/UserHome", timeout=30).text.split('"') if "/home/" in line)
    assert "SAMLResponse" in session.get(f"{url}{tile[tile.index('/home/') :]}", timeout=30).text
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert list(project.iterdir()) == []
