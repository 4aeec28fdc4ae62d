"""What a world has taken from its seeds and what not, as one short list and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emulator.access.remarks import counted
from emulator.kernel.errors import Problem
from emulator.reports.problem_json import problem_json
from emulator.seeds.seed_report import SeedReport

_MOST_OF_A_SORT = 5
_MOST_OF_A_FILE = 15
_MARGIN = " " * 12
_LOOKED_AT = 500
# Names of things for people, by their names in a report, in display order.
_WORDS: Mapping[str, tuple[str, str]] = {
    "roles": ("role", "roles"),
    "saml_providers": ("SAML provider", "SAML providers"),
    "policies": ("policy", "policies"),
    "users": ("IAM user", "IAM users"),
    "groups": ("IAM group", "IAM groups"),
    "alias": ("account alias", "account aliases"),
    "connect": ("Connect instance", "Connect instances"),
    "connect_users": ("Connect user", "Connect users"),
    "security_profiles": ("security profile", "security profiles"),
    "approved_origins": ("approved origin", "approved origins"),
    "people": ("person", "people"),
    "okta_groups": ("group", "groups"),
    "apps": ("app", "apps"),
    "assignments": ("assignment", "assignments"),
    "memberships": ("membership", "memberships"),
    "oidc_clients": ("OIDC client", "OIDC clients"),
}
_NAMES = re.compile(r"'[^']*'|\S*[:/@.\d_]\S*|\b[A-Z]\w*")


def seed_lines(seeds: Sequence[SeedReport], *, all_of_it: bool = False, all_with: str = "") -> Iterator[str]:
    """Yields a line for each file with what was taken from it, and below it what was left out or changed.

    Args:
        all_of_it: Whether everything is listed; by default a few of each sort.
        all_with: The option that lists everything: ``-v``.
    """
    for seed in seeds:
        yield f"{seed.file} ({seed.kind}): {taken_text(seed.taken)}"
        yield from _listed("left out", seed.left_out, all_of_it=all_of_it, all_with=all_with)
        yield from _listed("note", seed.notes, all_of_it=all_of_it, all_with=all_with)


def taken_text(taken: Mapping[str, int]) -> str:
    """Returns how many things of each kind were taken: ``3 roles, 1 SAML provider``."""
    known = [kind for kind in _WORDS if kind in taken]
    others = [kind for kind in taken if kind not in _WORDS]
    words = [counted(taken[kind], *_WORDS[kind]) for kind in known]
    words += [f"{taken[kind]:,} {kind.replace('_', ' ')}" for kind in others]
    return ", ".join(words) or "nothing that this world can use"


def _listed(word: str, problems: Sequence[Problem], *, all_of_it: bool, all_with: str) -> Iterator[str]:
    sorts: dict[str, int] = {}
    shown, fix = 0, ""
    for problem in problems:
        sort = _sort_of(problem)
        sorts[sort] = sorts.get(sort, 0) + 1
        if not all_of_it and (sorts[sort] > _MOST_OF_A_SORT or shown >= _MOST_OF_A_FILE):
            continue
        shown += 1
        yield f"  {word:<9} {problem.location}"
        yield f"{_MARGIN}{problem.message}"
        if problem.fix and problem.fix != fix:
            yield f"{_MARGIN}fix: {problem.fix}"
        fix = problem.fix
    more = len(problems) - shown
    if more:
        yield f"{_MARGIN}and {more:,} more" + (f"; {all_with} lists all" if all_with else "")


def _sort_of(problem: Problem) -> str:
    """Returns a remark without the names in it."""
    _, _, reason = problem.message.partition(": ")
    return _NAMES.sub("…", (reason or problem.message)[:_LOOKED_AT])


def seeds_json(seeds: Iterable[SeedReport]) -> list[dict[str, Any]]:
    """Returns what was taken from each file, as JSON data."""
    return [
        {
            "file": seed.file,
            "kind": seed.kind,
            "taken": dict(seed.taken),
            "left_out": [problem_json(problem) for problem in seed.left_out],
            "notes": [problem_json(problem) for problem in seed.notes],
        }
        for seed in seeds
    ]
