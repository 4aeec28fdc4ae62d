"""Every file that somebody can hand to a command, broken in any way: an answer, and never a traceback."""

from __future__ import annotations

import io
import os
import re
import sys
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


@dataclass(frozen=True, slots=True)
class Case:
    """A file that is too large in one way, and what is said of it.

    Args:
        use: Name of the use.
        content: Content of the file.
        said: Whole output.
        code: Exit code.
    """

    use: str
    content: bytes
    said: str
    code: int = 2


_ALONE = "  fix    Record the login alone: clear the list of requests before the tile is opened.\n"
_PERSON = '{"id": "00u1", "status": "ACTIVE", "profile": {"login": "a@example.com"}}'
CASES = {
    "requests of a HAR": Case(
        "inspect a recording",
        b'{"log": {"entries": [%s{}]}}' % (b"{}," * 20_000),
        "This recording has 20,001 requests\n"
        "  want   one login's recording; at most 20,000 requests are read\n"
        f"  where  a.har\n{_ALONE}",
    ),
    "requests of a HAR, recorded": Case(
        "record",
        b'{"log": {"entries": [%s{}]}}' % (b"{}," * 150_000),
        "This recording has 150,001 requests\n"
        "  want   one login's recording; at most 20,000 requests are read\n"
        f"  where  a.har\n{_ALONE}",
    ),
    "steps of traces": Case(
        "inspect a recording",
        b'[%s{"steps": [%s{}]}]' % (b'{"steps": []},' * 49_998, b"{},"),
        "This recording has 50,001 requests\n"
        "  want   one login's recording; at most 50,000 requests are read\n"
        f"  where  a.har\n{_ALONE}",
    ),
    "messages": Case(
        "inspect a recording",
        b"[%s]" % b",".join(b'["SAMLResponse", "a%d"]' % n for n in range(1001)),
        f"There are 1,001 messages in this file\n  want   at most 1,000\n  where  a.har\n{_ALONE}",
    ),
    "values of a recording": Case(
        "inspect a recording",
        b"[%s[]]" % (b"[]," * 375_000),
        "This recording is too large: this holds more than 750,000 values\n"
        f"  want   one login's recording\n  where  a.har\n{_ALONE}",
    ),
    "values of a copy": Case(
        "inspect --redact",
        b"[%s1]" % (b"1," * 250_000),
        "This recording is too large: this holds more than 250,000 values\n"
        f"  want   one login's recording\n  where  a.har\n{_ALONE}",
    ),
    "depth of a recording": Case(
        "inspect a recording",
        b"[" * 100_000,
        "This JSON is nested too deep, in line 1\n",
    ),
    "documents of a world": Case(
        "check",
        b"--- {}\n" * 50_000,
        "world.yaml:5001\n  it holds more than 5,000 documents\n  want   a smaller file\n",
    ),
    "documents of scenarios": Case(
        "run",
        b"---\na: 1\n" * 5_001,
        "a.yaml:10001\n  it holds more than 5,000 documents\n  want   a smaller file\n",
    ),
    "values of a world": Case(
        "check",
        b"u: {%s}\n" % b",\n".join(b"a%d: [[[[x]]]]" % n for n in range(50_000)),
        "world.yaml:33334\n  it holds more than 200,000 keys and values\n  want   a smaller file\n",
    ),
    "documents of a seed": Case(
        "seed of an account",
        b'{"a": 1}\n' * 330_000,
        "world.yaml:2  aws.123456789012.seed[0]\n"
        "  seed.json: this is neither YAML nor JSON: it contains more than 5,000 documents (line 5001)\n",
    ),
    "people of a seed": Case(
        "seed of an org",
        f"[{','.join([_PERSON] * 20_001)}]".encode(),
        "world.yaml:2  okta.acme.seed[0]\n"
        "  seed.json: a list or mapping in it has 20,001 entries\n"
        "  want   at most 20,000\n"
        "  fix    Export less: only the people, roles or resources that the logins need.\n",
    ),
    "resources of a seed": Case(
        "seed of an account",
        b'{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {%s}}'
        % b",".join(b'"R%d": {"Type": "AWS::IAM::Role"}' % n for n in range(20_001)),
        "world.yaml:2  aws.123456789012.seed[0]\n"
        "  seed.json: a list or mapping in it has 20,001 entries\n"
        "  want   at most 20,000\n"
        "  fix    Export less: only the people, roles or resources that the logins need.\n",
    ),
    "values of a seed": Case(
        "seed of an account",
        b"[%s[]]" % (b"[]," * 500_000),
        "world.yaml:2  aws.123456789012.seed[0]\n"
        "  seed.json: this is neither YAML nor JSON: this holds more than 1,000,000 values\n",
    ),
    "tags of metadata": Case(
        "metadata",
        b"<a>%s</a>" % (b"<b/>" * 500_000),
        "world.yaml:2  aws.123456789012.saml_providers.okta.metadata\n"
        "  Could not parse metadata: The metadata document cannot be used: it holds more than 500,000 tags.\n",
    ),
    "a key of rows twice": Case(
        "run, rows in JSON",
        b'[{%s,\n"k7": 1}]' % b",\n".join(b'"k%d": "{"' % n for n in range(130_000)),
        "rows.json:130001\n  the key k7 is given twice\n  want   a list of objects\n",
    ),
}


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize("name", CASES)
def test_what_is_too_large_is_counted_before_anything_is_made_of_it(name: str) -> None:
    """The output says what was counted, the limit, and where; nothing else is found wrong with the file."""
    case = CASES[name]
    use = USES[case.use]
    for beside, text in use.beside:
        Path(beside).write_text(text, encoding="utf-8")
    Path(use.name).write_bytes(case.content)
    code, output = _run(use.arguments)
    assert (code, output[: len(case.said)]) == (case.code, case.said)
    assert len(output) < 1500


