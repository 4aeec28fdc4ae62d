"""What fails inside a server fails the test in which it happened, with its traceback, and no refusal does."""

from __future__ import annotations

import pytest

PLUGIN = ("-p", "emulator.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers")
pytest_plugins = ["pytester"]

BROKEN = """
import urllib.error
import urllib.request

import pytest
from idp.signon.session import Sessions

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def status(url, data=None):
    try:
        return OPENER.open(url, data).status
    except urllib.error.HTTPError as error:
        return error.code


def broken(*_, **__):
    raise LookupError("the sessions are gone")


@pytest.fixture
def no_sessions(monkeypatch):
    monkeypatch.setattr(Sessions, "find", broken)
"""


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has pytest's short summary said whole."""
    monkeypatch.setenv("COLUMNS", "250")


TRACEBACK = [
    "LookupError: the sessions are gone, while answering GET https://acme.okta.com/app/UserHome",
    "Traceback (most recent call last):",
    '  File "*test_*.py", line *, in broken',
    '    raise LookupError("the sessions are gone")',
    "LookupError: the sessions are gone",
]


def test_by_sockets_and_in_process(project: pytest.Pytester) -> None:
    """The test has not looked at the answer, or was content with a 500: it fails all the same, and only it."""
    project.makepyfile(
        BROKEN
        + """
def test_sockets(emulator_server, no_sessions):
    assert status(emulator_server.server.url + "/app/UserHome") == 500

def test_process(browser, no_sessions):
    browser.open("https://acme.okta.com/app/UserHome")

def test_session(session_emulator, no_sessions):
    assert status(session_emulator.server.url + "/app/UserHome") == 500

def test_next(session_emulator):
    assert status(session_emulator.server.url + "/app/UserHome") == 200
"""
    )
    result = project.runpytest_subprocess(*PLUGIN, "-rf")
    result.assert_outcomes(passed=1, failed=3)
    for name in ("sockets", "process", "session"):
        result.stdout.fnmatch_lines([f"_* test_{name} _*", *TRACEBACK])
        result.stdout.fnmatch_lines([f"FAILED *::test_{name} - Failed: {TRACEBACK[0]}"])
    result.stdout.fnmatch_lines(
        [
            " 1. Okta dashboard         GET https://acme.okta.com/app/UserHome  -> 500",
            "      fedemu: failed: LookupError: the sessions are gone",
        ]
    )
    said = result.stdout.str().partition("Captured log")[0]
    assert "/flask/" not in said
    assert "/emulator/network/" not in said


def test_in_another_process(project: pytest.Pytester) -> None:
    """With pytest-xdist the traceback comes through, and JUnit XML has it as the failure's text."""
    project.makepyfile(
        BROKEN
        + """
def test_one(session_emulator, no_sessions):
    assert status(session_emulator.server.url + "/app/UserHome") == 500

def test_other(session_emulator):
    assert status(session_emulator.server.url + "/app/UserHome") == 200
"""
    )
    result = project.runpytest_subprocess(*PLUGIN, "-n", "2", "-rf", "--junitxml=junit.xml")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([*TRACEBACK, f"FAILED *::test_one - Failed: {TRACEBACK[0]}"])
    junit = (project.path / "junit.xml").read_text(encoding="utf-8")
    assert f'<failure message="Failed: {TRACEBACK[0]}&#10;Traceback' in junit


def test_refusals_are_no_failures(project: pytest.Pytester) -> None:
    """A login that is refused, a page that is not there, a host that nobody has, and a message that is none."""
    project.makepyfile(
        BROKEN
        + """
def test_refused(login, browser, emulator_server):
    assert login("mika@example.com", "amazon-connect").login.refusal.status == 403
    assert browser.open("https://acme.okta.com/nothing").status == 404
    assert status(emulator_server.server.url + "/saml", b"SAMLResponse=nothing") == 400
    assert status(emulator_server.server.url + "/nothing") == 404
"""
    )
    project.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)


def test_a_test_that_fails_by_itself_shows_both(project: pytest.Pytester) -> None:
    """What the client said is the failure, what the server said is beneath it; what is the failure is said once."""
    project.makepyfile(
        BROKEN
        + """
def test_client(emulator_server, no_sessions):
    assert status(emulator_server.server.url + "/app/UserHome") == 200

def test_same(federation):
    def app(environ, start_response):
        raise OSError("not here")
    federation.gateway.mount_control_site(app)
    from emulator.network.wsgi import call, make_environ
    call(federation.gateway, make_environ("GET", "/", [("Host", "127.0.0.1:1")], b"", scheme="http"))
"""
    )
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["E  *assert 500 == 200", "-* fedemu: failures of servers -*", *TRACEBACK])
    result.stdout.fnmatch_lines(["_* test_same _*", "E * OSError: not here"])
    assert result.stdout.str().count("fedemu: failures of servers") == 1


