"""The world that a running emulator serves: which file it was read from, and whether that has been saved since."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emulator.federation import Federation
from emulator.world import World

_MOST_BYTES = 64_000_000
_LONGEST_NAME = 300
# A text that may be the name of a file beside the world: of an address or a path in an assertion there is none.
_NAME = re.compile(r"[^\n:{}*?<>|@]+\.[A-Za-z0-9]{1,8}")


class ServedWorld:
    """The files of a world as they were when the emulator started.

    Args:
        federation: What serves it.
    """

    def __init__(self, federation: Federation) -> None:
        world = federation.world
        self.file = Path(world.document.file).resolve()
        self.only = federation.only
        self._digests = {file: _digest(file) for file in dict.fromkeys([self.file, *_files_named_in(world)])}

    def changed_files(self) -> tuple[Path, ...]:
        """Returns the files that are not what they were, so that the emulator serves something else than they say."""
        return tuple(file for file, digest in self._digests.items() if _digest(file) != digest)

    def is_of(self, file: str) -> bool:
        """Returns whether this is the world of a file, by its whole path."""
        return Path(file).resolve() == self.file


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
