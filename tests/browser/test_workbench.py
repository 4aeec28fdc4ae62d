"""The workbench as a person uses it, in Chromium."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.network.listener.server import Server
from emulator.workbench.workbench import SavedWorld
from tests.browser.watched_world import WatchedWorld
from tests.conftest import APP, USER

pytestmark = pytest.mark.browser


def test_a_click_signs_a_person_in_and_opens_their_tile(page: Page, server: Server) -> None:
    """Another person's card signs the other one in, in the same browser."""
    page.goto(f"{server.url}/workbench/people")
    page.get_by_role("button", name="Open Amazon Connect SAML as Hanako Sato").click()
    page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))
    expect(page.locator("#user")).to_have_text(USER)
    page.goto(f"{server.url}/workbench/people")
    page.get_by_role("button", name="Sign in as Mika Mori").click()
    page.wait_for_url(server.alias("acme.okta.com", "/app/UserHome"))
    expect(page.get_by_text("Mika", exact=False).first).to_be_visible()


def test_the_next_login_is_programmed_from_a_list(page: Page, server: Server, federation: Federation) -> None:
    """The one after it is as any other."""
    page.goto(f"{server.url}/workbench/faults")
    page.get_by_label("Person").fill(USER)
    page.get_by_label("What happens").select_option("{attribute: Role, remove: true}")
    page.get_by_role("button", name="Program it").click()
    expect(page.get_by_text(f"{USER}: fault {{attribute: Role, remove: true}} (once)")).to_be_visible()
    page.goto(f"{server.url}/workbench/people")
    page.get_by_role("button", name="Open Amazon Connect SAML as Hanako Sato").click()
    expect(page.get_by_text("check").first).to_be_visible()
    expect(page.get_by_text("programmed", exact=False).first).to_be_visible()
    page.goto(f"{server.url}/workbench/people")
    page.get_by_role("button", name="Open Amazon Connect SAML as Hanako Sato").click()
    page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))


def test_the_clock_is_moved_by_buttons(page: Page, server: Server, federation: Federation) -> None:
    """Thirteen hours on the session is over; a reset goes back to the beginning."""
    before = federation.clock.now()
    page.goto(f"{server.url}/workbench/faults")
    page.get_by_role("button", name="+13h").click()
    expect(page.locator("time")).to_have_text("2026-01-15T22:00:00.000Z")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("time")).to_have_text("2026-01-15T09:00:00.000Z")
    assert federation.clock.now() == before


def test_the_bench_judges_while_somebody_types(page: Page, server: Server, federation: Federation) -> None:
    """Without a button, and what is typed is left alone; a button signs it again, and another posts it."""
    log_in(federation, user=USER, app=APP)
    page.goto(f"{server.url}/workbench/logins/1")
    page.get_by_role("link", name="Open in the bench").click()
    expect(page.get_by_role("status")).to_have_text("No check fails.")
    session_name = page.get_by_label("Value 2", exact=True)
    expect(session_name).to_have_value(USER)
    session_name.fill("hanako <img src=x onerror=alert(1)>")
    expect(page.get_by_role("status")).to_have_text("2 checks fail, the first is signature.")
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("hanako␠<img␠src=x␠onerror=alert(1)>")
    assert page.locator("img").count() == 0
    expect(session_name).to_have_value("hanako <img src=x onerror=alert(1)>")
    page.get_by_label("XML", exact=True).fill("<broken")
    expect(page.get_by_role("status")).to_have_text("1 check fails: response.")
    expect(verdict).to_contain_text("The XML cannot be read")
    page.reload()
    page.get_by_label("Value 2", exact=True).fill("hanako sato")
    page.get_by_role("button", name="Sign again with the org's key").click()
    expect(page.get_by_role("status")).to_have_text("1 check fails: role-session-name.")
    page.get_by_role("button", name="Post to sign-in").click()
    expect(page.locator("#answer")).to_contain_text("AWS sign-in refused: InvalidIdentityToken (400)")


def test_the_bench_judges_fields_and_files(page: Page, server: Server, federation: Federation, tmp_path: Path) -> None:
    """A time that is moved, while somebody types; a file is chosen, and one that is too large is not sent."""
    message = log_in(federation, user=USER, app=APP).saml_response
    page.goto(f"{server.url}/workbench/bench")
    (tmp_path / "message.txt").write_text(message, encoding="ascii")
    page.get_by_label("Or a file:").set_input_files(tmp_path / "message.txt")
    page.get_by_role("button", name="Judge it").click()
    expect(page.get_by_role("status")).to_have_text("No check fails.")
    page.get_by_label("Conditions NotOnOrAfter", exact=True).fill("-1h")
    expect(page.get_by_role("status")).to_have_text("2 checks fail, the first is signature.")
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("time-window failed")
    page.locator(".given summary").click()
    page.locator("#give").evaluate("form => { form.dataset.most = '100'; }")
    page.get_by_label("A SAMLResponse in base64 or as XML, or a HAR").first.fill("x" * 101)
    page.get_by_role("button", name="Judge it").click()
    expect(page.locator("#too-large")).to_contain_text("fedemu inspect FILE takes more")
    expect(page.get_by_label("Conditions NotOnOrAfter", exact=True)).to_have_value("-1h")


