"""Which files a world is read from, recorded while they are read, so that none is forgotten.

Missing files are recorded too, because they may be saved later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_noted: ContextVar[dict[Path, None] | None] = ContextVar("noted", default=None)


@contextmanager
def noting_reads() -> Iterator[dict[Path, None]]:
    """Gives the files that are read within the block, in order and once each; the list grows."""
    files: dict[Path, None] = {}
    token = _noted.set(files)
    try:
        yield files
    finally:
        _noted.reset(token)


def note_read(path: Path) -> None:
    """Records that a file is about to be read."""
    files = _noted.get()
    if files is not None:
        files[path.absolute()] = None
