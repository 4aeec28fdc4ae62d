"""The System Log API: filters as SDKs and alerts use them, pages, polling, and refusals in Okta's words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from emulator.federation import Federation
from emulator.flow import log_in
from tests.conftest import APP, ROLE_ARN, TWO_ROLES_USER, USER

URL = "https://acme.okta.com/api/v1/logs"
HEADERS = {"Authorization": "SSWS 00-example-token-of-the-built-in-world"}
Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(federation: Federation) -> Ask:
    """Returns a function that asks for the log of two logins and of one that failed."""
    for user, role in ((USER, None), (TWO_ROLES_USER, ROLE_ARN)):
        session = federation.browser().session()
        session.post("https://acme.okta.com/api/v1/authn", json={"username": user, "password": "wrong"})
        log_in(federation, user=user, app=APP, role=role)
        federation.clock.advance(timedelta(minutes=10))
    session = federation.browser().session()

    def call(url: str = URL, **parameters: str) -> requests.Response:
        return session.get(url, params=parameters, headers=HEADERS)

    return call


def _types(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [event["eventType"] for event in answer.json()]


FILTERS: dict[str, int] = {
    "eventType pr and actor.id pr": 16,
    'outcome.result eq "SUCCESS" and (actor.alternateId eq "nobody")': 0,
    'eventType eq "user.session.start"': 4,
    'event_type eq "user.session.start"': 4,
    'eventType eq "user.session.start" and outcome.result eq "FAILURE"': 2,
    'outcome.reason eq "INVALID_CREDENTIALS" and not (eventType sw "user.authentication")': 2,
    'eventType sw "policy."': 4,
    'eventType co "session"': 4,
    'eventType ew "sso"': 2,
    f'actor.alternateId eq "{USER}" and eventType eq "user.authentication.sso"': 1,
    f'target.alternateId eq "{USER}" and target.type eq "AppUser"': 1,
    'target.type eq "AppInstance" and eventType eq "user.authentication.sso"': 2,
    'client.ipAddress eq "127.0.0.1" and severity eq "WARN"': 2,
    'debugContext.debugData.requestUri eq "/api/v1/authn"': 4,
    'outcome.reason pr and eventType eq "user.session.start"': 2,
    'eventType eq "app.auth.sso"': 0,
}


@pytest.mark.parametrize(("text", "count"), FILTERS.items())
def test_filters(ask: Ask, text: str, count: int) -> None:
    """Fields at any depth, in lists as well, with Okta's operators."""
    assert len(_types(ask(filter=text))) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [("Hanako Sato", 8), ("HANAKO@example.com", 8), ("hanako nobody", 0), ("user.authentication.sso", 2), ("ana", 0)],
)
def test_keywords(ask: Ask, text: str, count: int) -> None:
    """All of them have to be there, as words, whatever their case."""
    assert len(_types(ask(q=text))) == count


def test_times_and_order(ask: Ask) -> None:
    """``since`` is included, ``until`` is not; the order can be turned."""
    first, second = "2026-01-15T09:00:00.000Z", "2026-01-15T09:10:00.000Z"
    assert len(_types(ask())) == 16
    assert len(_types(ask(since=second))) == 8
    assert len(_types(ask(since=first, until=second))) == 8
    assert len(_types(ask(until=first))) == 0
    assert len(_types(ask(since="2026-01-15T18:10:00+09:00"))) == 8
    turned = _types(ask(since=first, until="2027-01-01T00:00:00Z", sortOrder="DESCENDING"))
    assert turned == list(reversed(_types(ask())))


def test_without_since_it_is_a_week(federation: Federation, ask: Ask) -> None:
    """What is older has to be asked for, and is there for 90 days."""
    federation.clock.advance(timedelta(days=8))
    assert _types(ask()) == []
    assert len(_types(ask(since="2026-01-01T00:00:00Z"))) == 16
    federation.clock.advance(timedelta(days=83))
    assert _types(ask(since="2026-01-01T00:00:00Z")) == []


def test_a_bounded_query_has_a_last_page(ask: Ask) -> None:
    """Pages of ten, the last without a next link."""
    answer = ask(since="2026-01-15T09:00:00Z", until="2026-01-16T09:00:00Z", limit="10")
    seen = _types(answer)
    assert len(seen) == 10
    last = ask(answer.links["next"]["url"])
    assert len(_types(last)) == 6
    assert "next" not in last.links


