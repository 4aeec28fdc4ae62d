"""``fedemu run --against``: scenarios are played in the running emulator, with reports as always."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.cli import main
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, Serving, serving
from emulator.world import DEFAULT_WORLD, load_world
from tests.conftest import APP, NOW, USER

Run = Callable[..., tuple[int, str, str]]
SCENARIOS = """\
scenario: It arrives
id: ARRIVES
world: world.yaml
login: {user: hanako@example.com, app: amazon-connect}
expect: arrives
---
scenario: A space in RoleSessionName is refused
id: SPACE
extends: ARRIVES
faults: [{attribute: RoleSessionName, set: hanako sato}]
expect: {outcome: refused, check: role-session-name}
"""
LATER = """\
scenario: The session is over
id: LATER
world: world.yaml
login: {user: hanako@example.com, app: amazon-connect}
then: [{wait: 13h}, {open: "https://acme.my.connect.aws/ccp-v2"}]
expect: {outcome: refused, check: connect-session}
"""
CHANGES = """\
scenario: It changes the world
id: CHANGES
world: world.yaml
changes: {/okta/acme/apps/amazon-connect/session_duration: 7200}
login: {user: hanako@example.com, app: amazon-connect}
expect: arrives
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data_home: Path) -> Run:
    """Returns a function that runs ``fedemu run`` in a folder with a data folder of this test's."""
    home = tmp_path / "fedemu-home"
    (home / "keys").mkdir(parents=True)
    for key in (data_home / "keys").glob("*.pem"):
        (home / "keys" / key.name).write_bytes(key.read_bytes())
    monkeypatch.setenv("FEDEMU_HOME", str(home))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(["run", *arguments])
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, captured.out, captured.err

    return call


@pytest.fixture
def emulator(run: Run, clock: Clock, keys: KeyFolder) -> Iterator[Serving]:
    """Serves a world of that folder as ``fedemu up`` does."""
    Path("world.yaml").write_text(DEFAULT_WORLD.read_text(encoding="utf-8"), encoding="utf-8")
    federation = Federation(load_world(Path("world.yaml")), clock=clock, ids=Ids(seed=7), keys=keys)
    with serving(federation, Ports(https=None, proxy=None)) as own:
        own.running.announce()
        yield own
        own.running.withdraw()


def there(emulator: Serving) -> str:
    """Returns the line that says which emulator is used."""
    return f"in the running emulator at {emulator.running.http}, world {Path.cwd() / 'world.yaml'}\n"


def test_scenarios_are_played_there(run: Run, emulator: Serving) -> None:
    """Their logins are in its history, their faults are in no other login, and the output is as always."""
    Path("a.fedemu.yaml").write_text(SCENARIOS, encoding="utf-8")
    for against in ("running", f"{emulator.running.http}/"):
        code, out, err = run("--against", against)
        assert (code, err) == (0, there(emulator))
        assert [line.split("(")[0] for line in out.splitlines()[:2]] == [
            "ok   ARRIVES          It arrives  ",
            "ok   SPACE            A space in RoleSessionName is refused  ",
        ]
        assert out.splitlines()[2].startswith("2 scenarios, 2 as expected, 0 not, in ")
        again = f"fedemu run a.fedemu.yaml -k ARRIVES --against {emulator.running.http} -v"
        assert out.splitlines()[-1] == f"next: {again}   (its steps and the reason)"
    names = [each["eventName"] for each in emulator.federation.aws_services.history.records(account_id=None)]
    assert names.count("AssumeRoleWithSAML") == 4
    assert emulator.federation.identity_providers["acme"].faults.of(APP, USER) == ()


