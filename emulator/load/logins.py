"""The logins that a load consists of, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from emulator.arrival import is_named
from emulator.flow import role_pairs
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.remote.remote_world import RemoteApp, RemoteWorld


@dataclass(frozen=True, slots=True)
class AssignedLogin:
    """A login that somebody can make.

    Args:
        user: The Okta login.
        app: The app, as ``org/app``.
        role: The role to take where sign-in asks; None where there is nothing to ask.
    """

    user: str
    app: str
    role: str | None = None

    def __str__(self) -> str:
        return f"{self.user} {self.app}" + (f" --role {self.role}" if self.role else "")


def logins_of(world: RemoteWorld, *, people: str = "*", app: str = "", role: str = "") -> tuple[AssignedLogin, ...]:
    """Returns the logins of a world: each person with each app and role assigned to them.

    Args:
        world: Who can log in.
        people: Leaves out everybody whose login it does not match: a login, or a pattern such as ``*@example.com``.
        app: Leaves out every other app: its name, or ``org/app``; empty for all.
        role: Leaves out every other role: its name or ARN; empty for all.

    Raises:
        FederationError: there is no such app, or there are no such logins.
    """
    apps = [world.app(app)] if app else world.apps
    found = tuple(login for each in apps for login in _of_app(each, people=people.strip() or "*", role=role))
    if not found:
        known = list(dict.fromkeys(user for each in apps for user in each.roles))
        asked = [f"people {people}", f"app {app}" if app else "", f"role {role}" if role else ""]
        raise FederationError(
            f"There is no login with {', '.join(filter(None, asked))}",
            explanation="Only people who are assigned to an app can log in to it.",
            expected=_some(known),
            received=people,
        )
    return found


def _of_app(app: RemoteApp, *, people: str, role: str) -> Iterator[AssignedLogin]:
    for user, values in app.roles.items():
        if not fnmatchcase(user.lower(), people.lower()):
            continue
        arns = list(dict.fromkeys(pair.role_arn for pair in role_pairs(values)))
        if role:
            yield from (AssignedLogin(user, app.path, arn) for arn in arns if is_named(role, arn))
        elif len(arns) > 1:
            yield from (AssignedLogin(user, app.path, arn) for arn in arns)
        else:
            yield AssignedLogin(user, app.path)


def _some(names: Sequence[str], *, most: int = 5) -> str:
    more = f" or {len(names) - most} others" if len(names) > most else ""
    return ", ".join(names[:most]) + more


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a load that one process makes.

    Args:
        index: Its number among the processes, from 0.
        count: How many processes there are.
        logins: How many logins it makes; None for as many as there is time for.
    """

    index: int = 0
    count: int = 1
    logins: int | None = None


def shares_of(logins: int, *, count: int) -> list[Share]:
    """Divides a load among processes.

    Args:
        logins: How many logins all make together; 0 for as many as there is time for.
        count: How many processes there are.
    """
    if not logins:
        return [Share(index, count) for index in range(count)]
    whole, rest = divmod(logins, count)
    return [Share(index, count, whole + (index < rest)) for index in range(count)]


class Turns:
    """Gives the logins one after the other, each person in turn, until a share is used up.

    Args:
        logins: All logins there are, the same in every process.
        share: The part of them that this process makes.
    """

    def __init__(self, logins: Sequence[AssignedLogin], share: Share) -> None:
        self._logins = tuple(logins)
        self._share = share
        self._begun = 0
        self.ended = 0

    def next(self) -> AssignedLogin | None:
        """Returns the next login; None where there is none left to make."""
        share = self._share
        if share.logins is not None and self._begun >= share.logins:
            return None
        number = share.index + self._begun * share.count
        self._begun += 1
        return self._logins[number % len(self._logins)]

    @property
    def is_over(self) -> bool:
        """Whether every login of the share was made."""
        return self._share.logins is not None and self.ended >= self._share.logins
