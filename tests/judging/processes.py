"""Starting a server of somebody else's on a free port, and ending exactly that process."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
import requests

PATIENCE_SECONDS = 60


def free_port() -> int:
    """Returns a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], *, port: int, folder: Path, environment: Mapping[str, str], path: str = "/"
) -> Iterator[None]:
    """Runs a server until the block ends; it is ready when it answers at ``path``."""
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=out, stderr=out)  # noqa: S603
    try:
        end = monotonic() + PATIENCE_SECONDS
        while not _answers(f"http://127.0.0.1:{port}{path}"):
            if process.poll() is not None or monotonic() > end:
                pytest.fail(f"{command[0]} does not serve: {log.read_text(errors='replace')[-2000:]}")
            sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def plain_session() -> requests.Session:
    """Returns a session that looks at no proxy settings."""
    session = requests.Session()
    session.trust_env = False
    return session


def _answers(url: str) -> bool:
    with plain_session() as session:
        try:
            session.get(url, timeout=10, allow_redirects=False)
        except requests.RequestException:
            return False
        return True
