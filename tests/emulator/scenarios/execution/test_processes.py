"""Scenarios over processes: in order, and one clear error for whatever becomes of a process."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkContext, ForkProcess
from pathlib import Path

import pytest

from emulator.kernel.errors import EnvironmentProblem
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.execution import processes
from emulator.scenarios.execution.listener import Outcome
from emulator.scenarios.execution.processes import outcomes_in_processes, processes_for
from emulator.scenarios.results import Result
from emulator.scenarios.runs import HowToRun, Unusable, outcomes
from emulator.scenarios.scenario_file import Scenario, find_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER
from tests.emulator.network.key_pairs import quick_pair

FORK = multiprocessing.get_context("fork")


class EndsAtOnce(ForkProcess):
    """A process that ends before it does anything."""

    def run(self) -> None:
        """Ends with exit code 4."""
        os._exit(4)


class EndingContext(ForkContext):
    """Starts processes that end at once."""

    Process = EndsAtOnce


# Under xdist the tests' process has a thread more, which holds no lock that matters here.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
Work = Callable[[str], None]


@pytest.fixture
def scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Scenario]:
    """Returns six scenarios, of which the third is not as expected and the fifth cannot be run anywhere."""
    monkeypatch.chdir(tmp_path)
    for number in range(1, 7):
        more = "faults: [{attribute: NoSuch, remove: true}]\n" if number == 5 else ""
        Path(f"s{number}.yaml").write_text(
            f"scenario: A login\nid: S{number}\nworld: {DEFAULT_WORLD}\nlogin: {{user: {USER}, app: {APP}}}\n"
            f"expect: {{outcome: {'refused' if number == 3 else 'accepted'}}}\n{more}",
            encoding="utf-8",
        )
    return find_scenarios([Path(f"s{number}.yaml") for number in range(1, 7)])


@pytest.fixture
def does(monkeypatch: pytest.MonkeyPatch) -> Callable[[Work], None]:
    """Returns a function that lets forked processes do something before they run a scenario."""

    def replace(work: Work) -> None:
        def run(given: list[Scenario], *, how: HowToRun | None = None) -> Iterator[Outcome]:
            work(given[0].id)
            yield Result(given[0], (), 0.0)

        monkeypatch.setattr(processes, "outcomes", run)

    return replace


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.began_ids: list[str] = []
        self.ended_ids: list[str] = []

    def began(self, scenario: Scenario) -> None:
        """Remembers."""
        self.began_ids.append(scenario.id)

    def ended(self, outcome: Outcome) -> None:
        """Remembers."""
        self.ended_ids.append(outcome.scenario.id)


def _told(outcome: Outcome) -> object:
    if isinstance(outcome, Unusable):
        return outcome.scenario.id, str(outcome.error)
    told = [login.as_json() for login in outcome.logins]
    for login in told:
        for step in login["steps"]:
            step.pop("duration_ms", None)
    return outcome.scenario.id, outcome.mismatches, json.dumps(told), outcome.compared, outcome.seed


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_what_comes_of_scenarios_is_the_same_in_processes(scenarios: list[Scenario], method: str) -> None:
    """In their order, with the scenarios that were given, however processes are started; unusable ones come through."""
    how = HowToRun(tries_fixes=False, seed=7)
    context = multiprocessing.get_context(method)
    came = list(outcomes_in_processes(scenarios, processes=2, how=how, context=context))
    assert [each.scenario for each in came] == scenarios
    assert all(each.scenario is scenario for each, scenario in zip(came, scenarios, strict=True))
    assert [_told(each) for each in came] == [_told(each) for each in outcomes(scenarios, how=how)]
    assert [isinstance(each, Unusable) for each in came] == [False, False, False, False, True, False]
    assert multiprocessing.active_children() == []


def test_results_come_in_order_whatever_ends_first(
    scenarios: list[Scenario], does: Callable[[Work], None], tmp_path: Path
) -> None:
    """The first goes on until the fourth has ended: the listener hears of that before, the caller after."""

    def work(name: str) -> None:
        while name == "S1" and not (tmp_path / "S4").exists():
            time.sleep(0.01)
        (tmp_path / name).touch()

    does(work)
    heard = Heard()
    came = outcomes_in_processes(scenarios, processes=2, listener=heard, context=FORK)
    assert [each.scenario.id for each in came] == ["S1", "S2", "S3", "S4", "S5", "S6"]
    assert heard.ended_ids[0] == "S2"
    assert sorted(heard.began_ids) == sorted(heard.ended_ids) == ["S1", "S2", "S3", "S4", "S5", "S6"]


def test_a_process_that_dies_is_one_error_of_its_scenario(
    scenarios: list[Scenario], does: Callable[[Work], None]
) -> None:
    """Killed by the system or ended by itself: the others run, in another process."""

    def work(name: str) -> None:
        if name == "S2":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "S3":
            os._exit(3)

    does(work)
    came = list(outcomes_in_processes(scenarios, processes=2, context=FORK))
    assert [each.scenario.id for each in came] == ["S1", "S2", "S3", "S4", "S5", "S6"]
    wrong = [each.mismatches[0] for each in came if isinstance(each, Result) and each.mismatches]
    assert [
        (str(each.location), each.text.removeprefix("it cannot be run: the process that ran it ")) for each in wrong
    ] == [
        ("s2.yaml:1", "was ended by SIGKILL, as the system does where memory runs out"),
        ("s3.yaml:1", "ended with exit code 3"),
    ]
    assert multiprocessing.active_children() == []


def test_every_process_may_die(scenarios: list[Scenario], does: Callable[[Work], None]) -> None:
    """Each scenario is an error, and nobody waits for ever."""
    does(lambda _name: os._exit(1))
    came = list(outcomes_in_processes(scenarios, processes=2, context=FORK))
    assert [isinstance(each, Result) and each.passed for each in came] == [False] * 6


def test_processes_that_cannot_begin_are_reported(scenarios: list[Scenario]) -> None:
    """It is this machine's problem, and not a scenario's."""
    with pytest.raises(EnvironmentProblem) as caught:
        list(outcomes_in_processes(scenarios, processes=2, context=EndingContext()))
    assert (caught.value.message, caught.value.explanation, caught.value.fix) == (
        "no process can be started for scenarios",
        "ended with exit code 4",
        "Run without -n.",
    )
    assert multiprocessing.active_children() == []


def test_processes_end_where_nobody_wants_more(scenarios: list[Scenario], does: Callable[[Work], None]) -> None:
    """Also those that are in the middle of a scenario."""
    does(lambda name: time.sleep(0 if name == "S1" else 600))
    came = outcomes_in_processes(scenarios, processes=2, context=FORK)
    assert next(came).scenario.id == "S1"
    came.close()  # type: ignore[attr-defined]  # a generator
    assert multiprocessing.active_children() == []


def test_a_mistake_of_ours_is_the_failure_of_one_scenario(
    scenarios: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the traceback, in one process and in several; the others run."""

    def run_scenario(scenario: Scenario, **_: object) -> Result:
        if scenario.id == "S2":
            raise KeyError("no such thing")
        if scenario.id == "S4":
            raise MemoryError
        return Result(scenario, (), 0.0)

    monkeypatch.setattr("emulator.scenarios.runner.run_scenario", run_scenario)
    for came in (list(outcomes(scenarios)), list(outcomes_in_processes(scenarios, processes=2, context=FORK))):
        results = [each for each in came if isinstance(each, Result)]
        assert [each.passed for each in results] == [True, False, True, False, True, True]
        assert str(results[3].mismatches[0]) == "it cannot be run: memory ran out"
        lines = str(results[1].mismatches[0]).splitlines()
        assert lines[:2] == ["it cannot be run, by a mistake in fedemu:", "Traceback (most recent call last):"]
        assert lines[-1] == "KeyError: 'no such thing'"


