"""The results of ``fedemu compare`` for a terminal: losses, changes, gains, new remarks, a summary."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.access.decision import Decision
from emulator.access.remarks import counted, few
from emulator.comparing.changes import SettingChange
from emulator.comparing.comparison import ChangedGroup, Comparison, Kind
from emulator.diagnosis.login_groups import LoginGroup
from emulator.kernel.records import dataclass
from emulator.reports.text import result_block

_MOST_REMARKS = 10
_VERBS = {
    Kind.LOST: ("is lost", "are lost"),
    Kind.CHANGED: ("changes", "change"),
    Kind.GAINED: ("is gained", "are gained"),
}


@dataclass(frozen=True, slots=True)
class CompareParagraph:
    """A part of the text; ``kind`` is what happens to the logins in it, None for remarks."""

    text: str
    kind: Kind | None = None


def compare_paragraphs(found: Comparison) -> Iterator[CompareParagraph]:
    """Yields the results: lost logins, logins that end elsewhere, gained logins, remarks."""
    for group in found.groups:
        yield CompareParagraph(found.shown(group_text(group)), group.kind)
    if found.remarks:
        yield CompareParagraph(found.shown("\n".join(remark_lines(found))))


def compare_summary(found: Comparison) -> str:
    """Returns the last line: how many logins both worlds have, and what happens to them."""
    lost, changed, gained = (found.logins(kind) for kind in Kind)
    parts = [
        f"{lost:,} lost",
        f"{changed:,} changed",
        f"{gained:,} gained",
        f"{found.kept:,} as before",
    ]
    if found.still_failing:
        parts.append(f"{found.still_failing:,} did not arrive before and {_do(found.still_failing)} not")
    if found.remarks:
        parts.append(counted(len(found.remarks), "new remark"))
    if found.left_out:
        parts.append(f"{len(found.left_out):,} left out of seeds")
    return f"{titles(found)}: {', '.join(parts)}"


def titles(found: Comparison) -> str:
    """Returns what was compared with what."""
    return f"{found.before.name} -> {found.after.name}"


def verdict_line(found: Comparison) -> str:
    """Returns the effect of the change, in a few words."""
    told = [
        f"{counted(found.logins(kind), 'login')} {_VERBS[kind][found.logins(kind) != 1]}"
        for kind in Kind
        if found.logins(kind)
    ]
    return ", ".join(told) if told else "every login is as before"


def headline(group: ChangedGroup) -> str:
    """Returns whose logins a group contains, and what happens to them, in a line."""
    people, roles = group.people, [role_name(each) for each in group.roles]
    many = len(group.logins) != 1
    who = few(people) if len(people) == 1 else f"{counted(len(people), 'person', 'people')} ({few(people)})"
    as_role = f", as {few(roles)}" if roles else ""
    verb = _VERBS[group.kind][many]
    return f"{counted(len(group.logins), 'login')} {verb}: {who} in {few(group.apps)}{as_role}"


def why_text(group: ChangedGroup) -> str:
    """Returns why a group's logins no longer exist, or why they now do, in a sentence; empty for neither."""
    if not group.why.startswith("is "):
        return group.why
    people = group.people
    return f"{few(people)} {'are' if len(people) > 1 else 'is'} {group.why.removeprefix('is ')}"


def group_text(group: ChangedGroup) -> str:
    """Returns the block of a group."""
    return "\n".join([headline(group), *(f"  {line}" for line in group_lines(group))])


def group_lines(group: ChangedGroup) -> Iterator[str]:
    """Yields the lines below a group's headline."""
    why = why_text(group)
    if why:
        yield f"because {why}"
    for number, change in enumerate(group.changes):
        word = "and" if number else "because" if change.is_cited and not why else "changed"
        yield from change_lines(change, word)
    if group.more_changes:
        yield f"and     {counted(group.more_changes, 'more difference')} in what they depend on"
    yield f"before  {_told(group.first.before)}"
    if group.kind is not Kind.LOST:
        yield f"after   {_told(group.first.after)}"
    elif group.proof is not None:
        yield from _proof_lines(group.proof)


def change_lines(change: SettingChange, word: str) -> Iterator[str]:
    """Yields a changed setting, with its places in both worlds.

    Args:
        change: The change.
        word: First word of the first line.
    """
    yield f"{word:<7} {change.text}"
    for name, origin in (("was", change.before), ("is", change.after)):
        if origin is not None:
            yield f"  {name:<5} {origin}"


def remark_lines(found: Comparison) -> Iterator[str]:
    """Yields the remarks of ``fedemu check`` on the world after that it does not make on the one before."""
    for remark in found.remarks[:_MOST_REMARKS]:
        yield f"new    {remark.problem.location}"
        yield f"       {remark.problem.message}"
    more = len(found.remarks) - _MOST_REMARKS
    if more > 0:
        yield f"and {counted(more, 'more new remark')}; --json has them all"


def role_name(role: str) -> str:
    """Returns a role's name."""
    return role.rpartition("/")[2]


def _proof_lines(proof: LoginGroup) -> Iterator[str]:
    """Yields the result of the login that was made in the world after."""
    person = f"   (the login of {proof.first.who.person})" if len(proof.decisions) > 1 else ""
    if proof.result is None:
        yield f"after   {proof.problem}{person}"
        return
    login = proof.result.login
    if proof.result.diagnosis is None:
        decided = "though it was decided otherwise; that is a mistake of fedemu"
        yield f"after   the login of {proof.first.who.person} ends at {login.lands_on}, {decided}"
        return
    first, *more = result_block(proof.result).splitlines()
    yield f"after   {first}{person}"
    yield from more


def _told(decision: Decision | None) -> str:
    """Returns the result of a login, with what may differ about it."""
    if decision is None:
        return "not there"
    if not decision.arrives:
        return f"{decision.who.org}/{decision.who.app} does not arrive, check {decision.check}"
    role = f" as {role_name(decision.role)}" if decision.role else ""
    user = f" (Connect user {decision.connect_user})" if decision.connect_user else ""
    return f"{decision.who.org}/{decision.who.app}{role} ends at {decision.place}{user}"


def _do(number: int) -> str:
    return "does" if number == 1 else "do"
