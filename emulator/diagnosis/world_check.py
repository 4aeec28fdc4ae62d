"""Everything that can be said about a world: each possible login, and what else is worth knowing.

Every login is decided; of those that end alike, one is really made, on a copy that is then discarded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime

from emulator.access.aws_remarks import aws_remarks, unreached_users
from emulator.access.okta_remarks import okta_remarks
from emulator.access.rehearsal import rehearsal_of
from emulator.access.remarks import Remark
from emulator.access.table import Access, access_of
from emulator.diagnosis.custom_ccp.page_remarks import UNREAD, page_remarks
from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.login_groups import Explain, LoginGroup, groups_of
from emulator.diagnosis.origins import Origin
from emulator.diagnosis.setting_checks import contradictions
from emulator.federation import Federation
from emulator.kernel.errors import Problem
from emulator.kernel.records import dataclass
from emulator.seeds.seed_report import SeedReport

LEFT_OUT = "left-out"
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class WorldCheck:
    """The findings in a world.

    Args:
        file: The world file.
        access: Every login, as it was decided.
        arriving: Groups of logins that arrive.
        failing: Groups of logins that do not.
        findings: What else stops somebody: a page's settings, a Connect user whom no login reaches.
        notes: What is merely worth knowing.
        login_notes: What differs from the settings in logins that arrive.
        seeds: What became of the files that the world is filled from; what they lack is among the notes too.
    """

    file: str
    access: Access
    arriving: tuple[LoginGroup, ...]
    failing: tuple[LoginGroup, ...]
    findings: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    login_notes: tuple[Diagnosis, ...] = ()
    seeds: tuple[SeedReport, ...] = ()

    @property
    def stops_somebody(self) -> bool:
        """Whether a login does not arrive, or something else stops somebody."""
        return bool(self.failing or self.findings)

    @property
    def failing_logins(self) -> int:
        """How many logins do not arrive."""
        return sum(len(group.decisions) for group in self.failing)


def check_world(federation: Federation, *, at: datetime | None = None, explain: Explain | None = None) -> WorldCheck:
    """Checks a world, without changing the federation.

    Args:
        federation: Federation built from the world.
        at: Instant of every login, by both sides' clocks; by default now.
        explain: Explains a login that was made; by default without trying fixes.
    """
    now = at or federation.clock.now()
    access = access_of(federation, at=at)
    groups = groups_of(access.decisions, rehearsal_of(federation, at=at), explain=explain)
    failing = tuple(group for group in groups if not group.arrives)
    arriving = tuple(group for group in groups if group.arrives)
    unreached = list(unreached_users(federation, access))
    pages = list(page_remarks(federation))
    contradicting = [Remark("settings-differ", each) for each in contradictions(federation)]
    notes = [
        *unexplained(contradicting, failing),
        *(remark for remark, is_known in unreached if not is_known),
        *okta_remarks(federation, now=now),
        *aws_remarks(federation, access, now=now),
        *(remark for remark in pages if remark.rule == UNREAD),
        *(Remark(LEFT_OUT, each) for seed in federation.world.seeds for each in seed.left_out),
    ]
    return WorldCheck(
        federation.world.document.file,
        access,
        arriving,
        failing,
        findings=(
            *(remark for remark, is_known in unreached if is_known),
            *(remark for remark in pages if remark.rule != UNREAD),
        ),
        notes=tuple(sorted(notes, key=lambda each: (each.problem.location.file, each.problem.location.line))),
        login_notes=tuple(dict.fromkeys(_noted(arriving))),
        seeds=federation.world.seeds,
    )


def remarks_of(federation: Federation, access: Access, *, now: datetime) -> Iterator[Remark]:
    """Yields the remarks on a world besides its logins.

    Args:
        federation: Federation built from the world.
        now: Instant that certificates and metadata are compared with.
    """
    yield from (remark for remark, _ in unreached_users(federation, access))
    yield from page_remarks(federation)
    yield from (Remark("settings-differ", each) for each in contradictions(federation))
    yield from okta_remarks(federation, now=now)
    yield from aws_remarks(federation, access, now=now)
    yield from (Remark(LEFT_OUT, each) for seed in federation.world.seeds for each in seed.left_out)


def _noted(groups: Iterable[LoginGroup]) -> Iterator[Diagnosis]:
    for group in groups:
        if group.result is not None:
            # One that cannot be changed is not worth reporting: for example, a login without relay state to the
            # console.
            yield from (note for note in group.result.notes if note.origins)


def unexplained(remarks: Iterable[Remark], failing: Iterable[LoginGroup]) -> Iterator[Remark]:
    """Yields the remarks that no failing group of logins reports already."""
    groups = [([each.location.key for each in origins_of(group) if each.location], _names(group)) for group in failing]
    for remark in remarks:
        if not any(_tells(keys, names, remark.problem) for keys, names in groups):
            yield remark


def origins_of(group: LoginGroup) -> tuple[Origin, ...]:
    """Returns where the cause of a group's failure comes from."""
    told = group.result.diagnosis if group.result is not None else None
    return told.origins if told is not None else ()


def _names(group: LoginGroup) -> Set[str]:
    """Returns the names of a group's people and roles, as they may appear in messages."""
    return {*group.people, *(role.rpartition("/")[2] for role in group.roles)}


def _tells(keys: Sequence[str], names: Set[str], problem: Problem) -> bool:
    """Returns whether a problem stops a group: it has the same key, or is of the same kind and about one of its roles.

    Args:
        keys: Keys of what stops the group.
        names: Names of its people and roles.
    """
    here = problem.location.key
    if any(_are_same(here, there) for there in keys):
        return True
    words = set(problem.message.split())
    return not names.isdisjoint(words) and any(_are_same(_INDEX.sub("[]", here), _INDEX.sub("[]", k)) for k in keys)


def _are_same(key: str, other: str) -> bool:
    """Whether two keys are equal, or one is inside the other."""
    return bool(key and other) and (_is_inside(key, other) or _is_inside(other, key))


def _is_inside(key: str, other: str) -> bool:
    return key == other or key.startswith((f"{other}.", f"{other}["))
