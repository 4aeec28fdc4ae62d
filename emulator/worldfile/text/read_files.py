"""Reads files from people: all of them here, so that no device, pipe or huge file is read endlessly.

The files that a world is read from are recorded meanwhile, so that none is forgotten. Missing files are recorded too,
because they may be saved later.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from pathlib import Path
from typing import Final

A_READABLE_FILE: Final = "a readable file"
_CHUNK = 1 << 20
_MOST_NAMES = 1000
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# A shell makes these for `<(command)` and for piped input, so another process writes into them.
_HANDED_OVER = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
_noted: ContextVar[dict[Path, None] | None] = ContextVar("noted", default=None)


class UnreadableFile(Exception):
    """A file cannot be read, or is too large.

    Args:
        message: Reason for people.
        expected: What to give instead.
        fix: What to do about it; empty where ``expected`` says it.
    """

    def __init__(self, message: str, expected: str = A_READABLE_FILE, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.fix = fix


class FileTooLarge(UnreadableFile):
    """A file is larger than what is read."""


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


def real_path(path: Path) -> Path:
    """Returns an absolute path without links; where links lead around in a circle, as far as they can be followed."""
    return Path(os.path.realpath(path))


def bytes_of(path: Path, *, limit: int) -> bytes:
    """Returns the content of a file.

    It never waits, because a pipe without a writer, or a terminal, would never end.

    Args:
        path: The file; a pipe only if the shell has made it for this process.
        limit: Maximum number of bytes.

    Raises:
        UnreadableFile: it cannot be read, is not a file, or is larger.
    """
    note_read(path)
    return own_bytes_of(path, limit=limit)


def own_bytes_of(path: Path, *, limit: int) -> bytes:
    """Returns what is in a file of fedemu's own, which no world is read from: it is not noted.

    Args:
        path: As for ``bytes_of``.
        limit: As for ``bytes_of``.

    Raises:
        UnreadableFile: as ``bytes_of``.
    """
    try:
        is_pipe = _is_pipe(path)
        handle = os.open(path, _FLAGS)
        try:
            os.set_blocking(handle, is_pipe)
            return _content(handle, limit)
        finally:
            os.close(handle)
    except FileNotFoundError as error:
        raise UnreadableFile(error.strerror or str(error), fix=_near_file(path)) from None
    except OSError as error:
        raise UnreadableFile(error.strerror or str(error)) from None
    except ValueError:  # NUL, or half of a surrogate pair
        raise UnreadableFile("this is not the name of a file") from None


def _near_file(path: Path) -> str:
    """Returns what to do about a name that nothing has: the nearest one in the folder; empty where none is near."""
    from difflib import get_close_matches  # files are mostly there

    try:
        with os.scandir(path.parent) as found:
            names = [each.name for each in islice(found, _MOST_NAMES) if each.is_file()]
    except OSError:
        return ""
    near = get_close_matches(path.name, names, n=1, cutoff=0.8)
    return f"Did you mean {path.parent / near[0]}?" if near else ""


def _is_pipe(path: Path) -> bool:
    """Returns whether a path is a pipe with a writer; False for a regular file.

    Raises:
        UnreadableFile: it is neither.
    """
    status = path.stat()
    if stat.S_ISREG(status.st_mode):
        return False
    if stat.S_ISFIFO(status.st_mode) and str(path).startswith(_HANDED_OVER):
        return True
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableFile("this is a folder", "a file", "Name a file in it.")
    raise UnreadableFile("this is a pipe, a socket or a device", "a file", "Save its content to a file, and name that.")


def _content(handle: int, limit: int) -> bytes:
    chunks: list[bytes] = []
    size, left = os.fstat(handle).st_size, limit
    while size <= limit and left >= 0:
        chunk = os.read(handle, _CHUNK)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        left -= len(chunk)
    raise FileTooLarge(f"the file is larger than {limit} bytes", "a smaller file")
