"""The catalogue over two processes, against the logins that it consists of."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.scenarios.execution.processes import outcomes_in_processes
from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios
from emulator.world import DEFAULT_WORLD, load_world
from tests.bench.in_process import APP, USER
from tests.bench.measuring import REPEATS, median, not_measured, python, report, timed

_PROCESSES = 2
_LOGINS = 50


def measure(folder: Path) -> None:
    """Prints the wall time of a scenario and process, beside a later login of one process in the same minute.

    Where others use the CPUs, too, the figures say more about them: more processes wait for a turn than for a login.
    """
    scenarios = find_scenarios([BUILT_IN])
    what = f"a scenario of the catalogue ({len(scenarios)}) and process with -n {_PROCESSES}, against a later login"
    affinity = getattr(os, "sched_getaffinity", None)
    if (len(affinity(0)) if affinity is not None else os.cpu_count() or 1) < _PROCESSES:
        not_measured(what, "this process may use one CPU only")
        return
    environment = {**os.environ, "FEDEMU_HOME": str(folder)}
    before = os.environ.get("FEDEMU_HOME")
    os.environ["FEDEMU_HOME"] = str(folder)
    try:
        federation = Federation(load_world(DEFAULT_WORLD))

        def run() -> object:
            return list(outcomes_in_processes(scenarios, processes=_PROCESSES))

        command = ("-m", "emulator", "run", "--builtin", "-n", str(_PROCESSES), "--traces", "off")
        report(what, _ratio(run, len(scenarios), federation), at_most=2.2)
        started = python(*command, environment=environment, folder=folder)
        root = str(Path(__file__).parents[2])
        environment["PYTHONPATH"] = root
        report("the same as a command, with its start", _ratio(started, len(scenarios), federation), at_most=2.2)
    finally:
        os.environ.pop("FEDEMU_HOME")
        if before is not None:
            os.environ["FEDEMU_HOME"] = before


def _ratio(run: Callable[[], object], count: int, federation: Federation) -> float:
    def login() -> None:
        for _ in range(_LOGINS):
            log_in(federation, user=USER, app=APP)

    run()  # makes the keys
    login()
    figures = [(timed(run)() * _PROCESSES / count) / (timed(login)() / _LOGINS) for _ in range(REPEATS)]
    return median(figures)
