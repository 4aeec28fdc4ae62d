"""Logins that end alike, reported together: one of each group is really made, and explained."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from emulator.access.decision import Decision, Who
from emulator.access.rehearsal import Rehearsal
from emulator.diagnosis.login_result import LoginResult, result_of
from emulator.federation import Federation
from emulator.flow import Login, Outcome
from emulator.kernel.errors import FederationError
from emulator.kernel.explanations import Asked, Cause, PageAround, Planted, Sent, Setting
from emulator.kernel.records import dataclass

Explain = Callable[[Login, Federation, Decision], LoginResult]
# Beyond this many groups per app and check, only the service's message distinguishes them.
_MANY_GROUPS = 8
_SHORTEST_NAME = 3
_QUOTED = re.compile(r"'[^']*'|\d+")


@dataclass(frozen=True, slots=True)
class LoginGroup:
    """Logins that end alike.

    Args:
        decisions: The logins; the first is the one that was made.
        result: Result of that login; None where the browser could not continue.
        problem: Why it could not continue.
    """

    decisions: tuple[Decision, ...]
    result: LoginResult | None
    problem: str = ""

    @property
    def first(self) -> Decision:
        """The login that was made."""
        return self.decisions[0]

    @property
    def arrives(self) -> bool:
        """Whether the logins arrive: it was decided so, and the one that was made did."""
        made = self.result.login if self.result is not None else None
        return (
            self.first.arrives
            and made is not None
            and made.outcome is Outcome.ACCEPTED
            and made.lands_on == self.first.place
        )

    @property
    def is_as_decided(self) -> bool:
        """Whether the login that was made ended as it was decided."""
        made = self.result.login.outcome if self.result is not None else Outcome.REFUSED
        return made is self.first.outcome and (self.arrives or not self.first.arrives)

    @property
    def people(self) -> tuple[str, ...]:
        """The people whose logins they are."""
        return tuple(dict.fromkeys(each.who.person for each in self.decisions))

    @property
    def roles(self) -> tuple[str, ...]:
        """The ARNs of the roles."""
        return tuple(dict.fromkeys(each.role for each in self.decisions if each.role))

    @property
    def apps(self) -> tuple[str, ...]:
        """The apps, each as ``org/app``."""
        return tuple(dict.fromkeys(f"{each.who.org}/{each.who.app}" for each in self.decisions))


def groups_of(
    decisions: Iterable[Decision], rehearsal: Rehearsal, *, explain: Explain | None = None
) -> tuple[LoginGroup, ...]:
    """Returns the groups, in the order of their first logins, each with a login that was made.

    Args:
        decisions: The decided logins.
        rehearsal: Copy in which one of each group is made.
        explain: Explains a login that was made; by default without trying fixes.
    """
    return tuple(_made(group, rehearsal, explain or _explained) for group in _alike(decisions))


def _made(decisions: Sequence[Decision], rehearsal: Rehearsal, explain: Explain) -> LoginGroup:
    first = decisions[0]
    try:
        login = rehearsal.log_in(first.who, first.role)
    except FederationError as error:
        return LoginGroup(tuple(decisions), None, error.message)
    return LoginGroup(tuple(decisions), explain(login, rehearsal.copy, first))


def _explained(login: Login, federation: Federation, _: Decision) -> LoginResult:
    return result_of(login, federation)


Key = tuple[object, ...]


def _alike(decisions: Iterable[Decision]) -> list[list[Decision]]:
    groups: dict[Key, list[Decision]] = {}
    for each in decisions:
        groups.setdefault(_key(each), []).append(each)
    rough: dict[Key, list[list[Decision]]] = {}
    for group in groups.values():
        rough.setdefault(_rough_key(group[0]), []).append(group)
    many = {key for key, found in rough.items() if len(found) >= _MANY_GROUPS}
    together: dict[Key, list[Decision]] = {}
    for key, group in groups.items():
        kind = _rough_key(group[0])
        together.setdefault(kind if kind in many else key, []).extend(group)
    return list(together.values())


def _rough_key(decision: Decision) -> Key:
    who = decision.who
    if decision.arrives:
        return (who.org, who.app, decision.place)
    said = decision.refusal.message if decision.refusal is not None else ""
    return (who.org, who.app, decision.outcome, decision.check, _without_names(said, decision))


def _key(decision: Decision) -> Key:
    if decision.arrives:
        return _rough_key(decision)
    refusal, missing = decision.refusal, decision.shortfall
    why = decision.problem
    causes: tuple[Cause, ...] = ()
    if refusal is not None:
        why, causes = refusal.explanation, refusal.causes
    elif missing is not None:
        why, causes = missing.why, missing.causes
    kinds = tuple(_kind_of(cause, decision) for cause in causes)
    return (*_rough_key(decision), _without_names(why, decision), kinds)


def _kind_of(cause: Cause, decision: Decision) -> Key:
    if isinstance(cause, Setting):
        path = tuple("#" if isinstance(part, int) else _without_names(part, decision) for part in cause.path)
        return (*path, *cause.inside)
    if isinstance(cause, Sent):
        return ("sent", cause.place)
    if isinstance(cause, Asked):
        return ("asked", cause.what)
    if isinstance(cause, Planted):
        return ("planted", cause.text)
    return ("page", cause.origin if isinstance(cause, PageAround) else "")


def _without_names(text: str, decision: Decision) -> str:
    """Returns a text without the names of a login's person and role, and without quoted values."""
    for name in _names(decision.who, decision.role):
        text = text.replace(name, "…")
    return _QUOTED.sub("…", text)


def _names(who: Who, role: str) -> Iterator[str]:
    names = (role, role.rpartition("/")[2], who.person, who.person.partition("@")[0])
    yield from (name for name in names if len(name) >= _SHORTEST_NAME)
