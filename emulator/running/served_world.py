"""The world that a running emulator serves: the files it was read from, and whether they have been saved since."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from emulator.federation import Federation
from emulator.world import World
from emulator.worldfile.text.read_files import real_path

_MOST_BYTES = 64_000_000
_LONGEST_NAME = 300
# The world's file is checked four times a second, and a change counts at the second check.
_MOST_SECONDS, _LOOK_SECONDS = 1.5, 0.05
# A text that may be the name of a file next to the world, unlike URLs or paths in an assertion.
_NAME = re.compile(r"[^\n:{}*?<>|@]+\.[A-Za-z0-9]{1,8}")


class ServedWorld:
    """The files of a federation's world as they were when it was read; ``file`` is the world's own.

    ``playing`` is held while a scenario is played, so that only one runs at a time: each moves the clock and reads the
    logs.

    Args:
        federation: Federation that serves it, which may switch to another world when the file is saved.
    """

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._lock = threading.Lock()
        self.playing = threading.Lock()
        self.file = Path(federation.world.document.file).resolve()
        self._world = federation.world
        self._digests = _digests(federation.world)
        self._waited_for: tuple[Path, ...] = ()

    @property
    def only(self) -> str | None:
        """The only side that is emulated, or None for both."""
        return self._federation.only

    def changed_files(self) -> tuple[Path, ...]:
        """Returns the files that have changed since they were read, whose contents the emulator no longer serves.

        It waits once for a world that was just saved, because that is read again unless reloading is off.
        """
        changed = self._changed()
        ends = monotonic() + _MOST_SECONDS
        while changed and changed != self._waited_for and monotonic() < ends:
            sleep(_LOOK_SECONDS)
            changed = self._changed()
        self._waited_for = changed
        return changed

    def _changed(self) -> tuple[Path, ...]:
        with self._lock:
            if self._federation.world is not self._world:
                self._world = self._federation.world
                self._digests = _digests(self._world)
            known = dict(self._digests)
        return tuple(file for file, digest in known.items() if _digest(file) != digest)

    def is_of(self, file: str) -> bool:
        """Returns whether this is the world of a file, by its whole path."""
        # No file has a NUL in its name, and asking for one is an error.
        return "\0" not in file and real_path(Path(file)) == self.file


def _digests(world: World) -> dict[Path, bytes]:
    files = [Path(world.document.file).resolve(), *_files_named_in(world)]
    return {file: _digest(file) for file in dict.fromkeys(files)}


def _digest(file: Path) -> bytes:
    """Returns a digest of a file's contents; empty where it cannot be read."""
    try:
        if not file.is_file() or file.stat().st_size > _MOST_BYTES:
            return b""
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:
        return b""


def _files_named_in(world: World) -> Iterator[Path]:
    """Yields the files that a world names: metadata, policies, seeds."""
    texts = (text for text in _texts(world.document.data) if len(text) < _LONGEST_NAME and _NAME.fullmatch(text))
    for name in (*(seed.file for seed in world.seeds), *texts):
        # Seeds are named as in messages, relative to this process's folder.
        for path in (world.folder / name, Path(name)):
            if path.is_file():
                yield path.resolve()


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for each in data.values():
            yield from _texts(each)
    elif isinstance(data, list):
        for each in data:
            yield from _texts(each)
