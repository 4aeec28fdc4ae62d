"""How often people meet what the catalogue's scenarios show, read without their worlds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from emulator.kernel.errors import ScenarioError
from emulator.scenarios.scenario_file import BUILT_IN, scenario_files
from emulator.worldfile.text.yaml_file import read_documents


@lru_cache(maxsize=4)
def scenario_weights(folder: Path = BUILT_IN) -> Mapping[str, int]:
    """Returns the weight of every scenario that has one, by id; the variants of a matrix share one id.

    The catalogue is a part of this program: it is read once in a process.

    Raises:
        ScenarioError: a file cannot be read.
    """
    return {
        document.data["id"]: document.data["weight"]
        for file in scenario_files(folder)
        for document in read_documents(file, error=ScenarioError)
        if isinstance(document.data, dict) and "weight" in document.data
    }
