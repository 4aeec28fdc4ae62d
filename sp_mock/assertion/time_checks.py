"""What AWS asks of a verified assertion about time, in the order in which it asks.

The limit of five minutes comes first: Okta's assertions expire at the same time, and people who are late see the
message about the five minutes. Only a shorter-lived assertion gets the message that it has expired.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from emulator.kernel.clock import instant
from emulator.kernel.errors import ExpiredTokenException, InvalidIdentityToken
from emulator.kernel.explanations import BROWSER, Asked, Sent
from sp_mock.assertion.login_request import EntryPoint, LoginRequest
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import (
    ASSERTION_PATH,
    AUTHN_STATEMENT_PATH,
    CONDITIONS_PATH,
    CONFIRMATION_DATA_PATH,
    AssertionValues,
)
from sp_mock.assertion.wording import refused

REDEMPTION_WINDOW = timedelta(minutes=5)
CLOCK_SKEW = timedelta(minutes=5)
_FARTHEST_ZONE = 14
_HAS_EXPIRED = "Response has expired"


def redeemed_in_time(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The assertion is at most five minutes old.

    Spec: AWS IAM UG "id_roles_providers_create_saml"
    Evidence: documented (the window and the words), assumed (that IssueInstant starts it)
    """
    issued = assertion.values.issue_instant
    if issued is None or request.now - issued > REDEMPTION_WINDOW:
        raise refused(
            ExpiredTokenException,
            "Token must be redeemed within 5 minutes of issuance",
            _late(issued, request),
            request,
            check="redeemed-in-time",
            spec='AWS IAM UG "id_roles_providers_create_saml"',
        )


def _late(issued: datetime | None, request: LoginRequest) -> Mistake:
    """Explains by how much an assertion came too late; the cause is the person, their program or a clock."""
    where = f"{ASSERTION_PATH}/@IssueInstant"
    sent = Sent(where, wanted=(instant(request.now),))
    if issued is None:
        return Mistake(
            "The assertion does not say when it was issued.",
            where=where,
            expected=f"issued at or after {instant(request.now - REDEMPTION_WINDOW)}",
            received="no IssueInstant",
            fix="Have the identity provider write the IssueInstant, which SAML requires.",
            causes=(sent,),
        )
    at_sts, chosen = request.entry_point is EntryPoint.STS, request.requested_role_arn is not None
    who = "the program" if at_sts else "the person, on the role chooser for example," if chosen else "the person"
    fix = (
        "Have the program fetch a new assertion for each call, or use it within five minutes"
        if at_sts
        else "Open the app again and choose the role at once"
    )
    zone = _zone(request.now - issued)
    return Mistake(
        f"The assertion was issued more than five minutes ago by AWS's clock: at {instant(issued)}, which is "
        f"{_span(request.now - issued)} before {instant(request.now)}. Either {who} waited, or the identity provider's "
        f"clock is slow.{zone}",
        where=where,
        expected=f"issued at or after {instant(request.now - REDEMPTION_WINDOW)}",
        received=instant(issued),
        fix=f"{fix}. If nobody waited, set the identity provider's clock{' and its time zone' if zone else ''}.",
        causes=(sent, Asked(BROWSER)) if zone else (Asked(BROWSER), sent),
    )


