"""Starting servers for the bench, and stopping them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def running(
    folder: Path, environment: Mapping[str, str], *options: str, code: Path | None = None
) -> Iterator[dict[str, str]]:
    """Starts ``fedemu up`` on free ports and yields its ready file.

    Args:
        folder: Where the ready file goes.
        environment: The environment variables of the process.
        options: Of ``up``.
        code: Another check-out whose code is run.
    """
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "emulator", "up", "--http", "0", "--quiet", "--ready-file", str(ready), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment, cwd=code)
    try:
        while not (ready.exists() and ready.read_text(encoding="utf-8").endswith("}\n")):
            assert process.poll() is None, "fedemu up ended"
            time.sleep(0.002)
        yield json.loads(ready.read_text(encoding="utf-8"))
    finally:
        process.terminate()
        process.wait()


@contextmanager
def moto_server() -> Iterator[str]:
    """Starts moto's server on a free port and yields the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", port]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", int(port)), timeout=1):
                break
            assert process.poll() is None, "moto's server ended"
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()
