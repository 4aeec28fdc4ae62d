"""The decision about one login: its person and role, and where it ends."""

from __future__ import annotations

from emulator.arrival import Shortfall
from emulator.flow import Outcome
from emulator.kernel.errors import Refusal
from emulator.kernel.records import dataclass


@dataclass(frozen=True, slots=True)
class Who:
    """A person and an app of theirs.

    Args:
        org: The Okta org.
        app: Name of the app in it.
        person: Login of the person.
    """

    org: str
    app: str
    person: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The result of a login, as ``log_in`` would find it.

    Args:
        who: Person and app.
        role: ARN of the requested role; empty where the app offers none.
        outcome: How the login ends.
        place: Address where it ends; empty where it was refused on the way.
        refusal: Why it was refused.
        shortfall: Why it ended elsewhere, though nobody refused it.
        problem: Why the browser could not continue, where nothing more is known.
        is_aws: Whether the login reached AWS; what other service providers do is not emulated.
        instance_id: The Amazon Connect instance that it passed through; empty for none.
        connect_user: Login of the instance's user.
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
        """The name of the check that failed; empty for a login that arrives."""
        if self.refusal is not None:
            return self.refusal.check
        if self.shortfall is not None:
            return self.shortfall.check
        return "" if self.arrives else "no-such-page"
