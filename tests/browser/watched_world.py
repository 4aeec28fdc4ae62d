"""A world in a folder that is served, watched, and saved by tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.reloading import saved_world
from emulator.running.start import Ports, Serving, serving
from emulator.running.world_watch import WorldWatch
from emulator.scenarios.runner import START
from emulator.world import DEFAULT_WORLD, load_world
from emulator.worldfile.text.read_files import noting_reads


@dataclass(frozen=True, slots=True)
class WatchedWorld:
    """A world that is read again when it is saved."""

    own: Serving
    file: Path

    @property
    def url(self) -> str:
        """The address at which it is served."""
        return self.own.server.url

    def save(self, old: str, new: str) -> None:
        """Saves the built-in world with something in it said otherwise."""
        text = DEFAULT_WORLD.read_text(encoding="utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new, 1), encoding="utf-8")


@contextmanager
def serving_watched(folder: Path, keys: KeyFolder) -> Iterator[WatchedWorld]:
    """Serves a copy of the built-in world as ``fedemu up`` does."""
    file = folder / "world.yaml"
    file.write_bytes(DEFAULT_WORLD.read_bytes())
    with noting_reads() as files:
        federation = Federation(load_world(file), clock=Clock(frozen_at=START), keys=keys)
    watch = WorldWatch(federation, files, lambda told: own.workbench.tell_saved(saved_world(told)))
    with serving(federation, Ports(https=None, proxy=None)) as own, watch:
        own.workbench.as_read = None
        yield WatchedWorld(own, file)