def test_listeners_and_the_events_behind_them(project: pytest.Pytester) -> None:
    """The client gets its answer, every listener its exchange and every hook its events, and the test fails."""
    project.makepyfile(
        BROKEN
        + """
def test_listener(emulator_server):
    heard = []
    emulator_server.federation.gateway.listen(broken)
    emulator_server.federation.gateway.listen(heard.append)
    assert status(emulator_server.server.url + "/app/UserHome") == 200
    assert len(heard) == 1

@pytest.mark.world(changes={"/okta/acme/event_hooks": {"hook": {
    "url": "http://127.0.0.1:9/", "events": ["user.session.start"]}}})
def test_delivery(federation, login, monkeypatch):
    import idp.management.hook_delivery
    monkeypatch.setattr(idp.management.hook_delivery, "_headers", broken)
    hooks = federation.identity_providers["acme"].management.hooks
    for _ in range(2):
        login("hanako@example.com", "amazon-connect", must_arrive=True)
        hooks.wait()
"""
    )
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "LookupError: the sessions are gone, while telling a listener of GET https://acme.okta.com/app/UserHome",
            "LookupError: the sessions are gone, while delivering user.session.start to an event hook",
            "LookupError: the sessions are gone, while delivering user.session.start to an event hook",
        ]
    )


def test_apps_of_the_test(project: pytest.Pytester) -> None:
    """A Flask app, a plain WSGI app, an assertion and pytest.fail in either; with what a fixture and a teardown did."""
    project.makepyfile(
        BROKEN
        + """
from flask import Flask

@pytest.fixture
def app(serve_app):
    app = Flask("mine")
    app.add_url_rule("/", view_func=broken)
    app.add_url_rule("/given", "given", lambda: pytest.fail("a view says no"))
    app.add_url_rule("/well", "well", lambda: "well")
    return serve_app(app)

def test_flask(app):
    assert status(app + "/well") == 200
    assert status(app) == 500

def test_fail(app):
    assert status(app + "/given") == 500

def test_plain(serve_app):
    def app(environ, start_response):
        assert environ["PATH_INFO"] == "/here"
    assert status(serve_app(app) + "/there") == 500

@pytest.fixture
def asked(app):
    status(app)

def test_setup(asked):
    pass

@pytest.fixture
def asks(app):
    yield
    status(app)

def test_teardown(asks):
    pass

@pytest.mark.xfail(reason="known", strict=True)
def test_expected(app):
    status(app)
"""
    )
    result = project.runpytest_subprocess(*PLUGIN, "-rEf")
    result.assert_outcomes(failed=3, errors=2, passed=1, xfailed=1)
    result.stdout.fnmatch_lines_random(
        [
            "FAILED *::test_flask - Failed: LookupError: the sessions are gone, while answering GET http://127.0.0.1:*/",
            "FAILED *::test_fail - Failed: Failed: a view says no, while answering GET http://127.0.0.1:*/given",
            "FAILED *::test_plain - Failed: AssertionError: *, while answering GET http://127.0.0.1:*/there",
            "ERROR *::test_setup - Failed: LookupError: the sessions are gone, while answering *",
            "ERROR *::test_teardown - Failed: LookupError: the sessions are gone, while answering *",
        ]
    )


def test_without_the_plugin_a_delivery_that_fails_is_told_and_the_next_one_made(project: pytest.Pytester) -> None:
    """Whoever runs the emulator without tests reads the traceback in the terminal, and the thread goes on."""
    project.makepyfile(
        program="""
        from emulator.federation import Federation
        from emulator.flow import log_in
        from emulator.world import change_world, load_world
        from pathlib import Path

        def broken(request):
            raise LookupError("no headers")

        hook = {"url": "http://127.0.0.1:9/", "events": ["user.session.start"]}
        world = change_world(load_world(Path("world.yaml")), {"/okta/acme/event_hooks": {"hook": hook}})
        federation = Federation(world)
        federation.outbound.stand_in(broken)
        for _ in range(2):
            log_in(federation, user="hanako@example.com", app="amazon-connect")
            federation.identity_providers["acme"].management.hooks.wait()
        print("done")
        """
    )
    result = project.runpython(project.path / "program.py")
    assert result.outlines == ["done"]
    assert result.errlines.count("LookupError: no headers") == 2
    assert result.errlines[0].startswith("fedemu: an unexpected error while delivering user.session.start")
