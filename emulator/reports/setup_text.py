"""The steps of a setup for a terminal: every value on its own lines, ready to be copied."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from emulator.diagnosis.login_result import FORMAT
from emulator.diagnosis.origins import OriginKind
from emulator.network.trace import as_text
from emulator.setup_steps.step import Step, Value, Verdict, Walk, counted_verdicts
from emulator.setup_steps.walking import SetUp

_WIDTH = 96
_WIDEST = 100
_FIELD, _VALUE = 6, 8
_MOST_DONE = 12
_MOST_OPEN = 20


def walk_lines(walk: Walk) -> Iterator[str]:
    """Yields the steps of one app."""
    yield walk.title
    for step in walk.steps:
        yield ""
        yield from _step_lines(step)


def summary(found: SetUp) -> str:
    """Returns the line that counts the steps."""
    steps = [step for walk in found.walks for step in walk.steps if step.number != "+"]
    counts = counted_verdicts(steps)
    said = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if verdict in counts)
    need = "something is left that logins need" if found.stops else "nothing is left that a login needs"
    left_out = f", {found.left_out:,} left out of seeds" if found.left_out else ""
    return f"{found.file}: {len(steps)} steps: {said}{left_out}; {need}"


def setup_json(found: SetUp) -> str:
    """Returns everything as JSON of format 2: ``{"format": 2, "file": …, "apps": [{…, "steps": […]}]}``."""
    return as_text({"format": FORMAT, **found.as_json()})


def _step_lines(step: Step) -> Iterator[str]:
    yield f"{step.number:>2} {f'[{step.verdict.value}]':<10} {step.title}"
    left = [value for value in step.values if value.verdict.is_open]
    done = [value for value in step.values if not value.verdict.is_open]
    folded = set(map(id, (*left[_MOST_OPEN:], *done[_MOST_DONE:])))
    for value in step.values:
        if id(value) not in folded:
            yield from _value_lines(value)
    for more, what in ((left[_MOST_OPEN:], "that are not"), (done[_MOST_DONE:], "that are done")):
        if more:
            yield f"{'':{_FIELD}}and {len(more):,} more {what}; --json has them all"
    shown = {text for value in step.values if value.verdict.is_open for text in (value.now, value.value)}
    for reason in step.reasons:
        yield from _reason_lines([(name, text) for name, text in reason.rows if text not in shown])
    if step.verdict.is_open and not step.stops and not step.notes:
        yield from _wrapped("No login needs it.", indent=_FIELD)
    for note in step.notes:
        yield from _wrapped(note, indent=_FIELD)


def _value_lines(value: Value) -> Iterator[str]:
    mark = f"  [{value.verdict.value}]" if value.verdict is not Verdict.DONE else ""
    place = _place(value)
    head = f"{'':{_FIELD}}{value.console}: {value.field}"
    if not place or len(head) + len(place) + len(mark) <= _WIDEST:
        yield f"{head}{place}{mark}"
    else:
        yield f"{head}{mark}"
        yield f"{'':{_VALUE}}{place.strip()}"
    if value.verdict is Verdict.DIFFERS and value.now:
        yield f"{'':{_VALUE}}now:"
        yield from _copied(value.now)
        if value.value:
            yield f"{'':{_VALUE}}put:"
    yield from _copied(value.value)
    if value.same_as:
        yield from _wrapped(f"The same as: {'; '.join(value.same_as)}.", indent=_VALUE)
    if value.note:
        yield from _wrapped(value.note, indent=_VALUE)


def _copied(text: str) -> Iterator[str]:
    yield from (f"{'':{_VALUE + 2}}{line}" for line in text.splitlines())


def _place(value: Value) -> str:
    """Returns the place of a value, in brackets; empty for an absent value."""
    origin = value.origin
    if origin is None or (origin.kind is OriginKind.DEFAULT and value.verdict is not Verdict.DONE):
        return ""
    location = origin.location
    is_said = origin.kind is not OriginKind.DEFAULT and location is not None and location.line
    shown = f"{location.file}:{location.line}" if location is not None and is_said else ""
    return f"  ({', '.join(filter(None, (shown, origin.text)))})"


def _reason_lines(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        yield from _wrapped(f"{name:<{width}}  {text}", indent=_FIELD, hanging=width + 2)


def _wrapped(text: str, *, indent: int, hanging: int = 0) -> Sequence[str] | Iterable[str]:
    first, rest = " " * indent, " " * (indent + hanging)
    if hanging and " " not in text[hanging:]:
        return [first + text]
    return textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
