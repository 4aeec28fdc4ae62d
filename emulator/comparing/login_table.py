"""All logins of two worlds, compared: which are lost, which change, which are gained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from emulator.access.decision import Decision, Who
from emulator.access.table import Access
from emulator.kernel.records import dataclass

Login = tuple[Who, str]


@dataclass(frozen=True, slots=True)
class ChangedLogin:
    """A login that differs between the worlds.

    Args:
        before: Result before; None where it did not exist.
        after: Result after.
    """

    before: Decision | None
    after: Decision | None

    @property
    def first(self) -> Decision:
        """The login as it was, or as it is where it was not."""
        found = self.before or self.after
        if found is None:
            raise ValueError("a login is in one of the worlds at least")
        return found


class LoginTable:
    """All logins of both worlds, compared."""

    def __init__(self, before: Access, after: Access) -> None:
        then = {(each.who, each.role): each for each in before.decisions}
        self.now = {(each.who, each.role): each for each in after.decisions}
        lost: dict[Login, Decision] = {}
        changed: list[ChangedLogin] = []
        self.kept: Counter[tuple[str, str, str, str]] = Counter()
        self.still_failing = 0
        for key, was in then.items():
            becomes = _login(self.now, key)
            if not was.arrives:
                self.still_failing += becomes is not None and not becomes.arrives
            elif becomes is None or not becomes.arrives:
                lost[key] = was
            elif (was.place, was.connect_user, was.instance_id) != (
                becomes.place,
                becomes.connect_user,
                becomes.instance_id,
            ):
                changed.append(ChangedLogin(was, becomes))
            else:
                self.kept[was.who.org, was.who.app, was.role, was.place] += 1
        gained = {
            key: each for key, each in self.now.items() if each.arrives and (key not in then or not then[key].arrives)
        }
        for was, becomes in _renamed(lost, gained, then, self.now):
            del lost[was.who, was.role], gained[becomes.who, becomes.role]
            changed.append(ChangedLogin(was, becomes))
        self.lost = tuple(ChangedLogin(each, _login(self.now, key)) for key, each in lost.items())
        self.changed = tuple(changed)
        self.gained = tuple(ChangedLogin(_login(then, key), each) for key, each in gained.items())

    @property
    def is_same(self) -> bool:
        """Whether no login changes."""
        return not (self.lost or self.changed or self.gained)


def _login(logins: Mapping[Login, Decision], login: Login) -> Decision | None:
    """Returns the result of a login; people refused before a role is chosen have none."""
    who, role = login
    found = logins.get(login)
    if found is None and role:
        refused = logins.get((who, ""))
        found = replace(refused, role=role) if refused is not None and not refused.arrives else None
    return found


def _renamed(
    lost: Mapping[Login, Decision],
    gained: Mapping[Login, Decision],
    then: Mapping[Login, Decision],
    now: Mapping[Login, Decision],
) -> Iterator[tuple[Decision, Decision]]:
    """Yields logins that somebody has through another role or app after, ending at the same place."""
    gone: dict[tuple[str, str], list[Decision]] = {}
    new: dict[tuple[str, str], list[Decision]] = {}
    for key, each in lost.items():
        if key not in now:
            gone.setdefault((each.who.org, each.who.person), []).append(each)
    for key, each in gained.items():
        if key not in then:
            new.setdefault((each.who.org, each.who.person), []).append(each)
    for person, decisions in gone.items():
        others = new.get(person, [])
        for was in decisions:
            by_app = [each for each in others if each.who == was.who and each.place == was.place]
            by_role = [each for each in others if each.role == was.role and each.place == was.place]
            mine = [each for each in decisions if each.who == was.who and each.place == was.place]
            found = by_app if by_app and len(mine) == 1 else by_role
            if len(found) == 1:
                yield was, found[0]
                others.remove(found[0])
