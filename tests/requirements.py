"""What a test needs of the machine: without it a test fails where FEDEMU_REQUIRE is set, and is skipped elsewhere."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest


def _missing(reason: str) -> NoReturn:
    if os.environ.get("FEDEMU_REQUIRE"):
        pytest.fail(reason)
    pytest.skip(reason)


def installed(path: Path) -> Path:
    """Returns a file that ``make test`` installs by npm; without npm it behaves as ``program`` does."""
    if not path.exists():
        program("npm")
        pytest.fail(f"{path} is missing: run make test")
    return path


def program(*names: str) -> str:
    """Returns the path of the first program found.

    Without any of them the test fails when FEDEMU_REQUIRE is set, as in CI, and is skipped with the reason otherwise.
    """
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    _missing(f"{' or '.join(names)} is not installed")


def package(name: str, *, extra: str) -> None:
    """Goes on where a package of an extra is installed; without it this behaves as ``program`` does.

    Args:
        name: What is imported.
        extra: The extra of this project that brings it.
    """
    if importlib.util.find_spec(name) is None:
        _missing(f"{name} is not installed: pip install 'fedemu[{extra}]'")


def aws_cli_v2() -> str:
    """Returns the path of the AWS CLI's version 2: the first ``aws`` on PATH or in /usr/bin that is one.

    ``make test`` installs version 1, which is on PyPI; version 2 is a package of the system. Without it this behaves as
    ``program`` does.
    """
    for folder in (*os.environ["PATH"].split(os.pathsep), "/usr/bin"):
        path = shutil.which("aws", path=folder)
        if path and "aws-cli/2" in subprocess.run([path, "--version"], capture_output=True, text=True).stdout:  # noqa: S603, PLW1510
            return path
    _missing("version 2 of the AWS CLI is not installed (Debian's package awscli)")
