"""``fedemu run --watch``: what is run again after a save, and what is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulator.scenarios.execution.watching import states_of
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER
from tests.emulator.test_cli import Run, run

__all__ = ["run"]
Step = Callable[[], object]
Watched = Callable[..., list[list[str]]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Returns a folder with two worlds and three scenarios, the first two of which share a world."""
    (tmp_path / "scenarios" / "worlds").mkdir(parents=True)
    for name in ("one", "two"):
        (tmp_path / "scenarios" / "worlds" / f"{name}.yaml").write_bytes(DEFAULT_WORLD.read_bytes())
    for name, world in (("a", "one"), ("b", "one"), ("c", "two")):
        write(tmp_path / "scenarios" / f"{name}.yaml", world=f"worlds/{world}.yaml")
    return tmp_path


def write(file: Path, *, world: str = "worlds/one.yaml", outcome: str = "accepted", more: str = "") -> None:
    """Writes a scenario."""
    name = file.stem
    file.write_text(
        f"scenario: The login of {name}\nid: {name.upper()}\nworld: {world}\nlogin: {{user: {USER}, app: {APP}}}\n"
        f"expect: {{outcome: {outcome}}}\n{more}",
        encoding="utf-8",
    )


@pytest.fixture
def watched(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Returns a function that watches while steps are made, and returns what is printed, cut where it waits.

    The last cut ends with the exit code. A step is made when it would wait; then somebody presses Ctrl-C.
    """

    def call(*steps: Step, options: tuple[str, ...] = ()) -> list[list[str]]:
        waiting = iter(steps)

        def sleep(seconds: float) -> None:
            if seconds < 0.2:  # until nobody writes any more
                return
            step = next(waiting, None)
            if step is None:
                raise KeyboardInterrupt
            step()

        with monkeypatch.context() as patched:
            patched.setattr("time.sleep", sleep)
            code, out, err = run("run", "--watch", "--no-fixes", *options)
        cuts = out.split("waiting until one of ")
        told = [cuts[0].splitlines(), *(cut.splitlines()[1:] for cut in cuts[1:])]
        return [*told, [str(code), *err.splitlines()]]

    return call


def heads(lines: list[str]) -> list[str]:
    """Returns what came of scenarios, without their times."""
    return [" ".join(line.split()[:2]) for line in lines if line[:4].strip() in {"ok", "FAIL"}]


def test_what_a_saved_world_touches_is_run_again(watched: Watched, project: Path) -> None:
    """The scenarios of that world and no others; it says how many and why, and ends with the counts of all."""
    world = project / "scenarios" / "worlds" / "one.yaml"
    first, second, end, code = watched(lambda: world.write_text(world.read_text() + "# saved\n"))
    assert heads(first) == ["ok A", "ok B", "ok C"]
    assert second[1] == "scenarios/worlds/one.yaml was saved: 2 of 3 scenarios"
    assert heads(second) == ["ok A", "ok B"]
    assert end == ["", "stopped: 3 scenarios, 3 as expected, 0 not"]
    assert code == ["0"]


def test_files_that_a_world_is_made_from_are_watched(watched: Watched, project: Path) -> None:
    """A seed, a policy that was not there, and pages; what no world names is not."""
    worlds = project / "scenarios" / "worlds"
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    named = text.replace("    alias: acme\n", "    alias: acme\n    seed: [template.json]\n", 1)
    named = named.replace("    policies:\n", "    policies:\n      extra: own/extra.json\n", 1)
    (worlds / "two.yaml").write_text(named + "pages:\n  https://ccp.example.com: [ccp]\n", encoding="utf-8")
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role = f'{{"Type": "AWS::IAM::Role", "Properties": {{"RoleName": "Extra", "AssumeRolePolicyDocument": {trust}}}}}'
    template = f'{{"Resources": {{"Extra": {role}}}}}'
    (worlds / "template.json").write_text(template, encoding="utf-8")
    (worlds / "ccp").mkdir()
    (worlds / "own").mkdir()
    first, policy, page, seed, end, code = watched(
        lambda: (worlds / "own" / "extra.json").write_text(trust.replace("[]", '[{"Effect": "Deny"}]')),
        lambda: (worlds / "ccp" / "ccp.html").write_text("<p>"),
        lambda: ((worlds / "notes.txt").write_text("x"), (worlds / "template.json").write_text(template + "\n")),
    )
    assert heads(first) == ["ok A", "ok B", "FAIL C"]
    assert policy[1] == "scenarios/worlds/own/extra.json is new: 1 of 3 scenarios"
    assert page[1] == "scenarios/worlds/ccp was saved: 1 of 3 scenarios"
    assert seed[1] == "scenarios/worlds/template.json was saved: 1 of 3 scenarios"
    assert end[1].startswith("stopped: ")
    assert code == ["1"]


def test_scenario_files_that_are_saved_new_and_gone(watched: Watched, project: Path) -> None:
    """Each is reported as what it is; without a scenario that it touches nothing is run."""
    folder = project / "scenarios"
    _first, saved, new, gone, end, code = watched(
        lambda: write(folder / "a.yaml", outcome="refused", more="tags: [x]\n"),
        lambda: write(folder / "d.yaml"),
        (folder / "d.yaml").unlink,
    )
    assert saved[1] == "scenarios/a.yaml was saved: 1 of 3 scenarios"
    assert heads(saved) == ["FAIL A"]
    assert new[1] == "scenarios/d.yaml is new: 1 of 4 scenarios"
    assert heads(new) == ["ok D"]
    assert gone == ["", "scenarios/d.yaml is gone: 0 of 3 scenarios"]
    assert end == ["", "stopped: 3 scenarios, 2 as expected, 1 not"]
    assert code == ["1"]


def test_several_saves_at_once_are_one_run(watched: Watched, project: Path) -> None:
    """Also those of an editor that writes another file and gives it the name."""

    def save() -> None:
        for name in ("a", "b"):
            new = project / "scenarios" / f".{name}.yaml.tmp"
            write(new.with_suffix(""), more="tags: [x]\n")
            new.with_suffix("").replace(project / "scenarios" / f"{name}.yaml")

    _first, second, end, _code = watched(save)
    assert second[1] == "scenarios/a.yaml, scenarios/b.yaml were saved: 2 of 3 scenarios"
    assert end[1].startswith("stopped: ")


def test_a_broken_file_is_told_and_the_loop_goes_on(watched: Watched, project: Path) -> None:
    """It is an error until it is mended; a world that is broken takes its scenarios away for so long."""
    scenario, world = project / "scenarios" / "a.yaml", project / "scenarios" / "worlds" / "two.yaml"
    whole = world.read_text(encoding="utf-8")
    _first, broken, mended, no_world, again, _end, code = watched(
        lambda: write(scenario, more="expects: {}\n"),
        lambda: write(scenario),
        lambda: world.write_text("okto: {}\n", encoding="utf-8"),
        lambda: world.write_text(whole + "# mended\n", encoding="utf-8"),
    )
    assert broken[1] == "scenarios/a.yaml was saved: 0 of 2 scenarios"
    assert mended[1] == "scenarios/a.yaml was saved: 1 of 3 scenarios"
    assert no_world[1] == "scenarios/worlds/two.yaml was saved: 0 of 2 scenarios"
    assert again[1] == "scenarios/worlds/two.yaml was saved: 1 of 3 scenarios"
    assert heads(again) == ["ok C"]
    assert code[0] == "0"
    assert code[1:3] == ["scenarios/a.yaml:6  expects", "  unknown key expects; did you mean expect?"]
    assert "  unknown key okto; did you mean okta?" in code


def test_a_file_that_is_broken_from_the_start(watched: Watched, project: Path) -> None:
    """The others run, and it runs when it is mended."""
    scenario = project / "scenarios" / "a.yaml"
    write(scenario, more="expects: {}\n")
    first, mended, *_ = watched(lambda: write(scenario))
    assert heads(first) == ["ok B", "ok C"]
    assert "2 scenarios, 2 as expected, 0 not, 1 file in error, in " in first[-1]
    assert mended[1] == "scenarios/a.yaml was saved: 1 of 3 scenarios"
    assert heads(mended) == ["ok A"]


def test_a_new_file_of_defaults_touches_its_folder(watched: Watched, project: Path) -> None:
    """And all scenarios in it."""
    defaults = project / "scenarios" / "defaults.yaml"
    _first, second, *_ = watched(lambda: defaults.write_text("tags: [all]\n", encoding="utf-8"))
    assert second[1] == "scenarios/defaults.yaml is new: 3 of 3 scenarios"


def test_a_world_that_nobody_names_is_picked_up(watched: Watched, project: Path) -> None:
    """The scenario is in error as long as there is none; a nearer one goes before one further away."""
    scenario, world = project / "scenarios" / "d.yaml", DEFAULT_WORLD.read_bytes()
    write(scenario)
    scenario.write_text(scenario.read_text().replace("world: worlds/one.yaml\n", ""), encoding="utf-8")
    first, far, near, *_ = watched(
        lambda: (project / "world.yaml").write_bytes(world),
        lambda: (project / "scenarios" / "world.yaml").write_bytes(world),
    )
    assert "3 scenarios, 3 as expected, 0 not, 1 file in error, in " in first[-1]
    assert far[1] == "world.yaml is new: 1 of 4 scenarios"
    assert near[1] == "scenarios/world.yaml is new: 1 of 4 scenarios"


def test_rows_of_a_table_touch_the_scenarios_made_of_them(watched: Watched, project: Path) -> None:
    """The file that multiplies a scenario is not part of each."""
    table = project / "scenarios" / "people.csv"
    table.write_text(f"user\n{USER}\n", encoding="utf-8")
    scenario = project / "scenarios" / "d.yaml"
    write(scenario, more="rows: people.csv\n")
    scenario.write_text(scenario.read_text().replace(USER, "'{user}'"), encoding="utf-8")
    first, second, *_ = watched(lambda: table.write_text(f"user\n{USER}\ntaro@example.com\n", encoding="utf-8"))
    assert len(heads(first)) == 4
    assert second[1] == "scenarios/people.csv was saved: 2 of 5 scenarios"


def test_what_was_left_is_run_with_what_was_saved(watched: Watched, project: Path) -> None:
    """With --exitfirst: those behind the failure."""
    write(project / "scenarios" / "a.yaml", outcome="refused")
    first, second, *_ = watched(lambda: write(project / "scenarios" / "a.yaml"), options=("-x",))
    assert heads(first) == ["FAIL A"]
    assert second[1] == "scenarios/a.yaml was saved: 3 of 3 scenarios, of which 2 had not run"
    assert heads(second) == ["ok A", "ok B", "ok C"]


def test_last_failed_holds_for_every_run(watched: Watched, project: Path) -> None:
    """Of what is touched only those that failed when they last ran, where one did."""
    write(project / "scenarios" / "a.yaml", outcome="refused")
    world = project / "scenarios" / "worlds" / "one.yaml"
    first, second, third, _end, code = watched(
        lambda: world.write_text(world.read_text() + "# saved\n"),
        lambda: world.write_text(world.read_text() + "# and again\n"),
        options=("--last-failed",),
    )
    assert code[1:] == ["none of these failed when it last ran: running all"]
    assert (heads(first), heads(second), heads(third)) == (["FAIL A", "ok B", "ok C"], ["FAIL A"], ["FAIL A"])


def test_reports_have_the_last_result_of_every_scenario(watched: Watched, project: Path) -> None:
    """They are written anew after every run; traces are those of what fails now."""
    scenario = project / "scenarios" / "a.yaml"
    write(scenario, outcome="refused")
    write(project / "scenarios" / "b.yaml", outcome="refused")
    report, traces = project / "out.xml", project / ".fedemu" / "traces" / "run"
    seen: list[object] = []

    def see() -> None:
        seen.append((report.read_text(encoding="utf-8").count("<failure "), len(list(traces.glob("*.har")))))

    def see_and_write() -> None:
        see()
        write(scenario)

    watched(see_and_write, see, options=("--junit", "out.xml"))
    assert seen == [(2, 2), (1, 1)]
    assert 'tests="3" failures="1"' in report.read_text(encoding="utf-8")


def test_nothing_to_run_is_waited_for(watched: Watched, project: Path) -> None:
    """A scenario may come; without one the exit code is 5."""
    first, end, code = watched(options=("-k", "nothing"))
    assert first == ["no scenario matches"]
    assert (end, code) == (["", "stopped"], ["5"])


def test_ctrl_c_in_a_run_is_the_end(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was run is counted."""

    def stop(*_: object, **__: object) -> Iterator[object]:
        raise KeyboardInterrupt

    monkeypatch.setattr("emulator.commands.scenario_runs.once.outcomes", stop)
    code, out, err = run("run", "--watch")
    assert (code, err) == (5, "")
    assert out.splitlines()[-1] == "stopped"
    assert "3 scenarios, 0 as expected, 0 not, 3 not run, interrupted after " in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--list",), "--watch runs scenarios and --list does not: leave one of them out."),
        (
            ("--junit", "-"),
            "--watch writes its report again and again, so it cannot go to stdout: name a file instead of -.",
        ),
    ],
)
def test_what_is_done_once_does_not_go_with_watching(run: Run, options: tuple[str, ...], message: str) -> None:
    """A list, and a report on stdout."""
    code, _, err = run("run", "--watch", *options)
    assert (code, err.splitlines()[-1]) == (2, f"Error: {message}")


def test_whatever_has_a_name_can_be_looked_at(project: Path) -> None:
    """A file that is not there, a link that leads nowhere, an empty folder."""
    (project / "link").symlink_to("nowhere")
    assert states_of([project / "link", project / "none"]) == {project / "link": (), project / "none": ()}
    (project / "empty").mkdir()
    assert states_of([project / "empty"]) == {project / "empty": ("empty",)}
