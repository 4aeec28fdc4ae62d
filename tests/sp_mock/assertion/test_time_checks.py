"""Assertions that come too late or too early: by how much, and whose clock or patience it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from emulator.kernel.explanations import BROWSER, Asked, Sent
from sp_mock.assertion.login_request import EntryPoint
from tests.conftest import NOW, PROVIDER_ARN, ROLE_ARN
from tests.sp_mock.conftest import Send

ISSUED = "/Response/Assertion/@IssueInstant"
STS = {"entry_point": EntryPoint.STS, "role_arn": ROLE_ARN, "provider_arn": PROVIDER_ARN}


@pytest.mark.parametrize(
    ("age", "asked", "said", "fix", "first"),
    [
        (
            timedelta(minutes=6),
            {},
            "6 minutes before 2026-01-15T09:06:00.000Z. Either the person waited, or the identity provider's clock is "
            "slow.",
            "Open the app again and choose the role at once. If nobody waited, set the identity provider's clock.",
            Asked(BROWSER),
        ),
        (
            timedelta(minutes=5, seconds=1),
            {"role_arn": ROLE_ARN},
            "5 minutes and 1 second before 2026-01-15T09:05:01.000Z. Either the person, on the role chooser for "
            "example, "
            "waited, or the identity provider's clock is slow.",
            "Open the app again and choose the role at once. If nobody waited, set the identity provider's clock.",
            Asked(BROWSER),
        ),
        (
            timedelta(minutes=7, milliseconds=500),
            STS,
            "7 minutes and 0.5 seconds before 2026-01-15T09:07:00.500Z. Either the program waited, or the identity "
            "provider's clock is slow.",
            "Have the program fetch a new assertion for each call, or use it within five minutes. If nobody waited, "
            "set the "
            "identity provider's clock.",
            Asked(BROWSER),
        ),
        (
            timedelta(hours=9),
            {},
            "9 hours before 2026-01-15T18:00:00.000Z. Either the person waited, or the identity provider's clock is "
            "slow. "
            "That is about 9 whole hours: local time that is written as if it were UTC looks like this.",
            "Open the app again and choose the role at once. If nobody waited, set the identity provider's clock and "
            "its "
            "time zone.",
            Sent(ISSUED, wanted=("2026-01-15T18:00:00.000Z",)),
        ),
    ],
)
def test_an_assertion_that_comes_too_late(
    send: Send, age: timedelta, asked: dict[str, Any], said: str, fix: str, first: Asked | Sent
) -> None:
    """By how much, and who may have waited; whole hours are a time zone's."""
    refusal = send(now=NOW + age, **asked).refusals()["redeemed-in-time"]
    assert refusal.explanation == (
        "The assertion was issued more than five minutes ago by AWS's clock: at 2026-01-15T09:00:00.000Z, which is "
        + said
    )
    assert refusal.fix == fix
    assert refusal.causes[0] == first
    assert {type(cause) for cause in refusal.causes} == {Asked, Sent}


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (
            "2026-01-15T09:01:00Z",
            "2026-01-15T09:01:00.000Z, 1 minute before it was used. It was good for 1 minute from its issue at "
            "2026-01-15T09:00:00.000Z.",
        ),
        (
            "2026-01-15T09:02:00Z",
            "2026-01-15T09:02:00.000Z, the very instant of its use. It was good for 2 minutes from its issue at "
            "2026-01-15T09:00:00.000Z.",
        ),
        (
            "2026-01-15T08:59:00Z",
            "2026-01-15T08:59:00.000Z, 3 minutes before it was used, and not after it was issued, at "
            "2026-01-15T09:00:00.000Z.",
        ),
    ],
)
def test_an_assertion_that_is_over(send: Send, end: str, said: str) -> None:
    """How long it was good for, and what would have been long enough."""
    where = "/Response/Assertion/Conditions/@NotOnOrAfter"
    fault = {"element": "Assertion/Conditions", "attribute_name": "NotOnOrAfter", "set": end}
    refusal = send(fault, now=NOW + timedelta(minutes=2)).refusals()["time-window"]
    assert refusal.explanation == f"By AWS's clock the assertion is over: its NotOnOrAfter is {said}"
    assert refusal.causes == (Sent(where, wanted=("2026-01-15T09:05:00.000Z",)), Asked(BROWSER))


def test_an_assertion_of_a_fast_clock(send: Send) -> None:
    """The identity provider's clock is the cause, and by how much."""
    refusal = send({"issue": "+11m"}).refusals()["time-window"]
    assert refusal.explanation == (
        "By AWS's clock the assertion is not valid yet: its NotBefore is 2026-01-15T09:06:00.001Z, 6 minutes and 0.001 "
        "seconds from now. "
        "The "
        "identity provider's clock is fast."
    )
    assert refusal.causes == (Sent("/Response/Assertion/Conditions/@NotBefore", wanted=("2026-01-15T09:00:00.000Z",)),)
