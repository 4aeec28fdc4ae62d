"""Worlds that are read again while people log in, by several at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.flow import Outcome, log_in
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.data_folder.private_files import write_privately
from emulator.running import reloading
from emulator.running.reloading import reload_world
from emulator.running.start import open_to_clients
from emulator.scenarios.runner import START
from emulator.world import DEFAULT_WORLD, World, load_world
from tests.conftest import APP, TWO_ROLES_USER, USER

_RELOADS, _CLIENTS = 30, 4
_OLD = DEFAULT_WORLD.read_text(encoding="utf-8")
_NEW = _OLD.replace("saml-provider/okta\n", "saml-provider/other\n", 1).replace("Amazon Connect SAML", "Other", 1)


def test_logins_while_the_world_is_read_again(tmp_path: Path, keys: KeyFolder) -> None:
    """Each login arrives or is refused in words, none fails; what is served at the end is what was saved last."""
    file = tmp_path / "world.yaml"
    file.write_text(_OLD, encoding="utf-8")
    federation = Federation(load_world(file), clock=Clock(frozen_at=START), keys=keys)
    open_to_clients(federation)
    ended = threading.Event()
    failures: list[str] = []
    reasons: set[str] = set()

    def log_in_again_and_again(user: str) -> int:
        count = 0
        while not ended.is_set() or not count:
            role = "ConnectSupervisor" if user == TWO_ROLES_USER else ""
            login = log_in(federation, user=user, app=APP, role=role)
            failures.extend(f"{e.url}: {e.failure}" for e in login.exchanges if e.failure or e.status >= 500)
            if login.outcome is not Outcome.ACCEPTED:
                reasons.add(login.refusal.check if login.refusal is not None else login.lands_on)
            count += 1
        return count

    def read_again_and_again(number: int) -> None:
        for at in range(_RELOADS):
            write_privately(file, (_OLD, _NEW)[(number + at) % 2].encode())
            reload_world(federation)

    with ThreadPoolExecutor(_CLIENTS + 2) as pool:
        people = (USER, TWO_ROLES_USER) * (_CLIENTS // 2)
        clients = [pool.submit(log_in_again_and_again, user) for user in people]
        try:
            for each in [pool.submit(read_again_and_again, number) for number in range(2)]:
                each.result()
        finally:
            ended.set()
        assert all(each.result() for each in clients)
    assert failures == []
    assert reasons <= {"provider"}
    assert federation.world.document.data == load_world(file).document.data


def test_of_two_readers_the_last_that_was_saved_is_served(
    tmp_path: Path, keys: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the file is saved, and read by another one, before the first has applied what it read."""
    file = tmp_path / "world.yaml"
    file.write_text(_OLD, encoding="utf-8")
    federation = Federation(load_world(file), clock=Clock(frozen_at=START), keys=keys)
    second = threading.Thread(target=reload_world, args=(federation,))

    def load_and_be_overtaken(path: Path) -> World:
        world = load_world(path)
        monkeypatch.setattr(reloading, "load_world", load_world)
        write_privately(file, _NEW.encode())
        second.start()
        second.join(timeout=0.5)
        return world

    monkeypatch.setattr(reloading, "load_world", load_and_be_overtaken)
    reload_world(federation)
    second.join()
    assert federation.identity_providers["acme"].org.apps["amazon-connect"].label == "Other"
