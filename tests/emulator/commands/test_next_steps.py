"""The last line of a command is one that works when it is typed as it is printed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator import commands
from emulator.cli import VERBS, main
from emulator.commands.up import command as up
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER

Run = Callable[..., tuple[int, str]]
TEXT = DEFAULT_WORLD.read_text(encoding="utf-8")
ROLE = "arn:aws:iam::123456789012:role/ConnectAgent"
_REMARK = re.compile(r"   \([^()]*(\([^()]*\))?[^()]*\)$")
_PROSE = re.compile(r"^(fill in|correct) .*, then ")
WRONG = ("https://ap-northeast-1.console", "https://us-east-1.console")
GONE = ("password: correct-horse", "password: correct-horse, status: DEPROVISIONED")
NO_GROUPS = ("password: battery-staple, groups: [Agents, Supervisors]", "password: battery-staple")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Returns a function that runs a command in a folder of its own: the exit code, and all that it printed."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as caught:
            main(list(words))
        assert isinstance(caught.value.code, int)
        printed = capsys.readouterr()
        return caught.value.code, printed.err + printed.out

    return call


def _next(printed: str) -> str:
    line = printed.rstrip().splitlines()[-1]
    assert line.startswith("next: "), printed
    return line.removeprefix("next: ")


def _typed(line: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Types a line as a shell would take it; ``up`` is only asked whether it understands its words."""
    code, printed = 0, ""
    for part in _PROSE.sub("", _REMARK.sub("", line)).split(" && "):
        word, *words = shlex.split(part)
        if word == "cd":
            monkeypatch.chdir(words[0])
        elif words[0] == "up":
            assert word == "fedemu"
            with up.make_context("up", words[1:]) as context:
                world = context.params["world_file"]
            assert world is None or world.is_file()
        else:
            assert word == "fedemu"
            code, printed = run(*words)
        assert "Usage:" not in printed
        assert "Traceback" not in printed
    return code, printed


@pytest.mark.parametrize(
    ("changes", "words", "line", "code"),
    [
        ((), ("check",), f"fedemu login {USER} acme/{APP} --world world.yaml", 0),
        ((), ("check", "world.yaml"), f"fedemu login {USER} acme/{APP} --world world.yaml", 0),
        ((), ("check", "its world.yaml"), f"fedemu login {USER} acme/{APP} --world 'its world.yaml'", 0),
        ((), ("check", str(DEFAULT_WORLD)), "fedemu demo", 0),
        ((), ("check", "--at", "2026-02-03"), "fedemu up --world world.yaml", 0),
        (
            (("groups: [Agents]", "groups: [Agents, Supervisors]"),),
            ("check",),
            f"fedemu login {USER} acme/{APP} --world world.yaml --role {ROLE}",
            0,
        ),
        ((WRONG,), ("check",), "fedemu fix --dry-run", 0),
        ((("    users:", "    usres:"),), ("check", "its world.yaml"), "fedemu fix 'its world.yaml' --dry-run", 0),
        ((WRONG,), ("check", "--no-fixes"), f"fedemu login {USER} acme/{APP} --role {ROLE}", 1),
        ((WRONG,), ("fix",), f"fedemu login {USER} acme/{APP} --world world.yaml", 0),
        ((WRONG,), ("fix", "--dry-run"), "fedemu fix", 0),
        ((GONE,), ("fix",), f"fedemu login {USER} acme/{APP} --world world.yaml   (shows why it does not arrive)", 1),
        (
            (),
            ("fix", "--user", USER, "--app", APP),
            f"fedemu login {USER} {APP} --world world.yaml",
            0,
        ),
        (
            (),
            ("login", USER, APP),
            f"fedemu login {USER} {APP} --trace login.json   (writes login.json and login.har)",
            0,
        ),
        (
            (),
            ("login", "Hanako@example.con", APP, "--source-ip", "192.0.2.7"),
            f"fedemu login {USER} {APP} --source-ip 192.0.2.7",
            0,
        ),
        ((), ("login", "hanako@exmaple.com", APP, "--trace", "a.json"), f"fedemu login {USER} {APP}", 0),
        ((GONE,), ("login", "hanako@exmaple.com", APP), "fedemu check   (who can log in, and where)", 1),
        ((), ("login", "nobody@example.org", APP), "fedemu check   (who can log in, and where)", 0),
        (
            (),
            ("login", "nobody@example.org", APP, "--world", "its world.yaml"),
            "fedemu check 'its world.yaml'   (who can log in, and where)",
            0,
        ),
        ((), ("login", USER, APP, "--role", "ConectAgent"), f"fedemu login {USER} {APP} --role ConnectAgent", 0),
        (
            (),
            ("login", "taro@example.com", APP, "--role", ROLE.replace("tA", "ta")),
            f"fedemu login taro@example.com {APP} --role {ROLE}",
            0,
        ),
        ((GONE,), ("login", USER, APP), f"fedemu fix --dry-run --allow-warnings --user {USER} --app {APP}", 0),
        (
            (NO_GROUPS,),
            ("login", "taro@example.com", APP),
            f"fedemu fix --dry-run --user taro@example.com --app {APP}",
            0,
        ),
        ((), ("login", USER, APP, "--trace", "a.json"), "fedemu inspect a.har", 0),
        (
            (),
            ("login", USER, APP, "--fault", "{attribute: Role, remove: true}"),
            f"fedemu login {USER} {APP} --trace login.json --fault '{{attribute: Role, remove: true}}'   "
            "(writes login.json and login.har)",
            1,
        ),
        ((), ("demo",), "fedemu up   (then open the printed address in a browser)", 0),
        (
            (),
            ("demo", "--world", "its world.yaml"),
            "fedemu up --world 'its world.yaml'   (then open the printed address in a browser)",
            0,
        ),
        ((), ("init", "new"), "cd new && fedemu check && fedemu run scenarios", 0),
        ((), ("init", "a new one"), "cd 'a new one' && fedemu check && fedemu run scenarios", 0),
        ((), ("explain", "--setup"), f"fedemu login {USER} acme/{APP} --world world.yaml", 0),
        ((WRONG,), ("explain", "--setup"), "fedemu check   (every login, and the tried fix)", 1),
        ((), ("explain", "audience"), "fedemu run --builtin -k AWS-AUD-01 -v", 0),
        ((), ("doctor",), "fedemu demo", 0),
    ],
    ids=lambda each: (
        " ".join(map(str, each)) if isinstance(each, tuple) and each and isinstance(each[0], str) else None
    ),
)
def test_the_next_command_works_as_it_is_printed(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: tuple[tuple[str, str], ...],
    words: tuple[str, ...],
    line: str,
    code: int,
) -> None:
    """Each names what is in the user's world, quoted for a shell, and ends as its remark says."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    for name in ("world.yaml", "its world.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    told = _next(run(*words)[1])
    assert told == line
    assert _typed(told, run, monkeypatch)[0] == code


def test_a_person_of_another_org_is_sent_to_their_own_app(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The org that was asked does not know them, and the other one lets them in."""
    begin, end = TEXT.index("  acme:  "), TEXT.index("\naws:")
    other = TEXT[begin:end].replace("  acme: ", "  other:", 1).replace("hanako@", "rei@")
    other = other[: other.index("    api_tokens:")]
    text = f"{TEXT[:end].rstrip()}\n{other}\n{TEXT[end:]}"
    text = text.replace("okta: {metadata: {okta_app: acme/", "okta: {metadata: {okta_app: other/")
    text = text.replace("          hanako@example.com:", "          rei@example.com:")
    (tmp_path / "two.yaml").write_text(text, encoding="utf-8")
    told = _next(run("login", "rei@example.com", f"acme/{APP}", "--world", "two.yaml")[1])
    assert told == f"fedemu login rei@example.com other/{APP} --world two.yaml"
    assert _typed(told, run, monkeypatch)[0] == 0


