"""Pages wait for what they show, however busy the machine is."""

from __future__ import annotations

import pytest

from emulator.workbench import worked_out


@pytest.fixture(autouse=True)
def _pages_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has no page say that something is being worked out."""
    monkeypatch.setattr(worked_out, "PATIENCE_SECONDS", 60)
