"""Files that are looked at time and again: what was saved since, once it is all there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_EVERY: Final = 0.3
_SETTLED: Final = 0.1
_MOST_LOOKS: Final = 20
# Looking takes a fiftieth of the time at most, however many files there are.
_REST: Final = 50
_MOST_INSIDE: Final = 5_000
_NOT_LOOKED_INTO: Final = frozenset({"node_modules", "__pycache__"})

State = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What is otherwise than before.

    Args:
        saved: Files that were written.
        new: Files that were not there.
        gone: Files that are there no more.
    """

    saved: tuple[Path, ...]
    new: tuple[Path, ...]
    gone: tuple[Path, ...]

    @property
    def paths(self) -> frozenset[Path]:
        """All of them."""
        return frozenset((*self.saved, *self.new, *self.gone))


def states_of(paths: Iterable[Path]) -> dict[Path, State]:
    """Returns what tells one state of a file or a folder from another; of one that is not there, nothing."""
    return {path: _state(path) for path in paths}


def wait_for_save(
    before: Mapping[Path, State], listed: Callable[[], Iterable[Path]], *, sleep: Callable[[float], None]
) -> Saved:
    """Waits until files are otherwise than before, and until nobody writes any more.

    An editor that writes another file and renames it, and several files that are saved together, are one change.

    Args:
        before: The states of the files that matter.
        listed: Returns the files that matter because of where they are, so that a new one is noticed.
        sleep: Lets some seconds pass.
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
    """Yields the files of a folder and of those inside it, as far as they are looked at."""
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
