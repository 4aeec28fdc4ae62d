"""The HTML report of ten thousand scenarios in Chromium: until it is there, and from a key to what it finds."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from emulator.network.data_folder.keys import KeyFolder
from emulator.reports.run.run_html import run_html
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.runs import Run
from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios
from tests.bench.measuring import REPEATS, median, not_measured, report

RESULTS = 10_000
_OPENS = f"seconds until an HTML report of {RESULTS:,} results can be read and filtered, in Chromium"
_FILTERS = "milliseconds from the last key in its filter until what was found is painted, at worst"
# Waits as the page does, and for the frame after it.
_TYPE = """async text => {
  const began = performance.now();
  words.value = text;
  words.dispatchEvent(new Event('input'));
  await new Promise(done => setTimeout(done, 31));
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""


def measure(folder: Path) -> None:
    """Prints two figures, which are no ratios: what a person notices is measured in seconds."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        not_measured(_OPENS, "there is no Chromium")
        return
    file = folder / "report.html"
    file.write_text(_large_report(folder), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        opened, filtered = zip(*(_read(browser.new_page(), file) for _ in range(REPEATS)), strict=True)
        browser.close()
    report(_OPENS, median(opened), at_most=3)
    report(_FILTERS, median(filtered), at_most=300)


def _large_report(folder: Path) -> str:
    """Returns a report of the same twenty logins again and again; a thousand of them are shown in full."""
    keys = KeyFolder(folder / "keys")
    scenarios = find_scenarios([BUILT_IN / "session", BUILT_IN / "time"])[:20]
    results = [run_scenario(each, keys=keys, judges=True) for each in scenarios]
    return run_html(Run(tuple(results * (RESULTS // len(results)))), at=datetime(2026, 1, 15, 9, 0, tzinfo=UTC))


def _read(page: Page, file: Path) -> tuple[float, float]:
    """Returns the seconds until a report is there, and the longest of the milliseconds that filtering it takes."""
    began = time.perf_counter()
    page.goto(file.as_uri())
    page.wait_for_function("count.textContent")
    opened = time.perf_counter() - began
    texts = ("a", "aws-rsn", "aws-rsn-01", "no such thing", "")
    filtered = max(float(page.evaluate(_TYPE, text)) for text in texts)
    page.close()
    return opened, filtered
