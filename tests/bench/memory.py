"""Memory, as ratios: after many logins against after few, and an idle ``fedemu up`` against its libraries.

    python -m tests.bench.memory LOGINS

prints the resident memory, in megabytes, of a process that has made so many logins.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.bench.measuring import IMPORTS, REPEATS, median, not_measured, report
from tests.bench.processes import running

_OWN = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmRSS:')))"


def measure(folder: Path) -> None:
    """Prints the ratios; they need /proc."""
    if not Path("/proc/self/status").exists():
        not_measured("memory", "there is no /proc here")
        return
    environment = {**os.environ, "FEDEMU_HOME": str(folder)}
    few, many = (_after(count, environment) for count in (100, 10_000))
    report("memory after 10,000 logins, against after 100", many / few, at_most=1.6)
    figures = []
    for _ in range(REPEATS):
        imports = int(_printed("-c", f"{IMPORTS}\n{_OWN}", environment=environment))
        with running(folder, environment, "--proxy", "0") as ready:
            figures.append(resident_kilobytes(int(ready["pid"])) / imports)
    report("memory of an idle fedemu up, against importing its libraries", median(figures), at_most=1.3)


def resident_kilobytes(process: int | str = "self") -> int:
    """Returns a process's resident memory, in kilobytes."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])


def _after(logins: int, environment: dict[str, str]) -> float:
    return float(_printed("-m", "tests.bench.memory", str(logins), environment=environment))


def _printed(*arguments: str, environment: dict[str, str]) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def main() -> None:
    """Logs in as often as asked and prints the figure."""
    from emulator.federation import Federation
    from emulator.flow import log_in
    from emulator.world import DEFAULT_WORLD

    federation = Federation.load(DEFAULT_WORLD)
    for _ in range(int(sys.argv[1])):
        log_in(federation, user="hanako@example.com", app="amazon-connect")
    print(resident_kilobytes() / 1024)


if __name__ == "__main__":
    main()
