"""What ``fedemu doctor`` finds on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.running.finding import Finding
from emulator.running.health import examinations
from emulator.world import DEFAULT_WORLD

ROOT = Path(__file__).parents[3]


def _found(subject: str, world_file: Path = DEFAULT_WORLD) -> list[Finding]:
    return [finding for finding in examinations(port=0, world_file=world_file) if finding.subject == subject]


def test_a_package_of_the_project_that_hides_ours_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with an __init__.py or a module is imported by what starts there; a folder of YAML files is not."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    assert _found("packages") == [Finding("packages", "ok", str(ROOT))]
    (tmp_path / "idp").mkdir()
    (tmp_path / "idp" / "__init__.py").touch()
    (tmp_path / "emulator.py").touch()
    text = f"emulator.py, idp in {tmp_path} hide ours from tests and programs that are started there"
    assert _found("packages") == [Finding("packages", "note", text)]


def test_a_world_that_cannot_be_used_stops_nothing(tmp_path: Path) -> None:
    """Doctor is asked about the machine; the world's mistake is another verb's subject."""
    (tmp_path / "world.yaml").write_text("version: 1\nokta: {acme: {usrs: {}}}\n", encoding="utf-8")
    text = "unknown key usrs; fedemu check says where. Its keys are not looked at"
    assert _found("world", tmp_path / "world.yaml") == [Finding("world", "note", text)]
