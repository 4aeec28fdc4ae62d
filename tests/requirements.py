"""What a test needs of the machine: without it a test fails where FEDEMU_REQUIRE is set, and is skipped elsewhere."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


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
    reason = f"{' or '.join(names)} is not installed"
    if os.environ.get("FEDEMU_REQUIRE"):
        pytest.fail(reason)
    pytest.skip(reason)
