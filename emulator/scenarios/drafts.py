"""Scenarios for a world without any: one for each kind of person, with the same app, roles and outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from emulator.access.decision import Decision
from emulator.access.rehearsal import Rehearsal, rehearsal_of
from emulator.access.remarks import counted, few
from emulator.access.table import access_of
from emulator.diagnosis.login_result import LoginResult, result_of
from emulator.federation import Federation
from emulator.flow import Outcome
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.todos import is_todo
from emulator.worldfile.world_text import Comments, documents_text, world_text

MOST_KINDS: Final = 10


@dataclass(frozen=True, slots=True)
class PersonKind:
    """People who have the same app, the same roles and the same outcome, with one of the roles.

    Args:
        people: Their logins; the first person's login is made.
        org: Their org.
        app: The app.
        role: ARN of the role; empty where the app offers none.
        chooses: Whether they have several roles to choose from.
        result: Result of the login; None where the browser could not continue.
        problem: Why it could not continue.
    """

    people: tuple[str, ...]
    org: str
    app: str
    role: str
    chooses: bool
    result: LoginResult | None
    problem: str = ""

    @property
    def arrives(self) -> bool:
        """Whether their login arrives."""
        return self.result is not None and self.result.login.outcome is Outcome.ACCEPTED

    @property
    def role_name(self) -> str:
        """The role's name."""
        return self.role.rpartition("/")[2]

    @property
    def cause(self) -> str:
        """Why their login does not arrive, in a line."""
        told = self.result.diagnosis if self.result is not None else None
        if told is None:
            return self.problem
        return (told.cause or told.why).partition("\n")[0]


def kinds_of(federation: Federation) -> tuple[list[PersonKind], int]:
    """Returns the kinds of people in a federation, and how many further kinds are not included.

    Args:
        federation: The federation, which is not changed.
    """
    theirs: dict[tuple[str, str, str], list[Decision]] = {}
    for each in access_of(federation).decisions:
        theirs.setdefault((each.who.org, each.who.app, each.who.person), []).append(each)
    kinds: dict[tuple[object, ...], list[list[Decision]]] = {}
    for (org, app, _), decisions in theirs.items():
        ends = tuple((each.role, each.outcome, each.check, each.place if each.arrives else "") for each in decisions)
        kinds.setdefault((org, app, ends), []).append(decisions)
    rehearsal = rehearsal_of(federation)
    pairs = [(people, number) for people in kinds.values() for number in range(len(people[0]))]
    return [_kind(people, number, rehearsal) for people, number in pairs[:MOST_KINDS]], len(pairs[MOST_KINDS:])


def _kind(people: Sequence[Sequence[Decision]], number: int, rehearsal: Rehearsal) -> PersonKind:
    first = people[0][number]
    result, problem = None, ""
    try:
        login = rehearsal.log_in(first.who, first.role)
        result = result_of(login, rehearsal.copy)
    except FederationError as error:
        problem = error.message
    logins = tuple(each[number].who.person for each in people)
    return PersonKind(logins, first.who.org, first.who.app, first.role, len(people[0]) > 1, result, problem)


def scenarios_text(
    kinds: Sequence[PersonKind], *, world: str, todos: Mapping[str, str] | None = None, header: str = ""
) -> str:
    """Returns a file of scenarios, each of which expects that the people of a kind arrive.

    Args:
        kinds: The kinds of people.
        world: World file, relative to the scenarios.
        todos: What remains to be filled in in the world, by its placeholder. If there is anything, a scenario expects
            only that the login arrives.
        header: Comment at the beginning of each scenario.
    """
    scenarios = (_scenario(kind, number, world, todos or {}) for number, kind in enumerate(kinds, 1))
    documents = (
        (data, replace(comments, header=f"{header}\n{comments.header}".strip())) for data, comments in scenarios
    )
    return documents_text([world_text(data, comments) for data, comments in documents])


def _scenario(kind: PersonKind, number: int, world: str, todos: Mapping[str, str]) -> tuple[dict[str, Any], Comments]:
    app = f"{kind.org}/{kind.app}"
    login: dict[str, Any] = {"user": todos.get(kind.people[0], kind.people[0]), "app": app}
    expect: dict[str, Any] = {}
    beside: dict[Key, str] = {}
    if login["user"] in todos.values():
        beside[("login", "user")] = "TODO: the login, as in the world"
    if kind.chooses:
        login["role"] = kind.role_name
    if not todos and kind.result is not None and kind.arrives:
        made = kind.result.login
        expect |= {"lands_on": made.lands_on, "role": made.role or "", "session_name": made.session_name or ""}
        expect = {name: value for name, value in expect.items() if value}
    elif not todos and kind.role:
        expect["role"] = kind.role
    data = {
        "scenario": _title(kind, login["user"]),
        "id": f"LOGIN-{number:02}",
        "world": world,
        "login": login,
        "expect": expect or "arrives",
    }
    return data, Comments("\n".join(_header(kind, number, todos)), beside=beside)


def _title(kind: PersonKind, login: str) -> str:
    as_role = f" as {kind.role_name}" if kind.role else ""
    others = len(kind.people) - 1
    more = f", like {counted(others, 'other')}" if others else ""
    login = "A person" if is_todo(login) else login
    return f"{login} opens {kind.app}{as_role}{more}"


def _header(kind: PersonKind, number: int, todos: Mapping[str, str]) -> Iterator[str]:
    if number == 1:
        yield "One login of each kind of person. Run with: fedemu run scenarios"
    if len(kind.people) > 1:
        yield f"Stands for {len(kind.people):,} people: {few(kind.people)}"
    if not todos and not kind.arrives:
        yield f"Fails as the world is now: {kind.cause}"
