"""Which files a world is read from: noted while they are read, so that none that it names is forgotten.

A file that is not there is noted, too: it may be saved later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_noted: ContextVar[dict[Path, None] | None] = ContextVar("noted", default=None)


@contextmanager
def noting_reads() -> Iterator[dict[Path, None]]:
    """Gives the files that are read within the block, in order and once each; it grows."""
    files: dict[Path, None] = {}
    token = _noted.set(files)
    try:
        yield files
    finally:
        _noted.reset(token)


def note_read(path: Path) -> None:
    """Notes that a file is about to be read."""
    files = _noted.get()
    if files is not None:
        files[path.absolute()] = None
