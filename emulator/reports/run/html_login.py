"""A login in the HTML report: its requests with their answers and decisions, and the message it posted.

Headers of requests and answers are shown without cookies and credentials, and forms by the names of their fields.
Bodies are not shown, because they contain the message, tokens and codes; what matters in them is shown as a decision. A
HAR contains them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.login_result import LoginResult
from emulator.flow import Outcome
from emulator.inspection.verdicts import Inspection
from emulator.network.trace import Exchange
from emulator.reports.run.html_message import message_section
from emulator.reports.run.html_parts import MOST_ROWS, definitions, escaped, more
from emulator.reports.run.login_title import login_title
from emulator.reports.run.page_words import PageWords, english
from emulator.reports.text import fact_rows, result_block

_LONGEST_BLOCK = 10_000
ENDED = {Outcome.ACCEPTED: "arrived at", Outcome.ELSEWHERE: "ended elsewhere, at", Outcome.REFUSED: "stopped at"}


def login_section(
    result: LoginResult, judged: Inspection | None, *, number: int, of: int, key: str, words: PageWords = english
) -> str:
    """Returns a login, or a page that was opened.

    Args:
        result: Its result.
        judged: Results of all checks on the message that it posted to AWS.
        number: Its number in the scenario, from 1.
        of: Number of logins in the scenario; the last one's result is shown at the top.
        key: Prefix of the ids in it.
        words: Words of the page.
    """
    login, title = result.login, login_title(result)
    head = f"{number} of {of}: {title}" if of > 1 else title
    return (
        f"<h3>{escaped(head)}</h3>\n<p>{words(ENDED[login.outcome])} {escaped(login.lands_on)}</p>\n"
        f"{why_block(result) if number < of else ''}{notes_block(result, words)}"
        f"{hop_list(list(result.steps), words)}{message_section(result, judged, key=key, words=words)}"
    )


def notes_block(result: LoginResult, words: PageWords = english) -> str:
    """Returns what differs from what was asked for or configured, though nothing was refused.

    Args:
        words: Words of the page.
    """
    return "".join(_note(each, words) for each in result.notes)


def hop_list(
    steps: Sequence[tuple[str, Exchange]], words: PageWords = english, *, key: str = "", first: int = 1
) -> str:
    """Returns requests with their answers, in order.

    Args:
        steps: Each request with its name in the journey.
        words: Text of the page.
        key: Prefix of the ids of the requests; empty for no ids.
        first: Number of the first request.
    """
    numbered = enumerate(steps[:MOST_ROWS], first)
    hops = "".join(_hop(words(name), each, words, f"{key}-{n}" if key else "") for n, (name, each) in numbered)
    return f'<ol class="hops">\n{hops}</ol>\n{more(len(steps) - MOST_ROWS, "requests", words)}'


def why_block(result: LoginResult) -> str:
    """Returns why a login was refused or ended elsewhere, as on a terminal; empty where it arrived."""
    block = result_block(result)
    return f"<pre>{escaped(block, limit=_LONGEST_BLOCK)}</pre>\n" if block else ""


def _note(note: Diagnosis, words: PageWords) -> str:
    rows = [("note", note.why), ("cause", note.cause), *(("from", str(origin)) for origin in note.origins)]
    return definitions((words(name), text) for name, text in rows if text)


def _hop(name: str, exchange: Exchange, words: PageWords, key: str) -> str:
    fields = ", ".join(name for name, _ in exchange.form)
    rows = [(words("request"), f"{exchange.method} {exchange.url}")]
    rows += [(words("fields"), fields)] if fields else []
    rows.append((words("answer"), _answer(exchange, words)))
    for note in exchange.notes:
        rows += [(note.service, note.summary), *fact_rows(note)]
    headers = _headers(exchange, words)
    folded = f"<details><summary>{words('headers')}</summary>\n<pre>{headers}</pre></details>\n" if headers else ""
    place = f' id="{key}"' if key else ""
    return f"<li{place}><b>{escaped(name)}</b>\n{definitions(rows)}{folded}</li>\n"


def _answer(exchange: Exchange, words: PageWords) -> str:
    if not exchange.location:
        return str(exchange.status)
    return words("{status}, to {location}", status=exchange.status, location=exchange.location)


def _headers(exchange: Exchange, words: PageWords) -> str:
    parts = [_header_lines(exchange.request_headers, words), _header_lines(exchange.response_headers, words)]
    return "\n\n".join("\n".join(part) for part in map(list, parts) if part)


def _header_lines(headers: Sequence[tuple[str, str]], words: PageWords) -> Iterator[str]:
    for name, value in headers[:MOST_ROWS]:
        yield f"{escaped(name)}: {escaped(value)}"
    if len(headers) > MOST_ROWS:
        yield words("and {count} more headers, which are left out", count=f"{len(headers) - MOST_ROWS:,}")
