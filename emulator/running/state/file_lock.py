"""A lock that one process holds on a file: whoever else wants it is told who that is.

The system takes it back when the process ends, however it ends. What is locked is a file of its own beside the one that
is meant, since that one is replaced whenever it is written.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path


class LockTaken(Exception):
    """Another process has the lock; ``holder`` is its process id, empty where it has not written that yet."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class FileLock:
    """A lock on a file.

    Args:
        path: The file that is meant; the lock is on ``.NAME.lock`` in its folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f".{path.name}.lock")
        self._handle: int | None = None

    def acquire(self) -> None:
        """Takes the lock.

        Raises:
            LockTaken: somebody has it.
            OSError: the folder cannot be written, or the file system has no locks.
        """
        while self._handle is None:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
            try:
                is_free = _lock(handle)
                # Whoever held it before may have deleted the file after it was opened here.
                if is_free and _is_at(self._path, handle):
                    self._path.chmod(0o600)
                    self._handle = handle
                    with contextlib.suppress(OSError):  # a full disk: nobody is told who has it, and it is locked
                        os.ftruncate(handle, 0)
                        os.write(handle, f"{os.getpid()}\n".encode())
            finally:
                if self._handle is None:
                    os.close(handle)
            if not is_free:
                raise LockTaken(_holder(self._path))

    @property
    def is_held(self) -> bool:
        """Whether nobody else can take the lock: it was acquired, and its file was not deleted since."""
        return self._handle is not None and _is_at(self._path, self._handle)

    def release(self) -> None:
        """Gives the lock back, and deletes its file unless that is another process's by now."""
        if self._handle is None:
            return
        if self.is_held:
            with contextlib.suppress(OSError):  # Windows deletes no file that is open: it stays, and locks nothing
                self._path.unlink()
        os.close(self._handle)
        self._handle = None


if sys.platform == "win32":
    import msvcrt

    # Far behind what is in the file: Windows lets nobody else read a part that is locked.
    _LOCKED_AT = 1_000

    def _lock(handle: int) -> bool:
        os.lseek(handle, _LOCKED_AT, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(handle, 0, os.SEEK_SET)
        return True

    def _is_at(path: Path, handle: int) -> bool:  # noqa: ARG001  a file that is open is not deleted there
        return True

else:
    import fcntl

    def _lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _is_at(path: Path, handle: int) -> bool:
        try:
            return os.path.samestat(path.stat(), os.fstat(handle))
        except FileNotFoundError:
            return False


def _holder(path: Path) -> str:
    try:
        text = path.read_text(encoding="ascii", errors="replace")[:20].strip()
    except OSError:
        return ""
    return text if text.isdigit() else ""
