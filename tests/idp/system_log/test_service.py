"""The System Log keeps what happened as it was then, and writes an entry when somebody reads it."""

from __future__ import annotations

import copy
import json

from emulator.federation import Federation
from emulator.kernel.client_connection import UNKNOWN_CLIENT
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.store import Store
from emulator.running.state.codec import state_converter
from idp.model import User
from idp.system_log import client_request
from idp.system_log.client_request import ClientRequest
from idp.system_log.events import OrgEvent, user_entity
from idp.system_log.service import LoggedEvent, SystemLog, UnreadEvent
from tests.conftest import USER


def _log(federation: Federation) -> tuple[SystemLog, User]:
    directory = federation.identity_providers["acme"].directory
    clock = Clock()
    return SystemLog(directory, Store(clock=clock), clock=clock, ids=Ids()), directory.org.users[USER]


def test_what_is_known_later_is_not_in_an_earlier_entry(federation: Federation) -> None:
    """The caller of a request is known once it is signed in: events before that are the system's."""
    log, user = _log(federation)
    request = ClientRequest(UNKNOWN_CLIENT, path="/login", url="/login?x=1", request_id="first")
    token = client_request.begin(request)
    try:
        log.log(OrgEvent("user.session.start"))
        request.caller, request.request_id, request.path, request.api_token_id = user, "second", "/later", "00T"
        log.log(OrgEvent("user.session.end"))
    finally:
        client_request.end(token)
    before, after = log.events
    assert before["actor"]["displayName"] == "Okta System"
    assert before["transaction"] == {"type": "WEB", "id": "first", "detail": {}}
    assert before["debugContext"]["debugData"]["requestUri"] == "/login"
    assert after["actor"] == user_entity(user)
    assert after["transaction"] == {"type": "WEB", "id": "second", "detail": {"requestApiTokenId": "00T"}}
    assert after["debugContext"]["debugData"]["requestUri"] == "/later"


def test_an_entry_is_the_same_whenever_it_is_read(federation: Federation) -> None:
    """Listeners, the API and the saved state have one entry."""
    log, user = _log(federation)
    heard: list[LoggedEvent] = []
    log.listen(heard.extend)
    log.log(OrgEvent("user.session.start", (user_entity(user),), debug_data={"loginResult": "SUCCESS"}))
    assert log.events == log.events == (heard[0].event,)
    assert log.events[0]["target"] == [user_entity(user)]
    assert json.loads(json.dumps(log.events[0])) == log.events[0]


def test_an_entry_can_be_saved_and_copied(federation: Federation) -> None:
    """Read or unread: a saved state has the entry itself."""
    log, _ = _log(federation)
    heard: list[LoggedEvent] = []
    log.listen(heard.extend)
    log.log(OrgEvent("user.session.start"))
    (unread,) = heard
    assert isinstance(unread, UnreadEvent)
    copied = copy.copy(unread)
    assert (copied.event, copied.expires_at) == (unread.event, unread.expires_at)
    data = state_converter().unstructure(unread)
    assert data == {"event": unread.event, "expires_at": unread.expires_at.isoformat()}
    assert state_converter().structure(data, LoggedEvent) == LoggedEvent(unread.event, unread.expires_at)
