"""Scenarios that are not as expected, for GitHub Actions: annotations of lines, and the job's summary.

Spec: GitHub Docs "Workflow commands for GitHub Actions"; actions/toolkit packages/core/src/command.ts
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

from emulator.kernel.errors import Location
from emulator.reports.errors import error_text
from emulator.reports.harmless_text import harmless
from emulator.reports.text import scenario_lines
from emulator.scenarios.runs import Run

# GitHub drops a summary of more than 1 MiB completely.
_LONGEST_SUMMARY = 900_000
_BLANKS = re.compile(r"\s+")


def github_annotations(run: Run, *, workspace: Path | None = None) -> Iterator[str]:
    """Yields a workflow command for each scenario that is not as expected, and for each mistake in a file.

    Args:
        run: The run.
        workspace: Folder that file names are relative to; None for the names as they were given.
    """
    for result in run.failed:
        title = f"{result.scenario.id} {result.scenario.title}"
        text = "\n".join(each.text for each in result.mismatches)
        yield _command(result.mismatches[0].location, title, text, workspace)
    for error in run.all_errors:
        for problem in error.problems:
            yield _command(problem.location, "This file cannot be used", problem.message, workspace)


def github_summary(run: Run) -> str:
    """Returns Markdown: the numbers, and for each scenario that is not as expected the reason, folded."""
    counts = ", ".join((run.counts(len(run.results) + len(run.unusable)), *run.not_run_counts))
    parts = [f"### fedemu run: {counts}\n"]
    length, entries = len(parts[0].encode()), list(_entries(run))
    for number, entry in enumerate(entries):
        length += len(entry.encode())
        if length > _LONGEST_SUMMARY:
            parts.append(f"\nand {len(entries) - number} more\n")
            break
        parts.append(entry)
    return "".join(parts)


def _entries(run: Run) -> Iterator[str]:
    for result in run.failed:
        head = f"{result.scenario.id} {result.scenario.title}"
        yield _folded(head, "\n".join(scenario_lines(result, verbose=False)))
    for error in run.all_errors:
        yield _folded(f"{error.location}", error_text(error))


def _folded(head: str, text: str) -> str:
    # Markdown does not interpret the content of <pre>, blank lines included; an escaped text cannot end it.
    flat = html.escape(_BLANKS.sub(" ", harmless(head)).strip())
    return (
        f"\n<details><summary><code>{flat}</code></summary>\n\n<pre>{html.escape(harmless(text))}</pre>\n\n</details>\n"
    )


def _command(place: Location, title: str, text: str, workspace: Path | None) -> str:
    properties = {"title": title, "file": _file(place.file, workspace), "line": str(max(1, place.line))}
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::error {listed}::{_message(text)}"


def _file(file: str, workspace: Path | None) -> str:
    if workspace is None or not file:
        return file
    found = os.path.relpath(os.path.realpath(file), os.path.realpath(workspace))
    return file if found.startswith("..") else Path(found).as_posix()


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