def test_init_here_needs_no_other_folder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it wrote is tried from where it was written."""
    told = _next(run("init")[1])
    assert told == "fedemu check && fedemu run scenarios"
    code, printed = _typed(told, run, monkeypatch)
    assert code == 0
    assert "3 scenarios, 3 as expected, 0 not" in printed


def test_a_run_shows_the_scenario_that_is_not_as_expected(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next command runs it alone; after a good run it is the first."""
    one = "scenario: {id}\nid: {id}\nlogin: {{user: hanako@example.com, app: amazon-connect}}\nexpect: {end}\n"
    good = one.format(id="GOOD", end="arrives")
    (tmp_path / "world.yaml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "a b.yaml").write_text(f"{good}---\n{one.format(id='BAD', end='refused')}", encoding="utf-8")
    told = _next(run("run", "a b.yaml")[1])
    assert told == "fedemu run 'a b.yaml' -k BAD -v   (its steps and the reason)"
    code, printed = _typed(told, run, monkeypatch)
    assert code == 1
    assert "1 scenario, 0 as expected, 1 not" in printed
    (tmp_path / "a b.yaml").write_text(good, encoding="utf-8")
    told = _next(run("run", "a b.yaml")[1])
    assert told == "fedemu run 'a b.yaml' -k GOOD -v   (its steps and the reason)"
    assert _typed(told, run, monkeypatch)[0] == 0


def test_a_recording_goes_on_to_its_scenarios_and_its_message(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``record`` and ``inspect`` print commands for the file that they read."""
    (tmp_path / "world.yaml").write_text(TEXT, encoding="utf-8")
    run("login", USER, APP, "--trace", "it is.json")
    assert _next(run("inspect", "it is.har")[1]) == "fedemu inspect 'it is.har' --xml"
    told = _next(run("record", "it is.har")[1])
    assert told == "fedemu run 'it is/scenarios'"
    assert _typed(told, run, monkeypatch)[0] == 0
    assert _typed("fedemu inspect 'it is.har' --xml", run, monkeypatch)[0] == 0


def test_every_command_that_prints_a_next_line_is_tried_here() -> None:
    """A command that is in no row above is found by its source."""
    verbs = [path for path in Path(commands.__path__[0]).glob("*.py") if path.stem in VERBS]
    printing = {path.stem for path in verbs if "next_step(" in path.read_text(encoding="utf-8")}
    here = Path(__file__).read_text(encoding="utf-8")
    # test_compare.py has the lines of compare
    assert {verb for verb in printing if f'("{verb}"' not in here} == {"compare"}
