"""Signals to a process that one of its other threads takes, as the system may choose."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest


def signal_another_thread(process: subprocess.Popen[Any], number: int) -> None:
    """Sends a signal that a thread of the process takes which is not its main thread.

    Spec: Linux, tgkill(2)
    """
    if sys.platform != "linux":
        pytest.skip("only Linux has a way to choose the thread of another process that a signal is given to")
    seen = ""
    while seen != (seen := _of_main_thread(process.pid)) or " S " not in seen:
        time.sleep(0.1)  # until the main thread waits
    others = [int(each.name) for each in Path(f"/proc/{process.pid}/task").iterdir() if each.name != str(process.pid)]
    assert others, "the process has no other thread"
    library = ctypes.CDLL(None, use_errno=True)
    if library.tgkill(process.pid, min(others), number) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _of_main_thread(pid: int) -> str:
    """Returns the state of a process's main thread, and the processor time it has used so far."""
    fields = Path(f"/proc/{pid}/task/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return f" {fields[0]} {fields[11]} {fields[12]}"
