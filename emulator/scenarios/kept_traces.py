"""Traces and HARs in a project's ``.fedemu/traces``: readable by their owner only, and ignored by git.

They contain assertions, which are worthless outside the emulator. With the real AWS (``only="idp"``) they would be
credentials, so nothing is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from emulator.diagnosis.login_result import LoginResult
from emulator.kernel.errors import EnvironmentProblem
from emulator.network.trace import Exchange, as_text, to_har
from emulator.scenarios.kept_files import KEPT, kept_folder, replace_file

TRACES = "traces"
_LONGEST_NAME = 100
# The end of a trace's name: eight digits, and its number where there are several.
_NUMBER = re.compile(r"(-[0-9a-f]{8})-\d+$")
_ENDINGS = frozenset({".har", ".json"})


def keep_traces(
    project: Path, test: str, *, logins: Sequence[LoginResult], exchanges: Sequence[Exchange], inside: str = ""
) -> tuple[Path, ...]:
    """Writes the requests of a test and returns the files: a HAR of every exchange, and a trace of each login.

    Args:
        project: Folder that contains ``.fedemu``.
        test: Id of the test, after which the files are named.
        logins: Results of its logins.
        exchanges: All its requests with their answers.
        inside: Folder in ``.fedemu/traces`` to write into; by default that folder itself.

    Raises:
        EnvironmentProblem: a file cannot be written.
    """
    if not exchanges:
        return ()
    name = _file_name(test)
    files: dict[str, Mapping[str, Any]] = {f"{name}.har": to_har(exchanges, version=metadata.version("fedemu"))}
    for number, login in enumerate(logins, 1):
        files[f"{name}.json" if len(logins) == 1 else f"{name}-{number}.json"] = login.as_json()
    names = _folders(inside)
    folder = project.joinpath(KEPT, *names)
    try:
        kept_folder(project, *names)
        for file, data in files.items():
            replace_file(folder / file, as_text(data))
    except OSError as error:
        reason = error.strerror or str(error)
        raise EnvironmentProblem(f"the trace cannot be kept in {folder}", explanation=reason) from None
    return tuple(folder / file for file in files)


def forget_traces(project: Path, *, inside: str, of: Iterable[str] | None = None) -> None:
    """Deletes what earlier runs kept in a folder of ``.fedemu/traces``.

    Args:
        project: Folder that contains ``.fedemu``.
        inside: Folder in ``.fedemu/traces``.
        of: Ids of tests whose traces are deleted; by default all.

    Raises:
        EnvironmentProblem: a file cannot be deleted.
    """
    folders = [project / KEPT]
    for name in _folders(inside):
        folders.append(folders[-1] / name)
    if any(each.is_symlink() or not each.is_dir() for each in folders):
        return
    names = None if of is None else {_file_name(test) for test in of}
    try:
        for file in folders[-1].iterdir():
            if file.suffix in _ENDINGS and (names is None or _NUMBER.sub(r"\1", file.stem) in names):
                file.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise EnvironmentProblem(f"old traces cannot be taken away from {folders[-1]}", explanation=reason) from None


def _folders(inside: str) -> tuple[str, ...]:
    return (TRACES, inside) if inside else (TRACES,)


def _file_name(test: str) -> str:
    """Returns a file name that is valid on every system and unique to a test."""
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", test).strip("-.")[-_LONGEST_NAME:]
    return f"{readable}-{hashlib.sha256(test.encode()).hexdigest()[:8]}"
