"""``fedemu init``: a commented world and a scenario to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from emulator.commands.options import next_step, say

_SCENARIO = """\
# One login that works and one that must not. Run with: fedemu run scenarios
scenario: The Okta tile opens the CCP
id: LOGIN-01
world: ../world.yaml
login: {user: hanako@example.com, app: amazon-connect, destination: /ccp-v2}
expect:
  outcome: accepted
  lands_on: https://acme.my.connect.aws/ccp-v2
  session_name: hanako@example.com
  oracle: documented
---
scenario: A space in RoleSessionName is refused
id: LOGIN-02
extends: LOGIN-01
faults: [{attribute: RoleSessionName, set: hanako sato}]
expect:
  outcome: refused
  check: role-session-name
  code: InvalidIdentityToken
  message: RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}
  oracle: documented
"""

_TEST = '''\
"""The login flow as a regression test: each scenario must come out as it says."""

from pathlib import Path

import pytest

from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import find_scenarios

SCENARIOS = find_scenarios([Path(__file__).parent / "scenarios"])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_login(scenario):
    """The login comes out as its scenario says."""
    run_scenario(scenario).require()
'''

_WORKFLOW = """\
# A CI job for GitHub Actions: copy to .github/workflows/login.yaml
name: login
on: [push, pull_request]
jobs:
  login:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: pip install ./fedemu   # a checkout or a wheel of fedemu
      - run: fedemu check world.yaml
      - run: fedemu run scenarios
"""


@click.command()
@click.argument("folder", required=False, default=".", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> int:
    """Write a commented world, a scenario, a pytest file and a CI job into FOLDER.

    Nothing that exists is overwritten: then exit code 2, and nothing is written.
    """
    from emulator.kernel.errors import FileError, Location, Problem
    from emulator.world import DEFAULT_WORLD

    files = {
        folder / "world.yaml": DEFAULT_WORLD.read_text(encoding="utf-8"),
        folder / "scenarios" / "login.yaml": _SCENARIO,
        folder / "test_login.py": _TEST,
        folder / "ci-login.yaml": _WORKFLOW,
    }
    existing = [path for path in files if path.exists()]
    if existing:
        raise FileError([Problem(Location(str(path)), "exists already", "a folder without it") for path in existing])
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            say(f"wrote {path}")
    except OSError as error:
        problem = Problem(Location(str(error.filename or folder)), f"cannot be written: {error.strerror}")
        raise FileError([problem]) from None
    next_step(f"cd {folder} && fedemu check && fedemu run scenarios")
    return 0
