"""A file that follows a federation's state.

One process writes it. A failed write is reported and retried until it succeeds; the process goes on meanwhile.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.kernel.errors import StateError, StateNotSaved
from emulator.kernel.records import dataclass
from emulator.network.data_folder.private_files import make_private_folder, remove_leftovers, write_privately
from emulator.network.gateway import MAX_STATE_BYTES
from emulator.running.state.file_lock import FileLock, LockTaken
from emulator.running.state.reading import load_state
from emulator.running.state.writing import StateMark, StateWriter
from emulator.workbench.workbench import KeptState

_FIXES = {
    errno.ENOSPC: "Make room on that disk.",
    errno.EDQUOT: "Make room within the quota.",
    errno.EROFS: "Give --state a file in a folder that can be written.",
    errno.EACCES: "Give --state a file in a folder that can be written.",
    errno.EPERM: "Give --state a file in a folder that can be written.",
    errno.EBUSY: "Where the file alone is mounted into a container, mount its folder: the file is replaced as a whole.",
    errno.ENOLCK: "Give --state a file on a file system that has locks.",
}


@dataclass(frozen=True, slots=True)
class _Written:
    """What a file was when it was written last: its identity, and the digest of what is in it."""

    look: tuple[int, ...]
    digest: bytes
    size: int


class StateFile:
    """A file that has a federation's state, for the time of a with block.

    The file is written beside its place and then moved there, so that whatever ends the process leaves the old state
    or the new one. Where the path is a symbolic link, the file that it leads to is the one.

    Args:
        path: The file.
        federation: Whose state.
        every_seconds: How often it looks for changes that nobody announced, and tries again what failed.
    """

    def __init__(self, path: Path, federation: Federation, *, every_seconds: float = 1.0) -> None:
        self._given = path
        self._path = path
        self._federation = federation
        self._every_seconds = every_seconds
        self._listeners: tuple[Callable[[KeptState], None], ...] = ()
        self._clock = Clock()
        self._writer = StateWriter(federation)
        self._saved: StateMark | None = None
        self._written: _Written | None = None
        self._lock: FileLock | None = None
        self._saving = threading.Lock()
        self._asked = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="state-file", daemon=True)
        self._kept = KeptState(str(path))

    def listen(self, listener: Callable[[KeptState], None]) -> None:
        """Has ``listener`` called whenever the state cannot be saved, is saved again, or others changed the file."""
        self._listeners = (*self._listeners, listener)

    @property
    def kept(self) -> KeptState:
        """What is known of the file."""
        return self._kept

    def __enter__(self) -> StateFile:
        """Loads the file, if there is one, and begins to follow.

        Raises:
            StateError: the file is not a state of this world.
            StateNotSaved: the file cannot be read or written, or another process has it.
        """
        try:
            self._path = _real_path(self._given)
            self._take()
            try:
                remove_leftovers(self._path)
                text = self._read()
                if text:
                    load_state(self._federation, text, source=str(self._given))
                else:
                    self.save()
            except BaseException:
                self._give_back()
                raise
        except OSError as error:
            raise self._cannot("be used", error) from None
        self._thread.start()
        self._asked.set()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops following; the last state is on disk.

        Raises:
            StateNotSaved: it cannot be saved.
        """
        self._over.set()
        self._asked.set()
        self._thread.join()
        try:
            self.save()
        except StateNotSaved as error:
            saved_at = self._kept.saved_at
            error.explanation = f"What happened since {saved_at:%H:%M:%S} UTC is lost." if saved_at else "It is lost."
            raise
        finally:
            self._give_back()

    def ask(self, _: object = None) -> None:
        """Has the state written soon: something may have changed."""
        self._asked.set()

    def save(self) -> None:
        """Writes the state, unless nothing has changed since it was written.

        Raises:
            StateNotSaved: it cannot be saved.
        """
        with self._saving:
            mark = StateMark.of(self._federation)
            is_disturbed = self._is_disturbed()
            if mark.is_like(self._saved) and not is_disturbed:
                return
            try:
                if self._lock is None or not self._lock.is_held:
                    # Somebody has deleted the lock's file, with the whole folder perhaps.
                    self._give_back()
                    self._take()
                self._keep_others(is_disturbed=is_disturbed)
                written = self._writer.write()
                self._put(written.text.encode("ascii"))
            except Exception as error:
                # Whatever it is, it must not be the last time that the state was to be saved.
                if not isinstance(error, (OSError, StateError)) and not self._kept.problem:
                    self._federation.failures.tell("saving the state", error)
                problem = self._cannot("be written", error)
                self._failed(problem)
                raise problem from error
            self._saved = mark
            self._succeeded(left_out=sum(written.left_out.values()))

    def _take(self) -> None:
        """Makes this process the one that has the file."""
        make_private_folder(self._path.parent)
        lock = FileLock(self._path)
        try:
            lock.acquire()
        except LockTaken as taken:
            process = f" (process {taken.holder})" if taken.holder else ""
            raise StateNotSaved(
                f"{self._given} is in use by another fedemu{process}",
                explanation="Each would write its own state over the other's.",
                fix="Stop the other one first, or give this one another --state file.",
            ) from None
        self._lock = lock

    def _give_back(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _read(self) -> bytes:
        """Returns what is in the file; nothing where there is none.

        Raises:
            OSError: it cannot be read.
            StateError: it is too large.
        """
        with contextlib.suppress(FileNotFoundError), self._path.open("rb") as file:
            text = file.read(MAX_STATE_BYTES + 1)
            if len(text) > MAX_STATE_BYTES:
                raise StateError(f"{self._given} is larger than {MAX_STATE_BYTES:,} bytes")
            return text
        return b""

    def _put(self, data: bytes) -> None:
        write_privately(self._path, data)
        self._written = _Written(_look(self._path), hashlib.sha256(data).digest(), len(data))

    def _is_disturbed(self) -> bool:
        """Returns whether somebody else has changed or taken away what was written last."""
        try:
            return self._written is not None and _look(self._path) != self._written.look
        except OSError:
            return True

    def _keep_others(self, *, is_disturbed: bool) -> None:
        """Keeps what somebody else has put in the file's place meanwhile, beside it.

        Raises:
            OSError: it cannot be kept.
        """
        written = self._written
        if not is_disturbed or written is None:
            return
        try:
            if not stat.S_ISREG(self._path.stat().st_mode):
                raise OSError(errno.EEXIST, "something else has been put in its place, which is not a file")
            data = self._path.read_bytes()
        except FileNotFoundError:
            self._note("was deleted while fedemu runs, and is written again")
            return
        if hashlib.sha256(data).digest() == written.digest:
            return
        if len(data) < written.size and not data.strip():
            self._note("was emptied while fedemu runs, and is written again")
            return
        aside = self._path.with_name(f"{self._path.name}.replaced")
        self._path.replace(aside)
        aside.chmod(0o600)
        self._note(f"was changed by another program while fedemu runs; that is kept as {aside.name}")

    def _note(self, words: str) -> None:
        self._news(replace(self._kept, note=f"{self._given} {words}"))

    def _failed(self, error: StateNotSaved) -> None:
        since = self._kept.failing_since or self._clock.now()
        if error.message != self._kept.problem:
            self._news(replace(self._kept, problem=error.message, fix=error.fix, failing_since=since))

    def _succeeded(self, *, left_out: int) -> None:
        was_failing, before = bool(self._kept.problem), self._kept.left_out
        self._kept = replace(
            self._kept, problem="", fix="", failing_since=None, saved_at=self._clock.now(), left_out=left_out
        )
        if was_failing or left_out > before:
            self._news(self._kept)

    def _news(self, kept: KeptState) -> None:
        self._kept = kept
        for listener in self._listeners:
            # Whoever cannot take the news, such as a terminal that is gone, keeps nobody from saving.
            try:
                listener(kept)
            except Exception as error:  # noqa: BLE001  as said
                self._federation.failures.tell("saying what became of the state", error)
        self._kept = replace(kept, note="")

    def _cannot(self, what: str, error: Exception) -> StateNotSaved:
        if isinstance(error, OSError):
            reason, fix = error.strerror or str(error), _FIXES.get(error.errno or 0, "")
        elif isinstance(error, StateError):
            reason, fix = error.message, error.fix
        else:
            reason, fix = f"{type(error).__name__}: {error}", ""
        return StateNotSaved(f"{self._given} cannot {what}: {reason}", fix=fix)

    def _follow(self) -> None:
        """Saves soon after each change, and what could not be saved again and again.

        A large state takes its time; as much is left between two savings, so that requests are answered meanwhile.
        """
        while not self._over.is_set():
            self._asked.wait(self._every_seconds)
            self._asked.clear()
            began = monotonic()
            try:
                self.save()
                pause = monotonic() - began
            except StateNotSaved:
                pause = self._every_seconds
            self._over.wait(pause)


def _real_path(path: Path) -> Path:
    """Returns the file that a path leads to.

    Raises:
        OSError: it leads nowhere, or to something that is not a file.
    """
    try:
        real = Path(os.path.realpath(path))
        mode = real.stat().st_mode
    except FileNotFoundError:
        return real
    if stat.S_ISREG(mode):
        return real
    what = next((name for name, is_one in _KINDS.items() if is_one(mode)), "not a file")
    raise OSError(errno.EINVAL, f"it is {what}, and a state needs a file")


_KINDS: dict[str, Callable[[int], bool]] = {
    "a folder": stat.S_ISDIR,
    "a pipe": stat.S_ISFIFO,
    "a device": lambda mode: stat.S_ISCHR(mode) or stat.S_ISBLK(mode),
    "a socket": stat.S_ISSOCK,
}


def _look(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
