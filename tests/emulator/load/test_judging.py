"""What of a load counts as a failure, to the letter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emulator.building.faults import read_faults
from emulator.federation import Federation
from emulator.flow import Login, Outcome, log_in
from emulator.load.judging import failure_of_exchange, failure_of_login
from tests.conftest import APP, USER

_SAID = (
    "AWS sign-in refused: InvalidIdentityToken (400), check audience: Response does not contain the required audience."
)


def _login(federation: Federation, lands_on: str = "") -> Login:
    return log_in(federation, user=USER, app=APP, lands_on=lands_on)


@pytest.fixture
def refused(federation: Federation) -> Login:
    """Returns a login that AWS refuses."""
    provider, app = federation.find_app(APP)
    fault = "{element: Assertion/Conditions/AudienceRestriction/Audience, set: urn:example}"
    provider.faults.inject(app.name, USER, read_faults([fault]))
    return _login(federation)


def test_a_refusal_is_told_with_its_check_and_words(refused: Login) -> None:
    """Of the login, and of the request that was refused; neither where it was expected."""
    assert str(failure_of_login(refused, expected=Outcome.ACCEPTED)) == _SAID
    assert repr(failure_of_login(refused, expected=Outcome.ACCEPTED)) == _SAID
    assert failure_of_login(refused, expected=Outcome.REFUSED) is None
    failures = [failure_of_exchange(each, user=USER, expected=Outcome.ACCEPTED) for each in refused.exchanges]
    assert [str(each) for each in failures if each is not None] == [_SAID]
    assert not any(failure_of_exchange(each, user=USER, expected=Outcome.REFUSED) for each in refused.exchanges)


def test_whoever_fails_alike_fails_in_the_same_words(federation: Federation) -> None:
    """A person's login is not in them."""
    login = log_in(federation, user="mika@example.com", app=APP)
    assert login.refusal is not None
    login.refusal.message = "mika@example.com may not."
    told = str(failure_of_login(login, expected=Outcome.ACCEPTED))
    assert told == "Okta refused: App Not Assigned (403), check app-assignment: (user) may not."


def test_a_login_that_ends_elsewhere(federation: Federation) -> None:
    """The check and what is missing; an arrival counts as a failure where it should have been another end."""
    login = _login(federation, lands_on="https://acme.my.connect.aws/ccp-v2")
    assert str(failure_of_login(login, expected=Outcome.ACCEPTED)) == (
        "The login did not arrive, check lands-on: The login arrived, at another place than the one that was asked for."
    )
    assert failure_of_login(login, expected=Outcome.ELSEWHERE) is None
    arrived = _login(federation)
    assert failure_of_login(arrived, expected=Outcome.ACCEPTED) is None
    told = str(failure_of_login(arrived, expected=Outcome.REFUSED))
    assert told == "The login was accepted; expected was refused"


def test_an_answer_that_nobody_explains(federation: Federation) -> None:
    """A status is all there is to tell; a broken server is never what was expected."""
    arrived = _login(federation)
    last = arrived.exchanges[-1]
    lost = replace(arrived, outcome=Outcome.REFUSED, page=replace(arrived.page, status=404))
    assert str(failure_of_login(lost, expected=Outcome.ACCEPTED)) == "The last page was answered with status 404"
    not_found = failure_of_exchange(replace(last, status=404, notes=()), user=USER, expected=Outcome.ACCEPTED)
    assert str(not_found) == "The answer has status 404"
    broken = failure_of_exchange(replace(last, status=500, notes=()), user=USER, expected=Outcome.REFUSED)
    assert str(broken) == "The answer has status 500"
