"""The command that runs one scenario again, in the same way."""

from __future__ import annotations

import shlex
from pathlib import Path

from emulator.scenarios.results import SEED, Result
from emulator.scenarios.scenario_file import BUILT_IN

_NOT_A_WORD = frozenset(" \t()\"'")
_OPERATORS = frozenset({"and", "or", "not"})


def reproduction(result: Result) -> str:
    """Returns the command line for a shell, with the options that make a difference."""
    file = result.scenario.document.file
    is_built_in = Path(file).resolve().is_relative_to(BUILT_IN.resolve())
    words = ["fedemu", "run", "--builtin" if is_built_in else file, "-k", _chosen_by(result.scenario.id)]
    if result.played_in:
        words += ["--against", result.played_in]
    if result.seed != SEED:
        words += ["--seed", str(result.seed)]
    return shlex.join(words)


def _chosen_by(name: str) -> str:
    """Returns the expression that finds an id; an id with both kinds of quotes is found by the part before them."""
    if name and not _NOT_A_WORD.intersection(name) and name not in _OPERATORS:
        return name
    if '"' not in name:
        return f'"{name}"'
    if "'" not in name:
        return f"'{name}'"
    quote = min(name.index('"'), name.index("'"))
    return f"'{name[:quote]}'"
