"""Watches files: what was saved since the last look, once writing has finished."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from emulator.kernel.records import dataclass

_EVERY: Final = 0.3
_SETTLED: Final = 0.1
_MOST_LOOKS: Final = 20
# Looking takes at most a fiftieth of the time, however many files there are.
_REST: Final = 50
_MOST_INSIDE: Final = 5_000
_NOT_LOOKED_INTO: Final = frozenset({"node_modules", "__pycache__"})

State = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What has changed.

    Args:
        saved: Files that were written.
        new: Files that are new.
        gone: Files that were deleted.
    """

    saved: tuple[Path, ...]
    new: tuple[Path, ...]
    gone: tuple[Path, ...]

    @property
    def paths(self) -> frozenset[Path]:
        """All of them."""
        return frozenset((*self.saved, *self.new, *self.gone))


def states_of(paths: Iterable[Path]) -> dict[Path, State]:
    """Returns what identifies the state of files and folders; nothing for those that do not exist."""
    return {path: _state(path) for path in paths}


def wait_for_save(
    before: Mapping[Path, State], listed: Callable[[], Iterable[Path]], *, sleep: Callable[[float], None]
) -> Saved:
    """Waits until files have changed, and are no longer being written.

    Writing a temporary file and renaming it counts as one change, and so do several files saved together.

    Args:
        before: States of the files that matter.
        listed: Returns the files that matter because of where they are, so that a new one is noticed.
        sleep: Waits for some seconds.
    """
    pause = _EVERY
    while True:
        sleep(pause)
        began = time.perf_counter()
        now = states_of({*before, *listed()})
        if _differ(before, now):
            now = _settled(now, before, listed, sleep)
            saved = _saved(before, now)
            if saved.paths:
                return saved
        pause = max(_EVERY, _REST * (time.perf_counter() - began))


def _settled(
    now: dict[Path, State],
    before: Mapping[Path, State],
    listed: Callable[[], Iterable[Path]],
    sleep: Callable[[float], None],
) -> dict[Path, State]:
    for _ in range(_MOST_LOOKS):
        sleep(_SETTLED)
        later = states_of({*before, *listed()})
        if later == now:
            break
        now = later
    return now


def _differ(before: Mapping[Path, State], now: Mapping[Path, State]) -> bool:
    return any(before.get(path, ()) != state for path, state in now.items())


def _saved(before: Mapping[Path, State], now: Mapping[Path, State]) -> Saved:
    changed = sorted(path for path, state in now.items() if before.get(path, ()) != state)
    return Saved(
        tuple(path for path in changed if before.get(path) and now[path]),
        tuple(path for path in changed if not before.get(path)),
        tuple(path for path in changed if not now[path]),
    )


def _state(path: Path) -> State:
    try:
        status = path.stat()
        if path.is_dir():
            return tuple(_inside(path)) or ("empty",)
    except (OSError, ValueError):
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _inside(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Yields the files in a folder and its subfolders that are watched."""
    count = 0
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if each not in _NOT_LOOKED_INTO and not each.startswith("."))
        for name in sorted(files):
            count += 1
            if count > _MOST_INSIDE:
                return
            path = os.path.join(place, name)  # noqa: PTH118 - a Path for each file of each look is too slow
            try:
                status = os.stat(path)  # noqa: PTH116 - so is it here
            except OSError:
                continue
            yield path, status.st_mtime_ns, status.st_size
