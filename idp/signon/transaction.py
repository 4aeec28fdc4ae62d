"""What the org remembers of sign-ins that are not finished: transactions, sent codes, and counts.

Spec: developer.okta.com, Authentication API, "Transaction state"
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Transaction:
    """A sign-in that is not finished.

    Args:
        state_token: Names it.
        user_id: Whose.
        status: Okta's: MFA_REQUIRED, MFA_CHALLENGE, MFA_ENROLL, PASSWORD_EXPIRED, LOCKED_OUT or SUCCESS.
        expires_at: When it is over.
        target: The path of the org to go to afterwards.
        session_id: The session that is stepped up; empty for a new sign-in.
        factor_id: The factor that was chosen.
        factor_result: WAITING, REJECTED or TIMEOUT of a push; CHALLENGE of a code.
        polls: How often a push was asked about.
        number: What a push asks the person to compare.
        app: The app that wants the second factor; empty where the org does.
        planted: Why it is not as the settings say, where somebody programmed it so; empty otherwise.
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
    """An SMS that the org sent, for whoever looks into the outbox."""

    phone: str
    text: str
    code: str
    sent_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened, until when it is remembered."""

    times: int
    expires_at: datetime
