"""The plugin in the ways that people run pytest: in parallel, shuffled, from elsewhere, where nothing is writable."""

from __future__ import annotations

import os

import pytest

from tests.emulator.harness.conftest import SCENARIO

PLUGIN = ("-p", "emulator.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers")
pytest_plugins = ["pytester"]

# Each test would see what another has left, were anything shared: a session, an assignment, the time, a world.
INDEPENDENT = """
import urllib.request
from datetime import timedelta

import pytest

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.mark.parametrize("number", range(4))
def test_nothing_happened_yet(session_emulator, login, clock, number):
    federation = session_emulator.federation
    assert federation.clock is clock
    assert federation.gateway.exchanges == ()
    assert clock.now().isoformat() == "2026-01-15T09:00:00+00:00"
    login("hanako@example.com", "amazon-connect", must_arrive=True)
    assert OPENER.open(session_emulator.server.url + "/app/UserHome").status == 200
    assert len(federation.gateway.exchanges) == 9
    assert len(federation.tables["console-sessions"]) == 1
    clock.advance(timedelta(hours=1))


@pytest.mark.world(changes={"/okta/acme/apps/amazon-connect/label": "Desk"})
def test_another_world(session_emulator, browser):
    page = browser.open("https://acme.okta.com/")
    assert "Desk" in browser.submit(page.forms[0], {"username": "hanako@example.com", "password": "correct-horse"}).text


def test_the_same_ports(session_emulator, request):
    ports = request.config.stash.setdefault(PORTS, session_emulator.server.port)
    assert ports == session_emulator.server.port


def test_the_same_ports_again(session_emulator, request):
    test_the_same_ports(session_emulator, request)


def test_own_ports(emulator_server, session_emulator):
    assert emulator_server.server.port != session_emulator.server.port


PORTS = pytest.StashKey()
"""
REVERSED = "def pytest_collection_modifyitems(items): items.reverse()"
SHUFFLED = "import random\ndef pytest_collection_modifyitems(items): random.Random(7).shuffle(items)"


@pytest.mark.parametrize(("order", "processes"), [("", "2"), (REVERSED, "0"), (SHUFFLED, "2")])
def test_in_any_order_and_in_parallel(project: pytest.Pytester, order: str, processes: str) -> None:
    """Tests are independent, though one server answers all of a process."""
    project.makeconftest(order)
    project.makepyfile(INDEPENDENT)
    (project.path / "login.fedemu.yaml").write_text(SCENARIO.partition("---")[0], encoding="utf-8")
    project.runpytest_subprocess(*PLUGIN, "-n", processes).assert_outcomes(passed=9)


def test_one_server_is_started_for_all(project: pytest.Pytester) -> None:
    """What a test has mounted is not there for the next; between tests the project's own world answers."""
    project.makepyfile(
        """
        import urllib.request
        from pathlib import Path
        import pytest

        OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        @pytest.fixture(scope="session")
        def started_once(session_emulator):
            assert session_emulator.federation.clock.is_true
            assert session_emulator.federation.world.document.file.endswith("world.yaml")
            page = OPENER.open(session_emulator.server.url + "/app/UserHome").read()
            yield page
            assert len(session_emulator.federation.gateway.exchanges) == 1

        @pytest.mark.parametrize("number", range(3))
        def test_it(started_once, session_emulator, number):
            assert not session_emulator.federation.clock.is_true
            assert session_emulator.federation.gateway.exchanges == ()
            assert OPENER.open(session_emulator.server.url + "/app/UserHome").read()

        class TestOwn:
            @pytest.fixture
            def federation(self):
                from emulator.federation import Federation
                return Federation.load("world.yaml")

            def test_a_federation_of_the_projects_own(self, federation, session_emulator, session_real_names):
                assert session_emulator.federation is federation
                assert session_real_names["HTTPS_PROXY"] == session_emulator.running.proxy

        @pytest.fixture
        def asks_first(session_emulator):
            return OPENER.open(session_emulator.server.url + "/app/UserHome").status

        def test_fixtures_of_the_test_reach_its_federation(asks_first, session_emulator):
            assert len(session_emulator.federation.gateway.exchanges) == 1

        def test_open_connections_go_on(session_emulator, federation):
            import http.client
            connection = http.client.HTTPConnection("127.0.0.1", session_emulator.server.port)
            connection.request("GET", "/app/UserHome")
            assert connection.getresponse().read()
            from emulator.federation import Federation
            other = Federation.load("world.yaml")
            with session_emulator.answering_from(other):
                connection.request("GET", "/app/UserHome")
                assert connection.getresponse().read()
            assert len(other.gateway.exchanges) == len(federation.gateway.exchanges) == 1
        """
    )
    project.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=6)


def test_a_world_with_a_host_that_the_authority_may_not_sign_for(project: pytest.Pytester) -> None:
    """It is reported in place of certificates that no client takes."""
    project.makepyfile(
        """
        import pytest

        @pytest.mark.world(changes={"/pages": {"https://desk.somebody.invalid": ["."]}})
        def test_elsewhere(session_emulator):
            pass

        @pytest.mark.world(changes={"/pages": {"https://desk.somebody.invalid": ["."]}})
        def test_own(emulator_server):
            pass
        """
    )
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(errors=2)
    told = "The local certificate authority may not sign for desk.somebody.invalid"
    assert result.outlines.count(told) == 2
    result.stdout.no_fnmatch_line("*During handling*")


def test_from_elsewhere_and_imported_otherwise(project: pytest.Pytester) -> None:
    """With --rootdir and --import-mode=importlib, from another folder: the world is the rootdir's."""
    (project.path / "tests").mkdir()
    (project.path / "tests" / "test_it.py").write_text(
        "def test_it(login): login('hanako@example.com', 'amazon-connect', must_arrive=True)\n", encoding="utf-8"
    )
    (project.path / "tests" / "login.fedemu.yaml").write_text(
        SCENARIO.partition("---")[0].replace("world.yaml", "../world.yaml"), encoding="utf-8"
    )
    elsewhere = project.mkdir("elsewhere")
    os.chdir(elsewhere)
    arguments = (f"--rootdir={project.path}", "--import-mode=importlib", "--fedemu-traces=always")
    project.runpytest_subprocess(*PLUGIN, *arguments, str(project.path / "tests")).assert_outcomes(passed=2)
    assert sorted(path.suffix for path in (project.path / ".fedemu" / "traces").iterdir()) == [
        ".har",
        ".har",
        ".json",
        ".json",
    ]
    assert list(elsewhere.iterdir()) == []


def test_where_nothing_can_be_written(project: pytest.Pytester) -> None:
    """The failure is reported all the same, with why there is no trace; a test that passes is not affected."""
    (project.path / ".fedemu").write_text("a file of somebody's", encoding="utf-8")
    project.makepyfile(
        """
        def test_refused(login):
            login("mika@example.com", "amazon-connect", must_arrive=True)

        def test_arrives(login):
            login("hanako@example.com", "amazon-connect", must_arrive=True)
        """
    )
    result = project.runpytest_subprocess(*PLUGIN, "--fedemu-traces=always")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["-* fedemu: traces -*", "the trace cannot be kept in *.fedemu?traces: *"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
