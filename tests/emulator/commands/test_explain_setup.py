"""``fedemu explain --setup``: what is printed, as the documents show it, and the exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.cli import main
from emulator.world import DEFAULT_WORLD
from tests import fidelity

Explain = Callable[..., tuple[int, str, str]]
_WIDEST = 100


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Explain:
    """Returns a function that runs ``explain`` in a folder of its own: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(["explain", *arguments])
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, captured.out, captured.err

    return call


def _write(folder: Path, *replaced: tuple[str, str]) -> None:
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    (folder / "world.yaml").write_text(text, encoding="utf-8")


def test_the_documentation_shows_what_is_printed(explain: Explain, tmp_path: Path) -> None:
    """Every part of the transcript in docs/explain.md is printed so, in that order."""
    _write(tmp_path, ("https://ap-northeast-1.console", "https://us-east-1.console"))
    page = (fidelity.ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```console\n\$ fedemu explain --setup\n(.*?)```", page, re.DOTALL)
    code, out, _ = explain("--setup")
    assert code == 1
    at = 0
    for part in shown.split("…\n"):
        assert part in out[at:]
        at = out.index(part, at) + len(part)
    assert at == len(out)


def test_lines_fit_a_terminal(explain: Explain, tmp_path: Path) -> None:
    """Only values, which are to be copied, and what names them in full are longer than a hundred columns."""
    _write(tmp_path, ("https://ap-northeast-1.console", "https://us-east-1.console"))
    _, out, _ = explain("--setup")
    long = [line for line in out.splitlines() if len(line) > _WIDEST]
    assert long
    assert all(" " not in line.strip().removeprefix("want").removeprefix('"Resource":').strip() for line in long)


def test_a_world_that_works_is_done(explain: Explain, tmp_path: Path) -> None:
    """Exit code 0, and the last line is the login itself."""
    _write(tmp_path)
    code, out, _ = explain("--setup", "--app", "acme/amazon-connect")
    assert code == 0
    assert out.splitlines()[-3:] == [
        "world.yaml: 12 steps: 12 done; nothing is left that a login needs",
        "",
        "next: fedemu login hanako@example.com acme/amazon-connect --world world.yaml",
    ]


def test_the_json(explain: Explain, tmp_path: Path) -> None:
    """A list of steps with id, title, verdict and places, each with console, field, value and origin."""
    _write(tmp_path, ("user/${aws:userid}", "user/${aws:username}"))
    code, out, _ = explain("--setup", "--json")
    assert code == 1
    found = json.loads(out)
    assert (found["format"], found["file"]) == (2, "world.yaml")
    (app,) = found["apps"]
    step = next(each for each in app["steps"] if each["id"] == "connect-policy")
    assert (step["number"], step["verdict"], step["stops_logins"]) == ("3b", "differs", True)
    (place,) = step["places"]
    assert (place["console"], place["field"]) == ("AWS", "IAM > Policies > connect-login")
    assert "${aws:userid}" in place["value"]
    assert "${aws:username}" in place["now"]
    assert (place["origin"]["file"], place["origin"]["line"]) == ("world.yaml", 37)
    assert step["reasons"][0]["from"].startswith("world.yaml:42  aws.123456789012.policies.connect-login")


def test_what_is_given_wrongly_is_refused(explain: Explain, tmp_path: Path) -> None:
    """Words beside --setup, --world without it, and an app that is not for AWS or not there."""
    _write(tmp_path)
    assert explain("--setup", "relay", "state")[0] == 2
    assert "--world and --app go with --setup." in explain("--world", "world.yaml", "audience")[2]
    code, _, err = explain("--setup", "--app", "acme/nothing")
    assert (code, "acme/nothing" in err) == (2, True)


def test_what_seeds_leave_out_is_counted(explain: Explain, tmp_path: Path) -> None:
    """Nothing is called done without a word of what no step has looked at."""
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Ref": "Name"}}}
    template = {"Parameters": {"Name": {"Type": "String"}}, "Resources": {"Other": role}}
    (tmp_path / "other.json").write_text(json.dumps(template), encoding="utf-8")
    _write(tmp_path, ("    saml_providers:\n", "    seed: [other.json]\n    saml_providers:\n"))
    code, out, err = explain("--setup")
    assert (code, err) == (0, "")
    summary = "world.yaml: 12 steps: 12 done, 1 left out of seeds; nothing is left that a login needs"
    assert summary in out.splitlines()
    assert json.loads(explain("--setup", "--json")[1])["left_out"] == 1
