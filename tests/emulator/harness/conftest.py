"""What the plugin's tests share: a project with a world, in which pytest runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emulator.world import DEFAULT_WORLD

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
