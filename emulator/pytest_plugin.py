"""The pytest plugin: scenario files are tests, and tests have a federation.

Whoever has fedemu installed loads this with every run of pytest, whatever it tests: nothing of ours is imported before
a scenario file is found or a fixture is asked for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from emulator.browser import Browser
    from emulator.federation import Federation
    from emulator.harness.logins import Logins
    from emulator.harness.scenario_items import ScenarioFile
    from emulator.kernel.clock import Clock
    from emulator.running.start import Serving
    from emulator.world import World

_SCENARIOS = ".fedemu.yaml"
_TRACES = "--fedemu-traces"
_NOT_KEPT = "none is kept: with only='idp' an assertion is a credential of the real AWS"
_MARKER = (
    "world(path, changes={pointer: value}): the world of the fixture federation, relative to the test's file, and what "
    "is changed in it"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option for traces and the setting for folders."""
    parser.getgroup("fedemu").addoption(
        _TRACES,
        choices=("on-failure", "always", "off"),
        default="on-failure",
        help="Of which tests a trace and a HAR are kept in .fedemu/traces (on-failure).",
    )
    parser.addini("fedemu_scenarios", "Folders whose YAML files are scenarios.", type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known, and brings the fixture ``browser`` where pytest-playwright does not."""
    config.addinivalue_line("markers", _MARKER)
    if not config.pluginmanager.hasplugin("playwright"):
        config.pluginmanager.register(BrowserFixture(), "fedemu-browser")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Takes scenario files: by their names, or in one of the folders of the setting."""
    if not file_path.name.endswith(_SCENARIOS):
        folders: list[Path] = parent.config.getini("fedemu_scenarios")
        if file_path.suffix != ".yaml" or file_path.parent.name == "worlds":
            return None
        if not any(folder in file_path.parents for folder in folders):
            return None
    from emulator.harness.scenario_items import ScenarioFile

    file: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path)
    return file


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds what happened in a test to its failure, and keeps its traces."""
    report = yield
    if call.when != "call" or not _has_happenings(item):
        return report
    from emulator.harness.scenario_items import HAPPENINGS
    from emulator.kernel.errors import EnvironmentProblem
    from emulator.scenarios.kept_traces import keep_traces

    happenings = item.stash[HAPPENINGS]
    if report.failed and (text := happenings.text):
        report.sections.append(("fedemu: what happened", text))
    wanted = item.config.getoption("fedemu_traces")
    if wanted == "always" or (wanted == "on-failure" and report.failed):
        if happenings.has_credentials:
            report.sections.append(("fedemu: traces", _NOT_KEPT))
            return report
        try:
            files = keep_traces(
                item.config.rootpath, item.nodeid, logins=happenings.logins, exchanges=happenings.exchanges
            )
        except EnvironmentProblem as problem:
            report.sections.append(("fedemu: traces", f"{problem.message}: {problem.explanation}"))
            return report
        kept = [("fedemu_har" if file.suffix == ".har" else "fedemu_trace", str(file)) for file in files]
        # The report of the call is made, that of the teardown is not: JUnit XML reads the one, xdist sends both.
        item.user_properties.extend(kept)
        report.user_properties.extend(kept)
        if kept and report.failed:
            report.sections.append(("fedemu: traces", "\n".join(file for _, file in kept)))
    return report


def _has_happenings(item: pytest.Item) -> bool:
    """Returns whether something of ours took part in a test; nothing is imported to find out."""
    module = sys.modules.get("emulator.harness.scenario_items")
    return module is not None and module.HAPPENINGS in item.stash


@pytest.fixture
def clock() -> Clock:
    """Returns the frozen clock of the federation: 2026-01-15, 09:00 UTC."""
    from emulator.kernel.clock import Clock
    from emulator.scenarios.runner import START

    return Clock(frozen_at=START)


@pytest.fixture
def federation(request: pytest.FixtureRequest, clock: Clock) -> Federation:
    """Returns a fresh federation: of the marker's world, else of ``world.yaml`` in the rootdir, else the built-in."""
    from emulator.federation import Federation
    from emulator.harness.happenings import Happenings
    from emulator.harness.scenario_items import HAPPENINGS
    from emulator.kernel.clock import Ids
    from emulator.kernel.errors import FederationError
    from emulator.reports.errors import error_text

    try:
        made = Federation(_world_of(request), clock=clock, ids=Ids(seed=1))
    except FederationError as error:
        pytest.fail(error_text(error), pytrace=False)
    request.node.stash[HAPPENINGS] = Happenings(made)
    return made


def _world_of(request: pytest.FixtureRequest) -> World:
    """Returns the world that the markers of a test ask for: the nearest path, and every change, the nearest last.

    Raises:
        WorldError: it cannot be used.
    """
    from emulator.harness.scenario_items import WORLDS
    from emulator.world import DEFAULT_WORLD, change_world, load_world

    own = request.config.rootpath / "world.yaml"
    path = own if own.is_file() else DEFAULT_WORLD
    changes: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("world"))):
        if len(marker.args) > 1 or set(marker.kwargs) - {"changes"}:
            pytest.fail("@pytest.mark.world takes a path and changes={pointer: value}", pytrace=False)
        if marker.args:
            path = request.path.parent / marker.args[0]
        changes |= marker.kwargs.get("changes", {})
    worlds = request.config.stash.setdefault(WORLDS, {})
    path = path.resolve()
    world = worlds.get(path) or worlds.setdefault(path, load_world(path))
    try:
        return change_world(world, changes) if changes else world
    except (KeyError, ValueError, IndexError) as error:
        pytest.fail(f"@pytest.mark.world: a pointer of changes leads nowhere: {error}", pytrace=False)


@pytest.fixture
def login(request: pytest.FixtureRequest, federation: Federation) -> Logins:
    """Returns a function that logs a person in: ``login(user, app)``, with ``must_arrive=True`` as a test."""
    from emulator.harness.happenings import Happenings
    from emulator.harness.logins import Logins
    from emulator.harness.scenario_items import HAPPENINGS

    # A project may have a fixture federation of its own.
    happenings = request.node.stash.setdefault(HAPPENINGS, Happenings(federation))
    return Logins(federation, happenings.logins)


@pytest.fixture
def emulator_server(federation: Federation) -> Iterator[Serving]:
    """Serves the test's federation on free ports of this machine, by plain HTTP and by a proxy for real names."""
    from emulator.running.start import Ports, serving

    with serving(federation, Ports(https=None)) as own:
        yield own


@pytest.fixture
def real_names(emulator_server: Serving) -> dict[str, str]:
    """Returns the environment in which a program reaches the emulator by the real names, as ``fedemu exec`` sets it."""
    environment = Environment({**os.environ, **emulator_server.running.environment()})
    for name in ("ALL_PROXY", "all_proxy", "AWS_ENDPOINT_URL"):
        environment.pop(name, None)
    return environment


class Environment(dict[str, str]):
    """Environment variables; a failed test does not print them, because they hold what else this machine is told."""

    def __repr__(self) -> str:
        return f"<{len(self)} environment variables>"


class BrowserFixture:
    """Brings the fixture ``browser``, whose name pytest-playwright uses too."""

    @pytest.fixture
    def browser(self, federation: Federation) -> Browser:
        """Returns a browser inside the federation, without cookies."""
        return federation.browser()