def test_reports_are_those_of_a_run_without_it(run: Run, emulator: Serving) -> None:
    """JSON with every login, what each check says, and the block; HTML, JUnit and SARIF are made of the same value."""
    Path("a.fedemu.yaml").write_text(SCENARIOS, encoding="utf-8")
    listeners = emulator.federation.gateway.listeners
    code, out, _ = run("--against", "running", "--json", "--html", "a.html", "--junit", "a.xml", "--sarif", "a.sarif")
    alone = run("--json")
    assert (code, alone[0]) == (0, 0)
    ours, others = json.loads(out)["scenarios"], json.loads(alone[1])["scenarios"]
    assert {each.pop("played_in") for each in ours} == {emulator.running.http}
    assert [list(each) for each in ours] == [list(each) for each in others]
    assert [list(each["login"]) for each in ours] == [list(each["login"]) for each in others]
    assert ours[1]["login"]["refusal"]["from"] == others[1]["login"]["refusal"]["from"]
    page = Path("a.html").read_text(encoding="utf-8")
    assert "A space in RoleSessionName is refused" in page
    assert f"<dt>played in</dt><dd>{emulator.running.http}</dd>" in page
    assert 'failures="0"' in Path("a.xml").read_text(encoding="utf-8")
    assert json.loads(Path("a.sarif").read_text(encoding="utf-8"))["runs"][0]["results"] == []
    assert emulator.federation.gateway.listeners == listeners


def test_a_mismatch_is_told_at_its_line_with_the_fix(run: Run, emulator: Serving) -> None:
    """And how to run it again there."""
    text = SCENARIOS.partition("---")[0].replace("expect: arrives", "expect: {lands_on: https://nowhere.example.com/}")
    Path("a.fedemu.yaml").write_text(text, encoding="utf-8")
    code, out, _ = run("--against", "running", "--traces", "off")
    assert code == 1
    assert (
        "     a.fedemu.yaml:5  expect.lands_on\n"
        "       lands_on: expected https://nowhere.example.com/, received https://acme.my.connect.aws/home\n"
    ) in out
    assert f"     reproduce with: fedemu run a.fedemu.yaml -k ARRIVES --against {emulator.running.http}\n" in out


def test_a_fault_that_changes_nothing_is_a_mistake_of_the_file(run: Run, emulator: Serving) -> None:
    """As without: file and line, exit code 2, and the others run."""
    text = SCENARIOS.replace("attribute: RoleSessionName, set: hanako sato", "attribute: Rolle, remove: true")
    Path("a.fedemu.yaml").write_text(text, encoding="utf-8")
    code, out, err = run("--against", "running")
    assert code == 2
    assert "2 scenarios, 1 as expected, 0 not, 1 unusable" in out
    alone = run()
    assert err == there(emulator) + alone[2]
    assert "a.fedemu.yaml:10  faults[0]\n  there is no attribute Rolle to remove\n" in err


def test_time_that_passes_passes_for_everybody(run: Run, emulator: Serving) -> None:
    """The clock stays where the scenario has moved it, and a line says how to move it back."""
    Path("a.fedemu.yaml").write_text(LATER, encoding="utf-8")
    code, _, err = run("--against", "running")
    assert code == 0
    assert emulator.federation.clock.now() == NOW + timedelta(hours=13)
    back = f"curl -X PUT {emulator.running.http}/fedemu/clock -d -46800s"
    assert err == there(emulator) + f"the clock of the running emulator was moved by 46800s; back: {back}\n"


STEPS = """\
scenario: Who am I, with what was there before left out
world: world.yaml
steps:
  - login: {user: hanako@example.com, app: amazon-connect, via: sts}
  - call: {service: sts, operation: GetCallerIdentity}
    expect: {answer: {Account: "123456789012"}}
  - cloudtrail: {eventName: AssumeRoleWithSAML}
    expect: {count: 1}
"""


def test_steps_see_what_happened_since(run: Run, emulator: Serving) -> None:
    """Again and again: calls are signed with the login's credentials, and earlier events are not counted."""
    Path("a.fedemu.yaml").write_text(STEPS, encoding="utf-8")
    for _ in range(2):
        code, out, _ = run("--against", "running")
        assert (code, out.splitlines()[0][:20]) == (0, "ok   who-am-i-with-w")


