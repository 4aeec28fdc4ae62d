"""One trial: a login repeated in a changed copy, and its result."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from urllib.parse import urlsplit

from emulator.arrival import is_named
from emulator.copies import ChangedCopy, changed_copy
from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.login_result import diagnosis_of
from emulator.federation import Federation, Instants
from emulator.fixes.attempt import Attempt, Played, Posted, Step, play_steps
from emulator.fixes.candidate import Edit
from emulator.fixes.edits import changed_world
from emulator.flow import Login, Outcome
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.network.hosts import Site
from emulator.worldfile.text.yaml_data import Key

_ALIKE = 0.75
_STAGES = {Site.OKTA: 1, Site.SIGN_IN: 2, Site.STS: 2, Site.CONSOLE: 3, Site.CONNECT: 4, Site.CUSTOM: 4}


@dataclass(frozen=True, slots=True)
class Journey:
    """What was done, and when it began: what every trial repeats.

    Args:
        steps: A login and what followed it.
        at: When the first step began.
    """

    steps: tuple[Step, ...]
    at: Instants

    @property
    def last(self) -> Attempt | Posted | None:
        """The last login in it."""
        return next((step for step in reversed(self.steps) if isinstance(step, Attempt | Posted)), None)

    def with_role(self, role: str | None) -> Journey:
        """Returns the same with another role asked for; None asks for none."""
        steps = (replace(s, role=role) if isinstance(s, Attempt | Posted) and s is self.last else s for s in self.steps)
        return replace(self, steps=tuple(steps))


# The class has no slots, because its results are computed once, on demand.
@dataclass(frozen=True)
class Trial:
    """A login repeated in a changed copy.

    Args:
        edits: The changes.
        copy: The copy.
        played: Results of the steps.
    """

    edits: tuple[Edit, ...]
    copy: ChangedCopy
    played: Played

    @property
    def changed(self) -> tuple[Key, ...]:
        """The world keys that were changed."""
        return tuple(edit.key for edit in self.edits)

    @property
    def federation(self) -> Federation:
        """The copy."""
        return self.copy.federation

    @property
    def login(self) -> Login | None:
        """The login."""
        return self.played.login

    @property
    def arrived(self) -> bool:
        """Whether the login reached its wanted place."""
        return not self.played.stopped and self.login is not None and self.login.outcome is Outcome.ACCEPTED

    @cached_property
    def diagnosis(self) -> Diagnosis | None:
        """Why it did not arrive."""
        return None if self.login is None or self.arrived else diagnosis_of(self.login, self.federation)


def try_edits(original: Federation, journey: Journey, edits: Sequence[Edit]) -> Trial | None:
    """Repeats a login in a copy with changes; None where the changes cannot be made.

    Args:
        original: Federation to copy.
        journey: What to repeat.
        edits: Changes of the world; without any the login is repeated unchanged.
    """
    try:
        world = changed_world(original.world, edits) if edits else original.world
        copy = changed_copy(original, world, at=journey.at, force=[edit.key for edit in edits])
        played = _played(journey, copy.federation)
        if edits and _is_of_no_role(journey, original, played):
            played = _played_as_corrected(journey, copy.federation) or played
        return Trial(tuple(edits), copy, played)
    except FederationError:
        return None


def _played(journey: Journey, federation: Federation) -> Played:
    """Runs the steps; if sign-in asks for a role and none was requested, the first offered one is taken."""
    played = play_steps(journey.steps, federation, to_the_end=False)
    if not played.choices:
        return played
    return play_steps(journey.with_role(played.choices[0]).steps, federation, to_the_end=False)


def _is_of_no_role(journey: Journey, original: Federation, played: Played) -> bool:
    """Returns whether the requested role does not exist, and is no longer offered."""
    login, asked = played.login, journey.last
    if login is None or login.shortfall is None or login.shortfall.check != "role-not-offered":
        return False
    accounts = original.aws.accounts.values()
    role = asked.role if asked is not None else None
    return role is not None and not any(is_named(role, str(each.arn)) for of in accounts for each in of.roles.values())


def _played_as_corrected(journey: Journey, federation: Federation) -> Played | None:
    """Runs the steps with the role whose ARN a change has corrected, which resembles the requested one.

    Returns:
        The results, or None where no offered role resembles it.
    """
    asked = journey.last
    name = (asked.role if asked is not None else None) or ""
    name = name.rpartition("/")[2]
    fresh = journey.with_role(None)
    played = play_steps(fresh.steps, federation, to_the_end=False)
    if played.choices:
        offered = difflib.get_close_matches(name, played.choices, 1, _ALIKE)
        return play_steps(journey.with_role(offered[0]).steps, federation, to_the_end=False) if offered else None
    taken = played.login.role.rpartition("/")[2] if played.login is not None else ""
    return played if difflib.get_close_matches(name, [taken], 1, _ALIKE) else None


def stage_of(login: Login, federation: Federation) -> int:
    """Returns how far a login got, as a number that grows with each stage."""
    hosts = federation.hosts
    sites = (hosts.site(urlsplit(each.url).hostname or "") for each in login.exchanges)
    return max((_STAGES.get(site, 0) for site in sites if site is not None), default=0)
