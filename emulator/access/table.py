"""Who gets where with which role: every login there is, decided and not made.

before, after = access_of(federation), access_of(changed)
before.lost_in(after)     the logins that somebody had before, and has not or not to the same place after
before.gained_in(after)   the roles and places that somebody has after, and had not before
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from emulator.access.deciding import Decider
from emulator.access.decision import Decision, Who
from emulator.federation import Federation

__all__ = ["Access", "Decision", "Who", "access_of"]

Login = tuple[Who, str]


@dataclass(frozen=True)
class Access:
    """Every login of a federation at an instant.

    Args:
        decisions: What each login comes to, in the order of the orgs, apps and people.
    """

    decisions: tuple[Decision, ...]

    @cached_property
    def entries(self) -> Mapping[Who, Mapping[str, str]]:
        """Where each login ends that arrives: by person and app, by the role's ARN, which is empty where there is none.

        Somebody whose logins all fail is not in it.
        """
        found: dict[Who, dict[str, str]] = {}
        for each in self.decisions:
            if each.arrives:
                found.setdefault(each.who, {})[each.role] = each.place
        return found

    def lost_in(self, after: Access) -> Mapping[Login, str]:
        """Returns the logins that arrive here, and after a change do not, or elsewhere.

        Args:
            after: The access after the change.

        Returns:
            The place where each arrived before.
        """
        there = after.entries
        return {(who, role): place for who, role, place in self._arriving() if there.get(who, {}).get(role) != place}

    def gained_in(self, after: Access) -> Mapping[Login, str]:
        """Returns the logins with a role or to a place that somebody has after a change and had not here.

        Args:
            after: The access after the change.

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
    """Decides every login there is: each assigned person with each app and role of theirs. Nothing is changed.

    Args:
        federation: The federation, as it is now.
        at: The instant, by both sides' clocks; the present by each side's own clock unless given.
    """
    return Access(tuple(Decider(federation, at=at).decisions()))
