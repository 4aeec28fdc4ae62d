"""The logins that a change removes: one of each group that is lost alike is made in the world after, and explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from emulator.access.decision import Decision, Who
from emulator.access.rehearsal import rehearsal_of
from emulator.access.table import Access
from emulator.comparing.involved import MOST_CHANGES, Involved, Told
from emulator.comparing.restoring import restoring_fix
from emulator.diagnosis.fix import Fix
from emulator.diagnosis.login_groups import Explain, LoginGroup, groups_of
from emulator.diagnosis.login_result import LoginResult, result_of
from emulator.federation import Federation
from emulator.fixes.proof import with_tried_fixes
from emulator.flow import Login, Outcome
from emulator.kernel.errors import FederationError
from emulator.kernel.explanations import Setting
from emulator.kernel.records import dataclass

_MANY_GROUPS = 8


@dataclass(frozen=True, slots=True)
class LostGroup:
    """Logins that are lost alike.

    Args:
        decisions: Decisions before; the first login is the one that was made.
        why: Why the logins no longer exist; empty where the proof explains it.
        told: Changed settings that they depend on, and the number of further changes.
        proof: The login that was made; None where none can be made.
    """

    decisions: tuple[Decision, ...]
    why: str
    told: Told
    proof: LoginGroup | None = None


class LostLogins:
    """Finds out why logins are lost.

    Args:
        then: Result of every login before.
        now: Result of every login after.
        involved: Changes between the two worlds.
        at: Instant of every login; by default now.
        tries_fixes: Whether to try fixes for lost logins.
    """

    def __init__(
        self, then: Access, now: Access, involved: Involved, *, at: datetime | None, tries_fixes: bool
    ) -> None:
        self._rehearsal = rehearsal_of(involved.after, at=at)
        self._then, self._now = then, now
        self._involved = involved
        self._explain: Explain | None = None
        if tries_fixes:
            # A login that binds its user to a role changes the result of the next one.
            binds_roles = any(each.binds_roles for each in involved.after.aws.instances)
            self._explain = partial(with_tried_fixes, known=None if binds_roles else now)

    def groups(
        self, lost: Sequence[Decision], after: Mapping[tuple[Who, str], Decision], *, people: Collection[Who]
    ) -> list[LostGroup]:
        """Returns the groups, in the order of their first logins.

        Args:
            lost: Logins before.
            after: Results of those logins that still exist after.
            people: People of each app after.
        """
        order = {(each.who, each.role): (index, each) for index, each in enumerate(lost)}
        refused = [after[key] for key in order if key in after]
        found = [
            self._told([order[each.who, each.role][1] for each in group.decisions], "", group)
            for group in groups_of(refused, self._rehearsal, explain=self._explain)
        ]
        found += self._gone([each for key, (_, each) in order.items() if key not in after], people)
        return sorted(found, key=lambda each: order[each.decisions[0].who, each.decisions[0].role][0])

    def _told(self, decisions: Sequence[Decision], why: str, proof: LoginGroup | None) -> LostGroup:
        result = proof.result if proof is not None else None
        diagnosis = result.diagnosis if result is not None else None
        settings = diagnosis.settings if diagnosis is not None else ()
        is_fixed = diagnosis is None or self._explain is None or any(fix.tried for fix in diagnosis.fixes)
        if proof is not None and result is not None and not is_fixed:
            fix = self._restored(decisions, settings)
            proof = replace(proof, result=result.with_fixes((fix,))) if fix is not None else proof
        return LostGroup(tuple(decisions), why, self._involved.told(decisions, settings), proof)

    def _restored(self, decisions: Sequence[Decision], settings: Sequence[Setting]) -> Fix | None:
        """Returns a fix that restores everything that was changed for some logins, where that is right."""
        found, _ = self._involved.differences(decisions, settings)
        world, copy = self._involved.before.world, self._rehearsal.copy
        return restoring_fix(
            decisions[0], found[:MOST_CHANGES], before=world, after=copy, then=self._then, now=self._now
        )

    def _gone(self, lost: Sequence[Decision], people: Collection[Who]) -> Iterator[LostGroup]:
        """Yields the logins that no longer exist: the person, the app, its assignment, or the role is gone."""
        groups: dict[_GroupKey, list[Decision]] = {}
        for each in lost:
            who, gone = each.who, self._involved.why_gone(each.who)
            if gone:
                key: _GroupKey = (gone, who.org)
            elif who not in people:
                key = ("is not assigned the app any more", who.org, who.app, self._involved.signature(each))
            else:
                key = ("is not given the role any more", who.org, who.app, each.role, self._involved.signature(each))
            groups.setdefault(key, []).append(each)
        for (why, *_), decisions in together(groups, lambda key: key[:3]).items():
            is_gone = bool(self._involved.why_gone(decisions[0].who))
            proof = None if is_gone else self._made(decisions)
            yield self._told(decisions, str(why), proof)

    def _made(self, decisions: Sequence[Decision]) -> LoginGroup | None:
        """Makes the first of some logins; None where it ends well, with another role."""
        first = decisions[0]
        try:
            login = self._rehearsal.log_in(first.who, first.role)
        except FederationError as error:
            return LoginGroup(tuple(decisions), None, error.message)
        if login.outcome is Outcome.ACCEPTED:
            return None
        return LoginGroup(tuple(decisions), (self._explain or _explained)(login, self._rehearsal.copy, first))


_GroupKey = tuple[object, ...]
_Name = TypeVar("_Name")
_Member = TypeVar("_Member")


def together(groups: Mapping[_Name, list[_Member]], kind: Callable[[_Name], _Name]) -> Mapping[_Name, list[_Member]]:
    """Returns groups, of which those that are very many of one kind are one.

    Args:
        groups: The groups by what their members have in common.
        kind: Returns the part of that which makes a kind.
    """
    kinds = Counter(map(kind, groups))
    found: dict[_Name, list[_Member]] = {}
    for name, members in groups.items():
        found.setdefault(kind(name) if kinds[kind(name)] >= _MANY_GROUPS else name, []).extend(members)
    return found


def _explained(login: Login, federation: Federation, _: Decision) -> LoginResult:
    return result_of(login, federation)
