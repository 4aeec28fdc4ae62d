"""What a running emulator refused: tried once for each cause, outside the request."""

from __future__ import annotations

import json

import pytest

from emulator.federation import Federation
from emulator.fixes import live
from emulator.fixes.live import LiveFixes
from emulator.flow import STS_URL, log_in
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.wsgi import call, make_environ
from emulator.running.control_site import control_site
from emulator.running.start import explain_on_pages
from emulator.running.state.writing import dump_state
from emulator.workbench.workbench import Workbench
from emulator.world import World
from tests.conftest import APP, USER
from tests.emulator.fixes.trials import HOME, RELAY_STATE, RIGHT, WRONG, federation_with

INSTANCE_PAGE = "https://acme.my.connect.aws/ccp-v2"


def served(world: World, keys: KeyFolder) -> tuple[Federation, LiveFixes]:
    """Returns a federation with a wrong relay state whose pages and control site show fixes."""
    federation = federation_with(world, keys, {RELAY_STATE: WRONG})
    fixes = LiveFixes(federation)
    federation.gateway.mount_control_site(control_site(Workbench(federation, lambda: fixes)))
    explain_on_pages(federation, lambda: fixes)
    return federation, fixes


def refusals(federation: Federation) -> list[dict[str, object]]:
    """Returns what the control site tells."""
    environ = make_environ("GET", "/fedemu/refusals", [("Host", "127.0.0.1:7080")], b"", scheme="http")
    found: list[dict[str, object]] = json.loads(call(federation.gateway, environ).body)["refusals"]
    return found


def test_the_fix_is_there_when_it_was_tried(world: World, keys: KeyFolder) -> None:
    """The page that refuses starts it; the control site has it as soon as it is found."""
    federation, fixes = served(world, keys)
    login = log_in(federation, user=USER, app=APP)
    assert "fix (tried)" not in login.page.visible_text
    fixes.wait()
    (refusal,) = refusals(federation)
    assert refusal["fixes"] == [
        {
            "title": "Set the Default Relay State",
            "in": "world",
            "changes": {RELAY_STATE: RIGHT},
            "lands_on": HOME,
            "tried": True,
        }
    ]
    assert f"default_relay_state: {WRONG} -> {RIGHT}" in str(refusal["block"])


def test_the_next_page_shows_it(world: World, keys: KeyFolder) -> None:
    """A cause is tried once, and kept."""
    federation, fixes = served(world, keys)
    log_in(federation, user=USER, app=APP)
    fixes.wait()
    assert "fix (tried)" in log_in(federation, user=USER, app=APP).page.visible_text
    fixes.wait()
    assert "fix (tried)" in log_in(federation, user="taro@example.com", app=APP, role="ConnectAgent").page.visible_text


def test_looking_for_it_changes_nothing_that_runs(world: World, keys: KeyFolder) -> None:
    """State and trace are as the login left them."""
    federation, fixes = served(world, keys)
    log_in(federation, user=USER, app=APP)
    before = dump_state(federation), federation.gateway.exchanges
    fixes.wait()
    assert (dump_state(federation), federation.gateway.exchanges) == before


def test_it_is_looked_for_again_when_something_was_changed(world: World, keys: KeyFolder) -> None:
    """What was found holds for the orgs and accounts as they were."""
    federation, fixes = served(world, keys)
    log_in(federation, user=USER, app=APP)
    fixes.wait()
    provider = federation.identity_providers["acme"]
    provider.directory.change(lambda org: (type(org)(**{n: getattr(org, n) for n in org.__slots__}), None))
    assert "fixes" not in refusals(federation)[0]
    fixes.wait()
    assert "fixes" in refusals(federation)[0]


def test_a_page_in_a_frame_is_asked_for_again(world: World, keys: KeyFolder) -> None:
    """The login is made again and then the frame."""
    federation = federation_with(world, keys, {})
    fixes = LiveFixes(federation)
    federation.gateway.mount_control_site(control_site(Workbench(federation, lambda: fixes)))
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    browser.frame(by="https://crm.example.com").open(INSTANCE_PAGE)
    refusals(federation)
    fixes.wait()
    (refusal,) = refusals(federation)
    (fix,) = list(refusal["fixes"])  # type: ignore[call-overload]  # JSON of the control site
    assert fix["title"] == "Add https://crm.example.com to the approved origins"
    assert (fix["in"], fix["tried"], fix["lands_on"]) == ("world", True, INSTANCE_PAGE)


def test_a_call_of_sts_with_a_message_from_outside_is_made_again(world: World, keys: KeyFolder) -> None:
    """Somebody minted the assertion elsewhere and gave it to STS: the very call is made again in the copy."""
    condition = "/aws/123456789012/roles/ConnectAgent/trust/Statement/0/Condition/StringEquals/SAML:aud"
    federation = federation_with(world, keys, {condition: "https://signin.aws.amazon.com/samlx"})
    fixes = LiveFixes(federation)
    federation.gateway.mount_control_site(control_site(Workbench(federation, lambda: fixes)))
    provider, app = federation.find_app(APP)
    answer = federation.browser().post(
        STS_URL,
        {
            "Action": "AssumeRoleWithSAML",
            "Version": "2011-06-15",
            "RoleArn": "arn:aws:iam::123456789012:role/ConnectAgent",
            "PrincipalArn": "arn:aws:iam::123456789012:saml-provider/okta",
            "SAMLAssertion": provider.mint(USER, app.name).saml_response,
        },
    )
    assert answer.status == 403
    environ = make_environ("GET", "/fedemu/refusals?fixes=wait", [("Host", "127.0.0.1:7080")], b"", scheme="http")
    (refusal,) = json.loads(call(federation.gateway, environ).body)["refusals"]
    assert refusal["fixes"][0]["changes"] == {condition: "https://signin.aws.amazon.com/saml"}
    assert refusal["fixes"][0]["tried"]


def test_one_that_breaks_leaves_the_others_their_fixes(
    world: World, keys: KeyFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged with its traceback, counts as one without a fix, and the thread goes on."""
    federation, fixes = served(world, keys)
    with monkeypatch.context() as broken:
        broken.setattr(live, "tried_fixes", lambda *_: 1 // 0)
        log_in(federation, user=USER, app=APP)
        fixes.wait()
    (record,) = caplog.records
    text = record.getMessage()
    assert text.startswith("fedemu: an unexpected error while looking for what would let a login arrive\n")
    assert text.endswith("ZeroDivisionError: integer division or modulo by zero")
    assert "fixes" not in refusals(federation)[0]
    provider = federation.identity_providers["acme"]
    provider.directory.change(lambda org: (type(org)(**{n: getattr(org, n) for n in org.__slots__}), None))
    refusals(federation)
    fixes.wait()
    assert "fixes" in refusals(federation)[0]
