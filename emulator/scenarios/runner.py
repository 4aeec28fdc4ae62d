"""Runs scenarios, each in its own federation with a frozen clock, and compares the results with the expectations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING

from emulator.diagnosis.asked import asked_in_scenario
from emulator.diagnosis.login_result import result_of
from emulator.federation import Federation
from emulator.fixes.attempt import Played, play_steps
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError, Refusal, ScenarioError
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.comparing import compare
from emulator.scenarios.planting import plant_faults
from emulator.scenarios.results import SEED, Compared, Mismatch, Result
from emulator.scenarios.scenario_file import Scenario
from emulator.scenarios.step_runner import run_steps
from emulator.scenarios.steps import steps_of

if TYPE_CHECKING:
    from emulator.inspection.posted_messages import PostedMessages
    from emulator.inspection.verdicts import Inspection

START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


def run_scenario(
    scenario: Scenario,
    *,
    keys: KeyFolder | None = None,
    tries_fixes: bool = True,
    seed: int = SEED,
    judges: bool = False,
    federation: Federation | None = None,
) -> Result:
    """Runs a scenario in its own federation, with a frozen clock; a scenario with ``skip`` is not run.

    Args:
        keys: Folder of signing keys; by default the data folder.
        tries_fixes: Whether to try fixes for a login that was expected to arrive and did not.
        seed: Seed of identifiers and secrets.
        judges: Whether to run every check on each posted message, for reports that show them.
        federation: Running federation to use instead of the scenario's own, with its clock and identifiers.

    Raises:
        ScenarioError: a fault of it would change nothing.
        FederationError: the scenario cannot be run as it is written.
    """
    began = perf_counter()
    if scenario.settings.skip is not None:
        return Result(scenario, (), 0.0, seed=seed, skipped=scenario.settings.skip)
    if federation is None:
        federation = Federation(scenario.world, clock=Clock(frozen_at=START), ids=Ids(seed=seed), keys=keys)
    start = federation.instants
    if scenario.settings.steps:
        result = _run_steps(scenario, federation, began=began, tries_fixes=tries_fixes, judges=judges)
        return _with_xfail(replace(result, seed=seed))
    posted = _posted_messages(federation) if judges else None
    try:
        played = _play(scenario, federation)
    finally:
        if posted is not None:
            posted.close()
    options = asked_in_scenario(scenario.document)
    logins = [result_of(login, federation, options=options) for login in played.logins]
    last = logins[-1] if logins else None
    compared = tuple(compare(scenario.settings.expect, last, played.stopped))
    mismatches = tuple(
        Mismatch(scenario.document.location(("expect", each.name)), each.mismatch) for each in compared if each.mismatch
    )
    is_to_arrive = scenario.settings.expect.outcome == "accepted" and scenario.settings.xfail is None
    if tries_fixes and mismatches and last is not None and is_to_arrive:
        from emulator.fixes.trial import Journey
        from emulator.fixes.trying import with_fixes

        steps = steps_of(scenario.settings.login, scenario.settings.then)
        logins[-1] = with_fixes(last, federation, Journey(steps, start))
    judged = [posted.inspection(login.exchanges, options=options) for login in played.logins] if posted else []
    told = tuple(login.plain for login in logins)
    result = Result(scenario, mismatches, perf_counter() - began, told, played.stopped, compared, seed)
    return _with_xfail(replace(result, judged=tuple(judged)))


def _posted_messages(federation: Federation) -> PostedMessages:
    from emulator.inspection.posted_messages import PostedMessages  # few reports show every check

    return PostedMessages(federation)


def _run_steps(scenario: Scenario, federation: Federation, *, began: float, tries_fixes: bool, judges: bool) -> Result:
    posted = _posted_messages(federation) if judges else None
    try:
        made = run_steps(scenario, federation)
    finally:
        if posted is not None:
            posted.close()
    logins = list(made.logins)
    if tries_fixes and made.is_to_arrive and scenario.settings.xfail is None:
        from emulator.fixes.trial import Journey
        from emulator.fixes.trying import with_fixes

        journey = Journey(tuple(made.player.steps), made.player.since)
        logins[-1] = with_fixes(logins[-1], federation, journey)
    judged: tuple[Inspection | None, ...] = ()
    if posted is not None:
        pairs = zip(made.logins, made.asked, strict=True)
        judged = tuple(posted.inspection(each.login.exchanges, options=asked) for each, asked in pairs)
    return Result(
        scenario,
        made.mismatches,
        perf_counter() - began,
        tuple(login.plain for login in logins),
        made.stopped,
        made.compared,
        judged=judged,
    )


def _with_xfail(result: Result) -> Result:
    """Applies the scenario's ``xfail`` to a result: a failure is expected, and success is a failure."""
    reason = result.scenario.settings.xfail
    if reason is None:
        return result
    if result.mismatches:
        return replace(result, xfailed=reason)
    told = f"xfail: expected to fail ({reason}), and everything was as expected"
    compared = Compared("xfail", "not as expected", "as expected", told)
    mismatch = Mismatch(result.scenario.document.location(("xfail",)), told)
    return replace(result, mismatches=(mismatch,), compared=(*result.compared, compared))


def refusal_in(scenario: Scenario) -> Refusal | None:
    """Runs a scenario and returns the refusal that it ends in, expected or not.

    Raises:
        FederationError: the scenario cannot be run as it is written.
    """
    federation = Federation(scenario.world, clock=Clock(frozen_at=START), ids=Ids(seed=SEED))
    if scenario.settings.steps:
        made = run_steps(scenario, federation)
        return made.logins[-1].login.refusal if made.logins else None
    login = _play(scenario, federation).login
    return login.refusal if login is not None else None


def _play(scenario: Scenario, federation: Federation) -> Played:
    settings = scenario.settings
    if settings.login is not None:
        plant_faults(settings.faults, ("faults",), settings.login, scenario.document, federation)
    return play_steps(steps_of(settings.login, settings.then), federation)


def run_all(
    scenarios: Sequence[Scenario],
    *,
    tries_fixes: bool = True,
    seed: int = SEED,
    judges: bool = False,
    federation: Federation | None = None,
) -> Iterator[Result]:
    """Runs scenarios one after another; one that cannot run on this machine or in this world counts as failed.

    Args:
        tries_fixes: As in ``run_scenario``.
        seed: As in ``run_scenario``.
        judges: As in ``run_scenario``.
        federation: As in ``run_scenario``.

    Raises:
        ScenarioError: a scenario cannot be run anywhere.
    """
    for scenario in scenarios:
        began = perf_counter()
        try:
            yield run_scenario(scenario, tries_fixes=tries_fixes, seed=seed, judges=judges, federation=federation)
        except ScenarioError:
            raise
        except FederationError as error:
            mismatch = Mismatch(scenario.document.location(()), f"it cannot be run: {error}")
            yield _with_xfail(Result(scenario, (mismatch,), perf_counter() - began, seed=seed))
