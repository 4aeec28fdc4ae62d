"""A comparison that is ended by SIGTERM leaves nothing behind."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest

from emulator.comparing.sides import opened_sides
from emulator.world import DEFAULT_WORLD


def test_the_folder_of_revisions_goes_on_sigterm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM ends the comparison with exit code 143, takes its folder away, and is as before afterwards."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        _terminated(tmp_path)
    assert (ended.value.code, list(tmp_path.iterdir())) == (143, [])
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def _terminated(folder: Path) -> None:
    with opened_sides(str(DEFAULT_WORLD), str(DEFAULT_WORLD), world=None):
        assert [each.name[:15] for each in folder.iterdir()] == ["fedemu-compare-"]
        os.kill(os.getpid(), signal.SIGTERM)
