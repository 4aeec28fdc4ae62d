"""How a process that serves is asked to end: by any signal that asks a program to."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
import threading
from types import TracebackType
from typing import Self

_NAMES = ("SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP", "SIGBREAK")


def stop_on_signals(stop: threading.Event) -> None:
    """Has each of these signals set ``stop``, on systems that have it.

    SIGHUP stays ignored where it is: whoever starts a program with ``nohup`` wants it to outlive the terminal.
    """
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue
        signal.signal(number, lambda *_: stop.set())


class Wakeup:
    """What the main thread waits for while other threads work: a signal, or a call of ``wake``.

    The system may give a signal to a thread that is just starting another one. Python's handlers run in the main
    thread alone, and nothing would wake it there if it waited for a lock or for a process. Only in the main thread.

    Spec: Python, library reference, signal.set_wakeup_fd
    """

    def __init__(self) -> None:
        self._heard, self._told = socket.socketpair()
        self._heard.setblocking(False)
        self._told.setblocking(False)

    def __enter__(self) -> Self:
        self._before = signal.set_wakeup_fd(self._told.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._before)
        self._told.close()
        self._heard.close()

    def wait(self, seconds: float) -> None:
        """Waits until there is a signal or a call of ``wake``, at most so long; handlers of signals have then run."""
        select.select([self._heard], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            self._heard.recv(4096)

    def wake(self) -> None:
        """Ends the wait; any thread may call it, also when nobody waits any more."""
        with contextlib.suppress(OSError):
            self._told.send(b"\0")
