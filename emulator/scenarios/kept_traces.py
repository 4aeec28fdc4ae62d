"""Traces and HARs, kept in ``.fedemu/traces`` of a project: readable by nobody else, and ignored by git.

They hold assertions. Those are of the emulator's people; where AWS is the real one (``only="idp"``) they would be
credentials, and nothing is kept.
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
# What a trace's name ends with: eight digits, and its number where there are several.
_NUMBER = re.compile(r"(-[0-9a-f]{8})-\d+$")
_ENDINGS = frozenset({".har", ".json"})


def keep_traces(
    project: Path, test: str, *, logins: Sequence[LoginResult], exchanges: Sequence[Exchange], inside: str = ""
) -> tuple[Path, ...]:
    """Writes what a test did and returns the files: a HAR of every exchange, and a trace of each login.

    Args:
        project: The folder that ``.fedemu`` is in.
        test: The test's id, after which the files are named.
        logins: What its logins came to.
        exchanges: All its requests with their answers.
        inside: The folder in ``.fedemu/traces`` that they are written into; that one itself by default.

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
    """Takes away what earlier runs kept in a folder of ``.fedemu/traces``, so that it is of the last run alone.

    Args:
        project: The folder that ``.fedemu`` is in.
        inside: The folder in ``.fedemu/traces``.
        of: The ids of tests whose traces are taken away; by default those of all.

    Raises:
        EnvironmentProblem: a file cannot be taken away.
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
    """Returns a name that a file can have on every system, and that no other test has."""
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", test).strip("-.")[-_LONGEST_NAME:]
    return f"{readable}-{hashlib.sha256(test.encode()).hexdigest()[:8]}"
