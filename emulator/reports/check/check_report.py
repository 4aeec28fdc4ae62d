"""The findings of ``fedemu check``, for a terminal and as JSON of format 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emulator.access.decision import Decision
from emulator.access.remarks import Remark, counted, few
from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.login_groups import LoginGroup
from emulator.diagnosis.login_result import FORMAT
from emulator.diagnosis.world_check import LEFT_OUT, WorldCheck
from emulator.kernel.records import dataclass
from emulator.network.trace import as_text
from emulator.reports.problem_json import problem_json
from emulator.reports.seed_text import seed_lines, seeds_json
from emulator.reports.text import result_block

_MOST_ROWS = 25
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of the text.

    Args:
        text: Its lines.
        is_refusal: Whether it is about logins that do not arrive.
        is_finding: Whether it is about something else that stops somebody.
    """

    text: str
    is_refusal: bool = False
    is_finding: bool = False


def check_paragraphs(found: WorldCheck, *, all_of_it: bool = False) -> Iterator[Paragraph]:
    """Yields the findings: what the seeds gave, who gets where, what stops the others, what is worth knowing.

    Args:
        found: The findings.
        all_of_it: Whether to list everything that seeds contain and the world does not; otherwise a few of each sort.
    """
    if found.seeds:
        yield Paragraph("\n".join(seed_lines(found.seeds, all_of_it=all_of_it, all_with="-v")))
    rows = list(_rows(found))
    if rows:
        yield Paragraph("\n".join(_table(rows)))
    for group in found.failing:
        yield Paragraph(_group_text(group), is_refusal=True)
    for remark in found.findings:
        yield Paragraph(str(remark.problem), is_finding=True)
    notes = [_note(remark) for remark in found.notes if remark.rule != LEFT_OUT]
    notes += [_login_note(note) for note in found.login_notes]
    if notes:
        yield Paragraph("\n".join(notes))


def check_summary(found: WorldCheck) -> str:
    """Returns the last line: how many logins there are, and how many of them arrive."""
    decisions, failing = found.access.decisions, found.failing_logins
    people = len({(each.who.org, each.who.person) for each in decisions})
    made = len(found.arriving) + len(found.failing)
    decided = f"{counted(len(decisions), 'login')} of {counted(people, 'person', 'people')}, {made:,} made as proof"
    arriving = len(decisions) - failing
    parts = [
        f"{arriving:,} {'arrives' if arriving == 1 else 'arrive'}",
        f"{failing:,} {'does' if failing == 1 else 'do'} not",
    ]
    if found.findings:
        parts.append(counted(len(found.findings), "other finding"))
    left_out = sum(len(seed.left_out) for seed in found.seeds)
    notes = len([note for note in found.notes if note.rule != LEFT_OUT]) + len(found.login_notes)
    if notes:
        parts.append(counted(notes, "note"))
    if left_out:
        parts.append(f"{left_out:,} left out of seeds")
    return f"{found.file}: {decided}: {', '.join(parts)}"


def check_json(found: WorldCheck) -> str:
    """Returns the findings as JSON of format 2, as docs/result.md describes it."""
    data = {
        "format": FORMAT,
        "file": found.file,
        "logins": len(found.access.decisions),
        "arrive": len(found.access.decisions) - found.failing_logins,
        "access": [
            {"org": org, "app": app, "role": role, "lands_on": place, "people": people}
            for (org, app, role, place), people in access_rows(found).items()
        ],
        "seeds": seeds_json(found.seeds),
        "refused": [_group_json(group) for group in found.failing],
        "findings": [_remark_json(remark) for remark in found.findings],
        "notes": [
            *(_remark_json(remark) for remark in found.notes),
            *({"rule": "login-note", **note.as_json()} for note in found.login_notes),
        ],
    }
    return as_text(data)


def group_headline(group: LoginGroup) -> str:
    """Returns whose logins a group contains, in a line."""
    people, roles = group.people, [_name_of(role) for role in group.roles]
    logins, are_many = len(group.decisions), len(group.decisions) != 1
    who = few(people) if len(people) == 1 else f"{counted(len(people), 'person', 'people')} ({few(people)})"
    as_role = f", as {few(roles)}" if roles else ""
    first = f"{people[0]} as {roles[0]}" if roles else people[0]
    example = f"; for example {first}" if are_many and len(people) > 1 else ""
    verb = "do" if are_many else "does"
    return f"{counted(logins, 'login')} {verb} not arrive: {who} in {', '.join(group.apps)}{as_role}{example}"


