"""A login as it was seen: person, app, requests, and the outcome so far.

It ends when it is refused, when the assertion has opened a session and the browser stays on a page, when STS issues
credentials for it, or when it is posted to the app's own URL. Later requests of the same browser are added, until the
person signs in or opens an app again, which is another login. A login that was refused before any app was opened, for
example because of a wrong password, continues when the person tries again, and its outcome changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from emulator.flow import Login
from emulator.journeys.assertion import SeenAssertion, SeenMessage
from emulator.kernel.clock import instant
from emulator.kernel.records import dataclass
from emulator.network.trace import Exchange

if TYPE_CHECKING:
    from emulator.diagnosis.diagnosis import Diagnosis
    from emulator.diagnosis.login_result import LoginResult
    from emulator.federation import Federation

JourneyOutcome = Literal["accepted", "elsewhere", "refused", "unfinished"]


@dataclass(frozen=True, slots=True)
class Journey:
    """A login in its current state.

    Args:
        number: Number since the start, in order of beginning.
        started_at: When its first request came.
        user: Okta login of the person; empty where nobody of this federation was named.
        app: The app, as ``org/app``; empty before one is opened.
        outcome: Outcome so far.
        exchanges: Requests with their answers, in order, including those after its end.
        left_out: Number of exchanges that are not kept.
        login: The finished login, up to its end; None while it is unfinished.
        message: What was posted, or else issued; None where there is nothing.
    """

    number: int
    started_at: datetime
    user: str
    app: str
    outcome: JourneyOutcome
    exchanges: tuple[Exchange, ...]
    left_out: int = 0
    login: Login | None = None
    message: SeenMessage | None = None

    def __repr__(self) -> str:
        return f"<Journey {self.number} of {self.user} to {self.app}: {self.outcome}>"

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.login is not None

    @property
    def assertion(self) -> SeenAssertion | None:
        """The assertion as it was posted, or else as it was issued, parsed on access; None where there is none."""
        return self.message.read() if self.message is not None else None

    @property
    def role(self) -> str:
        """The ARN of the role that was taken; empty where none was."""
        return self.login.role if self.login is not None else ""

    @property
    def is_at(self) -> str:
        """The last note, for those who wait for the end."""
        return next((note.summary for each in reversed(self.exchanges) for note in reversed(each.notes)), "")

    def seen(self, federation: Federation) -> SeenLogin | None:
        """Returns the explained result; None while it is unfinished."""
        if self.login is None:
            return None
        from emulator.diagnosis.login_result import result_of  # explanations are made on demand, and imported then

        return SeenLogin(self.number, self.started_at, result_of(self.login, federation).plain, self.assertion)

    def as_json(self) -> dict[str, Any]:
        """An unfinished login as JSON data."""
        data = {
            "number": self.number,
            "started_at": instant(self.started_at),
            "user": self.user,
            "app": self.app,
            "outcome": self.outcome,
            "is_at": self.is_at,
        }
        return {name: value for name, value in data.items() if value}


@dataclass(frozen=True, slots=True)
class SeenLogin:
    """The result of a login that somebody else made: a browser, or a program under test. It is plain data.

    Args:
        number: Number since the start.
        started_at: When it began.
        result: The login, its steps, and why it was refused or ended elsewhere.
        assertion: The assertion, with its attributes; None where Okta issued none.
    """

    number: int
    started_at: datetime
    result: LoginResult
    assertion: SeenAssertion | None

    def __repr__(self) -> str:
        return f"<SeenLogin {self.number} of {self.user} to {self.app}: {self.outcome}, at {self.lands_on}>"

    @property
    def user(self) -> str:
        """The Okta login of the person."""
        return self.result.login.user

    @property
    def app(self) -> str:
        """The app, as ``org/app``."""
        return self.result.login.app

    @property
    def outcome(self) -> str:
        """``accepted``, ``elsewhere`` or ``refused``."""
        return self.result.login.outcome.value

    @property
    def lands_on(self) -> str:
        """The URL of its last page, or the app's own to which the assertion was sent."""
        return self.result.login.lands_on

    @property
    def role(self) -> str:
        """The ARN of the role that was taken; empty where none was."""
        return self.result.login.role

    @property
    def diagnosis(self) -> Diagnosis | None:
        """Why it was refused or ended elsewhere; None where it arrived."""
        return self.result.diagnosis

    @property
    def check(self) -> str:
        """The check that refused it or that it failed; empty where it arrived."""
        return self.result.diagnosis.check if self.result.diagnosis is not None else ""

    @property
    def name_id(self) -> str:
        """The NameID of the assertion; empty where there is none."""
        return self.assertion.name_id if self.assertion is not None else ""

    @property
    def attributes(self) -> Mapping[str, tuple[str, ...]]:
        """The values of the assertion's attributes, by name."""
        return self.assertion.attributes if self.assertion is not None else {}

    @property
    def posted_to(self) -> str:
        """Where the assertion was posted; empty where there is none."""
        return self.assertion.posted_to if self.assertion is not None else ""

    def as_json(self) -> dict[str, Any]:
        """It as JSON data of format 2, with its number and the assertion."""
        data: dict[str, Any] = {
            "number": self.number,
            "started_at": instant(self.started_at),
            **self.result.as_json(),
        }
        del data["format"]
        return data | ({"assertion": self.assertion.as_json()} if self.assertion is not None else {})
