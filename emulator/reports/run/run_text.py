"""The end of a run for people: what was slow, and the numbers by outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulator.scenarios.results import Result
from emulator.scenarios.runs import Run


def slowest_lines(results: Sequence[Result], count: int) -> Iterator[str]:
    """Yields the slowest results.

    Args:
        count: Maximum number of lines.
    """
    if count and results:
        yield ""
        yield "slowest:"
        for result in sorted(results, key=lambda each: -each.seconds)[:count]:
            yield f"{result.seconds * 1000:>7.0f} ms  {result.scenario.id:<16} {result.scenario.title}"


def summary_line(run: Run, chosen: int, *, seconds: float, is_interrupted: bool = False) -> str:
    """Returns the numbers by outcome, and the duration.

    Args:
        chosen: Number of scenarios to run.
        seconds: Duration of the run.
        is_interrupted: Whether somebody stopped it.
    """
    return f"{counts_line(run, chosen)}, {'interrupted after' if is_interrupted else 'in'} {seconds:.1f} s"


def counts_line(run: Run, chosen: int) -> str:
    """Returns the numbers by outcome, with mistakes in files and what was not run.

    Args:
        chosen: Number of scenarios to run.
    """
    left = chosen - len(run.results) - len(run.unusable)
    return ", ".join((run.counts(chosen), *((f"{left} not run",) if left else ()), *run.not_run_counts))
