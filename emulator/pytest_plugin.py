"""The pytest plugin: scenario files are tests, and tests have a federation.

pytest loads this plugin in every run wherever fedemu is installed, so nothing of fedemu's is imported before a scenario
file is found or a fixture is requested.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from emulator.browser import Browser
    from emulator.federation import Federation
    from emulator.harness.logins import Logins
    from emulator.harness.programming import NetworkFaults, NextLogins, WaitForLogin
    from emulator.harness.scenario_items import ScenarioFile
    from emulator.harness.session_emulator import SessionEmulator
    from emulator.kernel.clock import Clock
    from emulator.network.wsgi import WsgiApp
    from emulator.running.start import Serving

_SCENARIOS = ".fedemu.yaml"
_TRACES = "--fedemu-traces"
_MARKER = (
    "world(path, changes={pointer: value}): the world of the test's federation: a file, relative to the test's, and "
    "new values at JSON pointers, such as /okta/acme/apps/amazon-connect/audience; None takes a key out."
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
    """Registers the marker, and adds the fixture ``browser`` unless pytest-playwright does."""
    config.addinivalue_line("markers", _MARKER)
    if not config.pluginmanager.hasplugin("playwright"):
        config.pluginmanager.register(BrowserFixture(), "fedemu-browser")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Collects scenario files: by their names, or in one of the folders of the setting."""
    if not file_path.name.endswith(_SCENARIOS):
        folders: list[Path] = parent.config.getini("fedemu_scenarios")
        named = file_path.name in {"defaults.yaml", "world.yaml"}  # what scenarios have in common, and where they are
        if file_path.suffix != ".yaml" or file_path.parent.name == "worlds" or named:
            return None
        if not any(folder in file_path.parents for folder in folders):
            return None
    from emulator.harness.short_errors import require_own_packages

    require_own_packages()
    from emulator.harness.scenario_items import ScenarioFile

    file: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path)
    return file


