"""The HTML report in Chromium: opened as a file, filtered by keyboard, on a phone, dark and light."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from emulator.network.keys import KeyFolder
from emulator.reports.run.run_html import html_report
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios
from tests.browser.pictures import keep

pytestmark = pytest.mark.browser


def test_a_report_is_read_and_filtered(page: Page, keys: KeyFolder, tmp_path: Path, artefacts: Path) -> None:
    """Nothing but the file is asked for, and nothing is wider than a phone."""
    scenarios = find_scenarios([BUILT_IN / "session"])[:6]
    results = [run_scenario(each, keys=keys) for each in scenarios]
    report = tmp_path / "report.html"
    report.write_text(html_report(results), encoding="utf-8")
    asked: list[str] = []

    def _note(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_()

    page.route("**/*", _note)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    page.goto(report.as_uri())
    expect(page.locator("#count")).to_have_text(f"{len(results)} of {len(results)} shown")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Filter by text")).to_be_focused()
    page.keyboard.type(scenarios[1].id)
    expect(page.locator("#count")).to_have_text(f"1 of {len(results)} shown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("details.result:not([hidden]) ol")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    keep(page, artefacts / "html-report-phone-dark.png", full_page=True)
    page.set_viewport_size({"width": 1200, "height": 900})
    page.emulate_media(color_scheme="light")
    page.get_by_label("Filter by text").fill("")
    page.get_by_label("State").select_option("failed")
    expect(page.locator("#count")).to_have_text(f"0 of {len(results)} shown")
    page.get_by_label("State").select_option("")
    keep(page, artefacts / "html-report-light.png", full_page=True)
    assert (asked, problems) == ([report.as_uri()], [])
