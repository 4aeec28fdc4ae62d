"""The words for logins that do not arrive and for findings, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulator.access.remarks import FEW
from emulator.diagnosis.login_groups import LoginGroup
from emulator.kernel.errors import Problem
from emulator.workbench.words import Words


def headline(group: LoginGroup, words: Words) -> str:
    """Returns whose logins a group contains, in a line; in English that of ``fedemu check``.

    Args:
        group: The logins.
        words: Words of the page.
    """
    people, roles = group.people, [role.rpartition("/")[2] for role in group.roles]
    example = ""
    if len(people) > 1:
        key = "group_example_as" if roles else "group_example"
        example = words(key, person=people[0], role=roles[0] if roles else "")
    names = few_names(people, words)
    return words(
        "group_headline",
        count=len(group.decisions),
        who=names if len(people) == 1 else words("group_people", count=len(people), names=names),
        apps=", ".join(group.apps),
        as_roles=words("group_as_roles", roles=few_names(roles, words)) if roles else "",
        example=example,
    )


def few_names(names: Sequence[str], words: Words) -> str:
    """Returns the first of some names, and how many more there are."""
    shown, more = ", ".join(names[:FEW]), len(names) - FEW
    return words("names_and_more", names=shown, more=f"{more:,}") if more > 0 else shown


def problem_rows(problem: Problem) -> Iterator[tuple[str, str]]:
    """Yields what else is known of a finding: keys of words, each with a text."""
    rows = (
        ("problem_expected", problem.expected),
        ("problem_did_you_mean", problem.did_you_mean),
        ("problem_fix", problem.fix),
    )
    yield from (row for row in rows if row[1])
