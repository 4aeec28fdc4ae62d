"""The fixtures next_login, network_fault and wait_for_login, in projects of their own."""

from __future__ import annotations

import pytest

PLUGIN = ("-p", "emulator.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers")
pytest_plugins = ["pytester"]

PASSING = """
import threading

import pytest
import requests

USER = "hanako@example.com"
NAME = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"


def test_the_next_login_and_no_other(next_login, wait_for_login, login):
    programmed = next_login(USER, app="amazon-connect", attributes={"RoleSessionName": "hanako sato"})
    assert repr(programmed) == "<next login 1, used 0 times>"
    login(USER, "amazon-connect")
    assert programmed.used == 1
    seen = wait_for_login(USER)
    assert (seen.outcome, seen.check, seen.attributes[NAME]) == ("refused", "role-session-name", ("hanako sato",))
    login(USER, "amazon-connect", must_arrive=True)
    assert wait_for_login(USER).outcome == "accepted"


def test_forgotten_and_cleared(next_login, network_fault, login):
    next_login(USER, refused_by="mfa")
    network_fault("*", reset=True)
    next_login.clear()
    network_fault.clear()
    login(USER, "amazon-connect", must_arrive=True)


def test_a_client_that_tries_again(network_fault, emulator_server):
    fault = network_fault("acme.okta.com", path="/app/*", status=503, retry_after=0, count=2)
    session = requests.Session()
    session.trust_env = False
    url = f"{emulator_server.server.url}/app/UserHome"
    assert [session.get(url).status_code for _ in range(3)] == [503, 503, 200]
    assert (fault.used, repr(fault)) == (2, "<network fault 1, used 2 times>")


def test_a_login_of_another_thread(wait_for_login, login):
    thread = threading.Thread(target=lambda: login(USER, "amazon-connect"))
    thread.start()
    seen = wait_for_login(app="amazon-connect", timeout="60s")
    thread.join()
    assert (seen.number, seen.user, seen.posted_to) == (1, USER, "https://signin.aws.amazon.com/saml")


def test_tried_again(wait_for_login, login, next_login):
    next_login(USER, refused_by="locked-out")
    login(USER, "amazon-connect")
    login(USER, "amazon-connect")
    assert wait_for_login(USER, until="accepted").number == 2
    assert wait_for_login(USER).number == 1
"""

FAILING = """
USER = "hanako@example.com"


def test_nobody_came(wait_for_login):
    wait_for_login(USER, app="amazon-connect", timeout=0)


def test_it_is_unfinished(wait_for_login, federation):
    browser = federation.browser()
    page = browser.look("https://acme.okta.com/app/UserHome")
    browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    wait_for_login(timeout="1ms")


def test_once_each(wait_for_login, login):
    login(USER, "amazon-connect")
    wait_for_login()
    wait_for_login(timeout=0)


def test_no_login_came(next_login, login):
    next_login("taro@example.com", app="amazon-connect", refused_by="mfa")
    login(USER, "amazon-connect")


def test_a_bad_one(next_login):
    next_login("hanaka@example.com", refused_by="mfa")


def test_a_bad_host(network_fault):
    network_fault("sts.example.org", status=503)


def test_a_bad_timeout(wait_for_login):
    wait_for_login(timeout="soon")
"""


def test_what_the_fixtures_do(project: pytest.Pytester) -> None:
    """Programs a login, plants a fault, waits for a login; each once."""
    project.makepyfile(PASSING)
    project.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=5)


def test_what_a_failure_says(project: pytest.Pytester) -> None:
    """In exact words: who did not come, where they are, and what cannot be."""
    project.makepyfile(FAILING)
    result = project.runpytest_subprocess(*PLUGIN, "--fedemu-traces=off")
    result.assert_outcomes(failed=7)
    for words in (
        "next_login: no login of taro@example.com to amazon-connect has used what was programmed; *",
        "*No login of hanako@example.com to amazon-connect came to an end within 0 s",
        "*No login came to an end within 0.001 s (login 1 of hanako@example.com is unfinished: shows *tile of 1 app)",
        "*No login came to an end within 0 s (beside 1 that were returned before)",
        "No org has a person hanaka@example.com; did you mean hanako@example.com?",
        "No emulated host is sts.example.org, so that the network fault would do nothing",
        "timeout is a length of time",
    ):
        result.stdout.fnmatch_lines_random([words])
