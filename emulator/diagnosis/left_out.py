"""What a login lacks because it was left out of a seed, with the reason why it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from emulator.kernel.errors import Problem
from emulator.seeds.policy_documents import NOT_KNOWN
from emulator.seeds.seed_report import SeedReport

# What each check reports as missing.
_NOT_THERE: Final[Mapping[str, re.Pattern[str]]] = {
    "trust-policy": re.compile(r"The role \S*/([^\s/]+) does not exist"),
    "provider": re.compile(r"No IAM SAML provider has the ARN \S*/([^\s:/]+)"),
    "connect-user": re.compile(r"has no user (\S+?)[,;.]?(?:\s|$)"),
    "instance": re.compile(r"has (\S+), and no instance"),
    "okta-sign-in": re.compile(r"has no user (\S+?)[,;.]?(?:\s|$)"),
    "app-assignment": re.compile(r"is assigned neither to (\S+)"),
    "role-not-offered": re.compile(r"does not offer (\S+?)\.?(?:\s|$)"),
    "get-federation-token": re.compile(r"No policy of the role (\S+) allows"),
}


def left_out_behind(check: str, why: str, got: str, seeds: Sequence[SeedReport]) -> Problem | None:
    """Returns what was left out of a seed and is missing in a login; None where that is not the cause.

    Args:
        check: Name of the check that failed.
        why: What was found.
        got: What there is.
        seeds: Seeds of the world.
    """
    pattern = _NOT_THERE.get(check)
    found = pattern.search(why) if pattern is not None and seeds else None
    if found is None:
        return None
    names = [found[1]]
    if check == "app-assignment":
        _, _, groups = got.partition(", in ")
        names += groups.split(", ") if groups else []
    holder = f"role {found[1]}" if check == "get-federation-token" else ""
    return next(_left_out(seeds, [] if holder else names, holder), None)


def unknown_policy_behind(why: str, where: str, seeds: Sequence[SeedReport]) -> Problem | None:
    """Returns the policy of unknown content that a denial represents; None where another policy decided.

    Args:
        why: What was found, beginning with the policy that decided.
        where: Whose policies they are.
        seeds: Seeds of the world.
    """
    if not seeds or f"nline policy {NOT_KNOWN}," not in why:
        return None
    return next(_left_out(seeds, [], f"role {where.rpartition('/')[2]}"), None)


def _left_out(seeds: Sequence[SeedReport], names: Sequence[str], holder: str) -> Iterator[Problem]:
    for seed in seeds:
        yield from (seed.missing[name] for name in names if name in seed.missing)
        if holder:
            ends = re.compile(rf"{re.escape(holder)}(?![\w+=,.@-])")
            yield from (problem for problem in seed.left_out if ends.search(problem.message))
