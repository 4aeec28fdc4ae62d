"""Signals that ask a program to end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from emulator.running.stopping import Wakeup, stop_on_signals

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


def test_a_signal_that_another_thread_takes_ends_the_wait_of_the_main_thread() -> None:
    """Its handler has then run."""
    stop, over = threading.Event(), threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    with Wakeup() as wakeup:
        stop_on_signals(stop)
        assert other.ident is not None
        signal.pthread_kill(other.ident, signal.SIGTERM)
        while not stop.is_set():
            wakeup.wait(60)
    over.set()
    other.join()


def test_what_wakes_is_as_before_afterwards() -> None:
    """Whoever waits within somebody else's wait leaves it whole; a late call of ``wake`` is none."""
    with Wakeup() as outer:
        with Wakeup() as inner:
            inner.wake()
            inner.wait(60)
        inner.wake()
        signal.signal(signal.SIGTERM, lambda *_: None)
        os.kill(os.getpid(), signal.SIGTERM)
        outer.wait(60)
    assert signal.set_wakeup_fd(-1) == -1
