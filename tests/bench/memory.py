"""Prints the resident memory, in megabytes, of a process that has made a thousand logins."""

from __future__ import annotations

from pathlib import Path

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.world import DEFAULT_WORLD


def resident_megabytes() -> float:
    """Returns this process's resident memory; where there is no /proc, the highest it has been."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 / 1024 if sys.platform == "darwin" else peak / 1024


def main() -> None:
    """Logs in a thousand times and prints the figure."""
    federation = Federation.load(DEFAULT_WORLD)
    for _ in range(1000):
        log_in(federation, user="hanako@example.com", app="amazon-connect")
    print(resident_megabytes())


if __name__ == "__main__":
    main()
