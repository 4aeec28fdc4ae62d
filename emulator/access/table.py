"""Who gets where with which role: every possible login, decided without being made.

before, after = access_of(federation), access_of(changed)
before.lost_in(after)     the logins that somebody had before, and has not or not to the same place after
before.gained_in(after)   the roles and places that somebody has after, and had not before
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from emulator.access.deciding import Decider
from emulator.access.decision import Decision, Who
from emulator.federation import Federation
from emulator.kernel.records import dataclass

__all__ = ["Access", "Decision", "Who", "access_of"]

Login = tuple[Who, str]


@dataclass(frozen=True)
class Access:
    """Every login of a federation at an instant.

    Args:
        decisions: Results of the logins, in the order of the orgs, apps and people.
    """

    decisions: tuple[Decision, ...]

    @cached_property
    def entries(self) -> Mapping[Who, Mapping[str, str]]:
        """Where each login that arrives ends: by person and app, then by the role's ARN, which may be empty.

        People whose logins all fail are not in it.
        """
        found: dict[Who, dict[str, str]] = {}
        for each in self.decisions:
            if each.arrives:
                found.setdefault(each.who, {})[each.role] = each.place
        return found

    def lost_in(self, after: Access) -> Mapping[Login, str]:
        """Returns the logins that arrive here, and after a change do not, or arrive elsewhere.

        Args:
            after: Access after the change.

        Returns:
            The place where each arrived before.
        """
        there = after.entries
        return {(who, role): place for who, role, place in self._arriving() if there.get(who, {}).get(role) != place}

    def gained_in(self, after: Access) -> Mapping[Login, str]:
        """Returns the roles and places that somebody has after a change and did not have here.

        Args:
            after: Access after the change.

        Returns:
            The place where each arrives after.
        """
        here = self.entries
        return {(who, role): place for who, role, place in after._arriving() if here.get(who, {}).get(role) != place}

    @property
    def failing(self) -> tuple[Decision, ...]:
        """The logins that do not arrive."""
        return tuple(each for each in self.decisions if not each.arrives)

    def _arriving(self) -> Iterable[tuple[Who, str, str]]:
        return ((who, role, place) for who, places in self.entries.items() for role, place in places.items())


def access_of(federation: Federation, *, at: datetime | None = None) -> Access:
    """Decides every possible login: each assigned person with each app and role. Nothing is changed.

    Args:
        federation: Federation in its current state.
        at: The instant, by both sides' clocks; by default now, by each side's own clock.
    """
    return Access(tuple(Decider(federation, at=at).decisions()))
