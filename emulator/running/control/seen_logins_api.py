"""Logins that others made: browsers, and programs under test.

GET  /fedemu/logins     those that are over, the oldest first, and which are unfinished; ?after=NUMBER leaves out those
                        up to that one, ?user= and ?app= choose, ?wait=30s answers with the first there is, and with
                        ?until=accepted not yet where one was refused and may be tried again
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from emulator.diagnosis.login_result import FORMAT
from emulator.journeys.journey import Journey
from emulator.journeys.journeys import MOST_WAITING, TooManyWaiting, Until, journeys_of
from emulator.kernel.errors import FederationError
from emulator.network.faults.network_fault_data import read_length
from emulator.running.control.control_api import ApiAnswer, Call, as_json, plain

LONGEST_WAIT = timedelta(seconds=60)
_KEYS = ("after", "user", "app", "wait", "until")
_UNTIL = ("over", "accepted")


def list_logins(call: Call) -> ApiAnswer:
    """Lists logins, or waits for one. Where an assertion would be a real credential, it is left out."""
    if call.federation.only == "idp":
        words = "the logins hold assertions, which are real credentials where the idp side alone is emulated"
        return plain(words, status="409 Conflict")
    query, journeys = call.query, journeys_of(call.federation)
    for key in query:
        if key not in _KEYS:
            raise FederationError(f"The logins have no parameter {key}", expected=", ".join(_KEYS))
    after, user, app, until = _after(call), query.get("user", ""), query.get("app", ""), _until(call)
    if "wait" in query:
        length = _wait(query["wait"])
        try:
            found = journeys.wait(timeout=length, after=after, user=user, app=app, until=until)
        except TooManyWaiting:
            call.federation.limits.reached(
                "programs that wait for a login",
                f"{MOST_WAITING} programs wait for a login, and further ones are answered with 503. "
                "Have each wait once, and close what waits for nothing",
            )
            return plain(f"{MOST_WAITING} wait for a login already", status="503 Service Unavailable")
        over = [found] if found is not None else []
    else:
        wanted = journeys.all(after=after, user=user, app=app)
        over = [each for each in wanted if each.is_over and until in {"over", each.outcome}]
    unfinished = [each for each in journeys.all(after=after, user=user, app=app) if not each.is_over]
    return as_json(
        {
            "format": FORMAT,
            "last": journeys.last,
            "logins": [_as_json(each, call) for each in over],
            "unfinished": [each.as_json() for each in unfinished],
        }
    )


def _as_json(journey: Journey, call: Call) -> object:
    seen = journey.seen(call.federation)
    return seen.as_json() if seen is not None else journey.as_json()


def _after(call: Call) -> int:
    text = call.query.get("after", "0")
    if not (text.isascii() and text.isdigit()):
        raise FederationError("after is the number of a login", received=text)
    return call.number("after")


def _until(call: Call) -> Until:
    text = call.query.get("until", "over")
    if text not in _UNTIL:
        raise FederationError(f"No login is waited for until {text}", expected=" or ".join(_UNTIL), received=text)
    return cast("Until", text)


def _wait(text: str) -> timedelta:
    length = read_length(float(text) if text.isascii() and text.isdigit() and len(text) < 4 else text, of="wait")
    if length > LONGEST_WAIT:
        raise FederationError("wait is at most 60s", received=text, fix="Ask again with the same after.")
    return length
