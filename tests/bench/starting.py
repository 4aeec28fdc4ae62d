"""What a person waits for at the command line, in bare interpreter starts, and what large worlds cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.bench.large_plan import ACCOUNT, large_plan
from tests.bench.large_world import write_large_world
from tests.bench.measuring import bare_start, imports_start, median, python, ratio, ratio_of_seconds, report, timed
from tests.bench.processes import running
from tests.emulator.inspection import vendor_responses

_LOAD = """
import sys
import time
from pathlib import Path
from emulator.federation import Federation
Federation.load(Path(sys.argv[1]))
"""


def measure(folder: Path) -> None:
    """Prints every figure about starting."""
    environment = {**os.environ, "FEDEMU_HOME": str(folder)}

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def first_answer() -> float:
        began = time.perf_counter()
        with running(folder, environment, "--proxy", "0") as ready:
            assert b"Username" in opener.open(f"{ready['http']}/app/UserHome").read()
            return time.perf_counter() - began

    what = "fedemu up to its first answer, against importing its libraries"
    report(what, ratio_of_seconds(first_answer, timed(imports_start), rounds=5), at_most=1.5)
    minted = folder / "minted.txt"
    minted.write_text(_minted(environment), encoding="ascii")
    verbs = {
        "--help": (["--help"], 5),
        "check": (["check"], 25),
        "login": (["login", "hanako@example.com", "amazon-connect"], 25),
        "inspect, by metadata and a role": (["inspect", *_foreign(folder)], 25),
        "inspect, by the built-in world": (["inspect", str(minted)], 30),
    }
    for name, (arguments, aim) in verbs.items():
        run = python("-m", "emulator", *arguments, environment=environment)
        report(f"fedemu {name}, in bare interpreter starts", ratio(run, bare_start, rounds=5), at_most=aim)
    _pytest(folder, environment)
    _large_worlds(folder, environment)
    _large_plans(folder, environment)


def _pytest(folder: Path, environment: dict[str, str]) -> None:
    """Whoever has fedemu installed and tests something else does not wait for it."""
    project = folder / "somebodys"
    project.mkdir()
    (project / "test_it.py").write_text("def test_it(): pass\n", encoding="utf-8")
    environment = {**environment, "PYTHONPATH": str(Path(__file__).parents[2])}
    start = ("-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-p")
    ours = timed(python(*start, "emulator.pytest_plugin", environment=environment, folder=project))
    bare = timed(python(*start, "no:emulator.pytest_plugin", environment=environment, folder=project))
    pairs = [(ours(), bare()) for _ in range(15)]
    more = median([ours for ours, _ in pairs]) - median([bare for _, bare in pairs])
    report("pytest's start with the plugin, in milliseconds more than without", more * 1000, at_most=60)
    report("the same in bare interpreter starts", more / median([timed(bare_start)() for _ in range(5)]), at_most=3)


def _large_plans(folder: Path, environment: dict[str, str]) -> None:
    """A gate is as fast where a plan takes the logins of many as where it changes nothing."""
    world = folder / "planned-world.yaml"
    world.write_text(f'version: 1\nokta:\n  acme: {{}}\naws:\n  "{ACCOUNT}": {{}}\n', encoding="utf-8")
    for losers, what in ((0, "which changes no login"), (3, "which takes 3 roles"), (1000, "which takes every role")):
        plan = folder / f"plan-{losers}.json"
        plan.write_text(large_plan(2000, losers=losers), encoding="utf-8")
        arguments = ["compare", str(plan), "--world", str(world), "--fail-on", "never"]
        run = python("-m", "emulator", *arguments, environment=environment)
        title = f"fedemu compare of a plan of 2,000 resources, {what}, per side, in bare starts"
        report(title, ratio(run, bare_start, rounds=3) / 2, at_most=60)


def _foreign(folder: Path) -> list[str]:
    """Writes a message that no world knows, and what judges it without one; returns the arguments."""
    shape = vendor_responses.SHAPES["onelogin"]
    texts = {
        "response.xml": vendor_responses.response(shape).decode(),
        "idp.xml": vendor_responses.metadata(shape),
        "role.json": json.dumps(vendor_responses.trust_policy()),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    response, idp, role = (str(folder / name) for name in texts)
    return [response, "--metadata", idp, "--role", role]


def _minted(environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "emulator", "mint", "hanako@example.com", "amazon-connect"]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def _large_worlds(folder: Path, environment: dict[str, str]) -> None:
    small, large = folder / "2000.yaml", folder / "10000.yaml"
    write_large_world(small, people=2000, roles=200)
    write_large_world(large, people=10_000, roles=1000)
    load_small = python("-c", _LOAD, str(small), environment=environment)
    load_large = python("-c", _LOAD, str(large), environment=environment)
    what = "2,000 people and 200 roles, loaded, in bare interpreter starts"
    report(what, ratio(load_small, bare_start, rounds=3), at_most=25)
    what = "10,000 people and 1,000 roles, loaded, against 2,000 and 200"
    report(what, ratio(load_large, load_small, rounds=1), at_most=5.5)
    check_small = python("-m", "emulator", "check", str(small), environment=environment)
    check_large = python("-m", "emulator", "check", str(large), environment=environment)
    what = "fedemu check of 2,000 people and 200 roles, against loading them"
    report(what, ratio(check_small, load_small, rounds=3), at_most=4)
    what = "fedemu check of 10,000 people and 1,000 roles, against 2,000 and 200"
    report(what, ratio(check_large, check_small, rounds=1), at_most=5.5)
