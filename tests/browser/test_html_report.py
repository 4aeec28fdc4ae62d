"""The HTML report in Chromium: opened as a file, by keyboard, on a phone, dark and light, printed, without scripts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from emulator.network.data_folder.keys import KeyFolder
from emulator.reports.run.run_html import run_html
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.runs import Run, read_usable
from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios, read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.browser.accessibility import findings
from tests.browser.pictures import keep
from tests.conftest import APP, USER

pytestmark = pytest.mark.browser

AT = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
FAILS = f"""
scenario: A space in RoleSessionName is accepted
id: REPORT-01
world: {DEFAULT_WORLD}
faults: [{{attribute: RoleSessionName, set: hanako sato}}]
login: {{user: {USER}, app: {APP}}}
expect: {{outcome: accepted, oracle: assumed}}
"""


@pytest.fixture
def report(keys: KeyFolder, tmp_path: Path) -> Path:
    """Writes a report of seven scenarios, of which the first fails, and of a file that cannot be used."""
    failing, bad = tmp_path / "failing.yaml", tmp_path / "bad.yaml"
    failing.write_text(FAILS, encoding="utf-8")
    bad.write_text("scenario: x\nid: B\nexpects: {}\n", encoding="utf-8")
    _, errors = read_usable([bad])
    scenarios = [*read_scenarios(failing), *find_scenarios([BUILT_IN / "session"])[:6]]
    results = [run_scenario(each, keys=keys, judges=True, tries_fixes=False) for each in scenarios]
    file = tmp_path / "report.html"
    file.write_text(run_html(Run(tuple(results), tuple(errors)), at=AT), encoding="utf-8")
    return file


def test_a_report_is_read_and_filtered(page: Page, report: Path, artefacts: Path) -> None:
    """Nothing but the file is asked for, nothing is wider than a phone, and and a keyboard is enough."""
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
    count, words = page.locator("#count"), page.get_by_label("Filter by text")
    expect(count).to_have_text("7 of 7 shown")
    # What failed is open, with the check's verdict at the line, and the link leads there.
    failed = page.locator(".result.failed")
    expect(failed.get_by_text("✗ role-session-name failed")).to_be_visible()
    failed.locator(".checks a").click()
    expect(failed.locator("li.bad")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    keep(page, artefacts / "html-report-phone-dark-line.png")
    words.focus()
    page.keyboard.type("AWS-RSN-01")
    expect(count).to_have_text("1 of 7 shown")
    expect(words).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".result:not([hidden]) > summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".result:not([hidden]) ol.hops")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".result:not([hidden]) ol.hops")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(words).to_be_focused()
    page.keyboard.press("Escape")
    expect(words).to_have_value("")
    expect(count).to_have_text("7 of 7 shown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".result > summary").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(words).to_be_focused()
    page.set_viewport_size({"width": 1200, "height": 900})
    page.emulate_media(color_scheme="light")
    page.get_by_label("State").select_option("failed")
    expect(count).to_have_text("1 of 7 shown")
    page.get_by_label("State").select_option("")
    expect(count).to_have_text("7 of 7 shown")
    assert (asked, problems) == ([report.as_uri()], [])


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize(("kind", "width"), [("desktop", 1200), ("phone", 360)])
def test_everybody_can_read_it(page: Page, report: Path, artefacts: Path, kind: str, width: int, colours: str) -> None:
    """Contrast, names and structure, with every result open; a picture is kept of each."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
    page.goto(report.as_uri())
    keep(page, artefacts / f"html-report-{kind}-{colours}.png", full_page=True)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    expect(page.locator("ol.hops").last).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert findings(page) == []


def test_it_is_read_without_scripts_and_printed(context: BrowserContext, report: Path, artefacts: Path) -> None:
    """The same is there; on paper there is no filter, and it is dark on light."""
    assert context.browser is not None
    plain = context.browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = plain.new_page()
    page.goto(report.as_uri())
    expect(page.locator(".controls")).to_be_hidden()
    expect(page.locator(".result.failed li.bad")).to_be_visible()
    second = page.locator(".result").nth(1)
    expect(second.locator("ol.hops")).to_be_hidden()
    second.locator("> summary").click()
    expect(second.locator("ol.hops")).to_be_visible()
    page.emulate_media(media="print")
    expect(second.locator("ol.hops")).to_be_visible()
    keep(page, artefacts / "html-report-printed.png", full_page=True)
    plain.close()
