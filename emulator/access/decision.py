"""What is decided of one login: whose, with which role, and where it ends."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.arrival import Shortfall
from emulator.flow import Outcome
from emulator.kernel.errors import Refusal


@dataclass(frozen=True, slots=True, order=True)
class Who:
    """A person and an app of theirs.

    Args:
        org: The Okta org.
        app: The app's name in it.
        person: The person's login.
    """

    org: str
    app: str
    person: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a login comes to, as ``log_in`` would find it.

    Args:
        who: Whose login.
        role: The ARN of the role that is asked for; empty where the app has none to offer.
        outcome: How the login ends.
        place: The address where it ends; empty where that is not known, since it was refused on the way.
        refusal: Why it was refused.
        shortfall: Why it is elsewhere, though nobody refused it.
        problem: Why the browser could not go on, where that is all that is known.
        is_aws: Whether the login came to AWS; what another service provider makes of it nobody here knows.
        instance_id: The Amazon Connect instance that it went through; empty for none.
        connect_user: The login of the instance's user that it came as.
    """

    who: Who
    role: str
    outcome: Outcome
    place: str = ""
    refusal: Refusal | None = None
    shortfall: Shortfall | None = None
    problem: str = ""
    is_aws: bool = True
    instance_id: str = ""
    connect_user: str = ""

    @property
    def arrives(self) -> bool:
        """Whether the login ends where it should."""
        return self.outcome is Outcome.ACCEPTED

    @property
    def check(self) -> str:
        """The name of the check that it did not pass; empty for a login that arrives."""
        if self.refusal is not None:
            return self.refusal.check
        if self.shortfall is not None:
            return self.shortfall.check
        return "" if self.arrives else "no-such-page"
