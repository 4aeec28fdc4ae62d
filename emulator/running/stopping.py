"""How a process that serves is asked to end: by any signal that asks a program to."""

from __future__ import annotations

import signal
import threading

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
