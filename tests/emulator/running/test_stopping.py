"""Signals that ask a program to end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from emulator.running.stopping import stop_on_signals

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _own_handlers() -> Iterator[None]:
    """Puts the handlers of the process back."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_each_of_them_stops(number: signal.Signals) -> None:
    """And ends nothing by itself."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    stop = threading.Event()
    stop_on_signals(stop)
    os.kill(os.getpid(), number)
    assert stop.wait(10)


def test_nohup_is_honoured() -> None:
    """A hang-up that is ignored stays ignored."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop = threading.Event()
    stop_on_signals(stop)
    os.kill(os.getpid(), signal.SIGHUP)
    assert not stop.is_set()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
