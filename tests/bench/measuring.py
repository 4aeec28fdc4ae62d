"""How a figure is made: medians of five, and ratios of things that are done in turn in one run.

Machines differ by three times, and one machine by a third from minute to minute. Only what is measured beside a
yardstick in the same run says something about the program.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

REPEATS = 5
IMPORTS = "import flask, lxml.etree, xmlsec, requests, cryptography.x509, pydantic"
"""What ``fedemu up`` cannot do without: the yardstick for its start and its memory."""


def timed(call: Callable[[], object], timer: Callable[[], float] = time.perf_counter) -> Callable[[], float]:
    """Returns a function that makes a call and returns the seconds it took by a timer."""

    def seconds() -> float:
        began = timer()
        call()
        return timer() - began

    return seconds


def ratio(
    ours: Callable[[], object],
    yardstick: Callable[[], object],
    *,
    rounds: int,
    timer: Callable[[], float] = time.perf_counter,
) -> float:
    """Returns how many times as long as the yardstick something takes.

    Args:
        ours: What is measured.
        yardstick: What it is measured against.
        rounds: How often each is called in turn for one figure; the figure is the ratio of the medians.
        timer: Gives seconds; ``time.process_time`` for what one thread does without waiting, whatever else runs here.
    """
    return ratio_of_seconds(timed(ours, timer), timed(yardstick, timer), rounds=rounds)


def ratio_of_seconds(ours: Callable[[], float], yardstick: Callable[[], float], *, rounds: int) -> float:
    """Returns the median of five ratios of what two functions return, called in turn."""
    for _ in range(3):
        ours()
        yardstick()
    figures = []
    for _ in range(REPEATS):
        gc.collect()
        pairs = [(ours(), yardstick()) for _ in range(rounds)]
        figures.append(statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs))
    return statistics.median(figures)


def python(
    *arguments: str, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Callable[[], object]:
    """Returns a function that runs this interpreter to its end."""
    command = [sys.executable, *arguments]

    def run() -> object:
        return subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, cwd=folder
        )

    return run


bare_start = python("-c", "pass")
imports_start = python("-c", IMPORTS)


def report(what: str, figure: float, *, at_most: float | None = None, at_least: float | None = None) -> None:
    """Prints one ratio beside its aim."""
    aim = f"at most {at_most:g}" if at_most is not None else f"at least {at_least:g}"
    met = figure <= at_most if at_most is not None else at_least is not None and figure >= at_least
    print(f"{what:<86} {figure:>8.2f}   aim {aim:<14} {'met' if met else 'MISSED'}", flush=True)


def not_measured(what: str, why: str) -> None:
    """Prints what could not be measured here."""
    print(f"{what:<86}      --   not measured: {why}", flush=True)


def median(values: Sequence[float]) -> float:
    """Returns the median."""
    return statistics.median(values)
