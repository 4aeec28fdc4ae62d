"""Additions to pytest's report of a test: what happened, the failures of servers, and where the traces are."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.harness.server_failures import failure_text, failures_of, is_raised_by
from emulator.harness.watching import HAPPENINGS
from emulator.kernel.errors import EnvironmentProblem
from emulator.scenarios.kept_traces import keep_traces

_NOT_KEPT = "none is kept: with only='idp' an assertion is a credential of the real AWS"


def add_happenings(report: pytest.TestReport, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
    """Adds sections to the report of a test that failed, and keeps its traces as asked for."""
    if call.excinfo is not None:
        error = call.excinfo.value
        others = [each for each in failures_of(item.config).take() if not is_raised_by(each, error)]
        if others:
            report.sections.append(("fedemu: failures of servers", failure_text(others)))
    happenings = item.stash.get(HAPPENINGS, None)
    if happenings is None or (call.when != "call" and not (call.when == "setup" and report.failed)):
        return
    if report.failed and (text := happenings.text):
        report.sections.append(("fedemu: what happened", text))
    wanted = item.config.getoption("fedemu_traces")
    if wanted == "always" or (wanted == "on-failure" and report.failed):
        if happenings.has_credentials:
            report.sections.append(("fedemu: traces", _NOT_KEPT))
            return
        try:
            files = keep_traces(
                item.config.rootpath, item.nodeid, logins=happenings.logins, exchanges=happenings.exchanges
            )
        except EnvironmentProblem as problem:
            report.sections.append(("fedemu: traces", f"{problem.message}: {problem.explanation}"))
            return
        kept = [("fedemu_har" if file.suffix == ".har" else "fedemu_trace", str(file)) for file in files]
        # The report of the call is made, that of the teardown is not: JUnit XML reads the one, xdist sends both.
        item.user_properties.extend(kept)
        report.user_properties.extend(kept)
        if kept and report.failed:
            report.sections.append(("fedemu: traces", "\n".join(file for _, file in kept)))
