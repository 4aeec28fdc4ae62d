"""What is programmed, in Chromium: Okta's page for a refused second factor, a connection that is reset, a 503."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from emulator.federation import Federation
from emulator.journeys.journeys import journeys_of
from emulator.network.faults.network_fault_data import read_network_fault
from emulator.network.listener.server import Server
from tests.browser.pictures import keep
from tests.conftest import APP, USER

pytestmark = pytest.mark.browser


def _sign_in(page: Page, server: Server) -> None:
    page.goto(server.alias("acme.okta.com", "/app/UserHome"))
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill("correct-horse")
    page.get_by_role("button", name="Sign In").click()


def test_the_second_factor_is_refused_once(page: Page, server: Server, federation: Federation, artefacts: Path) -> None:
    """The page says it in Okta's words; the next login opens the instance, and both are seen whole."""
    federation.program_next_login(USER, app=APP, refused_by="mfa")
    journeys = journeys_of(federation)
    _sign_in(page, server)
    tile = page.get_by_role("link", name="Amazon Connect SAML")
    tile.click()
    expect(page.get_by_role("alert")).to_have_text("You have chosen to reject this login.")
    keep(page, artefacts / "second-factor-refused.png")
    page.go_back()
    tile.click()
    page.wait_for_url("**/home")
    refused = journeys.wait(timeout=timedelta(seconds=20), user=USER)
    accepted = journeys.wait(timeout=timedelta(seconds=20), user=USER, until="accepted")
    assert refused is not None
    assert accepted is not None
    assert [(each.number, each.user, each.outcome) for each in (refused, accepted)] == [
        (1, USER, "refused"),
        (2, USER, "accepted"),
    ]
    assert refused.exchanges[0].url == "https://acme.okta.com/app/UserHome"
    assert accepted.login is not None
    assert accepted.login.lands_on == "https://acme.my.connect.aws/home"


def test_the_browser_sees_a_reset_and_a_503(page: Page, server: Server, federation: Federation) -> None:
    """Chromium's own words; it tries a connection that was in use once more by itself."""
    gateway = federation.gateway
    gateway.network_faults.plant([read_network_fault({"host": "acme.okta.com", "reset": True}, hosts=gateway.hosts)])
    with pytest.raises(Error, match="ERR_CONNECTION_RESET"):
        page.goto(server.alias("acme.okta.com", "/app/UserHome"))
    fault = read_network_fault({"host": "acme.okta.com", "status": 503, "count": 1}, hosts=gateway.hosts)
    gateway.network_faults.plant([fault], in_place_of_others=True)
    # Not in the same tab, which is still on its way to Chromium's page about the reset.
    with page.context.new_page() as other:
        answer = other.goto(server.alias("acme.okta.com", "/app/UserHome"))
        assert answer is not None
        assert answer.status == 503
        expect(other.get_by_role("heading")).to_have_text("503 Service Unavailable")
