"""Files that nobody else on the machine may read: traces, which have whole assertions in them."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Writes a file that its owner alone may read, whatever the umask is and whoever could read it before.

    Args:
        path: The file; what is not a regular one, such as ``/dev/stdout``, keeps its mode.
        text: What it holds afterwards.

    Raises:
        OSError: it cannot be written.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        make_private(file.fileno())
        file.write(text)


def make_private(descriptor: int) -> None:
    """Gives an open file the mode 0600; Windows has none of these."""
    if hasattr(os, "fchmod") and stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.fchmod(descriptor, 0o600)
