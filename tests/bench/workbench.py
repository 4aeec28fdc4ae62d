"""The workbench's pages in browsers, through ``fedemu up``: medians of twenty, in seconds, and memory in megabytes.

    python -m tests.bench.workbench

The times are taken in the pages, by the browser's own clock. Chromium and Firefox are both asked where they are
installed; only Chromium says how much memory a page takes.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.bench.measuring import median
from tests.bench.processes import running
from tests.browser.launching import headless
from tests.browser.marionette import Marionette, firefox_session

_CLICKS = 20
_LOGINS = 200
_SECONDS = 30
_USER, _PASSWORD, _APP, _TILE = "hanako@example.com", "correct-horse", "amazon-connect", "Amazon Connect SAML"
_NOW = "performance.timeOrigin + performance.now()"
# Keeps when each login's row is there, and when it says that the login has arrived.
_WATCH = f"""
window.rows = {{}};
const look = () => {{
  for (const link of document.querySelectorAll("#live tbody th a")) {{
    const times = window.rows[link.textContent] ??= [{_NOW}];
    if (times.length < 2 && link.closest("tr").querySelector(".accepted")) times.push({_NOW});
  }}
}};
look();
new MutationObserver(look).observe(document.getElementById("live"), {{childList: true, subtree: true}});
"""
_CLICK = f"""
const tile = [...document.querySelectorAll("a")].find(each => each.textContent.includes({json.dumps(_TILE)}));
const at = {_NOW};
tile.click();
return at;
"""
# Keeps when something was typed, and when the verdict was another.
_WATCH_VERDICT = f"""() => {{
  window.verdicts = [];
  document.getElementById("message").addEventListener("input", () => {{ window.typed = {_NOW}; }});
  const verdict = document.getElementById("verdict");
  new MutationObserver(() => window.verdicts.push({_NOW})).observe(verdict, {{childList: true}});
}}"""
_IS_WHOLE = "return (window.rows[{number}] ?? []).length > 1 && window.rows[{number}]"


def measure(folder: Path) -> None:
    """Prints every figure."""
    with _chromium() as browser:
        if browser is None:
            print("the workbench in Chromium: not measured, Chromium is not installed", flush=True)
        else:
            with _served(folder) as ready:
                _report_clicks("Chromium", _clicks_in_chromium(browser.new_context(), ready))
            with _served(folder) as ready:
                _report_memory(browser, ready)
            with _served(folder) as ready:
                _report(
                    "keystroke on the bench to its verdict, Chromium",
                    _keystrokes_in_chromium(browser.new_page(), ready),
                )
    firefox = shutil.which("firefox-esr") or shutil.which("firefox")
    if firefox is None:
        print("the workbench in Firefox: not measured, Firefox is not installed", flush=True)
        return
    with _served(folder) as ready, firefox_session(firefox, folder) as session:
        _report_clicks("Firefox", _clicks_in_firefox(session, ready))


@contextmanager
def _served(folder: Path) -> Iterator[Mapping[str, Any]]:
    environment = {**os.environ, "FEDEMU_HOME": str(folder)}
    with running(folder, environment, "--no-proxy") as ready:
        yield ready


@contextmanager
def _chromium() -> Iterator[Browser | None]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = headless(playwright, path)
        yield browser
        browser.close()


def _clicks_in_chromium(context: BrowserContext, ready: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Returns for each click how many seconds later its row was there, and said that the login has arrived."""
    tiles, rows = context.new_page(), context.new_page()
    dashboard = ready["dashboards"]["acme"]
    tiles.goto(dashboard)
    tiles.get_by_label("Username").fill(_USER)
    tiles.get_by_label("Password").fill(_PASSWORD)
    tiles.get_by_role("button", name="Sign In").click()
    rows.goto(ready["http"])
    rows.evaluate(_WATCH)
    found = []
    for number in range(1, _CLICKS + 1):
        tiles.goto(dashboard)
        tiles.get_by_role("link", name=_TILE).wait_for()
        clicked = tiles.evaluate(f"() => {{{_CLICK}}}")
        row = rows.wait_for_function(f"() => {{{_IS_WHOLE.format(number=number)}}}").json_value()
        found.append(_seconds(clicked, row))
        tiles.wait_for_load_state("load")
    return found


