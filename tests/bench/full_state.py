"""A state file at its fullest: ten thousand entries in every table that a login fills, through ``fedemu up``.

    python -m tests.bench.full_state

prints what it weighs, how long a start and a stop with it take, and how long after an answer the change is on disk.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.bench.measuring import median
from tests.bench.processes import running

_USER, _APP = "hanako@example.com", "amazon-connect"
_CHANGES = 5
_PATIENCE_SECONDS, _AT_REST_SECONDS = 60, 3


def measure(folder: Path) -> None:
    """Prints the figures."""
    file = folder / "full-state.json"
    began = time.perf_counter()
    entries = write_full_state(file)
    print(f"full state: {file.stat().st_size / 1e6:.0f} MB, {entries:,} entries", flush=True)
    environment = {**os.environ, "FEDEMU_HOME": str(folder)}
    began = time.perf_counter()
    with running(folder, environment, "--no-proxy", "--state", str(file)) as ready:
        started = time.perf_counter()
        delays = [_seconds_to_disk(file, ready["http"]) for _ in range(_CHANGES)]
        _log_in(ready["http"])
        stopping = time.perf_counter()
    stopped = time.perf_counter()
    print(f"full state: start {started - began:.1f} s, stop after a login {stopped - stopping:.1f} s", flush=True)
    print(
        f"full state: from the answer to the disk median {median(delays):.1f} s, slowest {max(delays):.1f} s",
        flush=True,
    )


def write_full_state(file: Path) -> int:
    """Writes the state of a federation in which each table that logins fill is full, and returns how many entries."""
    from emulator.federation import Federation
    from emulator.flow import log_in
    from emulator.running.state.writing import dump_state
    from emulator.world import DEFAULT_WORLD

    federation = Federation.load(DEFAULT_WORLD)
    log_in(federation, user=_USER, app=_APP)
    for table in federation.tables.values():
        found = list(table.running().items())
        for number in range(table.capacity if found else 0):
            key, value = found[number % len(found)]
            table.put(f"{number:05}{key[5:]}", value)
    file.write_text(dump_state(federation), encoding="ascii")
    return sum(len(table) for table in federation.tables.values())


def _seconds_to_disk(file: Path, url: str) -> float:
    """Makes a login, and returns how long after its answer the file was written the last time."""
    at_rest = file.stat().st_mtime_ns
    _log_in(url)
    answered = last = time.perf_counter()
    while time.perf_counter() - last < (_AT_REST_SECONDS if last > answered else _PATIENCE_SECONDS):
        if file.stat().st_mtime_ns != at_rest:
            at_rest, last = file.stat().st_mtime_ns, time.perf_counter()
        time.sleep(0.02)
    return last - answered


def _log_in(url: str) -> None:
    body = json.dumps({"user": _USER, "app": _APP, "fixes": False}).encode()
    request = urllib.request.Request(f"{url}/fedemu/logins", body, {"Content-Type": "application/json"})  # noqa: S310  http
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).read()


def main() -> None:
    """Measures in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name))


if __name__ == "__main__":
    main()