def _group_text(group: LoginGroup) -> str:
    lines = [group_headline(group)]
    if group.result is None:
        lines.append(f"  {group.problem}")
    else:
        lines += [f"  {line}" for line in (result_block(group.result) or _elsewhere(group)).splitlines()]
    return "\n".join(lines)


def _elsewhere(group: LoginGroup) -> str:
    """Returns what is known of a login that was not explained, or that ended differently from what was decided."""
    login = group.result.login if group.result is not None else None
    ended = f"The login ended at {login.lands_on} with status {login.page.status}." if login is not None else ""
    if group.is_as_decided:
        return ended
    decided = f"ends at {group.first.place}" if group.first.arrives else f"fails by check {group.first.check}"
    return f"{ended} Without making it, it was decided that it {decided}; that is a mistake of fedemu."


def _note(remark: Remark) -> str:
    lines = [f"note   {remark.problem.location}", f"       {remark.problem.message}"]
    lines += [f"       fix: {remark.problem.fix}"] if remark.problem.fix else []
    return "\n".join(lines)


def _login_note(note: Diagnosis) -> str:
    rows = [("cause", note.cause), *(("from", str(origin)) for origin in note.origins)]
    return "\n".join([f"note   {note.why}", *(f"       {name:<6} {value}" for name, value in rows if value)])


Row = tuple[str, str, str, str]


def access_rows(found: WorldCheck) -> Mapping[Row, list[str]]:
    """Returns the people who get to a place, by org, app, role and place."""
    rows: dict[Row, list[str]] = {}
    for group in found.arriving:
        for each in group.decisions:
            rows.setdefault((each.who.org, each.who.app, each.role, each.place), []).append(each.who.person)
    return dict(sorted(rows.items()))


def _rows(found: WorldCheck) -> Iterator[Sequence[str]]:
    foreign = {(each.who.org, each.who.app) for each in _decisions(found.arriving) if not each.is_aws}
    rows = access_rows(found)
    accounts: dict[str, set[str]] = {}
    for _, _, role, _ in rows:
        accounts.setdefault(_name_of(role), set()).add(role)
    for (org, app, role, place), people in rows.items():
        name, ends_at = _name_of(role), place
        if len(accounts[name]) > 1:
            name = f"{name} ({role.split(':')[4]})"
        if (org, app) in foreign:
            ends_at += " (not AWS: what is made of the message there is not known)"
        yield f"{org}/{app}", name or "-", ends_at, f"{len(people):,}", few(people)


def _name_of(role: str) -> str:
    return role.rpartition("/")[2]


def _decisions(groups: Iterable[LoginGroup]) -> Iterator[Decision]:
    for group in groups:
        yield from group.decisions


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    heads = ("app", "role", "ends at", "people", "")
    shown = rows[:_MOST_ROWS]
    widths = [min(_WIDEST, max(len(row[column]) for row in (heads, *shown))) for column in range(4)]
    for row in (heads, *shown):
        cells = [f"{cell:<{width}}" for cell, width in zip(row[:3], widths, strict=False)]
        yield "  ".join((*cells, f"{row[3]:>{widths[3]}}", row[4])).rstrip()
    if len(rows) > len(shown):
        yield f"and {len(rows) - len(shown):,} more rows; --json has them all"


def _group_json(group: LoginGroup) -> dict[str, Any]:
    data: dict[str, Any] = {
        "check": group.first.check,
        "people": len(group.people),
        "logins": [
            {"org": each.who.org, "app": each.who.app, "user": each.who.person, "role": each.role}
            for each in group.decisions
        ],
    }
    if group.result is not None:
        data["proof"] = group.result.as_json()
    else:
        data["problem"] = group.problem
    return data


def _remark_json(remark: Remark) -> dict[str, Any]:
    return {"rule": remark.rule, **problem_json(remark.problem)}
