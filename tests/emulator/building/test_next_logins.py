"""What cannot be programmed is reported in exact words, and nothing of it is kept."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.building.next_logins import read_next_login
from emulator.federation import Federation
from emulator.kernel.clock import Ids
from emulator.kernel.errors import FederationError
from tests.conftest import APP, USER

BAD: tuple[tuple[Any, str], ...] = (
    ([], "A next login is an object"),
    ({}, "A next login needs a user"),
    ({"user": 7}, "user is a text"),
    ({"user": USER}, "This next login would be as any other"),
    ({"user": USER, "count": 2}, "This next login would be as any other"),
    ({"user": USER, "delay": 0}, "This next login would be as any other"),
    ({"user": USER, "asks_for_mfa": False}, "This next login would be as any other"),
    ({"user": USER, "fault": []}, "A next login has no fault; did you mean faults?"),
    (
        {"user": "hanaka@example.com", "refused_by": "mfa"},
        "No org has a person hanaka@example.com; did you mean hanako@example.com?",
    ),
    ({"user": "x", "app": APP, "refused_by": "mfa"}, "The org acme has no person x"),
    (
        {"user": USER, "app": "amazon", "refused_by": "mfa"},
        "There is no Okta app amazon; did you mean acme/amazon-connect?",
    ),
    ({"user": USER, "refused_by": "mfaa"}, "No login is refused by mfaa"),
    ({"user": USER, "refused_by": True}, "refused_by is a text"),
    ({"user": USER, "asks_for_mfa": "yes"}, "asks_for_mfa is true or false"),
    (
        {"user": USER, "asks_for_mfa": True, "refused_by": "mfa"},
        "A next login has refused_by or asks_for_mfa, not both",
    ),
    (
        {"user": USER, "refused_by": "mfa", "delay": 1},
        "A login that is refused gets no assertion, so that faults, attributes and delay would do nothing",
    ),
    ({"user": USER, "asks_for_mfa": True, "delay": 1}, "asks_for_mfa goes with no faults, attributes or delay"),
    (
        {"user": USER, "app": APP, "refused_by": "locked-out"},
        "locked-out goes with no app: it is decided when the password is given, before an app is opened",
    ),
    ({"user": USER, "refused_by": "mfa", "count": 0}, "count is a number from 1 to 1000000"),
    ({"user": USER, "refused_by": "mfa", "count": True}, "count is a number from 1 to 1000000"),
    ({"user": USER, "delay": "11m"}, "delay is a length of time"),
    ({"user": USER, "faults": {"attribute": "Role", "remove": True}}, "faults is a list of at most 50"),
    ({"user": USER, "faults": ["x"]}, "a fault is a mapping"),
    ({"user": USER, "faults": [{"attribute": "Rolle", "remove": True}]}, "there is no attribute Rolle to remove"),
    ({"user": USER, "attributes": ["Role"]}, "attributes is an object of at most 50"),
    ({"user": USER, "attributes": {"Role": None}}, "set takes text, in quotes if need be"),
    ({"user": USER, "attributes": {"Rolle": []}}, "there is no attribute Rolle to remove"),
    (
        {"user": USER, "attributes": {"RoleSessionName": USER}},
        "{attribute: RoleSessionName, set: hanako@example.com} changes nothing in what amazon-connect says about "
        "hanako@example.com",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("data", "words"), BAD)
def test_bad_input_is_told(federation: Federation, data: Any, words: str) -> None:
    """The error has these exact words."""
    with pytest.raises(FederationError) as caught:
        read_next_login(data, federation.identity_providers)
    assert caught.value.message == words


def test_an_app_that_is_not_theirs(federation: Federation) -> None:
    """Nothing would come of it: Okta refuses before."""
    with pytest.raises(FederationError) as caught:
        federation.program_next_login("mika@example.com", app=APP, delay=1)
    assert caught.value.message == ("Okta refuses amazon-connect to mika@example.com, so that nothing would come of it")
    with pytest.raises(FederationError) as caught:
        federation.program_next_login("mika@example.com", delay=1)
    assert caught.value.message == "mika@example.com has no app"


def test_trying_uses_no_identifier_up(federation: Federation) -> None:
    """What is programmed leaves the identifiers of a seed as they are."""
    federation.program_next_login(USER, attributes={"RoleSessionName": "x y"})
    assert federation.ids.token(8) == Ids(seed=7).token(8)
