"""Scenarios in several processes: results in the scenarios' order, and no hang whatever happens to a process.

A process has every scenario from its start and receives numbers; it returns results without their scenarios. Each
process has two numbers at a time, so that it need not wait while its last result is read.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field, fields
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from emulator.federation import Federation
from emulator.kernel.clock import Ids
from emulator.kernel.errors import EnvironmentProblem
from emulator.kernel.records import dataclass
from emulator.scenarios.execution.listener import Listener, Outcome, Silent
from emulator.scenarios.results import SEED, Mismatch, Result
from emulator.scenarios.runs import HowToRun, Unusable, outcomes
from emulator.scenarios.scenario_file import Scenario

_WORTH_A_FORK: Final = 10
_WORTH_A_START: Final = 100  # a spawned process imports everything first
_WITH_A_PROCESS: Final = 2
_GARBAGE: Final = (50_000, 20, 20)  # set as on the command line, which a spawned process has not seen
_SECONDS_TO_END: Final = 2.0
_SIGN_IN: Final = "https://signin.aws.amazon.com/saml"
_AS_MEMORY_RUNS_OUT: Final = ", as the system does where memory runs out"


def processes_for(scenarios: int) -> int:
    """Returns how many processes are worthwhile: at most the usable CPUs, and one for few scenarios.

    Args:
        scenarios: Number of scenarios to run.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    usable = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    worth = _WORTH_A_START if isinstance(start_context(), SpawnContext) else _WORTH_A_FORK
    return max(1, min(usable, scenarios // worth))


def outcomes_in_processes(
    scenarios: Sequence[Scenario],
    *,
    processes: int,
    how: HowToRun | None = None,
    listener: Listener | None = None,
    context: BaseContext | None = None,
) -> Iterator[Outcome]:
    """Runs scenarios in several processes and yields their outcomes in order, as soon as possible.

    A scenario whose process dies counts as failed, and another process continues with the others. When the caller stops
    early, the processes are ended.

    Args:
        processes: Maximum number of processes.
        how: How each scenario is run.
        listener: Notified of what begins and ends, in that order.
        context: How processes are started; by default the way that is fast and safe here.

    Raises:
        EnvironmentProblem: no process can be started.
    """
    if scenarios and _is_fork(context or start_context()):
        _get_ready(scenarios[0])
    pool = _Pool(scenarios, how or HowToRun(), listener or Silent(), context or start_context())
    try:
        pool.start(min(processes, len(scenarios)))
        done: dict[int, Outcome] = {}
        for turn in range(len(scenarios)):
            while turn not in done:
                done.update(pool.next())
            yield done.pop(turn)
    finally:
        pool.end()


def start_context() -> BaseContext:
    """Returns the multiprocessing context that starts the processes: fork where that is safe, else spawn.

    A fork inherits everything imported and read. It is safe when no other thread can hold a lock at that moment, as in
    a command, and when the system's libraries support it, which macOS's do not.
    """
    is_fork_safe = sys.platform == "linux" and _threads() == 1
    return multiprocessing.get_context("fork" if is_fork_safe else "spawn")


def _is_fork(context: BaseContext) -> bool:
    return context.get_start_method() == "fork"


def _get_ready(scenario: Scenario) -> None:
    """Calls both sites once, so that what they import is imported before the first fork, and only once."""
    with suppress(Exception):  # any error is reported where the scenario runs
        federation = Federation(scenario.world, ids=Ids(seed=SEED))
        for org in list(federation.identity_providers.values())[:1]:
            federation.browser().open(org.org.base_url)
        federation.browser().open(_SIGN_IN)


def _threads() -> int:
    try:
        return sum(1 for _ in Path("/proc/self/task").iterdir())  # including threads that libraries have started
    except OSError:
        return threading.active_count() + 1  # libraries' threads are not visible to Python


@dataclass(slots=True, eq=False)
class _Worker:
    """A process, and the numbers of the scenarios that it has, the first of which it runs."""

    process: BaseProcess
    connection: Connection
    numbers: deque[int] = field(default_factory=deque)
    is_ready: bool = False
    began: float = 0.0


class _Pool:
    """The processes of a run."""

    def __init__(self, scenarios: Sequence[Scenario], how: HowToRun, listener: Listener, context: BaseContext) -> None:
        self._scenarios = scenarios
        self._how = how
        self._listener = listener
        self._context = context
        self._waiting = deque(range(len(scenarios)))
        self._workers: list[_Worker] = []

    def start(self, count: int) -> None:
        """Starts processes; fewer where the system gives no more."""
        for _ in range(count):
            try:
                self._workers.append(self._new_worker())
            except OSError as error:
                if not self._workers:
                    raise _no_process(error.strerror or str(error)) from None
                return

    def next(self) -> Iterator[tuple[int, Outcome]]:
        """Waits for the outcome of a scenario, and yields it with its number.

        Raises:
            EnvironmentProblem: a process ended before it was ready.
        """
        for most in range(1, _WITH_A_PROCESS + 1):  # every process gets one before any gets a second
            for worker in self._workers:
                self._give(worker, most)
        ready = wait([worker.connection for worker in self._workers])
        for worker in [each for each in self._workers if each.connection in ready]:
            try:
                message = worker.connection.recv()
            except (EOFError, OSError):  # it has died, perhaps in the middle of a message
                yield from self._bury(worker)
                continue
            if worker.is_ready:
                yield self._ended(worker, _unpacked(message, self._scenarios[worker.numbers[0]]))
            else:
                worker.is_ready = True
                self._begin(worker)

    def end(self) -> None:
        """Ends the processes: idle ones by themselves, the others at once."""
        for worker in self._workers:
            worker.connection.close()
            if worker.numbers or not worker.is_ready:
                worker.process.terminate()
        for worker in self._workers:
            _join(worker.process)
        self._workers = []

    def _new_worker(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        # A fork has to close what it inherits, so that each process notices when this one is gone.
        inherited = (ours, *(each.connection for each in self._workers)) if _is_fork(self._context) else ()
        given = (theirs, inherited, self._scenarios, self._how)
        try:
            process = self._context.Process(target=_work, args=given, daemon=True)  # type: ignore[attr-defined]  # typeshed: each context has it
            with _uninterrupted():
                process.start()
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        return _Worker(process, ours)

    def _give(self, worker: _Worker, most: int) -> None:
        """Gives a process its next scenario; the last ones go to whichever process is free."""
        is_late = len(self._waiting) <= _WITH_A_PROCESS * len(self._workers)
        if not self._waiting or len(worker.numbers) >= (1 if is_late else most):
            return
        number = self._waiting.popleft()
        worker.numbers.append(number)
        with suppress(OSError):  # it has died, which is noticed when its answer is read
            worker.connection.send(number)
        if worker.is_ready and len(worker.numbers) == 1:
            self._begin(worker)

    def _begin(self, worker: _Worker) -> None:
        worker.began = perf_counter()
        if worker.numbers:
            self._listener.began(self._scenarios[worker.numbers[0]])

    def _ended(self, worker: _Worker, outcome: Outcome) -> tuple[int, Outcome]:
        number = worker.numbers.popleft()
        self._listener.ended(outcome)
        self._begin(worker)
        return number, outcome

    def _bury(self, worker: _Worker) -> Iterator[tuple[int, Outcome]]:
        """Yields the failure of the scenario in which a process died; another process replaces it."""
        worker.connection.close()
        _join(worker.process)
        self._workers.remove(worker)
        code = worker.process.exitcode or 0
        if not worker.is_ready:
            raise _no_process(_end_of(code))
        if worker.numbers:
            scenario = self._scenarios[worker.numbers[0]]
            mismatch = Mismatch(
                scenario.document.location(()), f"it cannot be run: the process that ran it {_end_of(code)}"
            )
            seconds = perf_counter() - worker.began
            yield self._ended(worker, Result(scenario, (mismatch,), seconds, seed=self._how.seed))
        self._waiting.extendleft(reversed(worker.numbers))
        if self._waiting:
            self.start(1)


def _join(process: BaseProcess) -> None:
    """Waits for the end of a process, with a limit."""
    process.join(_SECONDS_TO_END)
    if process.is_alive():
        process.kill()
        process.join()


def _no_process(reason: str) -> EnvironmentProblem:
    return EnvironmentProblem("no process can be started for scenarios", explanation=reason, fix="Run without -n.")


def _end_of(code: int) -> str:
    """Returns how a process ended, by its exit code."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was ended by {name}{_AS_MEMORY_RUNS_OUT if name == 'SIGKILL' else ''}"


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Holds Ctrl-C back, permanently for processes that are started meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(
    connection: Connection, inherited: Sequence[Connection], scenarios: Sequence[Scenario], how: HowToRun
) -> None:
    """Runs the scenarios whose numbers arrive, until the sender is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    signal.signal(signal.SIGTERM, _leave)
    for each in inherited:
        each.close()
    gc.set_threshold(*_GARBAGE)
    gc.freeze()  # existing objects stay: collecting them again and again would also copy them from the parent
    with suppress(EOFError, OSError):
        connection.send(None)
        while True:
            scenario = scenarios[connection.recv()]
            (outcome,) = outcomes([scenario], how=how)
            connection.send(_packed(outcome))


def _leave(*_: object) -> None:
    sys.exit(1)


def _packed(outcome: Outcome) -> dict[str, Any]:
    """Returns an outcome without its scenario, which the receiver has."""
    return {each.name: getattr(outcome, each.name) for each in fields(outcome) if each.name != "scenario"}


def _unpacked(message: dict[str, Any], scenario: Scenario) -> Outcome:
    return Unusable(scenario, **message) if "error" in message else Result(scenario, **message)
