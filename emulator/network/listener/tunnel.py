"""A tunnel to a host that is not emulated: what each side sends is copied to the other."""

from __future__ import annotations

import contextlib
import threading
from queue import Empty, SimpleQueue

from emulator.network.listener.connection import Connection, Timeouts


def copy_both_ways(near: Connection, far: Connection, *, timeouts: Timeouts) -> None:
    """Copies what each side sends to the other, until both have ended or one is gone.

    A side that has sent everything may still get an answer, so only its own direction ends. The wait for an answer that
    stops arriving is bounded.
    """
    were_whole: SimpleQueue[bool] = SimpleQueue()

    def copy(source: Connection, sink: Connection) -> None:
        is_whole = False
        try:
            with contextlib.suppress(OSError):
                source.copy_to(sink)
                is_whole = True
        finally:
            were_whole.put(is_whole)

    ways = ((near, far), (far, near))
    threads = [threading.Thread(target=copy, args=way, name="fedemu-tunnel", daemon=True) for way in ways]
    for connection in (near, far):
        connection.wait_without_limit()
    for thread in threads:
        thread.start()
    if were_whole.get():
        with contextlib.suppress(Empty):
            were_whole.get(timeout=timeouts.idle_seconds)
    for connection in (near, far):
        connection.end()
    for thread in threads:
        thread.join()
