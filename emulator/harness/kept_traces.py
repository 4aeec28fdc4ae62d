"""Traces and HARs of tests, kept in ``.fedemu/traces`` of a project: readable by nobody else, and ignored by git.

They hold assertions: of the emulator's people, never real ones.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from emulator.diagnosis.login_result import LoginResult
from emulator.kernel.errors import EnvironmentProblem
from emulator.network.trace import Exchange, as_text, to_har
from emulator.scenarios.kept_files import kept_folder, replace_file

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
    folder = project / ".fedemu" / "traces"
    try:
        kept_folder(project, "traces")
        for file, data in files.items():
            replace_file(folder / file, as_text(data))
    except OSError as error:
        reason = error.strerror or str(error)
        raise EnvironmentProblem(f"the trace cannot be kept in {folder}", explanation=reason) from None
    return tuple(folder / file for file in files)


def _file_name(test: str) -> str:
    """Returns a name that a file can have on every system, and that no other test has."""
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", test).strip("-.")[-_LONGEST_NAME:]
    return f"{readable}-{hashlib.sha256(test.encode()).hexdigest()[:8]}"