@pytest.mark.parametrize("limit", ["1", "5", "16", "100"])
def test_polling_sees_every_event_once(federation: Federation, ask: Ask, limit: str) -> None:
    """Next links go on forever, over empty answers too, and also with a filter."""
    for parameters in ({}, {"filter": 'eventType sw "user."'}):
        answer = ask(since="2026-01-15T00:00:00Z", limit=limit, **parameters)
        seen: list[Any] = answer.json()
        for _ in range(20):
            assert "since=" not in answer.links["next"]["url"]
            answer = ask(answer.links["next"]["url"])
            seen += answer.json()
        expected = [e["uuid"] for e in ask(since="2026-01-15T00:00:00Z", **parameters).json()]
        assert [event["uuid"] for event in seen] == expected
        federation.identity_providers["acme"].sessions.authenticate(USER, "correct-horse")
        more = ask(answer.links["next"]["url"]).json()
        assert more[0]["eventType"] == "user.authentication.auth_via_mfa"


@pytest.mark.parametrize(
    ("parameters", "code", "summary", "causes"),
    [
        (
            {"until": "yesterday"},
            "E0000001",
            "Api validation failed: 'until': The date format in your query is not recognized. Please enter dates using "
            "ISO8601 string format.. 'until': must be a valid date-time or empty.",
            [
                "until: The date format in your query is not recognized. Please enter dates using ISO8601 string "
                "format.",
                "until: must be a valid date-time or empty.",
            ],
        ),
        (
            {"filter": 'displayMessage eqq "Create okta user"'},
            "E0000053",
            "Invalid filter 'displayMessage eqq \"Create okta user\"': Unrecognized attribute operator 'eqq' at "
            "position 15. Expected: eq,co,sw,pr,gt,ge,lt,le",
            [],
        ),
        (
            {"filter": "eventType pr and outcome.result is x"},
            "E0000053",
            "Invalid filter 'eventType pr and outcome.result is x': Unrecognized attribute operator 'is' at position "
            "32. Expected: eq,co,sw,pr,gt,ge,lt,le",
            [],
        ),
        ({"filter": 'some_invalid_field eq "x"'}, "E0000053", "field is not valid: some_invalid_field", []),
        ({"filter": 'published gt "2026"'}, "E0000053", "field is not valid: published", []),
        (
            {"since": "2025-01-01T00:00:00Z"},
            "E0000053",
            "Invalid parameter: The since parameter is over 180 days prior to the current day.",
            [],
        ),
        (
            {"filter": 'debugContext.debugData.url co "/oauth/"'},
            "E0000031",
            "The supplied combination of operator and field is not currently supported. Operator: co, Field: "
            "debugContext.debugData.url",
            [],
        ),
        (
            {"q": "x" * 41},
            "E0000001",
            "Api validation failed: 'q': Freeform search cannot contain items longer than 40 characters. Please "
            "shorten the items in your search or use an advanced filter to query by specific fields.",
            None,
        ),
        ({"filter": 'eventType eq "a" and'}, "E0000031", "Invalid search criteria.", []),
        ({"sortOrder": "UP"}, "E0000001", "Api validation failed: sortOrder", None),
        ({"limit": "x"}, "E0000001", "Api validation failed: limit", None),
    ],
)
def test_queries_that_are_refused(
    ask: Ask, parameters: dict[str, str], code: str, summary: str, causes: list[str] | None
) -> None:
    """In the words of Okta's documentation."""
    answer = ask(**parameters)
    data = answer.json()
    assert (answer.status_code, data["errorCode"], data["errorSummary"]) == (400, code, summary)
    if causes is not None:
        assert [cause["errorSummary"] for cause in data["errorCauses"]] == causes


def test_the_actor_of_a_call_is_the_owner_of_its_token(ask: Ask, federation: Federation) -> None:
    """Its events name the token too, by an id that is not the token."""
    session = federation.browser().session()
    (group,) = session.get("https://acme.okta.com/api/v1/groups?q=Agents", headers=HEADERS).json()
    user = federation.identity_providers["acme"].org.users[USER]
    for method in ("DELETE", "PUT"):
        url = f"https://acme.okta.com/api/v1/groups/{group['id']}/users/{user.user_id}"
        assert session.request(method, url, headers=HEADERS).status_code == 204
    events = ask(filter='eventType sw "group.user_membership."').json()
    assert [event["eventType"] for event in events] == ["group.user_membership.remove", "group.user_membership.add"]
    assert {event["actor"]["alternateId"] for event in events} == {"mika@example.com"}
    (token_id,) = {event["transaction"]["detail"]["requestApiTokenId"] for event in events}
    assert token_id.startswith("00T")
    assert len(_types(ask(filter=f'transaction.detail.requestApiTokenId eq "{token_id}"'))) == 4