def test_defaults_of_a_folder_go_along(run: Run, emulator: Serving) -> None:
    """What is in another file is known there with its place."""
    Path("scenarios").mkdir()
    defaults = "world: ../world.yaml\nlogin: {user: hanako@example.com, app: amazon-connect, role: Nobody}\n"
    Path("scenarios/defaults.yaml").write_text(defaults, encoding="utf-8")
    Path("scenarios/a.yaml").write_text("scenario: It arrives\nlogin: {}\nexpect: arrives\n", encoding="utf-8")
    code, out, _ = run("--against", "running", "--traces", "off")
    alone = run("--traces", "off")[1]
    assert code == 1
    assert "     scenarios/a.yaml:3  expect.outcome\n" in out
    asked = "from   scenarios/defaults.yaml:2  login.role, asked for by the scenario"
    assert asked in alone
    assert asked in out


def test_a_scenario_of_another_world_is_skipped(run: Run, emulator: Serving) -> None:
    """With the reason; a run of nothing else has run nothing, exit code 5."""
    Path("a.fedemu.yaml").write_text(CHANGES, encoding="utf-8")
    code, out, _ = run("--against", "running")
    assert code == 5
    assert (
        "skip CHANGES          It changes the world\n"
        "       not run in the running emulator: the scenario changes its world\n"
        "1 scenario, 0 as expected, 0 not, 1 skipped, in "
    ) in out
    Path("a.fedemu.yaml").write_text(f"{CHANGES}---\n{SCENARIOS}", encoding="utf-8")
    assert run("--against", "running")[0] == 0
    Path("other.yaml").write_text(Path("world.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    Path("a.fedemu.yaml").write_text(SCENARIOS.replace("world.yaml", "other.yaml"), encoding="utf-8")
    code, out, _ = run("--against", "running")
    assert code == 5
    assert f"       not run in the running emulator: that serves {Path.cwd() / 'world.yaml'}\n" in out
    Path("a.fedemu.yaml").write_text(SCENARIOS, encoding="utf-8")
    Path("world.yaml").write_text(Path("world.yaml").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    code, out, _ = run("--against", "running", "-k", "ARRIVES")
    assert code == 5
    saved = f"it serves the world as it was before {Path.cwd() / 'world.yaml'} was changed"
    assert f"       not run in the running emulator: {saved}\n" in out


def test_without_an_emulator(run: Run) -> None:
    """Exit code 3 with what to do; an address elsewhere is a mistake, as is what only an own federation has."""
    Path("world.yaml").write_text(DEFAULT_WORLD.read_text(encoding="utf-8"), encoding="utf-8")
    Path("a.fedemu.yaml").write_text(SCENARIOS, encoding="utf-8")
    fix = "  fix    Start one with fedemu up, or leave --against out.\n"
    assert run("--against", "running") == (3, "", f"No emulator is running\n{fix}")
    code, _, err = run("--against", "http://127.0.0.1:9")
    assert code == 3
    assert err.startswith("The running emulator at http://127.0.0.1:9 does not answer\n  why    ")
    assert err.endswith("start it again with fedemu up, or leave --against out.\n")
    for url in ("https://127.0.0.1:7080", "http://192.0.2.1:7080", "http://example.com", "http://["):
        code, out, err = run("--against", url)
        assert (code, out) == (2, "")
        assert err.startswith(
            f"{url} is not an emulator of this machine\n  why    Nothing is ever sent to another machine.\n"
        )
    assert "Error: --against plays scenarios one after another: leave -n out.\n" in run("--against", "x", "-n", "2")[2]
    said = "Error: --against uses the running emulator's identifiers: leave --seed out.\n"
    assert said in run("--against", "x", "--seed", "2")[2]
