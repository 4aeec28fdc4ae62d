"""Results of scenarios as one self-contained HTML file: a summary, a filter, and each login with its checks.

Traces are already without secrets; the posted text of messages and the bodies of answers are left out here, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain

from emulator.kernel.clock import instant
from emulator.kernel.errors import FileError
from emulator.kernel.version import version
from emulator.reports.errors import error_text
from emulator.reports.run.html_frame import html_document
from emulator.reports.run.html_login import login_section, why_block
from emulator.reports.run.html_parts import definitions, escaped, figures, more, named, table
from emulator.scenarios.reproducing import reproduction
from emulator.scenarios.results import Result, State
from emulator.scenarios.runs import Run

MOST_IN_FULL = 1_000
_MOST_OPEN = 20
_MOST_ERRORS = 200
_LONGEST_BLOCK = 10_000
_NOT_TOLD = (
    '<p class="dim">The login is left out: with so many results it is told of the first {}, failed ones first.</p>\n'
)


def run_html(run: Run, *, at: datetime) -> str:
    """Returns a run as a page; with very many results, failed ones are preferred for full detail.

    Args:
        at: Time of writing.
    """
    results = run.results
    failed = [number for number, each in enumerate(results) if not each.passed]
    passed = [number for number, each in enumerate(results) if each.passed]
    in_full = {*(failed + passed)[:MOST_IN_FULL]}
    is_open = {*failed[:_MOST_OPEN]}
    parts = [_result(each, n, in_full=n in in_full, is_open=n in is_open) for n, each in enumerate(results)]
    headline = _headline(run)
    top = f"<h1>{headline}</h1>\n{_summary(run, at)}"
    states = [state.value for state in State if any(each.state is state for each in results)]
    return html_document(headline, top, _errors(run), parts, states=states)


def _headline(run: Run) -> str:
    states = Counter(each.state for each in run.results)
    told = [f"{states[State.FAILED]:,} failed", f"{states[State.PASSED]:,} passed"]
    told += [f"{states[state]:,} {state}" for state in (State.XFAILED, State.SKIPPED) if states[state]]
    told += run.not_run_counts
    return f"Scenarios: {', '.join(told)}"


def _summary(run: Run, at: datetime) -> str:
    states = Counter(each.state for each in run.results)
    rows = [(state.value, f"{states[state]:,}") for state in State if states[state] or state in _ALWAYS]
    if run.unusable:
        rows.append(("unusable", f"{len(run.unusable):,}"))
    if run.errors:
        rows.append(("files in error", f"{len(run.errors):,}"))
    rows += [
        ("seconds", f"{sum(each.seconds for each in run.results):.1f}"),
        ("written", instant(at)),
        *(("seed", seed) for seed in sorted({str(each.seed) for each in run.results if not each.played_in})),
        *(("played in", url) for url in sorted({each.played_in for each in run.results if each.played_in})),
        ("fedemu", version()),
    ]
    worlds = sorted({each.scenario.world.document.file for each in run.results})
    return figures(rows) + (definitions(named("world files", worlds)) if worlds else "")


_ALWAYS = frozenset({State.PASSED, State.FAILED})


def _errors(run: Run) -> str:
    """Returns the mistakes in files, each at its line; empty where there are none."""
    shown = [*(("this file cannot be used", each) for each in run.errors)]
    shown += [(f"{each.scenario.id} {each.scenario.title}", each.error) for each in run.unusable]
    if not shown:
        return ""
    parts = "".join(_error(title, each) for title, each in shown[:_MOST_ERRORS])
    left_out = more(len(shown) - _MOST_ERRORS, "files in error")
    head = '<section class="errors" aria-labelledby="errors">\n<h2 id="errors">Not run</h2>\n'
    return f"{head}{parts}{left_out}</section>\n"


def _error(title: str, error: FileError) -> str:
    return (
        f'<article>\n<p><span class="bad">✗ error</span> {escaped(title)}</p>\n'
        f"<pre>{escaped(error_text(error), limit=_LONGEST_BLOCK)}</pre>\n</article>\n"
    )


def _result(result: Result, number: int, *, in_full: bool, is_open: bool) -> str:
    scenario, state = result.scenario, result.state.value
    place = scenario.document.location(("scenario",))
    checks = (each.diagnosis.check for each in result.logins if each.diagnosis is not None)
    words = (scenario.id, scenario.title, *scenario.settings.tags, place.file, *dict.fromkeys(checks))
    head = (
        f'<details class="result {state}" data-text="{escaped(" ".join(words))}"{" open" if is_open else ""}>\n'
        f'<summary><span class="state">{_SHAPES[result.state]} {state}</span> <code>{escaped(scenario.id)}</code> '
        f'{escaped(scenario.title)} <span class="dim">({result.seconds * 1000:.0f} ms)</span></summary>\n'
    )
    file = f'<p class="dim">{escaped(f"{place.file}:{place.line}")}</p>\n'
    told = "".join(_parts(result, number, in_full=in_full))
    return f"{head}<noscript>\n<div>\n{file}{told}</div>\n</noscript>\n</details>\n"


_SHAPES = {State.PASSED: "✓", State.FAILED: "✗", State.SKIPPED: "○", State.XFAILED: "✓"}


def _parts(result: Result, number: int, *, in_full: bool) -> Iterator[str]:
    if result.reason:
        yield f"<p>{result.state}: {escaped(result.reason)}</p>\n"
    if not result.passed:
        yield f"<p>reproduce with: <code>{escaped(reproduction(result))}</code></p>\n"
    yield _compared(result)
    if result.stopped:
        yield f"<p>The browser stopped: {escaped(result.stopped)}</p>\n"
    if result.login is None:
        return
    if result.login.diagnosis is not None:
        yield f"<h3>Why</h3>\n{why_block(result.login)}"
    if not in_full:
        yield _NOT_TOLD.format(f"{MOST_IN_FULL:,}")
        return
    judged = chain(result.judged, [None] * (len(result.logins) - len(result.judged)))
    for place, (login, inspection) in enumerate(zip(result.logins, judged, strict=True), 1):
        yield login_section(login, inspection, number=place, of=len(result.logins), key=f"r{number}-{place}")


def _compared(result: Result) -> str:
    if not result.compared:
        return "".join(f"<pre>{escaped(f'{each.location}: {each}')}</pre>\n" for each in result.mismatches)
    places = {each.text: f", {each.location.file}:{each.location.line}" for each in result.mismatches}
    rows = ((each.name, each.want, each.got or "nothing", _verdict(each.mismatch, places)) for each in result.compared)
    return table("Expectations", ("expectation", "want", "got", "verdict"), rows)


def _verdict(mismatch: str, places: Mapping[str, str]) -> str:
    return f"✗ not met{places.get(mismatch, '')}" if mismatch else "✓ met"