def _span(length: timedelta) -> str:
    """Returns a duration in words: ``1 minute and 30 seconds``."""
    seconds = length.total_seconds()
    whole, rest = int(seconds), seconds - int(seconds)
    if rest and whole < 3600:
        minutes = whole // 60
        exact = f"{seconds - 60 * minutes:g} seconds"
        return f"{minutes} minute{'' if minutes == 1 else 's'} and {exact}" if minutes else exact
    parts = [
        f"{number} {name}{'' if number == 1 else 's'}"
        for number, name in (
            (whole // 86400, "day"),
            (whole // 3600 % 24, "hour"),
            (whole // 60 % 60, "minute"),
            (whole % 60, "second"),
        )
        if number
    ][:2]
    return " and ".join(parts)


def _zone(difference: timedelta) -> str:
    """Returns a sentence about a difference that matches a time zone's offset, within five minutes; else empty."""
    hours = round(difference / timedelta(hours=1))
    if not 1 <= hours <= _FARTHEST_ZONE or abs(difference - timedelta(hours=hours)) > REDEMPTION_WINDOW:
        return ""
    plural = "" if hours == 1 else "s"
    return f" That is about {hours} whole hour{plural}: local time that is written as if it were UTC looks like this."


def time_window(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """Now is before every NotOnOrAfter and not before any NotBefore, and the assertion was not issued in the future.

    The bounds of the Conditions and of the bearer confirmation count, to the millisecond. IssueInstant alone may be up
    to five minutes ahead, for an identity provider whose clock is fast.

    Spec: SAML Core §2.4.1.2, §2.5.1.2; SAML Profiles §4.1.4.3
    Evidence: observed (the words for NotOnOrAfter, after the five minutes), assumed (the words for the others, and how
        much IssueInstant may be ahead)
    """
    values, now = assertion.values, request.now
    for end, where in _ends(values):
        if end is not None and now >= end:
            raise refused(
                ExpiredTokenException,
                _HAS_EXPIRED,
                _over(end, where, values.issue_instant, now),
                request,
                check="time-window",
                evidence="observed",
                spec="SAML Core §2.5.1.2",
            )
    for start, where in _starts(values):
        if start is not None and now < start:
            raise _not_yet(request, where, start)
    issued = values.issue_instant
    if issued is not None and issued > now + CLOCK_SKEW:
        raise _not_yet(request, f"{ASSERTION_PATH}/@IssueInstant", issued)


def _over(end: datetime, where: str, issued: datetime | None, now: datetime) -> Mistake:
    """Explains how long an assertion was valid, and by how much it came too late."""
    name = where.rpartition("@")[2]
    told = f"By AWS's clock the assertion is over: its {name} is {instant(end)}, {_span(now - end)} before it was used"
    if now == end:
        told = f"By AWS's clock the assertion is over: its {name} is {instant(end)}, the very instant of its use"
    if issued is not None and end <= issued:
        told += f", and not after it was issued, at {instant(issued)}"
        fix = f"Have the identity provider set {name} some minutes after the time of issue."
    elif issued is not None:
        told += f". It was good for {_span(end - issued)} from its issue at {instant(issued)}"
        fix = (
            "Use the assertion sooner, get a new assertion, or raise its lifetime at the identity provider to five "
            "minutes; compare its clock with the true time."
        )
    else:
        fix = "Give assertions a longer life at the identity provider, and compare its clock with the true time."
    sent = Sent(where, wanted=(instant((issued or now) + REDEMPTION_WINDOW),))
    return Mistake(
        f"{told}.",
        where=where,
        expected=f"used before {instant(end)}",
        received=f"used at {instant(now)}",
        fix=fix,
        causes=(sent, Asked(BROWSER)),
    )


def session_end(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The session at the identity provider, which SessionNotOnOrAfter ends, is not over.

    It limits the session that STS opens, so STS checks it when it opens one.

    Spec: SAML Core §2.7.2; AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented (that it bounds the session), assumed (that one that is over is refused, and the words)
    """
    end = assertion.values.session_not_on_or_after
    if end is not None and request.now >= end:
        where = f"{AUTHN_STATEMENT_PATH}/@SessionNotOnOrAfter"
        mistake = Mistake(
            "By AWS's clock the person's session at the identity provider is over: it ended at "
            f"{instant(end)}, and now is {instant(request.now)}.",
            where=where,
            expected=f"used before {instant(end)}",
            received=f"used at {instant(request.now)}",
            fix="Sign in at the identity provider again, or let its sessions last longer.",
            causes=(Sent(where),),
        )
        raise refused(
            ExpiredTokenException,
            _HAS_EXPIRED,
            mistake,
            request,
            check="session-end",
            evidence="assumed",
            spec="SAML Core §2.7.2",
        )


def _ends(values: AssertionValues) -> Iterator[tuple[datetime | None, str]]:
    yield values.not_on_or_after, f"{CONDITIONS_PATH}/@NotOnOrAfter"
    for confirmation in values.bearer_confirmations:
        yield confirmation.not_on_or_after, f"{CONFIRMATION_DATA_PATH}/@NotOnOrAfter"


def _starts(values: AssertionValues) -> Iterator[tuple[datetime | None, str]]:
    yield values.not_before, f"{CONDITIONS_PATH}/@NotBefore"
    for confirmation in values.bearer_confirmations:
        yield confirmation.not_before, f"{CONFIRMATION_DATA_PATH}/@NotBefore"


def _not_yet(request: LoginRequest, where: str, start: datetime) -> InvalidIdentityToken:
    mistake = Mistake(
        f"By AWS's clock the assertion is not valid yet: its {where.rpartition('@')[2]} is {instant(start)}, "
        f"{_span(start - request.now)} from now. The identity provider's clock is fast.{_zone(start - request.now)}",
        where=where,
        expected=f"used at or after {instant(start)}",
        received=f"used at {instant(request.now)}",
        fix="Set the identity provider's clock by the true time, with NTP for example; it is fast.",
        causes=(Sent(where, wanted=(instant(request.now),)),),
    )
    return refused(
        InvalidIdentityToken,
        "Response is not yet valid",
        mistake,
        request,
        check="time-window",
        evidence="assumed",
        spec="SAML Core §2.5.1.2",
    )
