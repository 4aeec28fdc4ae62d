"""``make bench``: ratios, each in one run, beside what is aimed at. Nothing here passes or fails."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.bench import full_state, in_process, large_report, memory, saving, several_processes, sockets, starting


def main() -> None:
    """Measures everything."""
    before = os.environ.get("BEFORE")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # First, because a process is forked only where there is no other thread, and what follows leaves threads.
        several_processes.measure(folder)
        in_process.measure(folder)
        starting.measure(folder)
        saving.measure(folder)
        full_state.measure(folder)
        sockets.measure(folder, before=Path(before).resolve() if before else None)
        memory.measure(folder)
        large_report.measure(folder)


if __name__ == "__main__":
    main()
