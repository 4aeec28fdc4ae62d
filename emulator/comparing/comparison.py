"""Whose logins change from one world to another: lost, ended elsewhere, gained; each with the changed settings.

Both tables of logins are decided at one instant. One login of each group that is lost alike is really made in the world
after, on a copy that is then discarded; the service's words, their cause and the setting come from that login.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from emulator.access.decision import Decision
from emulator.access.remarks import Remark
from emulator.access.table import Access, access_of
from emulator.comparing.changes import SettingChange
from emulator.comparing.involved import Involved
from emulator.comparing.login_table import ChangedLogin, LoginTable
from emulator.comparing.lost import LostLogins, together
from emulator.diagnosis.login_groups import LoginGroup
from emulator.diagnosis.world_check import remarks_of, unexplained
from emulator.federation import Federation
from emulator.kernel.errors import Problem
from emulator.kernel.records import dataclass


class Kind(StrEnum):
    """What happens to a login."""

    LOST = "lost"
    CHANGED = "changed"
    GAINED = "gained"


@dataclass(frozen=True, slots=True)
class ChangedGroup:
    """Logins that change alike.

    Args:
        kind: What happens to them.
        logins: The logins; in a lost group the first is the one that was made.
        why: What is the same for all of them: ``is no longer in the org acme``; empty where the proof explains it.
        changes: Changed settings that they depend on, those that the service names first.
        more_changes: Number of further changes of what is involved.
        proof: The login that was made in the world after; None where none can be made.
    """

    kind: Kind
    logins: tuple[ChangedLogin, ...]
    why: str = ""
    changes: tuple[SettingChange, ...] = ()
    more_changes: int = 0
    proof: LoginGroup | None = None

    @property
    def first(self) -> ChangedLogin:
        """The first of them."""
        return self.logins[0]

    @property
    def people(self) -> tuple[str, ...]:
        """The people whose logins they are."""
        return tuple(dict.fromkeys(each.first.who.person for each in self.logins))

    @property
    def roles(self) -> tuple[str, ...]:
        """The ARNs of the roles, as they were for what was there before."""
        return tuple(dict.fromkeys(each.first.role for each in self.logins if each.first.role))

    @property
    def apps(self) -> tuple[str, ...]:
        """The apps, each as ``org/app``."""
        return tuple(dict.fromkeys(f"{each.first.who.org}/{each.first.who.app}" for each in self.logins))


@dataclass(frozen=True, slots=True)
class Kept:
    """Logins that arrive as before: the number for one app, role and place."""

    org: str
    app: str
    role: str
    place: str
    logins: int


@dataclass(frozen=True, slots=True)
class ComparedWorld:
    """One of the two worlds.

    Args:
        name: Name used by the person.
        file: World file, as it is shown.
        logins: Number of logins.
        arriving: Number of those that arrive.
    """

    name: str
    file: str
    logins: int
    arriving: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The effect of a change on everybody's logins.

    Args:
        at: Instant of every login.
        groups: Groups of changed logins: first the lost ones, then those that end elsewhere.
        kept_logins: Logins that arrive as before.
        still_failing: Number of logins that fail in both worlds.
        remarks: Remarks of ``fedemu check`` on the world after that it does not make on the one before.
        left_out: What the seeds of the world after contain and the world does not; nothing is known about it.
        shown: Replaces file names in a text by those that the person knows, because the files of a revision are
            temporary.
    """

    before: ComparedWorld
    after: ComparedWorld
    at: datetime
    groups: tuple[ChangedGroup, ...]
    kept_logins: tuple[Kept, ...]
    still_failing: int
    remarks: tuple[Remark, ...]
    left_out: tuple[Problem, ...]
    shown: Callable[[str], str] = field(compare=False, repr=False)

    def of(self, kind: Kind) -> tuple[ChangedGroup, ...]:
        """Returns the groups of a kind."""
        return tuple(each for each in self.groups if each.kind is kind)

    def logins(self, kind: Kind) -> int:
        """Returns how many logins are of a kind."""
        return sum(len(each.logins) for each in self.of(kind))

    @property
    def kept(self) -> int:
        """How many logins arrive as before."""
        return sum(each.logins for each in self.kept_logins)

    @property
    def verdict(self) -> str:
        """The worst that happens to a login: ``lost``, ``changed``, ``gained`` or ``same``."""
        return next((kind.value for kind in Kind if self.logins(kind)), "same")


