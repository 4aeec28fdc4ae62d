"""What the plugin's tests share: a project with a world, in which pytest runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from emulator.world import DEFAULT_WORLD

ROOT = Path(__file__).parents[3]
SCENARIO = """\
scenario: The tile opens Amazon Connect
id: LOGIN-01
world: world.yaml
tags: [smoke, skip]
login: {user: hanako@example.com, app: amazon-connect}
expect: {outcome: accepted, oracle: documented}
---
scenario: The audience is another
id: LOGIN-02
extends: LOGIN-01
changes: {/okta/acme/apps/amazon-connect/audience: "urn:example:app"}
expect: {outcome: accepted, oracle: documented}
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Returns a project with the built-in world as its own, whose pytest finds the plugin beside these tests."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    for path in DEFAULT_WORLD.parent.iterdir():
        if path.is_file():
            shutil.copy(path, pytester.path)
    (pytester.path / DEFAULT_WORLD.name).rename(pytester.path / "world.yaml")
    return pytester


def write_examples(project: Path) -> list[str]:
    """Writes the files of docs/pytest.md as they stand, and returns their names."""
    page = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")
    files = re.findall(r"^```\w+ (\S+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    for name, text in files:
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [name for name, _ in files]
