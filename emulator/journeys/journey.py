"""A login as it was seen: whose, to which app, request by request, and what it has come to by now.

It is over when it was refused, when the assertion opened a session and the browser rests on a page, when STS gave
credentials for it, or when it was posted to the app's own address. What the same browser asks for afterwards is added,
until the person signs in or opens an app again: that is another login. One that was refused before any app was opened,
by a wrong password for example, goes on when the person tries again, and its outcome is another one then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.login_result import LoginResult, result_of
from emulator.flow import Login
from emulator.journeys.assertion import SeenAssertion, SeenMessage
from emulator.kernel.clock import instant
from emulator.network.trace import Exchange

if TYPE_CHECKING:
    from emulator.federation import Federation

JourneyOutcome = Literal["accepted", "elsewhere", "refused", "unfinished"]


@dataclass(frozen=True, slots=True)
class Journey:
    """A login as it is now.

    Args:
        number: Which one it is since the start, by when it began.
        started_at: When its first request came.
        user: The login at Okta of whose it is; empty where nobody of this federation was named.
        app: The app, as ``org/app``; empty before one is opened.
        outcome: What it has come to.
        exchanges: Its requests with their answers, in order, those after its end too.
        left_out: How many more there were than are kept.
        login: It as a login that is over, up to its end; None while it is unfinished.
        message: What was posted, else what was issued; None where there is none.
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
        """Whether it has come to something."""
        return self.login is not None

    @property
    def assertion(self) -> SeenAssertion | None:
        """The assertion as it was posted, else as it was issued; None where there is none. It is read now."""
        return self.message.read() if self.message is not None else None

    @property
    def role(self) -> str:
        """The ARN of the role that was taken; empty where none was."""
        return self.login.role if self.login is not None else ""

    @property
    def is_at(self) -> str:
        """What was noted last, for whoever waits for the end."""
        return next((note.summary for each in reversed(self.exchanges) for note in reversed(each.notes)), "")

    def seen(self, federation: Federation) -> SeenLogin | None:
        """Returns what it came to, explained; None while it is unfinished."""
        if self.login is None:
            return None
        return SeenLogin(self.number, self.started_at, result_of(self.login, federation).plain, self.assertion)

    def as_json(self) -> dict[str, Any]:
        """What is told of a login that is unfinished, as JSON data."""
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
    """What a login came to that somebody else made: a browser, or a program under test. It is plain data.

    Args:
        number: Which one it is since the start.
        started_at: When it began.
        result: The login, its steps, and why it was refused or is elsewhere.
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
        """The login at Okta of whose it is."""
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
        """The address of its last page, or the app's own to which the assertion was sent."""
        return self.result.login.lands_on

    @property
    def role(self) -> str:
        """The ARN of the role that was taken; empty where none was."""
        return self.result.login.role

    @property
    def diagnosis(self) -> Diagnosis | None:
        """Why it was refused or is elsewhere; None where it arrived."""
        return self.result.diagnosis

    @property
    def check(self) -> str:
        """What decided that it was refused or is elsewhere; empty where it arrived."""
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
