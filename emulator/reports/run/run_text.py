"""A run of scenarios as a person reads it at its end: what was slow, and how many came out how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulator.scenarios.results import Result
from emulator.scenarios.runs import Run


def slowest_lines(results: Sequence[Result], count: int) -> Iterator[str]:
    """Yields the slowest results.

    Args:
        results: The results.
        count: How many at most.
    """
    if count and results:
        yield ""
        yield "slowest:"
        for result in sorted(results, key=lambda each: -each.seconds)[:count]:
            yield f"{result.seconds * 1000:>7.0f} ms  {result.scenario.id:<16} {result.scenario.title}"


def summary_line(run: Run, chosen: int, *, seconds: float, is_interrupted: bool = False) -> str:
    """Returns how many came out how, and how long that took.

    Args:
        run: The run.
        chosen: How many scenarios were to be run.
        seconds: How long it took.
        is_interrupted: Whether somebody stopped it.
    """
    return f"{counts_line(run, chosen)}, {'interrupted after' if is_interrupted else 'in'} {seconds:.1f} s"


def counts_line(run: Run, chosen: int) -> str:
    """Returns how many came out how, with what is wrong with files and what was not run.

    Args:
        run: The run.
        chosen: How many scenarios were to be run.
    """
    left = chosen - len(run.results) - len(run.unusable)
    return ", ".join((run.counts(chosen), *((f"{left} not run",) if left else ()), *run.not_run_counts))
