"""What AWS asks of a verified assertion about time, in the order in which it asks.

The five minutes come first: Okta's assertions end together with them, and people who come too late are told of the five
minutes. Only an assertion that is shorter-lived is said to have expired.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from emulator.kernel.clock import instant
from emulator.kernel.errors import ExpiredTokenException, InvalidIdentityToken
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import (
    ASSERTION_PATH,
    AUTHN_STATEMENT_PATH,
    CONDITIONS_PATH,
    CONFIRMATION_DATA_PATH,
    AssertionValues,
)

REDEMPTION_WINDOW = timedelta(minutes=5)
CLOCK_SKEW = timedelta(minutes=5)
_HAS_EXPIRED = "Response has expired"


def redeemed_in_time(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The assertion is at most five minutes old.

    Spec: AWS IAM UG "id_roles_providers_create_saml"
    Evidence: documented (the window and the words), assumed (that IssueInstant starts it)
    """
    issued = assertion.values.issue_instant
    if issued is None or request.now - issued > REDEMPTION_WINDOW:
        raise ExpiredTokenException(
            "Token must be redeemed within 5 minutes of issuance",
            service=request.entry_point,
            check="redeemed-in-time",
            explanation="The assertion was issued more than five minutes ago by AWS's clock."
            if issued
            else "The assertion does not say when it was issued.",
            where=f"{ASSERTION_PATH}/@IssueInstant",
            expected=f"issued at or after {instant(request.now - REDEMPTION_WINDOW)}",
            received=instant(issued) if issued else "no IssueInstant",
            fix="Use the assertion at once, choose the role without waiting, and set the identity provider's clock.",
            spec='AWS IAM UG "id_roles_providers_create_saml"',
        )


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
            raise ExpiredTokenException(
                _HAS_EXPIRED,
                service=request.entry_point,
                check="time-window",
                evidence="observed",
                explanation="By AWS's clock the assertion is over.",
                where=where,
                expected=f"used before {instant(end)}",
                received=f"used at {instant(now)}",
                fix="Give assertions a longer life at the identity provider, and compare its clock with the true time.",
                spec="SAML Core §2.5.1.2",
            )
    for start, where in _starts(values):
        if start is not None and now < start:
            raise _not_yet(request, where, start)
    issued = values.issue_instant
    if issued is not None and issued > now + CLOCK_SKEW:
        raise _not_yet(request, f"{ASSERTION_PATH}/@IssueInstant", issued)


def session_end(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The session at the identity provider, of which SessionNotOnOrAfter is the end, is not over.

    It bounds the session that STS opens, so STS finds out when it opens one.

    Spec: SAML Core §2.7.2; AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented (that it bounds the session), assumed (that one that is over is refused, and the words)
    """
    end = assertion.values.session_not_on_or_after
    if end is not None and request.now >= end:
        raise ExpiredTokenException(
            _HAS_EXPIRED,
            service=request.entry_point,
            check="session-end",
            evidence="assumed",
            explanation="By AWS's clock the person's session at the identity provider is over.",
            where=f"{AUTHN_STATEMENT_PATH}/@SessionNotOnOrAfter",
            expected=f"used before {instant(end)}",
            received=f"used at {instant(request.now)}",
            fix="Sign in at the identity provider again, or let its sessions last longer.",
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
    return InvalidIdentityToken(
        "Response is not yet valid",
        service=request.entry_point,
        check="time-window",
        evidence="assumed",
        explanation="By AWS's clock the assertion is not valid yet.",
        where=where,
        expected=f"used at or after {instant(start)}",
        received=f"used at {instant(request.now)}",
        fix="Compare the identity provider's clock with the true time; it is fast.",
        spec="SAML Core §2.5.1.2",
    )
