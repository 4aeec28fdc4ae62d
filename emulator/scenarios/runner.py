"""Runs scenarios: each in a federation of its own, with a frozen clock, and compares what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter

from emulator.building.faults import read_fault
from emulator.diagnosis.asked import asked_in_scenario
from emulator.diagnosis.login_result import LoginResult, result_of
from emulator.federation import Federation, Instants
from emulator.fixes.attempt import Played, play_steps
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import (
    ExpectationFailed,
    FederationError,
    Location,
    Problem,
    Refusal,
    ScenarioError,
)
from emulator.network.keys import KeyFolder
from emulator.network.trace import Exchange, redact_body
from emulator.scenarios.scenario_file import Scenario
from emulator.scenarios.scenario_schema import Expectation, LoginSettings
from emulator.scenarios.steps import steps_of

START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
SEED = 1


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An expectation that was not met.

    Args:
        location: The line of the expectation.
        text: What was expected, and what was received.
    """

    location: Location
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Compared:
    """An expectation beside what came of it.

    Args:
        name: Its name in the scenario's file, such as ``lands_on``.
        want: What was expected.
        got: What was received; empty where there was nothing.
        mismatch: What is told where it was not met; empty where it was.
    """

    name: str
    want: str
    got: str
    mismatch: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a scenario: data, which another process can have.

    Args:
        scenario: The scenario.
        mismatches: The expectations that were not met; none when everything was as expected.
        seconds: How long it took.
        logins: What each login and each visit came to, explained, in order.
        stopped: Why the browser could not go on, if it could not.
        compared: Every expectation, met or not; none where the scenario could not be run.
        seed: What its identifiers and secrets were made from.
    """

    scenario: Scenario
    mismatches: tuple[Mismatch, ...]
    seconds: float
    logins: tuple[LoginResult, ...] = ()
    stopped: str = ""
    compared: tuple[Compared, ...] = ()
    seed: int = SEED

    def __repr__(self) -> str:
        return f"<Result of {self.scenario.id}: {', '.join(map(str, self.mismatches)) or 'as expected'}>"

    @property
    def login(self) -> LoginResult | None:
        """What the last login or visit came to, by which the scenario is judged; None where it did not come to one."""
        return self.logins[-1] if self.logins else None

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every request with its answer, in order."""
        return tuple(exchange for login in self.logins for exchange in login.login.exchanges)

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.mismatches

    def require(self) -> None:
        """Raises when something was not as expected.

        Raises:
            ExpectationFailed: also an AssertionError, with every mismatch and the reason of the outcome.
        """
        if self.mismatches:
            diagnosis = self.login.diagnosis if self.login is not None else None
            rows = diagnosis.rows if diagnosis is not None else ()
            lines = [*(f"{each.location}: {each}" for each in self.mismatches), *(f"  {n:<6} {t}" for n, t in rows)]
            raise ExpectationFailed("\n".join(lines))


def run_scenario(
    scenario: Scenario, *, keys: KeyFolder | None = None, tries_fixes: bool = True, seed: int = SEED
) -> Result:
    """Runs a scenario in a federation of its own, with a frozen clock.

    Args:
        scenario: What to run.
        keys: Where signing keys are kept; the data folder by default.
        tries_fixes: Tries what would let a login arrive that was to arrive and did not.
        seed: What identifiers and secrets are made from.

    Raises:
        ScenarioError: a fault of it would change nothing.
        FederationError: the scenario cannot be run as it is written.
    """
    began = perf_counter()
    federation = Federation(scenario.world, clock=Clock(frozen_at=START), ids=Ids(seed=seed), keys=keys)
    played = _play(scenario, federation)
    options = asked_in_scenario(scenario.document)
    logins = [result_of(login, federation, options=options) for login in played.logins]
    last = logins[-1] if logins else None
    compared = tuple(_compare(scenario.settings.expect, last, played.stopped))
    mismatches = tuple(
        Mismatch(scenario.document.location(("expect", each.name)), each.mismatch) for each in compared if each.mismatch
    )
    if tries_fixes and mismatches and last is not None and scenario.settings.expect.outcome == "accepted":
        from emulator.fixes.trial import Journey
        from emulator.fixes.trying import with_fixes

        steps = steps_of(scenario.settings.login, scenario.settings.then)
        logins[-1] = with_fixes(last, federation, Journey(steps, Instants(START, START)))
    told = tuple(login.plain for login in logins)
    return Result(scenario, mismatches, perf_counter() - began, told, played.stopped, compared, seed)