def test_what_is_typed_before_the_script_has_come_is_judged(page: Page, server: Server, federation: Federation) -> None:
    """The verdict is about what the fields have, however late the script is."""
    held: list[Route] = []
    page.route("**/bench.js", lambda route: held.append(route))  # noqa: PLW0108  Playwright marks its handlers
    page.goto(f"{server.url}/workbench/bench", wait_until="commit")
    page.get_by_label("A SAMLResponse in base64 or as XML, or a HAR").first.fill(
        log_in(federation, user=USER, app=APP).saml_response
    )
    page.get_by_role("button", name="Judge it").click(no_wait_after=True)
    expect(page.get_by_role("status")).to_have_text("No check fails.")
    page.get_by_label("Conditions NotOnOrAfter", exact=True).fill("-1h")
    held[-1].continue_()
    expect(page.get_by_role("status")).to_have_text("2 checks fail, the first is signature.")


def test_a_saved_world_is_shown_at_once(page: Page, watched_world: WatchedWorld) -> None:
    """Its findings at their lines, a mistake in a broken one, and the line on top of every page, without a reload."""
    page.goto(f"{watched_world.url}/workbench/world")
    expect(page.get_by_text("stops a login")).to_have_count(0)
    watched_world.save("label: Amazon Connect SAML", "label: x\n        audience: urn:example:app")
    expect(page.get_by_text("It was saved with 2 changed settings.")).to_be_visible()
    expect(page.locator("li.found.stops > code")).to_have_text("        audience: urn:example:app")
    page.get_by_role("link", name="finding 1").click()
    expect(page.locator("#finding-1")).to_be_in_viewport()
    page.locator("#finding-1").get_by_role("link").click()
    expect(page.locator("li.found.stops")).to_be_in_viewport()
    watched_world.save("okta:", "oktaa:")
    expect(page.get_by_role("alert")).to_contain_text("was saved and cannot be used")
    expect(page.locator("li.found.broken > code")).to_have_text("oktaa:")
    watched_world.save("okta:", "okta:")
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/workbench/bench", "/workbench/faults", "/workbench/nothing"])
def test_the_line_on_top_comes_and_goes_by_itself(page: Page, watched_world: WatchedWorld, path: str) -> None:
    """On every page: a world that cannot be used, and settings that stay as calls have set them."""
    page.goto(f"{watched_world.url}{path}")
    line = page.locator("#notice").get_by_role("alert")
    expect(line).to_have_count(0)
    watched_world.save("okta:", "oktaa:")
    expect(line).to_contain_text("world.yaml was saved and cannot be used, so the previous world is still served: ")
    watched_world.save("okta:", "okta:")
    expect(line).to_have_count(0)
    watched_world.own.workbench.tell_saved(SavedWorld(changed=1, conflicts=("aws.123456789012.roles.A",)))
    expect(line).to_contain_text(
        "One setting keeps the value that a call has set, although the world now says something else."
    )
    line.get_by_role("link", name="World").click()
    expect(page.get_by_text("aws.123456789012.roles.A")).to_be_visible()


def test_the_access_table_follows_what_runs(page: Page, watched_world: WatchedWorld) -> None:
    """A world that is saved, and what calls change; what was typed into the search stays."""
    page.goto(f"{watched_world.url}/workbench/access")
    expect(page.get_by_text("3 arrive.", exact=False)).to_be_visible()
    page.get_by_label("Search").fill("half a wo")
    watched_world.save("label: Amazon Connect SAML", "label: x\n        audience: urn:example:app")
    expect(page.get_by_role("heading", name="What stops the others")).to_be_visible()
    expect(page.get_by_label("Search")).to_have_value("half a wo")
    watched_world.save("okta:", "okta:")
    expect(page.get_by_role("heading", name="What stops the others")).to_have_count(0)
    federation = watched_world.own.federation
    federation.aws.replace([replace(each, roles={}) for each in federation.aws.accounts.values()])
    log_in(federation, user=USER, app=APP)
    expect(page.get_by_role("heading", name="What stops the others")).to_be_visible()