@dataclass(frozen=True, slots=True)
class Side:
    """A world with its federation, and its name."""

    name: str
    file: str
    federation: Federation


def compare_sides(
    before: Side,
    after: Side,
    *,
    shown: Callable[[str], str],
    at: datetime | None = None,
    tries_fixes: bool = True,
) -> Comparison:
    """Compares two worlds, without changing either.

    Args:
        after: The world after; its clock is at the same instant.
        shown: Replaces file names in a text by those that the person knows.
        at: Instant of every login, by both sides' clocks; by default now.
        tries_fixes: Whether to try fixes for lost logins.
    """
    then, now = access_of(before.federation, at=at), access_of(after.federation, at=at)
    table = LoginTable(then, now)
    instant = at or after.federation.clock.now()
    groups: tuple[ChangedGroup, ...] = ()
    if not table.is_same:
        involved = Involved(before.federation, after.federation)
        lost = LostLogins(then, now, involved, at=at, tries_fixes=tries_fixes)
        groups = (
            *_lost_groups(table, lost),
            *_grouped(Kind.CHANGED, table.changed, involved),
            *_grouped(Kind.GAINED, table.gained, involved),
        )
    known = {(each.rule, each.problem.message) for each in remarks_of(before.federation, then, now=instant)}
    new = (
        each
        for each in remarks_of(after.federation, now, now=instant)
        if (each.rule, each.problem.message) not in known
    )
    remarks = unexplained(new, [group.proof for group in groups if group.proof is not None])
    return Comparison(
        _world(before, then),
        _world(after, now),
        instant,
        groups,
        kept_logins=tuple(Kept(*key, logins) for key, logins in table.kept.items()),
        still_failing=table.still_failing,
        remarks=tuple(dict.fromkeys(remarks)),
        left_out=tuple(problem for seed in after.federation.world.seeds for problem in seed.left_out),
        shown=shown,
    )


def _world(side: Side, access: Access) -> ComparedWorld:
    decisions = access.decisions
    return ComparedWorld(side.name, side.file, len(decisions), sum(each.arrives for each in decisions))


def _lost_groups(table: LoginTable, lost: LostLogins) -> Iterator[ChangedGroup]:
    """Yields the logins that are lost alike."""
    logins = {(each.first.who, each.first.role): each for each in table.lost}
    after = {key: each.after for key, each in logins.items() if each.after is not None}
    people = {who for who, _ in table.now}
    for each in lost.groups([login.first for login in table.lost], after, people=people):
        members = tuple(logins[decision.who, decision.role] for decision in each.decisions)
        yield ChangedGroup(Kind.LOST, members, each.why, *each.told, each.proof)


def _grouped(kind: Kind, logins: Sequence[ChangedLogin], involved: Involved) -> Iterator[ChangedGroup]:
    """Yields logins by app, role and place, before and after; where very many roles change alike they are together."""
    groups: dict[_GroupKey, list[ChangedLogin]] = {}
    for each in logins:
        why = involved.why_gained(each.after) if kind is Kind.GAINED and each.after is not None else ""
        groups.setdefault((*_place(each.before), *_place(each.after), why), []).append(each)
    for (*_, why), members in together(groups, _without_roles).items():
        first = members[0]
        involving = [each for each in (first.before, first.after) if each is not None]
        yield ChangedGroup(kind, tuple(members), why, *involved.told(involving))


_GroupKey = tuple[str, ...]


def _without_roles(key: _GroupKey) -> _GroupKey:
    return tuple("" if part.startswith("arn:") else part for part in key)


def _place(decision: Decision | None) -> _GroupKey:
    if decision is None:
        return ("", "", "", "", "")
    return decision.who.org, decision.who.app, decision.role, decision.check, decision.place
