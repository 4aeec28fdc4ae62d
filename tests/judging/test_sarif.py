"""SARIF as Microsoft's own validator judges it, with the rules of GitHub's code scanning."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

import pytest

from emulator.world import DEFAULT_WORLD
from tests.clients.conftest import CLIENTS
from tests.conftest import APP, USER
from tests.emulator.test_cli import Run, run
from tests.requirements import installed

__all__ = ["run"]

MULTITOOL = CLIENTS / "node_modules" / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
FINDING = re.compile(r": (?:error|warning) ([A-Z]+[0-9]+): (.*)")
# The address of a page about the tool: fedemu has none on the web, and none is made up.
NO_PAGE = (
    "SARIF2005",
    "runs[0].tool.driver: The tool 'fedemu' does not provide 'informationUri'. This property helps the developer "
    "responsible for addessing a result by providing a way to learn more about the tool.",
)


def _findings(file: Path) -> list[tuple[str, str]]:
    """Returns the errors and warnings of the validator, each with its rule."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip("npm has Microsoft's SARIF multitool for Linux on x64 alone")
    done = subprocess.run(  # noqa: S603 - the judge is a program
        [str(installed(MULTITOOL)), "validate", str(file), "--rule-kind", "Sarif;Ghas"],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Analysis completed successfully." in done.stdout, done.stdout + done.stderr
    return FINDING.findall(done.stdout)


def test_the_judge_finds_what_is_wrong(tmp_path: Path) -> None:
    """A log without a version is not a log."""
    file = tmp_path / "wrong.sarif"
    file.write_text('{"runs": [{"tool": {"driver": {}}, "results": [{"ruleId": 5}]}]}', encoding="utf-8")
    assert any(rule == "JSON1009" or rule.startswith("JSON") for rule, _ in _findings(file))


def test_what_run_writes_is_sarif(run: Run, tmp_path: Path) -> None:
    """Refusals, a login that is elsewhere, an expectation, files in error; names of files that have to be quoted."""
    login = f"world: {DEFAULT_WORLD}\nlogin: {{user: {USER}, app: {APP}}}\n"
    fault = "faults: [{attribute: RoleSessionName, set: hanako sato}]\n"
    (tmp_path / "a file.yaml").write_text(
        f"scenario: <b>\nid: A\n{login}{fault}expect: {{outcome: accepted, oracle: spec}}\n---\n"
        f"scenario: b\nid: B\n{login}expect: {{outcome: accepted, session_name: taro, oracle: spec}}\n---\n"
        f"scenario: c\nid: C\n{login.replace('}', ', lands_on: https://example.com/}')}"
        "expect: {outcome: accepted, oracle: spec}\n---\n"
        f"scenario: d\nid: D\n{login}faults: [{{attribute: No, remove: true}}]\nexpect: {{outcome: refused}}\n",
        encoding="utf-8",
    )
    (tmp_path / "bad.yaml").write_text("scenario: x\n", encoding="utf-8")
    code, _, _ = run("run", "a file.yaml", "bad.yaml", "--sarif", "run.sarif")
    assert code == 2
    text = (tmp_path / "run.sarif").read_text(encoding="utf-8")
    for rule in ("role-session-name", "expectation", "lands-on", "scenario-file"):
        assert f'"ruleId": "{rule}"' in text
    assert _findings(tmp_path / "run.sarif") == [NO_PAGE]


def test_what_check_writes_is_sarif(run: Run, tmp_path: Path) -> None:
    """Groups of logins that are refused, and what is worth knowing."""
    world = DEFAULT_WORLD.read_text(encoding="utf-8").replace("connect:GetFederationToken", "connect:ListUsers")
    (tmp_path / "world.yaml").write_text(world, encoding="utf-8")
    code, out, _ = run("check", "world.yaml", "--sarif", "--no-fixes")
    (tmp_path / "check.sarif").write_text(out, encoding="utf-8")
    assert code == 1
    assert '"ruleId": "get-federation-token"' in out
    assert _findings(tmp_path / "check.sarif") == [NO_PAGE]


def test_nothing_found_is_sarif_too(run: Run, tmp_path: Path) -> None:
    """A log without results."""
    assert run("run", "--builtin", "-k", "AWS-OK-01", "--sarif", "run.sarif")[0] == 0
    assert _findings(tmp_path / "run.sarif") == [NO_PAGE]
