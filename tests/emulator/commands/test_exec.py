"""exec, env, ca and browser as commands: exit codes, signals, formats, and which emulator is used."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.running.start import Ports, Serving, serving
from tests.thread_signals import signal_another_thread

FEDEMU = (sys.executable, "-m", "emulator")
Fedemu = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path, data_home: Path) -> Path:
    """Returns a data folder of this test's own, with the signing keys that are already made."""
    folder = tmp_path / "fedemu-home"
    (folder / "keys").mkdir(parents=True)
    for key in (data_home / "keys").glob("*.pem"):
        (folder / "keys" / key.name).write_bytes(key.read_bytes())
    return folder


@pytest.fixture
def fedemu(home: Path) -> Fedemu:
    """Returns a function that runs fedemu with that data folder."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "FEDEMU_HOME": str(home)}
        return subprocess.run(  # noqa: S603
            [*FEDEMU, *arguments], capture_output=True, text=True, env=environment, check=False, timeout=120
        )

    return call


@pytest.fixture
def running(federation: Federation, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """Serves a federation that announces itself in the data folder, as ``fedemu up`` does."""
    monkeypatch.setenv("FEDEMU_HOME", str(home))
    with serving(federation, Ports()) as own:
        own.running.announce()
        yield own
        own.running.withdraw()


def test_a_refused_host_is_told_with_what_it_resembles(fedemu: Fedemu) -> None:
    """On standard error, once, beside whatever the program says of it."""
    script = """
import os, socket
proxy = os.environ["HTTPS_PROXY"].rpartition("/")[2].split(":")
for _ in range(2):
    with socket.create_connection((proxy[0], int(proxy[1]))) as connection:
        connection.sendall(b"CONNECT acne.my.connect.aws:443 HTTP/1.1\\r\\n\\r\\n")
        while connection.recv(4096):
            pass
"""
    done = fedemu("exec", "--", sys.executable, "-c", script)
    assert done.returncode == 0, done.stderr
    assert (
        done.stderr.splitlines().count(
            "fedemu proxy: refused acne.my.connect.aws, which nothing here has: no instance has the alias acne; the "
            "nearest is acme, at acme.my.connect.aws"
        )
        == 1
    )


@pytest.mark.parametrize(
    ("script", "code"),
    [("import sys; sys.exit(0)", 0), ("import sys; sys.exit(3)", 3), ("import os; os.kill(os.getpid(), 15)", 143)],
)
def test_the_exit_code_is_the_programs(fedemu: Fedemu, running: Serving, script: str, code: int) -> None:
    """Also when a signal ended it: 128 and the signal's number, as a shell says."""
    assert fedemu("exec", "--", sys.executable, "-c", script).returncode == code


@pytest.mark.parametrize(("program", "code", "said"), [("no-such-program", 127, "not found"), ("/", 126, "/: ")])
def test_a_program_that_cannot_run_is_told(
    fedemu: Fedemu, running: Serving, program: str, code: int, said: str
) -> None:
    """127 and 126, as in a shell."""
    done = fedemu("exec", "--", program)
    assert done.returncode == code
    assert said in done.stderr


def test_exec_uses_the_emulator_that_runs(fedemu: Fedemu, running: Serving) -> None:
    """The variables name its proxy and its authority; without one, exec starts its own."""
    script = "import os; print(os.environ['HTTPS_PROXY'], os.environ['AWS_CA_BUNDLE'])"
    done = fedemu("exec", "--", sys.executable, "-c", script)
    assert done.stdout.split() == [running.running.proxy, running.running.ca_file]
    running.running.withdraw()
    other = fedemu("exec", "--", sys.executable, "-c", script)
    assert other.stdout.startswith("http://127.0.0.1:")
    assert other.stdout.split()[0] != running.running.proxy


@pytest.mark.parametrize("send", [subprocess.Popen.send_signal, signal_another_thread])
def test_signals_are_handed_on(home: Path, tmp_path: Path, send: Callable[..., None]) -> None:
    """SIGTERM reaches the program, whichever thread takes it; the program ends as it likes, exec with its code."""
    ready = tmp_path / "ready"
    script = (
        "import pathlib, signal, sys, threading\n"
        "done = threading.Event()\n"
        "signal.signal(signal.SIGTERM, lambda *_: done.set())\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        "sys.exit(7 if done.wait(60) else 1)\n"
    )
    environment = {**os.environ, "FEDEMU_HOME": str(home)}
    process = subprocess.Popen([*FEDEMU, "exec", "--", sys.executable, "-c", script], env=environment)  # noqa: S603
    try:
        while not ready.exists() and process.poll() is None:
            time.sleep(0.01)  # waits for the program, not for a time
        send(process, signal.SIGTERM)
        assert process.wait(timeout=60) == 7
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("bash", "export HTTPS_PROXY={}"),
        ("fish", "set -gx HTTPS_PROXY {}"),
        ("powershell", "$env:HTTPS_PROXY = '{}'"),
        ("dotenv", "HTTPS_PROXY={}"),
    ],
)
def test_env_speaks_the_shells_language(fedemu: Fedemu, running: Serving, form: str, line: str) -> None:
    """Each format has the proxy in its own syntax."""
    assert line.format(running.running.proxy) in fedemu("env", "--format", form).stdout.splitlines()


