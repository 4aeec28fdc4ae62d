"""What a scenario does, as steps that can be run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulator.fixes.attempt import Attempt, Framed, Opened, Step, Waited
from emulator.flow import Pauses
from emulator.kernel.clock import parse_span
from emulator.scenarios.scenario_schema import LoginSettings, ThenSettings


def steps_of(login: LoginSettings | None, then: Sequence[ThenSettings]) -> tuple[Step, ...]:
    """Returns a login and what follows it as steps."""
    return tuple(step for each in (ThenSettings(login=login), *then) for step in plain_steps(each))


def attempt_of(login: LoginSettings) -> Attempt:
    """Returns a login as it is asked for."""
    return Attempt(
        user=login.user,
        app=login.app,
        relay_state=login.relay_state,
        destination=login.destination,
        role=login.role,
        role_index=login.role_index,
        source_ip=login.source_ip,
        lands_on=login.lands_on,
        pauses=Pauses(
            before_posting=parse_span(login.pause_before_posting), before_role=parse_span(login.pause_before_role)
        ),
        via=login.via,
        provider=login.provider,
        duration_seconds=login.duration_seconds,
        same_browser=login.same_browser,
    )


def plain_steps(step: ThenSettings) -> Iterator[Step]:
    """Yields what a step does in the browser, and the time that passes before."""
    if step.wait is not None:
        yield Waited(parse_span(step.wait))
    if step.open is not None:
        yield Opened(step.open)
    if step.frame is not None:
        yield Framed(
            url=step.frame.url,
            by=step.frame.by,
            within=step.frame.within or "",
            sends_referer=step.frame.referer,
            third_party_cookies=step.frame.third_party_cookies,
        )
    if step.login is not None:
        yield attempt_of(step.login)
