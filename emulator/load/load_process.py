"""One process's part in a load: alone, or as Locust's master or one of its workers.

The master makes no logins. It divides them among the workers when a run begins, counts how many each has made, and ends
the run when all are made. A worker logs people in to an emulator on its own machine.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import gevent
from locust import stats
from locust.env import Environment
from locust.runners import MasterRunner, Runner, WorkerRunner

from emulator.kernel.errors import EnvironmentProblem, FederationError
from emulator.load.logins import AssignedLogin, Share, Turns, logins_of, shares_of
from emulator.load.options import LoadSettings
from emulator.remote.loopback import loopback_address
from emulator.remote.remote_world import RemoteWorld
from emulator.running.run_file import find_running

_SHARE, _PROBLEM, _MADE = "fedemu-share", "fedemu-problem", "fedemu-made"
_MOST_TOLD = 20
# The file writer of Locust's --csv writes what is new once in its interval, and nothing more at the end.
_FILES_ARE_WRITTEN_SECONDS = stats.CSV_STATS_INTERVAL_SEC + 0.1
logger = logging.getLogger(__name__)
_processes: WeakKeyDictionary[Environment, LoadProcess] = WeakKeyDictionary()


def process_of(environment: Environment) -> LoadProcess:
    """Returns this process's part in the load."""
    return _processes[environment]


def join_load(environment: Environment, runner: Runner) -> None:
    """Makes this process part of a load, or ends it where there is no emulator to log in to."""
    try:
        _processes[environment] = LoadProcess(environment, runner)
    except FederationError as error:
        sys.stderr.write(f"{_text_of(error)}\n")
        sys.exit(3 if isinstance(error, EnvironmentProblem) else 2)


class LoadProcess:
    """The part of a load that one process makes.

    Args:
        environment: Locust's environment.
        runner: Locust's runner; its class says whether the process is alone, the master or a worker.

    Raises:
        FederationError: the emulator that was asked for is not one of this machine, or does not answer.
    """

    def __init__(self, environment: Environment, runner: Runner) -> None:
        self._environment = environment
        self._runner = runner
        self._options: Any = environment.parsed_options
        self._share = Share()
        self._run = 0
        self._made: dict[str, int] = {}
        self._told: set[AssignedLogin] = set()
        self._is_ending = False
        self._turns: Turns | None = None
        self._world: RemoteWorld | None = None
        self._own_host = environment.host or ""
        if self._own_host:
            loopback_address(self._own_host)
        if isinstance(self._runner, MasterRunner):
            self._runner.register_message(_PROBLEM, self._on_problem)
            environment.events.worker_report.add_listener(self._on_report_of_worker)
            return
        if isinstance(self._runner, WorkerRunner):
            self._runner.register_message(_SHARE, self._on_share)
            environment.events.report_to_master.add_listener(self._on_report_to_master)
        self._own_host = self._own_host or _running_emulator()
        self._world = RemoteWorld.at(self._own_host)
        environment.host = self._own_host  # for Locust's page

    @property
    def settings(self) -> LoadSettings:
        """What was asked for."""
        return LoadSettings.of(self._options)

    @property
    def world(self) -> RemoteWorld:
        """Who can log in.

        Raises:
            LookupError: this is the master, which logs nobody in.
        """
        if self._world is None:
            raise LookupError("a master logs nobody in")
        return self._world

    def begin(self) -> None:
        """Begins a run: divides it among the workers, or chooses the logins of this process."""
        self._environment.process_exit_code = None
        self._is_ending = False
        self._told.clear()
        self._turns = None
        try:
            if isinstance(self._runner, MasterRunner):
                loopback_address(self._environment.host or "127.0.0.1")
                self._divide(self._runner)
            else:
                self._choose()
        except FederationError as error:
            self._give_up(_text_of(error))

    def end(self) -> None:
        """Makes sure that the files of a run are complete before Locust exits."""
        if self._options.csv_prefix and self._options.headless:
            gevent.sleep(_FILES_ARE_WRITTEN_SECONDS)

    def next_login(self) -> AssignedLogin | None:
        """Returns the login that is next; None where there is none left to make."""
        return self._turns.next() if self._turns is not None else None

    def made(self) -> None:
        """Counts a login that was made, however it ended; the last one ends the run."""
        if self._turns is None:
            return
        self._turns.ended += 1
        if self._turns.is_over and not isinstance(self._runner, WorkerRunner):
            self._end_run()

    def tell_failure(self, login: AssignedLogin, why: str) -> None:
        """Logs who failed and why, the first time; of many people it names some."""
        if login in self._told or len(self._told) > _MOST_TOLD:
            return
        self._told.add(login)
        if len(self._told) <= _MOST_TOLD:
            logger.warning("%s: %s", login, why)
        else:
            logger.warning("More people fail; Locust's statistics count them, and no more are named")

    def _choose(self) -> None:
        settings = self.settings
        if isinstance(self._runner, WorkerRunner):
            host = self._own_host  # Locust has put the master's in the place of it
        else:
            host = self._environment.host or self._own_host
            self._share = shares_of(settings.logins, count=1)[0]
        self._world = RemoteWorld.at(host)
        logins = logins_of(self._world, people=settings.people, app=settings.app, role=settings.role)
        self._turns = Turns(logins, self._share)

    def _divide(self, runner: MasterRunner) -> None:
        settings = self.settings
        self._run += 1
        self._made.clear()
        workers = [*runner.clients.ready, *runner.clients.running, *runner.clients.spawning]
        for worker, share in zip(workers, shares_of(settings.logins, count=len(workers)), strict=True):
            data = {"run": self._run, "index": share.index, "count": share.count, "logins": share.logins}
            runner.send_message(_SHARE, data, worker.id)

    def _on_share(self, *, msg: Any, **_: object) -> None:
        """Accepts the master's assignment for this worker, which arrives before the order to begin."""
        data = dict(msg.data)
        self._run = data.pop("run")
        self._share = Share(**data)
        self._turns = None

    def _on_report_to_master(self, *, data: dict[str, Any], **_: object) -> None:
        data[_MADE] = {"run": self._run, "logins": self._turns.ended if self._turns is not None else 0}

    def _on_report_of_worker(self, *, client_id: str, data: Mapping[str, Any], **_: object) -> None:
        made = data.get(_MADE) or {}
        if made.get("run") != self._run:
            return
        self._made[client_id] = made["logins"]
        wanted = self._options.logins
        if wanted and sum(self._made.values()) >= wanted:
            self._end_run()

    def _on_problem(self, *, msg: Any, **_: object) -> None:
        self._give_up(str(msg.data["why"]))

    def _give_up(self, why: str) -> None:
        """Ends a run that cannot be made, and says why where people look: in the log, on the page and to the master."""
        logger.error(why)
        if isinstance(self._runner, WorkerRunner):
            self._runner.send_message(_PROBLEM, {"why": why})
            return
        self._runner.log_exception("local", why, "")
        self._environment.process_exit_code = 2
        self._end_run()

    def _end_run(self) -> None:
        """Ends the run; Locust goes on only where its page can begin another one."""
        if not self._is_ending:
            self._is_ending = True
            gevent.spawn(self._runner.quit if self._options.headless else self._runner.stop)


def _text_of(error: FederationError) -> str:
    from emulator.reports.errors import error_text  # importing it loads both sides of a federation, which no load needs

    return error_text(error)


def _running_emulator() -> str:
    running = find_running()
    if running is None:
        raise EnvironmentProblem(
            "No emulator runs, so there is nobody to log in to",
            fix="Start one with fedemu up, or begin the load with fedemu load, which starts one for itself.",
        )
    return running.http
