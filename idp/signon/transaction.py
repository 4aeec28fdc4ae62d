"""What the org remembers about unfinished sign-ins: transactions, sent codes, and counts.

Spec: developer.okta.com, Authentication API, "Transaction state"
"""

from __future__ import annotations

from datetime import datetime

from emulator.kernel.records import dataclass


@dataclass(frozen=True, slots=True)
class Transaction:
    """An unfinished sign-in.

    Args:
        status: Okta's status: MFA_REQUIRED, MFA_CHALLENGE, MFA_ENROLL, PASSWORD_EXPIRED, LOCKED_OUT or SUCCESS.
        target: Path of the org to go to afterwards.
        session_id: Session that is stepped up; empty for a new sign-in.
        factor_id: Factor that was chosen.
        factor_result: WAITING, REJECTED or TIMEOUT for a push; CHALLENGE for a code.
        polls: How many times a push was polled.
        number: Number that a push asks the person to compare.
        app: App that requires the second factor; empty where the org does.
        planted: Why it does not follow the settings, where somebody programmed it so; empty otherwise.
        is_refused: Whether every second factor is refused, because somebody programmed it so.
    """

    state_token: str
    user_id: str
    status: str
    expires_at: datetime
    target: str = ""
    session_id: str = ""
    factor_id: str = ""
    factor_result: str = ""
    polls: int = 0
    number: int = 0
    app: str = ""
    planted: str = ""
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class SentMessage:
    """An SMS that the org sent, for people who look into the outbox."""

    phone: str
    text: str
    code: str
    sent_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Count:
    """How many times something happened, and until when that is remembered."""

    times: int
    expires_at: datetime
