"""Runs scenarios: each in a federation of its own, with a frozen clock, and compares what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

from emulator.browser import Browser
from emulator.building.faults import read_fault
from emulator.federation import Federation
from emulator.flow import Login, Outcome, Pauses, assume_role, log_in, visit
from emulator.kernel.clock import Clock, Ids, parse_span
from emulator.kernel.errors import ExpectationFailed, FederationError, FlowError, Refusal
from emulator.network.keys import KeyFolder
from emulator.reports.text import refusal_of
from emulator.scenarios.scenario_file import Scenario
from emulator.scenarios.scenario_schema import Expectation, LoginSettings, ScenarioSettings

START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a scenario. ``mismatches`` is empty when everything was as expected."""

    scenario: Scenario
    mismatches: tuple[str, ...]
    explanation: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.mismatches

    def require(self) -> None:
        """Raises when something was not as expected.

        Raises:
            ExpectationFailed: also an AssertionError, with every mismatch and the refusal's block.
        """
        if self.mismatches:
            raise ExpectationFailed("\n".join((*self.mismatches, self.explanation)).rstrip())


def run_scenario(scenario: Scenario, *, keys: KeyFolder | None = None) -> Result:
    """Runs a scenario in a federation of its own, with a frozen clock.

    Args:
        scenario: What to run.
        keys: Where signing keys are kept; the data folder by default.

    Raises:
        FederationError: the scenario cannot be run as it is written.
    """
    began = perf_counter()
    federation = Federation(scenario.world, clock=Clock(frozen_at=START), ids=Ids(seed=1), keys=keys)
    login, stopped = _play(scenario, federation)
    mismatches = _compare(scenario.settings.expect, login, stopped)
    explanation = stopped
    if login is not None and scenario.settings.login is not None:
        explanation = refusal_of(login, federation)
    return Result(scenario, tuple(mismatches), explanation, perf_counter() - began)


def refusal_in(scenario: Scenario) -> Refusal | None:
    """Runs a scenario and returns the refusal it ends in, expected or not.

    Raises:
        FederationError: the scenario cannot be run as it is written.
    """
    federation = Federation(scenario.world, clock=Clock(frozen_at=START), ids=Ids(seed=1))
    login, _ = _play(scenario, federation)
    return login.refusal if login is not None else None


def _play(scenario: Scenario, federation: Federation) -> tuple[Login | None, str]:
    """Returns the last login or visit, and why the browser stopped, if it did."""
    settings = scenario.settings
    browser = federation.browser()
    login: Login | None = None
    try:
        if settings.login is not None:
            _plan(settings, settings.login, federation)
            login = _make_login(settings.login, federation, browser)
        for step in settings.then:
            if step.wait is not None:
                federation.clock.advance(parse_span(step.wait))
            if step.open is not None:
                login = visit(browser, step.open, before=login)
            if step.frame is not None:
                frame = browser.frame(
                    by=step.frame.by,
                    within=step.frame.within or "",
                    sends_referer=step.frame.referer,
                    third_party_cookies=step.frame.third_party_cookies,
                )
                login = visit(frame, step.frame.url, before=login)
            if step.login is not None:
                browser = browser if step.login.same_browser else federation.browser()
                login = _make_login(step.login, federation, browser)
    except FlowError as error:
        return login, str(error.message)
    return login, ""


def _plan(settings: ScenarioSettings, login: LoginSettings, federation: Federation) -> None:
    provider, app = federation.find_app(login.app)
    provider.faults.inject(app.name, login.user, tuple(read_fault(fault) for fault in settings.faults))


def _make_login(settings: LoginSettings, federation: Federation, browser: Browser) -> Login:
    pauses = _pauses(settings)
    if settings.via == "sts":
        return assume_role(
            federation,
            user=settings.user,
            app=settings.app,
            role=settings.role,
            provider=settings.provider,
            duration_seconds=settings.duration_seconds,
            pauses=pauses,
            source_ip=settings.source_ip,
        )
    _, app = federation.find_app(settings.app)
    relay_state = _relay_state(settings, app.default_relay_state)
    return log_in(
        federation,
        user=settings.user,
        app=settings.app,
        relay_state=relay_state,
        role=settings.role,
        browser=browser,
        pauses=pauses,
        source_ip=settings.source_ip,
    )


def _pauses(login: LoginSettings) -> Pauses:
    return Pauses(
        before_posting=parse_span(login.pause_before_posting), before_role=parse_span(login.pause_before_role)
    )


def _relay_state(login: LoginSettings, default: str) -> str | None:
    if login.destination is not None:
        return f"{default}?destination={login.destination}"
    return login.relay_state


def _compare(expect: Expectation, login: Login | None, stopped: str) -> Iterator[str]:
    outcome = "stopped" if stopped or login is None else login.outcome.value
    received: dict[str, str] = {"outcome": outcome}
    if stopped:
        received["message"] = stopped
    if login is not None:
        refusal = login.refusal if login.outcome is Outcome.REFUSED else None
        received |= {"lands_on": login.lands_on, "role": login.role, "session_name": login.session_name}
        if refusal is not None and not stopped:
            received |= {
                "service": refusal.service,
                "check": refusal.check,
                "code": refusal.code,
                "status": str(refusal.status),
                "message": refusal.message,
                "why": refusal.explanation,
            }
    for name, wanted in expect.model_dump(exclude={"oracle", "page", "note"}, exclude_none=True).items():
        if str(wanted) != received.get(name, ""):
            yield f"{name}: expected {wanted!s}, received {received.get(name, '') or 'nothing'}"
    if expect.page is not None and (login is None or expect.page not in login.page.visible_text):
        shown = login.page.visible_text[:200] if login else ""
        yield f"page: expected to read {expect.page!r}, the page says {shown!r}"
    if expect.note is not None and (login is None or expect.note not in login.notes):
        yield f"note: expected {expect.note}, received {', '.join(login.notes) if login else 'nothing'}"


def run_all(scenarios: Sequence[Scenario]) -> Iterator[Result]:
    """Runs scenarios one after another; one that cannot be run as written counts as failed."""
    for scenario in scenarios:
        began = perf_counter()
        try:
            yield run_scenario(scenario)
        except FederationError as error:
            yield Result(scenario, (f"it cannot be run: {error}",), "", perf_counter() - began)