def test_auto_is_what_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPUs that this process may use, and one process for few scenarios."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    monkeypatch.setattr(processes, "start_context", lambda: FORK)
    assert [processes_for(number) for number in (0, 9, 19, 20, 30, 10_000)] == [1, 1, 1, 2, 3, 3]
    monkeypatch.setattr(processes, "start_context", lambda: multiprocessing.get_context("spawn"))
    assert [processes_for(number) for number in (30, 199, 200, 10_000)] == [1, 1, 2, 3]
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert processes_for(10_000) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked by default")
def test_what_scenarios_import_is_imported_before_a_fork(scenarios: list[Scenario]) -> None:
    """By the process that forks, once, and without a thread that might hold a lock."""
    program = (
        "import sys; from pathlib import Path\n"
        "from emulator.scenarios.execution.processes import outcomes_in_processes, start_context\n"
        "from emulator.scenarios.scenario_file import find_scenarios\n"
        "came = list(outcomes_in_processes(find_scenarios([Path('s1.yaml')]), processes=1))\n"
        "print(came[0].passed, start_context().get_start_method(), {'idp.app', 'sp_mock.aws'} - sys.modules.keys())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    ran = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", program], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    assert ran.stdout == "True fork set()\n"


def _make_slowly() -> tuple[bytes, bytes]:
    time.sleep(0.2)
    return quick_pair()


def _ask(folder: Path, answers: multiprocessing.SimpleQueue[bytes]) -> None:
    answers.put(KeyFolder(folder).pair("acme.app", _make_slowly)[0])


def test_processes_that_make_the_same_key_at_once_get_the_same(tmp_path: Path) -> None:
    """One of them makes it, and the others take it over; nothing else is left in the folder."""
    answers: multiprocessing.SimpleQueue[bytes] = FORK.SimpleQueue()
    asking = [FORK.Process(target=_ask, args=(tmp_path / "keys", answers)) for _ in range(4)]
    for process in asking:
        process.start()
    for process in asking:
        process.join()
    assert len({answers.get() for _ in asking}) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["acme.app.pem"]


def _started(*arguments: str) -> subprocess.Popen[str]:
    """Starts a run in two processes, as a terminal would: in a group of its own; returns it once it has begun."""
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-u", "-m", "emulator", "run", "--builtin", "-n", "2", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ok   ")
    return process


def _is_group_gone(group: int) -> bool:
    for _ in range(300):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_ctrl_c_ends_all_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal sends it to every process: the counts are the last line, there is no traceback, and nobody is left."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]))
    process = _started()
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == ""
    assert ", interrupted after " in out
    assert _is_group_gone(process.pid)


def test_processes_end_with_the_one_that_has_started_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where that one is killed and can tell nobody."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]))
    process = _started()
    process.kill()
    process.communicate(timeout=60)
    assert _is_group_gone(process.pid)
