"""The requests of each scenario as an HTTP Archive, with a page for each login and its decisions.

A HAR contains assertions, and the bodies of requests and answers. Passwords, cookies and keys have already been
removed.

Spec: HAR 1.2
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from emulator.kernel.version import version
from emulator.network.trace import as_text, to_har_of_pages
from emulator.reports.run.login_title import login_title
from emulator.scenarios.results import Result
from emulator.scenarios.runs import Run

_LONGEST_NAME = 100
_UNUSUAL = re.compile(r"[^A-Za-z0-9._-]+")
# Names of devices, which Windows opens whatever the extension is.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def run_har(run: Run) -> Iterator[tuple[str, str]]:
    """Yields the name and the text of a file for each scenario that made a request, named after its id.

    All names are different, even if case is ignored.
    """
    taken: set[str] = set()
    for result in run.results:
        if not result.exchanges:
            continue
        stem = name = _safe(result.scenario.id)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        yield f"{name}.har", _har(result)


def _har(result: Result) -> str:
    scenario = result.scenario
    pages = [(login_title(login), login.login.exchanges) for login in result.logins]
    comment = f"{scenario.id} {scenario.title}: {result.state}"
    return as_text(to_har_of_pages(pages, version=version(), comment=comment))


def _safe(name: str) -> str:
    """Returns an id as a file name; an id that had to be changed is followed by the beginning of its digest."""
    safe = _UNUSUAL.sub("-", name)[:_LONGEST_NAME].strip(".-")
    is_device = _DEVICES.fullmatch(safe) is not None
    if safe == name and not is_device:
        return safe
    safe = f"id-{safe}" if is_device else safe
    return f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("-")
