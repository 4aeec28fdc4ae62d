"""The scenarios that failed last: ``.fedemu/last-failed`` in the current folder, for ``fedemu run --last-failed``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from emulator.kernel.errors import EnvironmentProblem
from emulator.scenarios.kept_files import KEPT, kept_folder, replace_file
from emulator.scenarios.scenario_file import Scenario

_NAME = "last-failed"


class LastFailed:
    """The scenarios that failed when they last ran, by file and id.

    Args:
        folder: Folder in which runs are started; it contains ``.fedemu``, and file names are relative to it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / KEPT / _NAME
        self._names = self._read()

    def __contains__(self, scenario: object) -> bool:
        return isinstance(scenario, Scenario) and self._name(scenario) in self._names

    def update(self, *, ran: Iterable[Scenario], failed: Iterable[Scenario]) -> None:
        """Records what failed; entries of scenarios that were not run stay.

        Raises:
            EnvironmentProblem: the folder cannot be written.
        """
        names = self._names - {self._name(each) for each in ran} | {self._name(each) for each in failed}
        if names == self._names:
            return
        self._names = names
        try:
            self._write()
        except OSError as error:
            raise EnvironmentProblem(
                f"what failed cannot be kept in {self._file}", explanation=error.strerror or str(error)
            ) from None

    def _name(self, scenario: Scenario) -> tuple[str, str]:
        return os.path.relpath(scenario.document.file, self._folder), scenario.id

    def _read(self) -> frozenset[tuple[str, str]]:
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
            return frozenset((str(each["file"]), str(each["id"])) for each in data)
        except (OSError, ValueError, TypeError, KeyError):
            return frozenset()  # nothing recorded, or not by us: everything is run

    def _write(self) -> None:
        folder = kept_folder(self._folder)
        data = [{"file": file, "id": name} for file, name in sorted(self._names)]
        replace_file(folder / _NAME, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