@pytest.mark.usefixtures("_folder")
def test_the_first_hundred_mistakes_are_listed() -> None:
    """The others are a number."""
    users = "".join(f"      u{number}@example.com: {{paswd: a}}\n" for number in range(300))
    Path("world.yaml").write_text(f"version: 1\nokta:\n  acme:\n    users:\n{users}", encoding="utf-8")
    code, output = _run(("check", "world.yaml"))
    assert (code, output.count("  unknown key paswd; did you mean password?\n")) == (2, 100)
    assert output.endswith(
        "world.yaml:104  okta.acme.users.u99@example.com.paswd\n  there are about 200 more mistakes\n"
    )


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "a\nb: ok.yaml"), "a\\nb: ok.yaml:1  oops\\nworld.yaml: ok\n  unknown key oops\\nworld.yaml: ok\n"),
        (("inspect", "a\nb: ok.yaml"), "This is not a SAMLResponse\n  why    It begins "),
    ],
)
def test_names_and_keys_do_not_look_like_lines_of_output(arguments: tuple[str, ...], said: str) -> None:
    """A line break in one is written as an escape."""
    Path(arguments[1]).write_text('"oops\\nworld.yaml: ok": 1\nversion: 1\n', encoding="utf-8")
    code, output = _run(arguments)
    assert (code, output[: len(said)]) == (2, said)
    assert "\nb: ok" not in output


class _Broken(io.BytesIO):
    """An input that fails when it is read."""

    def read(self, _size: int | None = -1, /) -> bytes:
        """Fails."""
        raise OSError(5, "Input/output error")


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize("arguments", [("inspect",), ("record", "-"), ("explain", "-")])
@pytest.mark.parametrize(
    ("given", "message"),
    [(None, "it is closed"), (io.TextIOWrapper(_Broken()), "Input/output error")],
    ids=["closed", "broken"],
)
def test_standard_input_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], given: io.TextIOWrapper | None, message: str
) -> None:
    """A process may be started without one."""
    monkeypatch.setattr(sys, "stdin", given)
    assert _run(arguments) == (2, f"standard input\n  {message}\n  want   a file, or text on standard input\n")