def _keystrokes_in_chromium(page: Page, ready: Mapping[str, Any]) -> list[float]:
    """Returns for each keystroke how many seconds later the verdict on what was typed was there."""
    _log_in(ready["http"])
    page.goto(f"{ready['http']}/workbench/bench?login=1")
    page.evaluate(_WATCH_VERDICT)
    page.get_by_label("NameID", exact=True).press("End")
    found = []
    for number in range(1, _CLICKS + 1):
        page.keyboard.press("x")
        page.wait_for_function(f"() => window.verdicts.length === {number}")
        found.append(page.evaluate("() => window.verdicts.at(-1) - window.typed") / 1000)
    return found


def _clicks_in_firefox(session: Marionette, ready: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Does the same in Firefox: there, a tab behind another one runs its timers once a second."""
    dashboard = ready["dashboards"]["acme"]
    tiles, rows = session.tab(), session.new_tab()
    session.switch_to(tiles)
    session.open(dashboard)
    session.run(f"""
        document.querySelector("[name=username]").value = {json.dumps(_USER)};
        document.querySelector("[name=password]").value = {json.dumps(_PASSWORD)};
        document.querySelector("[name=password]").form.querySelector("button, [type=submit]").click();
    """)
    session.wait_for(f"return document.body?.innerText.includes({json.dumps(_TILE)})")
    session.switch_to(rows)
    session.open(ready["http"])
    session.run(_WATCH)
    found = []
    for number in range(1, _CLICKS + 1):
        session.switch_to(tiles)
        session.open(dashboard)
        clicked = session.run(_CLICK)
        session.wait_for("return location.host.includes('.my.connect.aws')")
        session.switch_to(rows)
        session.wait_for(_IS_WHOLE.format(number=number))
        found.append(_seconds(clicked, session.run(_IS_WHOLE.format(number=number))))
    return found


def _seconds(clicked: float, row: Sequence[float]) -> tuple[float, float]:
    return (row[0] - clicked) / 1000, (row[1] - clicked) / 1000


def _report_clicks(browser: str, found: Sequence[tuple[float, float]]) -> None:
    for what, seconds in (
        ("its row in the other tab", [shown for shown, _ in found]),
        ("the row that says it has arrived", [arrived for _, arrived in found]),
    ):
        _report(f"click on a tile to {what}, {browser}", seconds)


def _report(what: str, seconds: Sequence[float]) -> None:
    print(f"{what}: median {median(seconds):.3f} s, slowest {max(seconds):.3f} s, of {len(seconds)}", flush=True)


def _report_memory(browser: Browser, ready: Mapping[str, Any]) -> None:
    """Prints what the list of the logins takes: when it is empty, and when 200 were made while it was open."""
    page = browser.new_page()
    page.goto(ready["http"])
    for count in (0, _LOGINS):
        for _ in range(count):
            _log_in(ready["http"])
        page.wait_for_function(f"() => document.querySelectorAll('#live tbody th a').length === {count}")
        heap, process = _heap_of(page), _resident_of_renderers(browser)
        print(
            f"the page with {count} logins, Chromium: JavaScript heap {heap:.1f} MB, process {process:.0f} MB",
            flush=True,
        )
    page.close()


def _log_in(url: str) -> None:
    data = json.dumps({"user": _USER, "app": _APP}).encode()
    request = urllib.request.Request(f"{url}/fedemu/logins", data, {"Content-Type": "application/json"})  # noqa: S310 - our own server
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).read()


def _heap_of(page: Page) -> float:
    """Returns the memory of a page's scripts in megabytes, once what nothing refers to is collected."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return float(metrics["JSHeapUsedSize"]) / 1e6


def _resident_of_renderers(browser: Browser) -> float:
    """Returns the resident memory of the largest process that draws pages, in megabytes; 0 without /proc."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    sizes = [0.0]
    for each in processes:
        status = Path(f"/proc/{each['id']}/status")
        if each["type"] == "renderer" and status.exists():
            line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS:"))
            sizes.append(int(line.split()[1]) / 1000)
    return max(sizes)


def main() -> None:
    """Measures in a folder of its own."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name))
    print(f"measured in {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
