"""Which files a scenario is made from: its own, its world, and the files that those name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from emulator.kernel.errors import FileError
from emulator.scenarios.format.defaults import DEFAULTS, WORLD
from emulator.scenarios.scenario_file import Scenario
from emulator.world import World

# A named file that does not exist yet matters as soon as somebody creates it.
_ENDINGS: Final = frozenset(
    {".cer", ".crt", ".csv", ".html", ".json", ".key", ".pem", ".tf", ".tfstate", ".txt", ".xml", ".yaml", ".yml"}
)
_TABLES: Final = frozenset({".csv", ".json"})
_LONGEST_NAME: Final = 255
_LARGEST: Final = 5_000_000
_NAMES = re.compile(r"""[^\s"'\[\]{},:]+|"[^"\n]+"|'[^'\n]+'""")


class MadeOf:
    """Finds the files that something is made from; each name is looked up on the disk once."""

    def __init__(self) -> None:
        self._found: dict[tuple[Path, str], Path | None] = {}
        # Rows and matrices are not part of each scenario.
        self._tables: dict[Path, set[Path]] = {}
        self._worlds: dict[int, tuple[World, frozenset[Path]]] = {}

    def scenario(self, scenario: Scenario) -> frozenset[Path]:
        """Returns the files and folders of a scenario: its file, what that names, its folders' defaults, its world."""
        file = _absolute(scenario.document.file)
        if file not in self._tables:
            self._tables[file] = {each for each in self._named_in_text(file) if each.suffix.lower() in _TABLES}
        named = self._named_in(scenario.document.data, file.parent)
        around = self._around(file, is_world_named=scenario.settings.world is not None)
        return frozenset({file, *named, *self._tables[file], *around}) | self._world(scenario.world)

    def error(self, error: FileError) -> frozenset[Path]:
        """Returns the files that an error is about, and those that they name, as far as they can be read."""
        files = {_absolute(problem.location.file) for problem in error.problems if problem.location.file}
        found = set(files)
        for _ in range(2):  # a scenario's file names its world, which may name a seed
            files = {named for file in files for named in self._named_in_text(file)} - found
            found |= files
        around = {each for file in found for each in self._around(file, is_world_named=False)}
        return frozenset(found | around)

    def _around(self, file: Path, *, is_world_named: bool) -> Iterator[Path]:
        """Yields files that matter because of where they are."""
        for folder in file.parents:
            yield folder / DEFAULTS
            if not is_world_named:
                yield folder / WORLD

    def _world(self, world: World) -> frozenset[Path]:
        known = self._worlds.get(id(world))
        if known is None:
            folder = _absolute(world.document.file).parent
            pages = (folder / name for folders in world.settings.pages.values() for name in folders)
            seeds = (_absolute(each.file) for each in world.seeds)
            named = self._named_in(world.document.data, folder)
            files = frozenset({_absolute(world.document.file), *map(_absolute, (*pages, *seeds)), *named})
            # The key holds the world object itself, because its id could be reused after its deletion.
            known = self._worlds[id(world)] = (world, files)
        return known[1]

    def _named_in(self, data: Any, folder: Path) -> set[Path]:
        named = {text for text in _texts(data) if len(text) <= _LONGEST_NAME}
        return {found for name in named if (found := self._file(folder, name)) is not None}

    def _named_in_text(self, file: Path) -> Iterator[Path]:
        try:
            if file.stat().st_size > _LARGEST:
                return
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        for name in {each.strip("\"'") for each in _NAMES.findall(text)}:
            found = self._file(file.parent, name) if len(name) <= _LONGEST_NAME else None
            if found is not None:
                yield found

    def _file(self, folder: Path, name: str) -> Path | None:
        """Returns the file that a text names, or None."""
        key = (folder, name)
        if key not in self._found:
            self._found[key] = _file_named(folder, name)
        return self._found[key]


def _file_named(folder: Path, name: str) -> Path | None:
    if not name or "\n" in name or "\0" in name or "://" in name:
        return None
    path = _absolute(folder / name)
    try:
        is_file = path.is_file()
    except (OSError, ValueError):
        return None
    return path if is_file or (path.suffix.lower() in _ENDINGS and "@" not in name) else None


def _texts(data: Any) -> Iterator[str]:
    """Yields every text in some data, except keys."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - without following links, which are saved as files are
