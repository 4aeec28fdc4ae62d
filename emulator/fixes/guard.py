"""What a change does to everybody's logins: nobody may lose one, and nobody may gain what was not asked for.

A login is a person, an app and a role that the app gives them. It counts as lost when it no longer arrives, or arrives
elsewhere. Two exceptions: logins that ended at the same wrong place as the login in question may move with it, and a
page of an instance may change its domain. A login that newly arrives is intended if it is one of these:

- the login in question, in the role that it takes;
- one that the app already gave to the person, and that was stopped: a change of the identity provider's settings may
let people arrive as they were assigned; a change at AWS may do so only if nobody at all arrived in that role, because a
policy that lets some people in keeps the others out on purpose;
- after a change of the app's settings other than its assignments: a login of somebody who could not use the app at all
because of the same check; or a login in the same role as the login in question, if the settings or a group give it to
everybody, or if it replaces a role that did not arrive;
- what the candidate says it grants, because that was asked for.

Any other login that a change makes possible is a reason not to propose it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from emulator.access.decision import Who
from emulator.access.table import Access
from emulator.fixes.candidate import Edit
from emulator.kernel.records import dataclass


@dataclass(frozen=True, slots=True)
class Gain:
    """The login that a change is meant to make possible.

    Args:
        user: Login of the person.
        app: Name of the app, or ``org/app``.
        role: ARN of the role that it takes with the change.
        check: Name of the check that stopped it.
        ended: Address where it ended before.
        lands_on: Address where it arrives.
    """

    user: str
    app: str
    role: str
    check: str
    ended: str
    lands_on: str

    def is_of(self, who: Who) -> bool:
        """Returns whether it is a login of this person with this app."""
        return who.person == self.user and self.is_by(who)

    def is_by(self, who: Who) -> bool:
        """Returns whether it is by this app."""
        return self.app in {who.app, f"{who.org}/{who.app}"}


def objection(before: Access, after: Access, *, gain: Gain, edits: Iterable[Edit], grants: Iterable[str] = ()) -> str:
    """Returns why a change should not be proposed, for a person; empty where there is no objection.

    Args:
        before: Result of every login.
        after: Result of every login with the change.
        gain: The login that the change is for.
        edits: The change.
        grants: What was asked for besides that login: role ARNs, addresses.
    """
    changes, asked_for = tuple(edits), frozenset(grants)
    there, logins = after.entries, _Logins.of(before, after)
    for (who, role), place in before.lost_in(after).items():
        now = there.get(who, {}).get(role, "")
        moved_along = gain.is_by(who) and place == gain.ended and now == gain.lands_on
        is_own = bool(now) and gain.is_of(who) and role == gain.role
        if not is_own and not moved_along and not _is_same_page(place, now, changes):
            return f"{who.person} would lose {role or who.app} at {place}"
    was = {(each.who, each.role): each for each in before.decisions}
    for (who, role), place in before.gained_in(after).items():
        old = was.get((who, role))
        if old is not None and old.arrives:
            continue  # it moved with the login in question
        if {role, place} & asked_for or (gain.is_of(who) and role == gain.role):
            continue
        if not _is_as_assigned(who, role, logins, gain=gain, edits=changes):
            return f"{who.person} would gain {role or who.app} at {place}"
    return ""


@dataclass(frozen=True, slots=True)
class _Logins:
    """Facts about everybody's logins, computed once.

    Args:
        failing: The check that stopped each login before, by person and app and by role.
        arriving: The people who arrived before.
        taken: The roles in which somebody arrived before.
        kept: The roles that each person gets after the change.
    """

    failing: Mapping[Who, Mapping[str, str]]
    arriving: frozenset[Who]
    taken: frozenset[str]
    kept: Mapping[Who, frozenset[str]]

    @classmethod
    def of(cls, before: Access, after: Access) -> _Logins:
        """Computes them."""
        failing: dict[Who, dict[str, str]] = {}
        for each in before.failing:
            failing.setdefault(each.who, {})[each.role] = each.check
        kept: dict[Who, set[str]] = {}
        for each in after.decisions:
            kept.setdefault(each.who, set()).add(each.role)
        taken = frozenset(role for roles in before.entries.values() for role in roles)
        return cls(failing, frozenset(before.entries), taken, {who: frozenset(roles) for who, roles in kept.items()})


def _is_as_assigned(who: Who, role: str, logins: _Logins, *, gain: Gain, edits: tuple[Edit, ...]) -> bool:
    """Returns whether somebody was meant to have a login and was stopped by the mistake that a change corrects."""
    changes_aws = any(edit.key[:1] == ("aws",) for edit in edits)
    failing = logins.failing.get(who, {})
    if role in failing:
        return not changes_aws or role not in logins.taken
    if changes_aws or any(_is_membership(edit) for edit in edits) or not gain.is_by(who):
        return False
    if who not in logins.arriving and gain.check in failing.values():
        return True
    if role != gain.role:
        return False
    if not any(edit.key[4:5] == ("assignments",) for edit in edits):
        return True  # the role is given to everybody to whom the app's settings, or their group, give it
    return any(each not in logins.kept.get(who, frozenset()) for each in failing)


def _is_same_page(place: str, now: str, edits: tuple[Edit, ...]) -> bool:
    """Returns whether a login arrives at the same page of the same instance under another name."""
    there, here = urlsplit(place), urlsplit(now)
    if not now or there.path.split("/")[-1] != here.path.split("/")[-1]:
        return False
    is_renamed = any(edit.key[2:3] == ("connect",) and edit.key[4:5] in {("alias",), ("domain",)} for edit in edits)
    return is_renamed or there.netloc.split(".")[0] == here.netloc.split(".")[0]


def _is_membership(edit: Edit) -> bool:
    """Returns whether an edit changes who has an app or who is in a group, rather than their roles."""
    if edit.key[:1] != ("okta",):
        return False
    if edit.key[2:3] == ("apps",):
        return edit.key[4:5] == ("assignments",) and edit.key[6:7] not in {("role",), ("saml_user_roles",)}
    return "groups" in {*edit.key[2:3], *edit.key[4:5]}
