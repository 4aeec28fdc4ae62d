"""The results of scenarios, as data that can be sent to another process."""

from __future__ import annotations

from enum import StrEnum

from emulator.diagnosis.login_result import LoginResult
from emulator.inspection.verdicts import Inspection
from emulator.kernel.errors import ExpectationFailed, Location
from emulator.kernel.records import dataclass
from emulator.network.trace import Exchange
from emulator.scenarios.scenario_file import Scenario

SEED = 1


class State(StrEnum):
    """How a scenario ended.

    ``XFAILED``: it failed, as its ``xfail`` says. ``SKIPPED``: it was not run, as its ``skip`` says.
    """

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    XFAILED = "xfailed"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An expectation that was not met.

    Args:
        location: Line of the expectation.
        text: What was expected, and what was received.
    """

    location: Location
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Compared:
    """An expectation with what was received.

    Args:
        name: Its name in the scenario's file, such as ``lands_on``, or ``steps[2].expect.code`` for a step's own.
        want: What was expected.
        got: What was received; empty where there was nothing.
        mismatch: The report, where it was not met; empty where it was.
    """

    name: str
    want: str
    got: str
    mismatch: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a scenario: data, which can be sent to another process.

    Args:
        mismatches: Expectations that were not met; none when everything was as expected.
        seconds: Duration of the run.
        logins: Explained results of each login, visit and call, in order.
        stopped: Why the browser could not continue, if it could not.
        compared: Every expectation, met or not; none where the scenario could not be run.
        seed: Seed of its identifiers and secrets.
        skipped: Why it was not run; empty where it was.
        xfailed: Why it was expected to fail, where it did; empty otherwise.
        judged: For each of ``logins`` the results of all checks on the message that it posted to AWS; None where it
            posted none. Empty where that was not requested.
        played_in: Address of the running emulator in which it was played; empty for its own federation.
    """

    scenario: Scenario
    mismatches: tuple[Mismatch, ...]
    seconds: float
    logins: tuple[LoginResult, ...] = ()
    stopped: str = ""
    compared: tuple[Compared, ...] = ()
    seed: int = SEED
    skipped: str = ""
    xfailed: str = ""
    judged: tuple[Inspection | None, ...] = ()
    played_in: str = ""

    def __repr__(self) -> str:
        met = ", ".join(map(str, self.mismatches)) or "as expected"
        return f"<Result of {self.scenario.id}: {'skipped' if self.skipped else met}>"

    @property
    def login(self) -> LoginResult | None:
        """The last login, visit or call, by which the scenario is judged; None where there is none."""
        return self.logins[-1] if self.logins else None

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every request with its answer, in order."""
        return tuple(exchange for login in self.logins for exchange in login.login.exchanges)

    @property
    def state(self) -> State:
        """The state in which it ended."""
        if self.skipped:
            return State.SKIPPED
        if self.xfailed:
            return State.XFAILED
        return State.FAILED if self.mismatches else State.PASSED

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong: it is as expected, was skipped, or failed as its ``xfail`` says."""
        return self.state is not State.FAILED

    @property
    def reason(self) -> str:
        """Why it was skipped or expected to fail; empty otherwise."""
        return self.skipped or self.xfailed

    def require(self) -> None:
        """Raises an error when something was not as expected.

        Raises:
            ExpectationFailed: also an AssertionError, with every mismatch and the reason of the outcome.
        """
        if not self.passed:
            diagnosis = self.login.diagnosis if self.login is not None else None
            rows = diagnosis.rows if diagnosis is not None else ()
            lines = [*(f"{each.location}: {each}" for each in self.mismatches), *(f"  {n:<6} {t}" for n, t in rows)]
            raise ExpectationFailed("\n".join(lines))
