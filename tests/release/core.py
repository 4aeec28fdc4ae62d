"""The tests of what decides, issues, verifies and serves: ``python -m tests.release.core`` with pytest's own options.

Browsers, other programs, judges, command lines and the catalogue are left out, so that the same tests can be run
on any system, under any Python and with the oldest dependencies.
"""

from __future__ import annotations

import sys

import pytest

ROOF = ("kernel", "network", "worldfile", "building", "access", "fixes", "harness", "remote", "reports", "running")
FOLDERS = ("tests/idp", "tests/sp_mock", *(f"tests/emulator/{room}" for room in ROOF), "tests/emulator/scenarios")

if __name__ == "__main__":
    sys.exit(pytest.main([*sys.argv[1:], *FOLDERS]))
