"""The results of ``fedemu compare`` as Markdown for a pull request: the verdict, a table, foldable causes and fixes.

Text from files is never interpreted as markup: names are code, in which mentions and links have no effect.

Spec: GitHub Flavored Markdown Spec §6.1 "Code spans", §4.10 "Tables", §4.5 "Fenced code blocks"
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from emulator.access.decision import Decision
from emulator.access.remarks import counted
from emulator.comparing.comparison import ChangedGroup, Comparison, Kind
from emulator.comparing.login_table import ChangedLogin
from emulator.reports.compare.compare_text import compare_summary, group_text, headline, role_name, verdict_line
from emulator.reports.harmless_text import harmless

# GitHub limits comments to 65,536 characters.
_MOST_ROWS = 50
_MOST_BLOCKS = 10
_MOST_CHARACTERS = 3_500
_MOST_REMARKS = 10
_LONGEST_CELL = 120
_BLANKS = re.compile(r"\s+")


def compare_markdown(found: Comparison) -> str:
    """Returns the results as Markdown."""
    return "\n".join([*_lines(found), ""])


def _lines(found: Comparison) -> Iterator[str]:
    yield f"## Logins: {verdict_line(found)}"
    yield ""
    yield f"{_code(found.before.name)} → {_code(found.after.name)}, as `fedemu compare` decides every login of both."
    rows = [(group.kind, login) for group in found.groups for login in group.logins]
    if rows:
        yield ""
        yield "| | who | app | role | before | after |"
        yield "|---|---|---|---|---|---|"
        yield from (_row(kind, login) for kind, login in rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        yield ""
        yield f"and {len(rows) - _MOST_ROWS:,} more logins; `--json` has them all"
    for group in found.groups[:_MOST_BLOCKS]:
        yield from _block(group, found)
    if len(found.groups) > _MOST_BLOCKS:
        yield ""
        yield f"and {counted(len(found.groups) - _MOST_BLOCKS, 'more group')} of logins; `--json` has them all"
    yield from _remarks(found)
    yield ""
    yield _code(found.shown(compare_summary(found)))


def _row(kind: Kind, login: ChangedLogin) -> str:
    first = login.first
    before, after = _place(login.before), _place(login.after)
    if login.before is not None and login.after is not None and login.after.arrives and login.before.arrives:
        before, after = (_whole(each, login) for each in (login.before, login.after))
    cells = (first.who.person, f"{first.who.org}/{first.who.app}", role_name(first.role), before, after)
    return f"| {kind.value} | " + " | ".join(_cell(each) for each in cells) + " |"


def _place(decision: Decision | None) -> str:
    if decision is None:
        return "not there"
    return decision.place if decision.arrives else f"{decision.outcome.value}: {decision.check}"


def _whole(decision: Decision, login: ChangedLogin) -> str:
    """Returns where a login ends, with what changes about it."""
    mine = login.first
    other = login.after if decision is login.before else login.before
    told = [decision.place]
    if other is not None and other.role != decision.role:
        told.insert(0, role_name(decision.role))
    if other is not None and other.who.app != decision.who.app:
        told.insert(0, f"{mine.who.org}/{decision.who.app}")
    if other is not None and other.connect_user != decision.connect_user:
        told.append(f"Connect user {decision.connect_user}")
    return ", ".join(told)


def _block(group: ChangedGroup, found: Comparison) -> Iterator[str]:
    """A foldable block: the people in a line, then the terminal's block."""
    text = harmless(found.shown(group_text(group)))
    if len(text) > _MOST_CHARACTERS:
        text = f"{text[:_MOST_CHARACTERS]}…\n(cut; the terminal and --json have it all)"
    fence = "`" * max(3, 1 + _longest_run(text))
    yield ""
    yield f"<details><summary><code>{html.escape(_flat(found.shown(headline(group))))}</code></summary>"
    yield ""
    yield f"{fence}text"
    yield text
    yield fence
    yield ""
    yield "</details>"


def _remarks(found: Comparison) -> Iterator[str]:
    if found.remarks:
        yield ""
        yield "New remarks of `fedemu check`:"
        yield ""
    for remark in found.remarks[:_MOST_REMARKS]:
        place = remark.problem.location
        yield f"- {_code(found.shown(f'{place.file}:{place.line}'))} {_code(found.shown(remark.problem.message))}"
    if len(found.remarks) > _MOST_REMARKS:
        yield f"- and {len(found.remarks) - _MOST_REMARKS:,} more"


def _cell(text: str) -> str:
    """Returns a cell of a table, with bars escaped."""
    flat = _flat(text)
    short = flat if len(flat) <= _LONGEST_CELL else f"{flat[: _LONGEST_CELL - 1]}…"
    return _code(short).replace("|", "\\|")


def _code(text: str) -> str:
    """Returns a text as code: no markup, mentions or links."""
    flat = _flat(text) or "-"
    fence = "`" * (1 + _longest_run(flat))
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _flat(text: str) -> str:
    return _BLANKS.sub(" ", harmless(text)).strip()
