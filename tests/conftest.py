"""What tests share: one key folder, a frozen clock, the built-in world, a federation of their own."""

from __future__ import annotations

import gc
import logging
import os
import signal
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.running.start import Ports, serving
from emulator.world import DEFAULT_WORLD, World, load_world

# The same examples every time: a run in CI says the same as one at a desk.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

# A run in the background ignores these signals, and so would every command that a test starts and ends by one of them.
for number in (each for each in (getattr(signal, name, None) for name in ("SIGINT", "SIGHUP", "SIGQUIT")) if each):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
USER = "hanako@example.com"
TWO_ROLES_USER = "taro@example.com"
APP = "amazon-connect"
ACCOUNT = "123456789012"
PROVIDER_ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/ConnectAgent"
INSTANCE_ID = "12345678-90ab-cdef-1234-567890abcdef"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Has Python look for no garbage while tests are collected: they all stay, and it took a seventh of the time.

    Nor does it look among them later: a million objects took the twentieth part of all the tests' time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def data_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns this worker's data folder, in which no other worker's running emulator is found.

    All workers share the key pairs, so that they are made once.
    """
    base = tmp_path_factory.getbasetemp()
    keys = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "fedemu-keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    home = base / "fedemu-home"
    home.mkdir(mode=0o700)
    (home / "keys").symlink_to(keys)
    return home


@pytest.fixture(autouse=True)
def _own_home(data_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps every test away from the data folder, the colours and the CI job of whoever runs it."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setenv("FEDEMU_HOME", str(data_home))
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(autouse=True)
def _no_hidden_failure(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test during which the emulator logged a mistake of its own, unless the test reads the log itself."""
    failures: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: failures.append(record.getMessage())  # type: ignore[method-assign]  # it is one of ours
    log = logging.getLogger("fedemu")
    log.addHandler(handler)
    yield
    log.removeHandler(handler)
    if failures and "caplog" not in request.fixturenames:
        pytest.fail("\n".join(failures), pytrace=False)


@pytest.fixture(scope="session")
def keys(data_home: Path) -> KeyFolder:
    """Returns the key folder."""
    return KeyFolder(data_home / "keys")


@pytest.fixture(scope="session")
def world() -> World:
    """Returns the built-in world."""
    return load_world(DEFAULT_WORLD)


@pytest.fixture
def clock() -> Clock:
    """Returns a frozen clock."""
    return Clock(frozen_at=NOW)


@pytest.fixture
def federation(world: World, clock: Clock, keys: KeyFolder) -> Federation:
    """Returns a federation of the built-in world on the frozen clock."""
    return Federation(world, clock=clock, ids=Ids(seed=7), keys=keys)


@pytest.fixture
def server(federation: Federation) -> Iterator[Server]:
    """Serves the federation on a free port."""
    with serving(federation, Ports(https=None, proxy=None)) as own:
        yield own.server


@pytest.fixture
def sdk(server: Server) -> Callable[..., Any]:
    """Returns a function that makes boto3 clients of the emulator; by default the administrator's."""
    from tests.sdk import client

    return partial(client, url=server.url)
