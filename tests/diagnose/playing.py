"""Makes a journey in a world file, in process, and takes what the emulator says of its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from emulator.diagnosis.login_result import diagnosis_of
from emulator.federation import Federation
from emulator.fixes.attempt import play_steps
from emulator.flow import Login, Outcome
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FileError, FlowError
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.scenario_schema import LoginSettings
from emulator.scenarios.steps import steps_of
from emulator.world import World, load_world
from tests.diagnose.mutants import Journey

START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class End:
    """How a journey ended.

    Args:
        outcome: ``accepted``, ``refused``, ``stopped`` or ``bad file``, or whatever else a login can come to.
        lands_on: The last page.
        role: The role taken.
        session_name: The name of its session.
        origins: What is named as the cause, each the key of a world or ``KIND:TEXT``; the likeliest first.
        lines: The line of each.
        says: What was said and why, for a person.
    """

    outcome: str
    lands_on: str = ""
    role: str = ""
    session_name: str = ""
    origins: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    says: str = ""

    def came_to(self, other: End, journey: Journey) -> bool:
        """Whether two journeys came to the same: the same page, in the same role where one was asked for."""
        asked_for_role = journey.login is not None and journey.login.role is not None
        return (self.outcome, self.lands_on) == (other.outcome, other.lands_on) and (
            not asked_for_role or self.role == other.role
        )


def play(world: Path | World, journey: Journey, keys: KeyFolder, *, lands_on: str = "") -> End:
    """Makes a journey in a world.

    Args:
        world: The world, or its file.
        journey: What is done.
        keys: Where signing keys are kept.
        lands_on: The page that is wanted.
    """
    try:
        world = load_world(world) if isinstance(world, Path) else world
        federation = Federation(world, clock=Clock(frozen_at=START), ids=Ids(seed=1), keys=keys)
    except FileError as error:
        problems = error.problems
        return End(
            "bad file",
            origins=tuple(problem.location.key for problem in problems),
            lines=tuple(problem.location.line for problem in problems),
            says=" / ".join(problem.message for problem in problems),
        )
    try:
        login = made(federation, journey, lands_on=lands_on)
    except FlowError as error:
        return End("stopped", says=error.message)
    told = diagnosis_of(login, federation)
    end = End(login.outcome.value, login.lands_on, login.role, login.session_name)
    if told is None:
        return end
    origins = told.origins
    return replace(
        end,
        origins=tuple(o.location.key if o.location and o.location.key else f"{o.kind}:{o.text}" for o in origins),
        lines=tuple(o.location.line if o.location else 0 for o in origins),
        says=f"[{told.check}] {told.cause or told.why}",
    )


def arrives(end: End, journey: Journey) -> bool:
    """Whether a journey came to its end without a refusal, in the role that was asked for."""
    role = journey.login.role if journey.login is not None else None
    return end.outcome == Outcome.ACCEPTED.value and (role is None or role in {end.role, end.role.rpartition("/")[2]})


def logged_in(journey: Journey, lands_on: str) -> LoginSettings | None:
    """Returns a journey's login: what follows it goes on from where it ended, so the wanted page is the last step's."""
    if journey.then or journey.login is None:
        return journey.login
    return journey.login.model_copy(update={"lands_on": lands_on})


def made(federation: Federation, journey: Journey, *, lands_on: str) -> Login:
    """Makes the login and the steps; the first that does not go well is the end."""
    played = play_steps(steps_of(logged_in(journey, lands_on), journey.then), federation, to_the_end=False)
    if played.stopped:
        raise FlowError(played.stopped)
    assert played.login is not None, "a journey has a login, a page or a frame"
    return played.login
