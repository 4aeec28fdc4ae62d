"""Every fenced block of the README and the pages is run or checked, in this process, by its language."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from lxml import html
from pydantic import ValidationError

from emulator.cli import main
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import find_scenarios
from emulator.world import DEFAULT_WORLD, load_world
from emulator.worldfile.schema.world_schema import WorldSettings
from emulator.worldfile.text.yaml_file import read_yaml
from tests.documents.blocks import ROOT, Block, blocks
from tests.documents.shell import Run, check_line, check_options, lines_of, run_line

# What the built-in world is like in a page's folder, where the page is about a mistake in it.
WORLDS = {
    "README.md": (("saml_user_roles: [ConnectAgent]", "saml_user_roles: [ConectAgent]"),),
    "docs/check.md": (("          taro@example.com: {first_name: Taro, last_name: Ito, security_profiles", "#"),),
}
# How many blocks of all pages have a reason why they are not run.
NOT_RUN = 15
# Whose blocks of a language another test runs, since they need a server, a project or a shell.
ELSEWHERE = {
    ("docs/compare.md", "console"): "tests/emulator/commands/test_compare.py",
    ("docs/explain.md", "console"): "tests/emulator/commands/test_explain.py",
    ("docs/programming.md", "console"): "tests/documents/test_programming_page.py",
    ("docs/pytest.md", "html"): "tests/browser/test_pytest_example.py",
    ("docs/pytest.md", "python"): "tests/emulator/harness/test_examples.py",
    ("docs/pytest.md", "toml"): "tests/emulator/harness/test_examples.py",
    ("docs/pytest.md", "yaml"): "tests/emulator/harness/test_examples.py",
    ("docs/record.md", "console"): "tests/emulator/commands/test_record.py",
    ("docs/scale.md", "python"): "tests/emulator/load/test_load.py",
    ("docs/walkthrough.ja.md", "console"): "tests/test_walkthrough.py",
    ("docs/walkthrough.md", "console"): "tests/test_walkthrough.py",
}
# The Japanese README has the blocks of the English one; test_docs.py compares them.
SAME = {"README.ja.md"}
HERE = [
    block
    for block in blocks()
    if not block.reason and (block.page, block.language) not in ELSEWHERE and block.page not in SAME
]


def _of(*languages: str) -> list[Block]:
    return [block for block in HERE if block.language in languages]


BEGINNING = [block for block in _of("sh") if block.page == "docs/seeds.md"][:1]


def _place(block: Block) -> str:
    return block.place


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Returns a function that runs fedemu with arguments: exit code, and what was printed."""

    def call(arguments: list[str]) -> tuple[int, str]:
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        captured = capsys.readouterr()
        return int(caught.value.code or 0), captured.out

    return call


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """Makes the folder in which a page's commands are run: its world, and the files of the test data."""
    block: Block = request.getfixturevalue("block")
    shutil.copytree(ROOT / "tests" / "data" / "begin", tmp_path, dirs_exist_ok=True)
    if block.page in WORLDS:
        text = DEFAULT_WORLD.read_text(encoding="utf-8")
        for old, new in WORLDS[block.page]:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "world.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_block_says_what_it_is() -> None:
    """A fence has a language that is run or checked here, a test that runs it, or a reason."""
    known = {"console", "sh", "python", "yaml", "csv", "json", "ini", "toml", "html"}
    unknown = [block.place for block in HERE if block.language not in known]
    assert unknown == [], "give the fence a language, or put <!-- not run: WHY --> above it"


def test_the_tests_that_run_blocks_elsewhere_are_there() -> None:
    """Each reads its page, and the page has such blocks."""
    found = {(block.page, block.language) for block in blocks()}
    assert ELSEWHERE.keys() <= found
    for (page, _), test in ELSEWHERE.items():
        folder = (ROOT / test).parent
        texts = [path.read_text(encoding="utf-8") for path in (ROOT / test, folder / "conftest.py") if path.exists()]
        assert any(Path(page).name in text for text in texts), f"{test} does not read {page}"


def test_what_is_not_run_is_counted() -> None:
    """Each has a reason of a sentence, and there are few; whoever adds one changes the number here."""
    unrun = [block for block in blocks() if block.reason]
    assert all(len(block.reason.split()) > 3 for block in unrun)
    assert (len(unrun), [block.place for block in unrun if block.language == "python"]) == (NOT_RUN, [])


@pytest.mark.parametrize("block", _of("console"), ids=_place)
def test_what_a_page_shows_is_what_is_printed(block: Block, folder: Path, run: Run) -> None:
    """A line with dots alone is any number of lines, and dots in a line are the rest of it."""
    commands = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert commands[0] == ""
    for command, _, shown in (each.partition("\n") for each in commands[1:]):
        (line,) = lines_of(command)
        assert line.how == "run", f"{block.place}: {command} cannot be run here"
        _, printed = run_line(line, run, chdir=lambda _: None)
        assert re.fullmatch(_pattern(shown), printed), f"{block.place}\n{printed}"


