"""Signing in to the org, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.signon.session import Sessions
from idp.system_log.service import SystemLog
from tests.conftest import USER


def test_a_session_lasts_two_hours(federation: Federation) -> None:
    """It is found until then, and not after."""
    sessions = federation.identity_providers["acme"].sessions
    session = sessions.authenticate(USER, "correct-horse")
    federation.clock.advance(timedelta(hours=2) - timedelta(seconds=1))
    assert sessions.find(session.session_id) == session
    federation.clock.advance(timedelta(seconds=1))
    assert sessions.find(session.session_id) is None


@pytest.mark.parametrize(
    ("username", "password", "why"),
    [
        (USER, "wrong", f"The password of {USER} is another one."),
        (USER, "", f"The password of {USER} is another one."),
        (USER.upper(), "correct-horse", f"The org acme has no user {USER.upper()}; the nearest is {USER}."),
        ("", "", "The org acme has no user ."),
        ("花子", "花子", "The org acme has no user 花子."),
    ],
)
def test_wrong_credentials_all_sound_alike(federation: Federation, username: str, password: str, why: str) -> None:
    """The caller learns E0000004, the trace learns why."""
    with pytest.raises(OktaRefusal) as caught:
        federation.identity_providers["acme"].sessions.authenticate(username, password)
    refusal = caught.value
    assert (refusal.code, refusal.status, refusal.message) == ("E0000004", 401, "Authentication failed")
    assert refusal.explanation == why


def test_memory_is_bounded(federation: Federation) -> None:
    """When there are too many sessions the oldest ends."""
    directory = Directory(federation.identity_providers["acme"].org)
    store = Store(clock=federation.clock, capacity=3)
    log = SystemLog(directory, store, clock=federation.clock, ids=federation.ids)
    sessions = Sessions(directory, log, store, clock=federation.clock, ids=federation.ids)
    made = [sessions.authenticate(USER, "correct-horse").session_id for _ in range(5)]
    assert [sessions.find(each) is not None for each in made] == [False, False, True, True, True]
