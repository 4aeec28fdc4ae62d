"""The world that a running emulator serves: which file it was read from, and whether that has been saved since."""

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
from emulator.worldfile.read_files import real_path

_MOST_BYTES = 64_000_000
_LONGEST_NAME = 300
# The world's file is looked at four times a second, and a change counts at the second look.
_MOST_SECONDS, _LOOK_SECONDS = 1.5, 0.05
# A text that may be the name of a file beside the world: of an address or a path in an assertion there is none.
_NAME = re.compile(r"[^\n:{}*?<>|@]+\.[A-Za-z0-9]{1,8}")


class ServedWorld:
    """The files of a federation's world as they were when it was read; ``file`` is the world's own.

    ``playing`` is held while a scenario is played: one at a time, since each moves the clock and looks at the logs.

    Args:
        federation: What serves it, which may go on with another world when the file is saved.
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
        """The one side that is emulated; None for both."""
        return self._federation.only

    def changed_files(self) -> tuple[Path, ...]:
        """Returns the files that are not what they were, so that the emulator serves something else than they say.

        A world that was just saved is waited for, once, since it is read again unless that was forbidden.
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
    """Returns what tells a file from what it was; empty where it cannot be read."""
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
        # A seed is named as messages name it, from the folder of this process.
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
