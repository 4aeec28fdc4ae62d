"""Results of scenarios as one HTML file that opens by itself: a summary, a filter, and each login with its hops.

Secrets are out of what is traced already; the messages themselves and the bodies of answers are left out here, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from typing import Any

from lxml import etree

from emulator.diagnosis.login_result import LoginResult
from emulator.flow import assertion_xml
from emulator.network.trace import Exchange
from emulator.reports.run.html_frame import escaped, html_document
from emulator.reports.text import fact_rows, result_block
from emulator.scenarios.results import Result

MOST_IN_FULL = 1_000
_MOST_OPEN = 20
_MOST_ROWS = 100
_SAML = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}
_CLAIMS = (
    ("Issuer", "saml:Issuer"),
    ("NameID", "saml:Subject/saml:NameID"),
    ("Recipient", "saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData/@Recipient"),
    ("NotBefore", "saml:Conditions/@NotBefore"),
    ("NotOnOrAfter", "saml:Conditions/@NotOnOrAfter"),
    ("Audience", "saml:Conditions/saml:AudienceRestriction/saml:Audience"),
)
_NOT_TOLD = (
    '<p class="dim">The login is left out: with so many results it is told of the first {}, failed ones first.</p>\n'
)


def html_report(results: Sequence[Result]) -> str:
    """Returns results as a page, those that failed first in what is told in full.

    Args:
        results: What came of the scenarios, in the order in which they are shown.
    """
    failed = [number for number, each in enumerate(results) if not each.passed]
    passed = [number for number, each in enumerate(results) if each.passed]
    in_full = {*(failed + passed)[:MOST_IN_FULL]}
    is_open = {*failed[:_MOST_OPEN]}
    parts = [_result(each, in_full=n in in_full, is_open=n in is_open) for n, each in enumerate(results)]
    return html_document(f"{len(failed)} failed, {len(passed)} passed", _summary(results), "".join(parts))


def _summary(results: Sequence[Result]) -> str:
    failed = sum(not each.passed for each in results)
    worlds = sorted({each.scenario.world.document.file for each in results})
    rows = (
        ("passed", f"{len(results) - failed:,}"),
        ("failed", f"{failed:,}"),
        ("seconds", f"{sum(each.seconds for each in results):.1f}"),
        ("fedemu", metadata.version("fedemu")),
        *_named("world files", worlds),
    )
    return f"<h1>Scenarios: {failed:,} failed, {len(results) - failed:,} passed</h1>\n{_list(rows)}"


def _result(result: Result, *, in_full: bool, is_open: bool) -> str:
    scenario, state = result.scenario, "passed" if result.passed else "failed"
    reason = f"<p>{result.state}: {escaped(result.reason)}</p>\n" if result.reason else ""
    place = scenario.document.location(("scenario",))
    diagnosis = result.login.diagnosis if result.login is not None else None
    words = (scenario.id, scenario.title, *scenario.settings.tags, place.file, diagnosis.check if diagnosis else "")
    head = (
        f'<details class="result {state}" data-text="{escaped(" ".join(words))}"{" open" if is_open else ""}>\n'
        f'<summary><span class="state">{result.state}</span> <code>{escaped(scenario.id)}</code> '
        f'{escaped(scenario.title)} <span class="dim">({result.seconds * 1000:.0f} ms)</span></summary>\n'
        f'<div>\n<p class="dim">{escaped(f"{place.file}:{place.line}")}</p>\n'
    )
    return f"{head}{reason}{_compared(result)}{_login(result, in_full=in_full)}</div>\n</details>\n"


def _compared(result: Result) -> str:
    if not result.compared:
        return "".join(f"<pre>{escaped(f'{each.location}: {each}')}</pre>\n" for each in result.mismatches)
    rows = (
        (each.name, each.want, each.got or "nothing", "not met" if each.mismatch else "met") for each in result.compared
    )
    return _table("Expectations", ("expectation", "want", "got", "verdict"), rows)


def _login(result: Result, *, in_full: bool) -> str:
    stopped = f"<p>The browser stopped: {escaped(result.stopped)}</p>\n" if result.stopped else ""
    if result.login is None:
        return stopped
    block = result_block(result.login)
    told = f"<h3>Why</h3>\n<pre>{escaped(block, limit=10_000)}</pre>\n" if block else ""
    if not in_full:
        return stopped + told + _NOT_TOLD.format(f"{MOST_IN_FULL:,}")
    return stopped + told + _hops(result.login) + _assertions(result.login)


def _hops(result: LoginResult) -> str:
    steps = list(result.steps)
    hops = "".join(_hop(name, each) for name, each in steps[:_MOST_ROWS])
    more = _more(len(steps) - _MOST_ROWS, "hops")
    return f"<h3>Hops</h3>\n<ol>\n{hops}</ol>\n{more}" if hops else ""


def _hop(name: str, exchange: Exchange) -> str:
    answer = f"{exchange.status}, to {exchange.location}" if exchange.location else str(exchange.status)
    request = f"{exchange.method} {exchange.url}"
    fields = ", ".join(name for name, _ in exchange.form)
    rows = [("request", request), *([("fields", fields)] if fields else []), ("answer", answer)]
    for note in exchange.notes:
        rows += [(note.service, note.summary), *fact_rows(note)]
    return f"<li>{escaped(name)}\n{_list(rows)}</li>\n"


def _assertions(result: LoginResult) -> str:
    """Returns the assertions that were posted, as they are in the message, whether AWS believed them or not."""
    xml = assertion_xml(result.login)
    if not xml:
        return ""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        return '<p class="dim">What was posted is not XML.</p>\n'
    found: Any = root.xpath("//saml:Assertion", namespaces=_SAML)
    if not found:
        return '<p class="dim">The message has no assertion that can be read: it is encrypted, or has none.</p>\n'
    tables = (_table("Assertion, as it was posted", ("name", "value"), _claims(each)) for each in found[:3])
    return "".join(tables) + _more(len(found) - 3, "assertions")


def _claims(assertion: Any) -> Iterator[tuple[str, str]]:
    for name, path in _CLAIMS:
        for found in assertion.xpath(path, namespaces=_SAML):
            yield name, _text_of(found)
    for attribute in assertion.iterfind("saml:AttributeStatement/saml:Attribute", _SAML):
        for value in attribute.iterfind("saml:AttributeValue", _SAML):
            yield attribute.get("Name", ""), _text_of(value)


def _text_of(found: Any) -> str:
    return str(found) if isinstance(found, str) else "".join(found.itertext())


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    shown = list(rows)
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = "".join(
        f'<tr><th scope="row">{escaped(first)}</th>{"".join(f"<td>{escaped(each)}</td>" for each in rest)}</tr>\n'
        for first, *rest in shown[:_MOST_ROWS]
    )
    more = _more(len(shown) - _MOST_ROWS, "rows")
    top = f"<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>"
    return f'<table class="{caption.partition(",")[0].lower()}">\n{top}\n<tbody>\n{body}</tbody>\n</table>\n{more}'


def _named(name: str, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    shown = [*values[:_MOST_ROWS], *([f"and {len(values) - _MOST_ROWS:,} more"] if len(values) > _MOST_ROWS else [])]
    return ((("" if number else name), value) for number, value in enumerate(shown))


def _list(rows: Iterable[tuple[str, str]]) -> str:
    """Returns names and texts as a list; a text without a name belongs to the name before."""
    parts = (f"{f'<dt>{escaped(name)}</dt>' if name else ''}<dd>{escaped(text)}</dd>\n" for name, text in rows)
    return f"<dl>\n{''.join(parts)}</dl>\n"


def _more(count: int, what: str) -> str:
    return f'<p class="dim">and {count:,} more {what}, which are left out</p>\n' if count > 0 else ""
