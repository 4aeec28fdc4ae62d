"""Watches the files that a served world is made from, and goes on with what they say when one is saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from emulator.building.merging import Conflict
from emulator.diagnosis.fix import problem_without_secrets
from emulator.federation import Federation
from emulator.kernel.errors import WorldError
from emulator.running.reloading import Reloaded, reload_world
from emulator.worldfile.text.read_files import noting_reads

_Look = tuple[int, int, int] | None
Tell = Callable[[Reloaded | WorldError], None]


class WorldWatch:
    """Looks at the files again and again, in a thread, for the time of a with block.

    Editors save in several steps: a change counts when two looks in a row agree.

    Args:
        federation: Whose world.
        files: The files that it was read from.
        tell: Is told what came of each save.
        every_seconds: How often it looks.
    """

    def __init__(
        self, federation: Federation, files: Iterable[Path], tell: Tell, *, every_seconds: float = 0.25
    ) -> None:
        self._federation = federation
        self._tell = tell
        self._every_seconds = every_seconds
        self._seen = {file: _look(file) for file in files}
        self._served = dict(self._seen)
        self._conflicts: tuple[Conflict, ...] = ()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="world-watch", daemon=True)

    def __enter__(self) -> WorldWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Looks once; where files have changed and are at rest, their world is served from now on."""
        now = {file: _look(file) for file in self._seen}
        is_at_rest = now == self._seen
        self._seen = now
        if not is_at_rest or now == self._served:
            return
        # Looked at before they are read: what is saved meanwhile is seen at the next look.
        with noting_reads() as files:
            try:
                told: Reloaded | WorldError = self._read_again()
                self._federation.page_notice.text = ""
            except WorldError as error:
                told = error
                first = problem_without_secrets(error.problems[0])
                self._federation.page_notice.text = (
                    f"fedemu: {error.location.file} was saved and cannot be used, so the previous world is still "
                    f"served: {first.location}: {first.message}"
                )
        others = (file for file in files if file not in self._seen)
        # A broken world has not named all its files yet.
        self._seen |= {file: _look(file) for file in others}
        self._served = dict(self._seen)
        self._tell(told)

    def _read_again(self) -> Reloaded:
        reloaded = reload_world(self._federation, earlier=self._conflicts)
        self._conflicts = (*reloaded.conflicts, *reloaded.unsettled)
        return reloaded

    def _watch(self) -> None:
        while not self._stop.wait(self._every_seconds):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001  what is served goes on, and the next save is read
                self._served = dict(self._seen)
                self._federation.failures.tell("reading the world again", error)


def _look(file: Path) -> _Look:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
