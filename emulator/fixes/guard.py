"""What a change does to everybody's logins: nobody may lose one, and nobody may gain what was not asked for.

A gain is right where it is what the change is for:

- the login itself, in the role that was asked for, and where none was, in the role that it arrives in;
- somebody whose login was stopped before by the same check, and who now arrives in a role that their assertion already
  had: a policy that stopped everybody of a role is corrected for everybody of it;
- somebody who had no role at all before, was stopped by the same check, and gets the roles of the same app's settings
  that nobody else had to be given: the change is to the app's settings, and not to who is assigned or in which group;
- what the candidate says it grants, because that was asked for.

Every other role that somebody can take after a change and could not before makes it a change that is not proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emulator.federation import Federation
from emulator.fixes.attempt import Attempt, Posted
from emulator.fixes.candidate import Candidate, Edit
from emulator.flow import Outcome, log_in, role_pairs
from emulator.kernel.errors import FlowError


@dataclass(frozen=True, slots=True)
class Reach:
    """One login that there is: who, by which app, in which role; empty where the app gives them none.

    Args:
        user: The Okta login.
        app: The app, as ``org/app``.
        role: The role's ARN.
    """

    user: str
    app: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """What a login comes to.

    Args:
        lands_on: Where it arrives; empty where it does not.
        check: What stops it.
    """

    lands_on: str = ""
    check: str = ""


Ends = Mapping[Reach, End]


def ends_of(federation: Federation) -> Ends:
    """Makes every login of a copy that there is to be made.

    Args:
        federation: A copy, which remembers what happened in it.
    """
    return {reach: _end(reach, federation) for reach in _reaches(federation)}


def _reaches(federation: Federation) -> Iterable[Reach]:
    for name, provider in federation.identity_providers.items():
        for app in provider.org.apps.values():
            for user in provider.org.users.values():
                if not provider.org.assigned(app, user):
                    continue
                roles = [pair.role_arn for pair in role_pairs(provider.role_values(app, user.login))]
                for role in roles or [""]:
                    yield Reach(user.login, f"{name}/{app.name}", role)


def _end(reach: Reach, federation: Federation) -> End:
    try:
        login = log_in(federation, user=reach.user, app=reach.app, role=reach.role or None)
    except FlowError as error:
        return End(check=str(error.message))
    if login.outcome is Outcome.ACCEPTED:
        return End(lands_on=login.lands_on)
    missing = login.refusal or login.shortfall
    return End(check=missing.check if missing is not None else "no-such-page")


def objection(
    before: Ends,
    after: Ends,
    *,
    asked: Attempt | Posted | None,
    taken: str,
    check: str,
    candidates: Iterable[Candidate],
    edits: Iterable[Edit],
) -> str:
    """Returns why a change is not to be proposed, for a person; empty where nothing speaks against it.

    Args:
        before: What every login came to.
        after: What every login comes to with the change.
        asked: The login that the change is for.
        taken: The role that it arrives in.
        check: What stopped it before.
        candidates: What the change is made of.
        edits: All of its edits.
    """
    granted = {each for candidate in candidates for each in candidate.grants}
    gives_membership = any(_is_membership(edit) for edit in edits)
    for reach, end in before.items():
        now = after.get(reach, End())
        if end.lands_on and not now.lands_on:
            return f"{reach.user} would lose {reach.role or reach.app}"
    had_no_role = {(reach.user, reach.app): end.check for reach, end in before.items() if not reach.role}
    for reach, end in after.items():
        was = before.get(reach)
        if not end.lands_on or (was is not None and was.lands_on):
            continue
        is_own = isinstance(asked, Attempt) and (reach.user, reach.app) == (asked.user, _full(asked.app, reach.app))
        if (is_own and reach.role == taken) or granted & {reach.role, end.lands_on}:
            continue
        if was is not None and was.check == check:
            continue
        if had_no_role.get((reach.user, reach.app)) == check and not (gives_membership and not is_own):
            continue
        return f"{reach.user} would gain {reach.role or reach.app}"
    return ""


def _full(app: str, known: str) -> str:
    """Returns an app as ``org/app``."""
    return app if "/" in app else f"{known.partition('/')[0]}/{app}"


def _is_membership(edit: Edit) -> bool:
    """Returns whether an edit says who has an app, or who is in a group."""
    return edit.key[:1] == ("okta",) and bool({"assignments", "groups"} & set(map(str, edit.key[2:6])))
