"""Traces and HARs of tests, kept in ``.fedemu/traces`` of a project: readable by nobody else, and ignored by git.

They hold assertions: of the emulator's people, never real ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from emulator.diagnosis.login_result import LoginResult
from emulator.kernel.errors import EnvironmentProblem
from emulator.network.trace import Exchange, as_text, to_har

_LONGEST_NAME = 100


def keep_traces(
    project: Path, test: str, *, logins: Sequence[LoginResult], exchanges: Sequence[Exchange]
) -> tuple[Path, ...]:
    """Writes what a test did and returns the files: a HAR of every exchange, and a trace of each login.

    Args:
        project: The folder that ``.fedemu`` is in.
        test: The test's id, after which the files are named.
        logins: What its logins came to.
        exchanges: All its requests with their answers.

    Raises:
        EnvironmentProblem: a file cannot be written.
    """
    if not exchanges:
        return ()
    name = _file_name(test)
    files: dict[str, Mapping[str, Any]] = {f"{name}.har": to_har(exchanges, version=metadata.version("fedemu"))}
    for number, login in enumerate(logins, 1):
        files[f"{name}.json" if len(logins) == 1 else f"{name}-{number}.json"] = login.as_json()
    kept = project / ".fedemu"
    folder = kept / "traces"
    try:
        for each in (kept, folder):
            if each.is_symlink():  # a checkout of somebody else's must not choose where we write
                raise NotADirectoryError(f"{each} is a link")
            with contextlib.suppress(FileExistsError):
                each.mkdir(mode=0o700)
        if not (kept / ".gitignore").exists():
            _replace(kept / ".gitignore", "*\n")
        for file, data in files.items():
            _replace(folder / file, as_text(data))
    except OSError as error:
        reason = error.strerror or str(error)
        raise EnvironmentProblem(f"the trace cannot be kept in {folder}", explanation=reason) from None
    return tuple(folder / file for file in files)


def _file_name(test: str) -> str:
    """Returns a name that a file can have on every system, and that no other test has."""
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", test).strip("-.")[-_LONGEST_NAME:]
    return f"{readable}-{hashlib.sha256(test.encode()).hexdigest()[:8]}"


def _replace(file: Path, text: str) -> None:
    """Writes a file of mode 0600 in one step, so that no other process reads half of it."""
    descriptor, name = mkstemp(prefix=".kept-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