def pytest_itemcollected(item: pytest.Item) -> None:
    """Has the session's emulator answer from the federation of each test that uses it."""
    names: list[str] = getattr(item, "fixturenames", [])
    uses_it = "session_emulator" in names or "session_real_names" in names
    if uses_it and "_behind_session_emulator" not in names:  # the list is one for all parameters of a test
        # After fixtures of wider scopes, which belong to no test, and before all that are the test's.
        known = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]  # noqa: SLF001 - nothing public has it
        own = (index for index, name in enumerate(names) if name in known and known[name][-1].scope == "function")
        names.insert(next(own, len(names)), "_behind_session_emulator")


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Watches the test's federation, whether the plugin's or one that a project builds itself."""
    made = yield
    is_known = fixturedef.argname == "federation" and fixturedef.scope == "function"
    if is_known and "emulator.federation" in sys.modules:
        from emulator.federation import Federation
        from emulator.harness.watching import watch

        if isinstance(made, Federation):
            watch(request, made)
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Fails a test whose fixtures made a server fail, or would import packages that are not ours."""
    if {"clock", "session_emulator"} & {*getattr(item, "fixturenames", ())}:
        from emulator.harness.short_errors import require_own_packages

        require_own_packages()
    yield
    _fail_for_servers(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fails a test that made a server fail, even if its client ignored that, or whose programmed login never came."""
    yield
    _fail_for_servers(item)
    if "emulator.harness.programming" in sys.modules:
        from emulator.harness.programming import PROGRAMMED

        programmed = item.stash.get(PROGRAMMED, None)
        if programmed is not None and programmed.unused:
            pytest.fail(programmed.unused, pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Fails a test for what a server did at its end."""
    yield
    _fail_for_servers(item)


def _fail_for_servers(item: pytest.Item) -> None:
    if "emulator.harness.server_failures" in sys.modules:
        from emulator.harness.server_failures import failure_text, failures_of

        failures = failures_of(item.config).take()
        if failures:
            pytest.fail(failure_text(failures), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds what happened in a test to its failure, and keeps its traces."""
    report = yield
    if "emulator.harness.watching" in sys.modules:
        from emulator.harness.added_reports import add_happenings

        add_happenings(report, item, call)
    if call.excinfo is not None and "emulator.harness.scenario_items" in sys.modules:
        from emulator.harness.scenario_items import cannot_be_used

        if cannot_be_used(item, call.excinfo.value):
            report.when = "setup"  # what fails there is an error to pytest, as it is to `fedemu run`
    return report


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Describes how two logins differ in people's terms, and not by their fields."""
    if op != "==" or "emulator.diagnosis.login_result" not in sys.modules:
        return None
    from emulator.harness.compared_logins import compared_logins

    return compared_logins(left, right)


@pytest.fixture
def clock() -> Clock:
    """Returns the clock of the federation, frozen at 2026-01-15, 09:00 UTC; ``clock.advance(…)`` moves it."""
    from emulator.kernel.clock import Clock
    from emulator.scenarios.runner import START

    return Clock(frozen_at=START)


@pytest.fixture
def federation(request: pytest.FixtureRequest, clock: Clock) -> Federation:
    """Returns a fresh federation: of the marker's world, else of ``world.yaml`` in the rootdir, else the built-in."""
    from emulator.federation import Federation
    from emulator.harness.short_errors import told_shortly
    from emulator.harness.worlds import world_of
    from emulator.kernel.clock import Ids

    with told_shortly():
        return Federation(world_of(request), clock=clock, ids=Ids(seed=1))


@pytest.fixture
def login(request: pytest.FixtureRequest, federation: Federation) -> Logins:
    """Returns a function that logs a person in: ``login(user, app)``, with ``must_arrive=True`` as a test."""
    from emulator.harness.logins import Logins
    from emulator.harness.watching import watch

    return Logins(federation, watch(request, federation).logins)


@pytest.fixture
def emulator_server(request: pytest.FixtureRequest, federation: Federation) -> Iterator[Serving]:
    """Serves the test's federation on free ports of this machine, by plain HTTP and by a proxy for real names."""
    from emulator.harness.short_errors import told_shortly
    from emulator.harness.watching import watch
    from emulator.running.start import Ports, serving

    watch(request, federation)
    with told_shortly(), serving(federation, Ports(https=None)) as own:
        yield own


@pytest.fixture
def real_names(emulator_server: Serving) -> dict[str, str]:
    """Returns the environment in which a program reaches ``emulator_server`` by the real names, as ``fedemu exec``."""
    return Environment.leading_to(emulator_server)


@pytest.fixture(scope="session")
def session_emulator(request: pytest.FixtureRequest) -> Iterator[SessionEmulator]:
    """Serves the federation of whichever test runs, on ports that stay the same for all tests of a process."""
    from emulator.federation import Federation
    from emulator.harness.session_emulator import SessionEmulator
    from emulator.harness.short_errors import told_shortly
    from emulator.harness.worlds import project_world
    from emulator.kernel.clock import Ids
    from emulator.running.start import Ports, serving

    with told_shortly():
        between = Federation(project_world(request.config), ids=Ids(seed=1))
        with serving(between, Ports(https=None)) as own:
            yield SessionEmulator(own)


@pytest.fixture(scope="session")
def session_real_names(session_emulator: SessionEmulator) -> dict[str, str]:
    """Returns the environment in which a program reaches ``session_emulator`` by the real names."""
    return Environment.leading_to(session_emulator)


@pytest.fixture
def _behind_session_emulator(
    request: pytest.FixtureRequest, session_emulator: SessionEmulator, federation: Federation
) -> Iterator[None]:
    """Has the session's emulator answer from the test's federation."""
    from emulator.harness.short_errors import told_shortly
    from emulator.harness.watching import watch

    watch(request, federation)
    with told_shortly(), session_emulator.answering_from(federation):
        yield


@pytest.fixture
def serve_app(request: pytest.FixtureRequest) -> Iterator[Callable[[WsgiApp], str]]:
    """Returns a function that serves a WSGI app on a free port until the test ends, and returns its address.

    Unexpected exceptions in the app fail the test.
    """
    from emulator.harness.app_servers import serving_app
    from emulator.harness.server_failures import failures_of

    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving_app(app, failures_of(request.config).add))


@pytest.fixture
def next_login(request: pytest.FixtureRequest, federation: Federation) -> NextLogins:
    """Returns a function that programs a person's next login: ``next_login(user, attributes=…)``.

    The test fails if no login has used it by its end.
    """
    from emulator.harness.programming import PROGRAMMED, NextLogins
    from emulator.harness.watching import watch

    watch(request, federation)
    made = request.node.stash[PROGRAMMED] = NextLogins(federation)
    return made


@pytest.fixture
def network_fault(request: pytest.FixtureRequest, federation: Federation) -> NetworkFaults:
    """Returns a function that plants a network fault: ``network_fault(host, status=503, count=2)``."""
    from emulator.harness.programming import NetworkFaults
    from emulator.harness.watching import watch

    watch(request, federation)
    return NetworkFaults(federation)


@pytest.fixture
def wait_for_login(request: pytest.FixtureRequest, federation: Federation) -> WaitForLogin:
    """Returns a function that returns the next login of a browser or program, with its assertion."""
    from emulator.harness.programming import WaitForLogin
    from emulator.harness.watching import watch

    watch(request, federation)
    return WaitForLogin(federation)


class Environment(dict[str, str]):
    """Environment variables that a failed test does not print, because they may contain secrets of this machine."""

    def __repr__(self) -> str:
        return f"<{len(self)} environment variables>"

    @classmethod
    def leading_to(cls, emulator: Serving | SessionEmulator) -> Environment:
        """Returns this process's variables with those that lead programs to an emulator."""
        environment = cls({**os.environ, **emulator.running.environment()})
        for name in ("ALL_PROXY", "all_proxy", "AWS_ENDPOINT_URL"):
            environment.pop(name, None)
        return environment


class BrowserFixture:
    """Adds the fixture ``browser``, whose name pytest-playwright uses too."""

    @pytest.fixture
    def browser(self, request: pytest.FixtureRequest, federation: Federation) -> Browser:
        """Returns a browser inside the federation, without sockets and without cookies."""
        from emulator.harness.watching import watch

        watch(request, federation)
        return federation.browser()
