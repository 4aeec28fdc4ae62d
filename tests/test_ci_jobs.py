"""The CI jobs in docs/ci: their commands are run as they stand, with a program in Terraform's place."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from emulator.world import DEFAULT_WORLD
from tests.bench.large_plan import ACCOUNT, large_plan
from tests.conftest import APP, USER
from tests.fidelity import ROOT

CI = ROOT / "docs" / "ci"
WORLD = f'version: 1\nokta:\n  acme: {{}}\naws:\n  "{ACCOUNT}": {{}}\n'
TERRAFORM = '#!/bin/sh\ncase "$1" in show) cat planned.json;; plan) touch plan.tfplan;; esac\n'


def _steps(name: str) -> Iterator[str]:
    """Yields the commands of the jobs in a file that lead to a comparison, without what installs programs."""
    data: dict[str, Any] = yaml.safe_load((CI / name).read_text(encoding="utf-8"))
    if name == "gitlab-ci.yaml":
        lines = [line for job in ("plan", "login-gate") for line in data[job]["script"]]
    else:
        lines = [step["run"] for step in data["jobs"]["login-gate"]["steps"] if "run" in step]
    yield from (line for line in lines if not line.startswith("pip "))


@pytest.fixture
def folder(tmp_path: Path, data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns a folder with a world, and programs in the place of Terraform and of an installed fedemu."""
    programs = tmp_path / "programs"
    programs.mkdir()
    texts = {"terraform": TERRAFORM, "fedemu": f'#!/bin/sh\nexec "{sys.executable}" -m emulator "$@"\n'}
    for name, text in texts.items():
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o700)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("FEDEMU_HOME", str(data_home))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    (tmp_path / "summary").touch()
    (tmp_path / "world.yaml").write_text(WORLD, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["github-actions.yaml", "gitlab-ci.yaml"])
def test_the_scenarios_of_a_job(folder: Path, name: str) -> None:
    """A scenario that fails fails the job, and the JUnit XML that the job keeps is there."""
    job: dict[str, Any] = yaml.safe_load((CI / name).read_text(encoding="utf-8"))
    login = job["jobs"]["login"] if "jobs" in job else job["login"]
    lines = login["script"] if "script" in login else [step.get("run", "") for step in login["steps"]]
    (command,) = (line for line in lines if line.startswith("fedemu run "))
    scenario = f"scenario: A\nid: A\nworld: {DEFAULT_WORLD}\nlogin: {{user: {USER}, app: {APP}}}\n"
    (folder / "scenarios").mkdir()
    text = scenario + "expect: {outcome: refused, oracle: assumed}\n"
    (folder / "scenarios" / "a.yaml").write_text(text, encoding="utf-8")
    ran = subprocess.run(["sh", "-c", command], check=False, cwd=folder)  # noqa: S603, S607
    assert ran.returncode == 1
    if "artifacts" in login:
        kept = [login["artifacts"]["reports"]["junit"], *login["artifacts"]["paths"]]
    else:
        kept = [step["with"]["path"] for step in login["steps"] if "upload-artifact" in step.get("uses", "")]
    assert etree.parse(folder / "login.xml").getroot().get("failures") == "1"
    for each in kept:
        assert list(folder.glob(each)), each


@pytest.mark.parametrize("name", ["terraform-gate.yaml", "gitlab-ci.yaml"])
@pytest.mark.parametrize("losers", [0, 1])
def test_the_gate(folder: Path, name: str, losers: int) -> None:
    """It is shut where the plan takes logins, open where it does not, and leaves both reports."""
    (folder / "planned.json").write_text(large_plan(100, losers=losers), encoding="utf-8")
    commands = list(_steps(name))
    assert [command.split()[0] for command in commands] == ["terraform", "terraform", "terraform", "fedemu"]
    for command in commands[:-1]:
        subprocess.run(["sh", "-c", command], check=True, cwd=folder)  # noqa: S603, S607
    done = subprocess.run(["sh", "-c", commands[-1]], check=False, cwd=folder, capture_output=True, text=True)  # noqa: S603, S607
    assert (done.returncode, done.stderr) == (min(losers, 1), "")
    assert f"{4 * losers} lost, 0 changed, 0 gained, {25 - 4 * losers} as before" in done.stdout
    told = (folder / ("summary" if name == "terraform-gate.yaml" else "login-gate.md")).read_text(encoding="utf-8")
    assert told.startswith(f"## Logins: {'4 logins are lost' if losers else 'every login is as before'}\n")
    report = etree.parse(str(folder / "login-gate.xml")).getroot()
    assert report.get("failures") == str(losers)


def _steps_of_jobs(name: str) -> list[dict[str, Any]]:
    """Returns the steps of all jobs in a file for GitHub Actions."""
    data: dict[str, Any] = yaml.safe_load((CI / name).read_text(encoding="utf-8"))
    return [step for job in data["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("name", ["github-actions.yaml", "systems.yaml", "containers.yaml"])
def test_what_failed_is_kept(name: str) -> None:
    """Reports and traces of a job that fails are uploaded, the folder whose name begins with a dot included."""
    kept = [step for step in _steps_of_jobs(name) if "upload-artifact" in step.get("uses", "")]
    on_failure = [step["with"] for step in kept if step["if"] == "failure()"]
    assert on_failure
    for each in on_failure:
        assert each["include-hidden-files"] is True
        assert {".fedemu/traces", "reports"} & set(each["path"].split())


def test_the_reports_that_leave_the_containers_are_where_the_runner_writes_them() -> None:
    """The job copies /reports, where the Compose file's runner works and which the image has for its user."""
    compose: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))
    runner = compose["services"]["scenarios"]
    assert (runner["working_dir"], runner["volumes"]) == ("/reports", ["reports:/reports"])
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert 'VOLUME ["/data", "/ca", "/reports"]' in dockerfile
    texts = [step.get("run", "") for step in _steps_of_jobs("containers.yaml")]
    assert any("docker cp scenarios:/reports reports" in text for text in texts)


@pytest.mark.parametrize("job", ["login", "core"])
def test_the_systems_of_the_matrix(job: str) -> None:
    """Three systems, and the versions of Python that the package says it was run on, are in the matrix."""
    import tomllib

    matrix = yaml.safe_load((CI / "systems.yaml").read_text(encoding="utf-8"))["jobs"][job]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [each.rpartition(" ")[2] for each in project["classifiers"] if each.startswith("Programming Language")]
    assert [version for version in named if version.startswith("3.") and version not in matrix["python"]] == []


@pytest.mark.parametrize("path", sorted(CI.iterdir()), ids=lambda path: path.name)
def test_every_command_is_one_of_ours(path: Path) -> None:
    """The verbs and options that the jobs give exist."""
    import shlex

    from emulator.cli import fedemu

    lines = [line.partition(" #")[0] for line in path.read_text(encoding="utf-8").splitlines()]
    commands = [
        shlex.split(line.partition("fedemu ")[2]) for line in lines if "- fedemu " in line or ": fedemu " in line
    ]
    assert commands or path.name == "containers.yaml"
    for verb, *words in commands:
        command = fedemu.get_command(None, verb)  # type: ignore[arg-type]  # the context is not looked at
        assert command is not None, verb
        known = {name for parameter in command.params for name in parameter.opts}
        assert [word for word in words if word.startswith("--") and word != "--" and word not in known] == []
