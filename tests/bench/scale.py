"""``make scale``: how far logins and scenarios go on this machine, as the tables of docs/scale.md.

    python -m tests.bench.scale [LOGINS [TABLE…]]

LOGINS are made for each figure; TABLE is ``logins``, ``scenarios`` or ``memory``, all of them unless given.

A wall-clock figure is the best of several runs, since whatever else the machine does can only lower it. The processor
time of a login says more: what it costs the emulator and the client, whatever else runs.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios
from tests.bench.memory import resident_kilobytes
from tests.bench.processes import running

LOGINS = 600
REPEATS = 3
_LOGIN = "LOGIN"
_IN_PROCESS = """
import sys, time
from emulator.federation import Federation
from emulator.flow import assume_role, log_in
from emulator.world import DEFAULT_WORLD
federation = Federation.load(DEFAULT_WORLD)
flow = {"browser": log_in, "sts": assume_role}[sys.argv[2]]
for number in range(int(sys.argv[1]) + 20):
    if number == 20:
        began, cpu = time.perf_counter(), time.process_time()
    assert flow(federation, user="hanako@example.com", app="amazon-connect").role
print(time.perf_counter() - began, time.process_time() - cpu)
"""
_PYTEST = """
import sys
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run came to.

    Args:
        per_second: Logins in a second.
        emulator_ms: Processor milliseconds of the emulators for each login; 0 where there is none of its own.
        client_ms: Processor milliseconds of whoever logs in, for each login.
    """

    per_second: float
    emulator_ms: float
    client_ms: float


@dataclass(frozen=True, slots=True)
class Load:
    """How logins are made by Locust; in one process where it has no workers."""

    workers: int = 0
    emulators: int = 1
    options: tuple[str, ...] = ()


def main() -> None:
    """Measures everything."""
    logins = int(sys.argv[1]) if len(sys.argv) > 1 else LOGINS
    tables = sys.argv[2:] or ("logins", "scenarios", "memory")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "FEDEMU_HOME": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])}
        print(f"{os.cpu_count()} cores, {_processor()}, Python {platform.python_version()}; {logins} logins each,")
        print(f"best of {REPEATS} runs; load when it began: {os.getloadavg()[0]:.1f}\n")
        if "logins" in tables:
            _logins(folder, environment, logins)
        if "scenarios" in tables:
            _scenarios(folder, environment)
        if "memory" in tables:
            _memory(folder, environment, logins)


def _logins(folder: Path, environment: dict[str, str], logins: int) -> None:
    print("| logins | a second | emulator, ms of processor | client, ms of processor |\n|---|---|---|---|", flush=True)
    one = _best(lambda: _in_process(environment, logins, processes=1))
    _row("in process, one process", one)
    _row("in process, two processes", _best(lambda: _in_process(environment, logins, processes=2)))
    _row("in process, by STS", _best(lambda: _in_process(environment, logins, processes=1, via="sts")))
    for what, load in (
        ("`fedemu load`, one emulator", Load()),
        ("`fedemu load --processes 2`, one emulator", Load(workers=2)),
        ("two workers, an emulator each", Load(workers=2, emulators=2)),
        ("`fedemu load --via sts`", Load(options=("--via", "sts"))),
    ):
        start = _locust(folder, environment, 1, load).client_ms  # Locust's own start
        figures = _best(partial(_locust, folder, environment, logins, load))
        _row(what, replace(figures, client_ms=(figures.client_ms * logins - start) / logins))


def _row(what: str, figures: Figures) -> None:
    emulator = f"{figures.emulator_ms:.1f}" if figures.emulator_ms else ""
    print(f"| {what} | {figures.per_second:.0f} | {emulator} | {figures.client_ms:.1f} |", flush=True)


def _best(measure: Callable[[], Figures]) -> Figures:
    """Returns the best rate of several runs, with the median of what a login costs."""
    runs = [measure() for _ in range(REPEATS)]
    return Figures(
        max(each.per_second for each in runs),
        median(each.emulator_ms for each in runs),
        median(each.client_ms for each in runs),
    )


def _in_process(environment: dict[str, str], logins: int, *, processes: int, via: str = "browser") -> Figures:
    command = [sys.executable, "-c", _IN_PROCESS, str(logins // processes), via]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(processes)]
    told = [[float(each) for each in process.communicate()[0].split()] for process in started]
    made = logins // processes
    return Figures(sum(made / wall for wall, _ in told), 0, median(cpu for _, cpu in told) / made * 1000)


def _locust(folder: Path, environment: dict[str, str], logins: int, load: Load) -> Figures:
    """Makes logins by Locust."""
    with ExitStack() as started:
        served = [started.enter_context(_emulator(folder, environment, number)) for number in range(load.emulators)]
        stats = folder / "stats"
        line = [sys.executable, "-m", "emulator", "load", "--headless", "--json-file", str(stats), "--only-summary"]
        line += ["-u", "8", "-r", "100", "--logins", str(logins), "--people", "hanako*", *load.options]
        before, cpu = [_processor_seconds(each["pid"]) for each in served], _children_seconds()
        port, processes = _free_port(), []
        if load.emulators > 1:
            line += ["--master", "--master-bind-port", port, "--expect-workers", str(load.workers)]
            worker = [sys.executable, "-m", "emulator", "load", "--worker", "--master-port", port, "--host"]
            processes = [_quiet([*worker, each["http"]], environment) for each in served]
        else:
            line += ["--host", served[0]["http"], "--master-bind-port", port, "--master-port", port]
            line += ["--processes", str(load.workers)] if load.workers else []
        codes = [each.wait() for each in (_quiet(line, environment), *processes)]
        assert not any(codes), f"a load ended with {codes}"
        read = json.loads(stats.with_suffix(".json").read_text(encoding="utf-8"))
        (login,) = [each for each in read if each["method"] == _LOGIN]
        assert (login["num_requests"], login["num_failures"]) == (logins, 0)
        seconds = max(login["last_request_timestamp"] - login["start_time"], 0.001)
        spent = sum(_processor_seconds(each["pid"]) for each in served) - sum(before)
        return Figures(logins / seconds, spent / logins * 1000, (_children_seconds() - cpu) / logins * 1000)


def _quiet(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


@contextmanager
def _emulator(folder: Path, environment: dict[str, str], number: int) -> Iterator[dict[str, str]]:
    """Starts an emulator and makes the first logins there, which bring in what later ones have."""
    home = folder / f"emulator-{number}"
    home.mkdir(exist_ok=True)
    with running(home, environment, "--no-proxy") as ready:
        script = (
            "import sys\nfrom emulator.flow import assume_role, log_in\n"
            "from emulator.remote.remote_federation import RemoteFederation\n"
            "with RemoteFederation.at(sys.argv[1]) as emulator:\n"
            "    for _ in range(20):\n"
            "        log_in(emulator, user='hanako@example.com', app='amazon-connect')\n"
            "    assume_role(emulator, user='hanako@example.com', app='amazon-connect')\n"
        )
        subprocess.run([sys.executable, "-c", script, ready["http"]], check=True, env=environment)
        yield ready


def _scenarios(folder: Path, environment: dict[str, str]) -> None:
    catalogue = len(find_scenarios([BUILT_IN]))
    print(
        f"\n| the catalogue ({catalogue} scenarios) | a second | ms of processor for each |\n|---|---|---|", flush=True
    )
    files = folder / "files"
    files.mkdir()
    (files / "pytest.ini").write_text(f"[pytest]\nfedemu_scenarios = {BUILT_IN}\n", encoding="utf-8")
    by_pytest = [sys.executable, "-c", _PYTEST, "-c", "pytest.ini", str(BUILT_IN)]
    by_run = [sys.executable, "-m", "emulator", "run", "--builtin", "--traces", "off"]
    for what, line in (
        ("`pytest`", by_pytest),
        ("`pytest -n 2`", [*by_pytest, "-n", "2"]),
        ("`fedemu run --builtin`", by_run),
        ("`fedemu run --builtin -n 2`", [*by_run, "-n", "2"]),
    ):
        runs = [_timed(line, environment, folder=files) for _ in range(REPEATS)]
        wall, cpu = min(each[0] for each in runs), median(each[1] for each in runs)
        print(f"| {what} | {catalogue / wall:.0f} | {cpu / catalogue * 1000:.0f} |", flush=True)


def _timed(command: list[str], environment: dict[str, str], *, folder: Path) -> tuple[float, float]:
    """Returns the wall and processor seconds of a program that ends well."""
    began, cpu = time.perf_counter(), _children_seconds()
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, cwd=folder, check=False)
    assert done.returncode == 0, done.stdout.decode()[-2000:]
    return time.perf_counter() - began, _children_seconds() - cpu


def _memory(folder: Path, environment: dict[str, str], logins: int) -> None:
    print("\n| memory | MB |\n|---|---|", flush=True)
    with _emulator(folder, environment, 0) as ready:
        pid = ready["pid"]
        print(f"| `fedemu up`, after 20 logins | {resident_kilobytes(pid) / 1024:.0f} |", flush=True)
        line = [sys.executable, "-m", "emulator", "load", "--host", ready["http"], "--headless", "--only-summary"]
        several = ["-u", "8", "-r", "100", "--logins", str(10 * logins)]
        assert _quiet([*line, *several], environment).wait() == 0
        print(f"| `fedemu up`, after {10 * logins} more | {resident_kilobytes(pid) / 1024:.0f} |", flush=True)
        for users in (8, 200):
            load = _quiet([*line, "-u", str(users), "-r", "100"], environment)
            time.sleep(10)
            (locust,) = _children_of(load.pid)
            told = f"Locust in one process, {users} users"
            print(f"| {told} | {resident_kilobytes(locust) / 1024:.0f} |", flush=True)
            load.terminate()
            load.wait()


def _children_of(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(each) for each in text.split()]


def _processor_seconds(process: str | int) -> float:
    """Returns the processor seconds that a process has used; it needs /proc."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children_seconds() -> float:
    """Returns the processor seconds of every process that this one and its children have waited for."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
