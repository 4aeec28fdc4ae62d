"""Real clients inside the emulated internet: real host names, full certificate verification, a fresh home."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, Serving, serving
from emulator.world import World
from tests.requirements import program

ROOT = Path(__file__).parent.parent.parent
CLIENTS = Path(os.environ.get("FEDEMU_CLIENTS", ROOT / ".venv" / "clients"))

Run = Callable[..., subprocess.CompletedProcess[str]]


def client(name: str) -> str:
    """Returns the path of a client: one that ``make test`` installed, or one on PATH."""
    installed = CLIENTS / "bin" / name
    return str(installed) if installed.exists() else program(name)


@pytest.fixture
def internet(world: World, keys: KeyFolder) -> Iterator[Serving]:
    """Serves the built-in world by real names; its clock is the true one, as the clients' is."""
    with serving(Federation(world, clock=Clock(), ids=Ids(), keys=keys), Ports()) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Returns an empty home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def run(internet: Serving, home: Path) -> Run:
    """Returns a function that runs a program with nothing but the emulator's variables and an empty home."""

    def call(
        *arguments: str, trusting: bool = True, extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AWS_DEFAULT_REGION": "eu-west-1",
            "PYTHONWARNINGS": "ignore",
            **internet.running.environment(),
            **(extra or {}),
        }
        if not trusting:
            for name in [name for name, value in environment.items() if value == internet.running.ca_file]:
                del environment[name]
        return subprocess.run(  # noqa: S603
            arguments, env=environment, capture_output=True, text=True, check=False, timeout=120, cwd=home
        )

    return call