def test_env_as_json_has_every_variable(fedemu: Fedemu, running: Serving) -> None:
    """Proxies, certificate bundles, and the endpoint when it is asked for."""
    variables = json.loads(fedemu("env", "--format", "json", "--endpoints").stdout)
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        assert variables[name] == running.running.proxy
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
        assert variables[name] == running.running.ca_file
    assert variables["AWS_ENDPOINT_URL_STS"] == running.running.http
    assert "127.0.0.1" in variables["NO_PROXY"]


def test_env_without_an_emulator_says_how_to_start_one(fedemu: Fedemu) -> None:
    """A matter of the environment: exit code 3."""
    done = fedemu("env")
    assert done.returncode == 3
    assert done.stderr == "No emulator is running\n  fix    Start one with fedemu up, or use fedemu exec -- CMD.\n"


def test_ca_is_made_shown_and_removed(fedemu: Fedemu, home: Path) -> None:
    """path makes it, show says what it may sign for, remove takes it away; nothing is installed anywhere."""
    done = fedemu("ca", "path")
    assert done.stdout.strip() == str(home / "ca.pem")
    assert stat.S_IMODE((home / "ca-private.pem").stat().st_mode) == 0o600
    shown = fedemu("ca", "show").stdout
    assert (
        "may sign for  okta.com, oktapreview.com, aws.amazon.com, amazonaws.com, my.connect.aws, awsapps.com" in shown
    )
    assert fedemu("ca", "remove").stdout.count("removed ") == 2
    assert not (home / "ca.pem").exists()
    assert fedemu("ca", "remove").stdout == "there was no authority to remove\n"


def test_browser_is_started_in_a_profile_of_its_own(fedemu: Fedemu, tmp_path: Path) -> None:
    """The command has the proxy, the authority's key and a new profile."""
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    program.chmod(0o755)
    line = fedemu("browser", "--browser", str(program), "--dry-run").stdout
    assert line.startswith(f"{program} --user-data-dir=")
    assert "--proxy-server=http://127.0.0.1:" in line
    assert "--ignore-certificate-errors-spki-list=" in line
    assert line.rstrip().endswith(" https://acme.okta.com/app/UserHome")
    missing = fedemu("browser", "--browser", "no-such-browser")
    assert missing.returncode == 3
    assert "The browser no-such-browser was not found" in missing.stderr


@pytest.mark.parametrize(
    ("only", "mine", "theirs"),
    [("idp", "acme.okta.com", "signin.aws.amazon.com"), ("aws", "signin.aws.amazon.com", "acme.okta.com")],
)
def test_one_side_alone_leaves_the_other_real(federation: Federation, only: str, mine: str, theirs: str) -> None:
    """With --only the hosts of the other side are not emulated."""
    from typing import Literal, cast

    built = Federation(federation.world, keys=federation.keys, only=cast("Literal['idp', 'aws']", only))
    assert built.hosts.site(mine) is not None
    assert built.hosts.site(theirs) is None
    assert theirs not in built.hosts.known


_CALL = """
import os, urllib.request
form = "Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/ConnectAgent"
form += "&PrincipalArn=arn:aws:iam::123456789012:saml-provider/okta&SAMLAssertion=AAAA"
try:
    urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL_STS"], form.encode())
except urllib.error.HTTPError as error:
    print(error.code)
"""


@pytest.mark.parametrize(("options", "explained"), [((), True), (("--quiet",), False)])
def test_a_refused_call_is_explained_after_the_command(
    fedemu: Fedemu, running: Serving, options: tuple[str, ...], explained: bool
) -> None:
    """On standard error, by the emulator that runs; ``--quiet`` leaves it out."""
    assert running.running.http
    done = fedemu("exec", "--endpoints", *options, "--", sys.executable, "-c", _CALL)
    assert (done.returncode, done.stdout) == (0, "400\n")
    assert ("AWS STS refused: InvalidIdentityToken (400), check response" in done.stderr) is explained
    assert ("  why    " in done.stderr) is explained