def refusal_in(scenario: Scenario) -> Refusal | None:
    """Runs a scenario and returns the refusal it ends in, expected or not.

    Raises:
        FederationError: the scenario cannot be run as it is written.
    """
    federation = Federation(scenario.world, clock=Clock(frozen_at=START), ids=Ids(seed=SEED))
    login = _play(scenario, federation).login
    return login.refusal if login is not None else None


def _play(scenario: Scenario, federation: Federation) -> Played:
    settings = scenario.settings
    if settings.login is not None:
        _plan(scenario, settings.login, federation)
    return play_steps(steps_of(settings.login, settings.then), federation)


def _plan(scenario: Scenario, login: LoginSettings, federation: Federation) -> None:
    """Puts the scenario's faults into the assertions of its first login.

    Raises:
        ScenarioError: one of them would change nothing.
    """
    provider, app = federation.find_app(login.app)
    faults = tuple(read_fault(fault) for fault in scenario.settings.faults)
    for number in range(len(faults)):
        try:
            provider.mint(login.user, app.name, faults=faults[: number + 1])
        except Refusal:
            break  # this login does not come to an assertion
        except FederationError as error:
            if login.user not in provider.org.users:
                break
            location = scenario.document.location(("faults", number))
            raise ScenarioError([Problem(location, error.message, error.expected, fix=error.fix)]) from None
    provider.faults.inject(app.name, login.user, faults)


def _compare(expect: Expectation, result: LoginResult | None, stopped: str) -> Iterator[Compared]:
    """Yields each expectation with what was received."""
    received, login = _received(result, stopped), result.login if result is not None else None
    if expect.setting is not None:
        found = result.diagnosis.origins if result is not None and result.diagnosis is not None else ()
        settings = [each.location.key for each in found if each.location is not None]
        yield _compared("setting", expect.setting, ", ".join(settings), is_met=expect.setting in settings)
    special = {"oracle", "page", "note", "setting"}
    for name, wanted in expect.model_dump(exclude=special, exclude_none=True).items():
        got = received.get(name, "")
        yield _compared(name, str(wanted), got, is_met=str(wanted) == got)
    if expect.page is not None:
        text = login.page.visible_text if login else ""
        # An answer of STS holds credentials, which nobody is to read in a report.
        shown = replace(login.page, text=redact_body(login.page.text)).visible_text[:200] if login else ""
        told = f"page: expected to read {expect.page!r}, the page says {shown!r}"
        is_met = login is not None and expect.page in text
        yield Compared("page", expect.page, expect.page if is_met else shown, "" if is_met else told)
    if expect.note is not None:
        notes = login.notes if login is not None else ()
        yield _compared("note", expect.note, ", ".join(notes), is_met=expect.note in notes)


def _compared(name: str, want: str, got: str, *, is_met: bool) -> Compared:
    return Compared(name, want, got, "" if is_met else f"{name}: expected {want}, received {got or 'nothing'}")


def _received(result: LoginResult | None, stopped: str) -> dict[str, str]:
    login = result.login if result is not None else None
    received = {"outcome": "stopped" if stopped or login is None else login.outcome.value}
    if stopped:
        received["message"] = stopped
    if result is None or login is None:
        return received
    received |= {"lands_on": login.lands_on, "role": login.role, "session_name": login.session_name}
    diagnosis = result.diagnosis
    if diagnosis is None or stopped:
        return received
    received |= {"check": diagnosis.check, "why": diagnosis.why}
    if diagnosis.refusal is not None:
        refusal = diagnosis.refusal
        received |= {
            "service": refusal.service,
            "code": refusal.code,
            "status": str(refusal.status),
            "message": refusal.message,
        }
    return received


def run_all(scenarios: Sequence[Scenario], *, tries_fixes: bool = True) -> Iterator[Result]:
    """Runs scenarios one after another; one that cannot be run on this machine or in this world counts as failed.

    Args:
        scenarios: What to run.
        tries_fixes: As ``run_scenario``.

    Raises:
        ScenarioError: a scenario is not one that can be run anywhere.
    """
    for scenario in scenarios:
        began = perf_counter()
        try:
            yield run_scenario(scenario, tries_fixes=tries_fixes)
        except ScenarioError:
            raise
        except FederationError as error:
            mismatch = Mismatch(scenario.document.location(()), f"it cannot be run: {error}")
            yield Result(scenario, (mismatch,), perf_counter() - began)
