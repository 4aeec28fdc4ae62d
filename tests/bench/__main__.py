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
        in_process.measure(folder)
        several_processes.measure(folder)
        starting.measure(folder)
        saving.measure(folder)
        full_state.measure(folder)
        sockets.measure(folder, before=Path(before).resolve() if before else None)
        memory.measure(folder)
        large_report.measure(folder)


if __name__ == "__main__":
    main()