def _pattern(shown: str) -> str:
    lines = (re.escape(line).replace("…", ".*") + "\n" for line in shown.splitlines())
    return "".join("(?:.*\n)*?" if line == ".*\n" else line for line in lines)


@pytest.mark.parametrize("block", [each for each in _of("sh") if each not in BEGINNING], ids=_place)
def test_the_commands_of_a_page_run(block: Block, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of fedemu succeed, in order; of those that go on until they are stopped, the options are right."""
    lines = list(lines_of(block.text))
    assert {line.how for line in lines} != {"foreign"}, f"{block.place} has nothing that can be run here"
    for line in lines:
        if line.how == "run":
            code, printed = run_line(line, run, chdir=monkeypatch.chdir)
            assert code == 0, f"{block.place}: {line.text}\n{printed}"
        elif line.how == "checked":
            check_line(line)


@pytest.mark.parametrize("block", _of("python"), ids=_place)
def test_the_python_of_a_page_runs(block: Block, folder: Path) -> None:
    """It is run as it is."""
    exec(compile(block.text, block.place, "exec"), {"__name__": "snippet"})  # noqa: S102 - that is what is tested


@pytest.mark.parametrize("block", [each for each in _of("yaml") if not each.name], ids=_place)
def test_the_yaml_of_a_page_is_a_world_or_a_part_of_one(block: Block) -> None:
    """The schema knows every key and value. A part that is indented continues the page's first block."""
    documents = [data for data, _ in read_yaml(_leading(block) + block.text) if data is not None]
    assert documents or block.text.startswith("#")
    assert [mistake for data in documents for mistake in _mistakes(data)] == []


def _mistakes(data: dict[str, object]) -> list[str]:
    """Returns what a world may not say; a part need not say everything that a whole has to."""
    try:
        WorldSettings.model_validate({"version": 1, **data})
    except ValidationError as error:
        return [f"{each['loc']}: {each['msg']}" for each in error.errors() if each["type"] != "missing"]
    return []


def _leading(block: Block) -> str:
    """Returns the lines of the page's first block that an indented one is below."""
    depth = min(len(line) - len(line.lstrip()) for line in block.text.splitlines() if line.strip())
    first = next(each for each in blocks() if each.page == block.page and each.language == "yaml")
    above: list[str] = []
    for line in first.text.splitlines():
        if len(line) - len(line.lstrip()) >= depth:
            break
        above.append(f"{line}\n")
    return "".join(above)


@pytest.mark.parametrize("block", _of("json", "ini", "toml", "html"), ids=_place)
def test_the_data_of_a_page_is_well_formed(block: Block) -> None:
    """Each is read as what its fence says; a command in a profile of the AWS CLI is one of ours."""
    if block.language == "ini":
        parsed = configparser.ConfigParser()
        parsed.read_string(block.text)
        for section in parsed.sections():
            words = parsed[section].get("credential_process", "").split()
            if words:
                check_options(words[1:])
        assert parsed.sections()
    elif block.language == "json":
        json.loads(block.text)
    elif block.language == "toml":
        tomllib.loads(block.text)
    else:
        assert html.document_fromstring(block.text).xpath("//*")


def test_the_scenarios_of_the_page_come_out_as_they_say(tmp_path: Path) -> None:
    """The files of docs/scenarios.md are run in a project with the built-in world."""
    for block in HERE:
        if block.page == "docs/scenarios.md" and block.name:
            (tmp_path / block.name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.name).write_text(block.text, encoding="utf-8")
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


@pytest.mark.parametrize("block", BEGINNING, ids=_place)
def test_a_state_and_an_export_are_a_login(block: Block, folder: Path, run: Run) -> None:
    """The line of docs/seeds.md starts a world whose login arrives; no secret of the files is in what is written."""
    (line,) = lines_of(block.text)
    code, begun = run_line(line, run, chdir=lambda _: None)
    assert code == 0
    assert "terraform.tfstate (Terraform state file): 1 role, 1 SAML provider, 1 IAM user, 1 Connect instance" in begun
    code, came = run(["login", "hanako@example.com", "amazon-connect", "--world", "mine/world.yaml"])
    assert (code, "Arrived at https://acme-desk.my.connect.aws/home" in came) == (0, True)
    written = "".join(path.read_text(encoding="utf-8") for path in (folder / "mine").rglob("*") if path.is_file())
    assert "not-a-secret-of-anybody" not in begun + came + written


@pytest.mark.parametrize("block", [each for each in _of("yaml") if each.page == "docs/seeds.md"], ids=_place)
def test_the_world_of_the_page_about_seeds_is_one(block: Block, folder: Path) -> None:
    """Its seeds are replaced by those of the test data, which are alike."""
    template = "Parameters: {Stage: {Type: String}}\nResources: {}\n"
    (folder / "federation.yaml").write_text(template, encoding="utf-8")
    (folder / "world.yaml").write_text(block.text, encoding="utf-8")
    world = load_world(folder / "world.yaml")
    assert world.settings.aws["123456789012"].roles["ConnectAgent"].max_session_duration == 3600
    assert set(world.settings.okta["acme"].users) == {"hanako@example.com", "taro@example.com", "mika@example.com"}
