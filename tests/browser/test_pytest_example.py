"""The custom CCP of docs/pytest.md, in Playwright as it is there but for the path of the browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emulator.world import DEFAULT_WORLD
from tests.emulator.harness.conftest import ROOT, write_examples

pytestmark = pytest.mark.browser
pytest_plugins = ["pytester"]


def test_the_desk_shows_the_agent(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, chromium: str) -> None:
    """A page of the world's, with the CCP in a frame of it, and the agent who is signed in."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for path in DEFAULT_WORLD.parent.iterdir():
        if path.is_file():
            shutil.copy(path, pytester.path)
    (pytester.path / DEFAULT_WORLD.name).rename(pytester.path / "world.yaml")
    write_examples(pytester.path)
    test = Path("tests/test_desk.py")
    text = test.read_text(encoding="utf-8")
    assert text.count("ignore_https_errors=True") == 1
    here = f"ignore_https_errors=True, executable_path={chromium!r}"
    test.write_text(text.replace("ignore_https_errors=True", here), encoding="utf-8")
    pytester.runpytest_subprocess("-p", "emulator.pytest_plugin", "tests/test_desk.py").assert_outcomes(passed=1)
