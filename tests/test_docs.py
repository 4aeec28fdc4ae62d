"""The documents tell the truth: the fidelity page is current, and what the README shows runs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.cli import VERBS
from tests import fidelity

README = (fidelity.ROOT / "README.md").read_text(encoding="utf-8")
README_JA = (fidelity.ROOT / "README.ja.md").read_text(encoding="utf-8")
DEVELOPMENT = (fidelity.ROOT / "docs" / "development.md").read_text(encoding="utf-8")
PACKAGES = ("emulator", "idp", "sp_mock")


def test_the_fidelity_page_is_current() -> None:
    """docs/fidelity.md is what the docstrings say now; make docs writes it."""
    assert (fidelity.ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8") == fidelity.page()
    assert len(list(fidelity.rules())) > 30


def test_the_first_two_commands_are_the_demo_and_the_tests() -> None:
    """A newcomer begins with make demo and make test."""
    commands = re.findall(r"^(?:\$ )?(make \w+)", README, re.MULTILINE)
    assert commands[:2] == ["make demo", "make test"]


def test_the_python_in_the_readme_runs(tmp_path: Path) -> None:
    """The snippet is run as it stands."""
    (snippet,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "snippet.py").write_text(snippet, encoding="utf-8")
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(tmp_path / "snippet.py")], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_a_state_and_an_export_are_a_login(tmp_path: Path) -> None:
    """The README's line is run as it stands, beside a Terraform state and an export of Okta's."""
    (line,) = re.findall(r"^(fedemu init --from .*)$", README, re.MULTILINE)
    shutil.copytree(fidelity.ROOT / "tests" / "data" / "begin", tmp_path, dirs_exist_ok=True)
    command = f"{shlex.quote(sys.executable)} -m emulator"
    done = subprocess.run(  # noqa: S602 - a shell is what the line is for
        line.replace("fedemu ", f"{command} "),
        shell=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(fidelity.ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (
        "terraform.tfstate (Terraform state file): 1 role, 1 SAML provider, 1 IAM user, 1 Connect instance"
        in done.stdout
    )
    assert "Arrived at https://acme-desk.my.connect.aws/home" in done.stdout
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "mine").rglob("*") if path.is_file())
    assert "not-a-secret-of-anybody" not in done.stdout + done.stderr + written


def test_the_world_of_the_page_about_seeds_is_one(tmp_path: Path) -> None:
    """Its seeds are replaced by those of the test data, which are alike."""
    from emulator.world import load_world

    text = (fidelity.ROOT / "docs" / "seeds.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    shutil.copytree(fidelity.ROOT / "tests" / "data" / "begin", tmp_path, dirs_exist_ok=True)
    template = "Parameters: {Stage: {Type: String}}\nResources: {}\n"
    (tmp_path / "federation.yaml").write_text(template, encoding="utf-8")
    (tmp_path / "world.yaml").write_text(example, encoding="utf-8")
    world = load_world(tmp_path / "world.yaml")
    assert world.settings.aws["123456789012"].roles["ConnectAgent"].max_session_duration == 3600
    assert set(world.settings.okta["acme"].users) == {"hanako@example.com", "taro@example.com", "mika@example.com"}


@pytest.mark.parametrize("verb", VERBS)
def test_the_readme_names_every_verb(verb: str) -> None:
    """No verb is left unexplained."""
    assert f"fedemu {verb}" in README


def _blocks(page: str) -> list[str]:
    return re.findall(r"^```\w*\n.*?^```$", page, re.MULTILINE | re.DOTALL)


def _code(page: str) -> list[str]:
    """What stands in backquotes outside of the blocks, sorted, since a sentence's order is its language's."""
    prose = re.sub(r"^```\w*\n.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    return sorted(" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose))


def test_the_japanese_readme_has_the_same_blocks() -> None:
    """What runs in one, which the tests above see to, runs in the other."""
    assert len(_blocks(README)) == 4
    assert _blocks(README_JA) == _blocks(README)


def test_the_japanese_readme_has_the_same_commands_settings_and_links() -> None:
    """Nothing that the one says in code is missing in the other; only the Japanese one says which page is Japanese."""
    assert _code(README_JA) == _code(README)
    links, links_ja = (re.findall(r"\]\(([^)]+)\)", page) for page in (README, README_JA))
    ours = {"README.ja.md", "README.md", "docs/walkthrough.ja.md"}
    assert sorted(set(links_ja) - ours) == sorted(set(links) - ours)
    assert [link for link in links_ja if not (fidelity.ROOT / link).exists()] == []


def test_the_japanese_readme_has_the_same_headings() -> None:
    """A section that is added to one is missed in the other."""
    levels = [[line.split()[0] for line in page.splitlines() if re.match("#+ ", line)] for page in (README, README_JA)]
    assert levels[0] == levels[1]
    assert re.findall(r"^\| `(fedemu [^`]+)` \|", README_JA, re.MULTILINE) == re.findall(
        r"^\| `(fedemu [^`]+)` \|", README, re.MULTILINE
    )


def test_the_scenarios_in_the_documentation_come_out_as_they_say(tmp_path: Path) -> None:
    """The files of docs/scenarios.md are run in a project with the built-in world."""
    from emulator.scenarios.runner import run_scenario
    from emulator.scenarios.scenario_file import find_scenarios
    from emulator.world import DEFAULT_WORLD

    text = (fidelity.ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    for name, content in re.findall(r"```(?:yaml|csv) (\S+)\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    shutil.copy(DEFAULT_WORLD, tmp_path / "world.yaml")
    scenarios = find_scenarios([tmp_path / "scenarios"])
    for scenario in scenarios:
        run_scenario(scenario).require()
    assert [scenario.id for scenario in scenarios] == [
        "the-okta-tile-opens-amazon-connect",
        "PEOPLE-hanako@example.com",
        "PEOPLE-taro@example.com",
        "LOGIN-02",
        "the-same-person-without-the-fault",
        "an-agents-credentials-list-no-roles-and-cloudtrail-has-the",
        "a-supervisor-arrives",
        "a-supervisor-opens-the-ccp",
    ]


def test_the_steps_in_the_documentation_are_those_that_there_are() -> None:
    """Its table has a row for each."""
    from emulator.scenarios.format.step_schema import DEEDS

    text = (fidelity.ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+): [^`]*` \|", text, re.MULTILINE)) == sorted([*DEEDS, "wait", "clock", "via"])


def test_every_folder_with_modules_has_a_caption() -> None:
    """The table in docs/development.md has a row for each room, and none for a folder that is gone."""
    rows = re.findall(r"^\| `([a-z_/]+)` \| \S", DEVELOPMENT, re.MULTILINE)
    rooms = {
        str(path.parent.relative_to(fidelity.ROOT))
        for package in PACKAGES
        for path in (fidelity.ROOT / package).rglob("*.py")
    }
    assert len(rows) == len(set(rows))
    assert rooms - set(rows) == set(), "they have no caption in docs/development.md"
    assert set(rows) - rooms == {"scenarios", "tests"}
    assert all((fidelity.ROOT / row).is_dir() for row in rows)


def test_the_files_that_the_map_names_are_there() -> None:
    """Every path in docs/development.md leads to a file or a folder."""
    named = set(re.findall(r"(?<![\w/])(?:emulator|idp|sp_mock|tests|docs|scenarios)(?:/\w+(?:\.\w+)?)+", DEVELOPMENT))
    assert len(named) > 60
    assert [path for path in sorted(named) if not (fidelity.ROOT / path).exists()] == []


def test_the_names_that_the_recipes_name_are_there() -> None:
    """A function or a table that a recipe sends people to is in one of the modules."""
    recipes = DEVELOPMENT[DEVELOPMENT.index("## Recipes") :]
    named = set(re.findall(r"`@?([A-Za-z_]*(?:[a-z]_[a-z]|[A-Z]{2}|[a-z][A-Z])\w*)(?:\([^`]*\))?`", recipes))
    folders = [fidelity.ROOT / name for name in (*PACKAGES, "tests")]
    source = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))
    assert len(named) > 8
    assert [name for name in sorted(named) if not re.search(rf"\b{name}\b", source)] == []


def test_the_index_lists_every_document() -> None:
    """docs/README.md has a row for each page and folder beside it."""
    index = (fidelity.ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([\w./]+)\)", index))
    assert {path.name for path in (fidelity.ROOT / "docs").iterdir()} - {"README.md"} <= linked
    assert [link for link in sorted(linked) if not (fidelity.ROOT / "docs" / link).exists()] == []
