"""Which results of a load count as failures, worded alike for everybody who fails alike."""

from __future__ import annotations

from emulator.flow import Login, Outcome
from emulator.kernel.errors import Refusal
from emulator.network.trace import Exchange

_ANYBODY = "(user)"


class LoadFailure(Exception):
    """What Locust counts as a failure; its text is what Locust shows."""

    def __repr__(self) -> str:
        return str(self)


def failure_of_login(login: Login, *, expected: Outcome) -> LoadFailure | None:
    """Returns why a login counts as a failure; None where it ended as it should.

    Args:
        login: Result of the login.
        expected: How it should have ended.
    """
    if login.outcome is expected:
        return None
    if login.refusal is not None:
        return LoadFailure(_said(login.refusal, login.user))
    if login.shortfall is not None:
        words = f"The login did not arrive, check {login.shortfall.check}: {login.shortfall.why}"
        return LoadFailure(_of_anybody(words, login.user))
    if login.outcome is Outcome.REFUSED:
        return LoadFailure(f"The last page was answered with status {login.page.status}")
    return LoadFailure(f"The login was {login.outcome}; expected was {expected}")


def failure_of_exchange(exchange: Exchange, *, user: str, expected: Outcome) -> LoadFailure | None:
    """Returns why a request counts as a failure; None for an answer that belongs to an expected end.

    Args:
        exchange: Request with its answer.
        user: Person who logs in.
        expected: How the login should end.
    """
    may_be_refused = expected is Outcome.REFUSED and exchange.status < 500
    if may_be_refused:
        return None
    if exchange.refusal is not None:
        return LoadFailure(_said(exchange.refusal, user))
    return LoadFailure(f"The answer has status {exchange.status}") if exchange.status >= 400 else None


def _said(refusal: Refusal, user: str) -> str:
    head = f"{refusal.service} refused: {refusal.code} ({refusal.status}), check {refusal.check}"
    assumed = " (the emulator's wording)" if refusal.evidence == "assumed" else ""
    return _of_anybody(f"{head}: {refusal.message}{assumed}", user)


def _of_anybody(words: str, user: str) -> str:
    """Returns words without personal data, so that those who fail alike are one line of a report."""
    return words.replace(user, _ANYBODY) if user else words
