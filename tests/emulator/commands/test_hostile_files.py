"""Every file that somebody can hand to a command, broken in any way: an answer, and never a traceback."""

from __future__ import annotations

import io
import os
import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.cli import main
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER
from tests.emulator.commands.hostile_files import GOOD, hostile_content

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_EXAMPLES = int(os.environ.get("FEDEMU_FUZZ_EXAMPLES", "5"))


@dataclass(frozen=True, slots=True)
class Use:
    """How a file is handed over.

    Args:
        kind: What kind of file it should be.
        name: How it is called.
        arguments: The command line.
        beside: Other files, by their names; a world that names the file, for example.
    """

    kind: str
    name: str
    arguments: tuple[str, ...]
    beside: tuple[tuple[str, str], ...] = ()


_AWS = 'version: 1\naws: {"123456789012": {%s}}\n'
_OKTA = "version: 1\nokta: {acme: {%s}}\n"
_RECORDING = ("good.har", GOOD["recording"][0])


def _of_world(kind: str, name: str, text: str) -> Use:
    return Use(kind, name, ("check", "world.yaml"), (("world.yaml", text),))


USES = {
    "check": Use("world", "world.yaml", ("check", "world.yaml")),
    "fix": Use("world", "world.yaml", ("fix", "world.yaml", "--dry-run")),
    "login": Use("world", "world.yaml", ("login", USER, APP, "-w", "world.yaml", "--standalone", "--no-fixes")),
    "mint": Use("world", "world.yaml", ("mint", USER, APP, "-w", "world.yaml", "--standalone")),
    "compare": Use("world", "world.yaml", ("compare", "world.yaml", str(DEFAULT_WORLD), "--no-fixes")),
    "explain --setup": Use("world", "world.yaml", ("explain", "--setup", "-w", "world.yaml")),
    "run": Use("scenario", "a.yaml", ("run", "a.yaml", "--no-fixes"), (("rows.csv", "user\na\n"),)),
    "run, defaults": Use("scenario", "defaults.yaml", ("run", "a.yaml", "--no-fixes"), (("a.yaml", "scenario: a\n"),)),
    "run, rows": Use("rows", "rows.csv", ("run", "a.yaml"), (("a.yaml", "scenario: a\nrows: rows.csv\n"),)),
    "run, rows in JSON": Use("rows", "rows.json", ("run", "a.yaml"), (("a.yaml", "scenario: a\nrows: rows.json\n"),)),
    "inspect": Use("message", "message.txt", ("inspect", "message.txt", "--no-fixes")),
    "inspect a recording": Use("recording", "a.har", ("inspect", "a.har", "--no-fixes")),
    "inspect --redact": Use("recording", "a.har", ("inspect", "a.har", "--redact")),
    "inspect --diff": Use("message", "m", ("inspect", "good.har", "--diff", "m", "--no-fixes"), (_RECORDING,)),
    "inspect --metadata": Use("metadata", "m.xml", ("inspect", "good.har", "--metadata", "m.xml"), (_RECORDING,)),
    "inspect --role": Use("policy", "r.json", ("inspect", "good.har", "--role", "r.json"), (_RECORDING,)),
    "record": Use("recording", "a.har", ("record", "a.har", "-o", "recorded", "--force")),
    "explain": Use("message", "message.txt", ("explain", "message.txt")),
    "init --from": Use("seed", "seed.json", ("init", "--from", "seed.json", "begun")),
    "policies": _of_world("policy", "p.json", _AWS % "roles: {R: {trust: p.json, policies: {a: p.json}}}"),
    "metadata": _of_world("metadata", "m.xml", _AWS % "saml_providers: {okta: {metadata: {file: m.xml}}}"),
    "keys": _of_world("key", "k.pem", _OKTA % "apps: {a: {signing: {private_key: k.pem, certificate: k.pem}}}"),
    "seed of an account": _of_world("seed", "seed.json", _AWS % "seed: [seed.json]"),
    "seed of an org": _of_world("seed", "seed.json", _OKTA % "seed: [seed.json]"),
}


def _run(arguments: tuple[str, ...]) -> tuple[int, str]:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out), pytest.raises(SystemExit) as caught:
        main([*arguments])
    assert isinstance(caught.value.code, int)
    return caught.value.code, out.getvalue()


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FEDEMU_HOME", str(tmp_path / "home"))


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize("name", USES)
@settings(
    max_examples=_EXAMPLES,
    database=None,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_no_file_breaks_a_command(name: str, data: st.DataObject) -> None:
    """Whatever is in it: an exit code of its own, and text that leaves the terminal as it is."""
    use = USES[name]
    for beside, text in use.beside:
        Path(beside).write_text(text, encoding="utf-8")
    Path(use.name).write_bytes(data.draw(hostile_content(use.kind)))
    code, output = _run(use.arguments)
    assert code in {0, 1, 2, 4, 5}, output
    assert "Traceback" not in output
    assert not _CONTROL.search(output)


_SPECIAL = ("a folder", "a pipe", "a device", "a link to itself", "a large file", "a missing file")


def _make(kind: str, path: Path) -> None:
    if kind == "a folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a device":
        path.symlink_to("/dev/zero")
    elif kind == "a link to itself":
        path.symlink_to(path.name)
    elif kind == "a large file":
        path.touch()
        os.truncate(path, 100_000_000_000)


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize("name", USES)
def test_what_is_not_a_file_is_refused_at_once(name: str) -> None:
    """No pipe is waited for, no device is read without end, and what is wrong is said in a sentence."""
    use = USES[name]
    for kind in _SPECIAL:
        path = Path(use.name)
        _make(kind, path)
        for beside, text in use.beside:
            Path(beside).write_text(text, encoding="utf-8")
        code, output = _run(use.arguments)
        assert code in {2, 5}, (kind, output)
        assert "Traceback" not in output
        assert len(output) < 3000
        if kind == "a folder":
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
