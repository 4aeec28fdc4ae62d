"""From the console to an instance: emergency access."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import Refusal
from emulator.kernel.explanations import Sent
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.wsgi import call, make_environ
from emulator.world import World, change_world
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, USER

HOST = "acme.my.connect.aws"
CCP = f"https://{HOST}/ccp-v2"
INSTANCE = f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}"
CONSOLE = "https://ap-northeast-1.console.aws.amazon.com"
EMERGENCY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "connect:AdminGetEmergencyAccessToken",
            "Resource": f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{INSTANCE_ID}",
        }
    ],
}


def _console_home(federation: Federation) -> Browser:
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser, relay_state="")
    return browser


def test_emergency_access_needs_no_user(world: World, keys: KeyFolder) -> None:
    """An administrator whose user is gone comes in from the console, and is an Admin there."""
    changed = change_world(
        world, {f"/aws/{ACCOUNT}/policies/connect-login": EMERGENCY, f"{INSTANCE}/users/{USER}": None}
    )
    federation = Federation(changed, keys=keys)
    browser = _console_home(federation)
    page = browser.open(f"{CONSOLE}/console/home")
    assert "Log in for emergency access" in page.text
    form = next(form for form in page.forms if "/connect/emergency/" in form.action)
    landed = browser.submit(form)
    assert landed.url == f"https://{HOST}/home"
    assert "Security profilesAdmin" in landed.visible_text
    assert browser.open(CCP).status == 200
    facts = [each.facts for exchange in browser.exchanges for each in exchange.notes]
    assert any(each.emergency_access for each in facts)


@pytest.mark.parametrize(
    ("instance_id", "why"),
    [
        (INSTANCE_ID, "The relay state has the instance's ARN where only the instance id belongs."),
        (
            "another",
            f"The relay state has arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/another, "
            "and no instance has this id.",
        ),
    ],
)
def test_an_arn_in_place_of_the_instance_id_finds_nothing(federation: Federation, instance_id: str, why: str) -> None:
    """404, encoded or not, with the address that would have been right; without a session sign-in comes first."""
    arn = f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{instance_id}"
    browser = _console_home(federation)
    right = f"{CONSOLE}/connect/federate/{INSTANCE_ID}"
    for path, query in ((arn, ""), (quote(arn, safe=""), ""), (arn, "?destination=%2Fccp-v2")):
        page = browser.open(f"{CONSOLE}/connect/federate/{path}{query}")
        refusal = _last_refusal(browser)
        assert (page.status, refusal.check, refusal.code) == (404, "instance", "ResourceNotFoundException")
        assert refusal.explanation == why
        assert refusal.expected == right + query
        assert refusal.causes == (Sent("RelayState", (right + query,)),)
    assert "/oauth?" in federation.browser().open(f"{CONSOLE}/connect/federate/{arn}").url


def test_emergency_access_is_refused_without_the_permission(federation: Federation) -> None:
    """The action is another than the agents'; the page's wording is the emulator's own."""
    browser = _console_home(federation)
    page = browser.post(f"{CONSOLE}/connect/emergency/{INSTANCE_ID}", {})
    refusal = _last_refusal(browser)
    assert (refusal.check, refusal.status, refusal.evidence) == ("emergency-access", 403, "assumed")
    assert refusal.fix == (
        "Attach to the role ConnectAgent a policy that allows connect:AdminGetEmergencyAccessToken on "
        f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{INSTANCE_ID}."
    )
    assert "its wording here is the emulator's own" in page.text


def test_emergency_access_is_not_begun_by_another_site(federation: Federation) -> None:
    """A form elsewhere that posts to the console is refused, and so is a browser without a session."""
    browser = _console_home(federation)
    cookie = "; ".join(f"{each.name}={each.value}" for each in browser.cookies)
    host, path = ("Host", CONSOLE.removeprefix("https://")), f"/connect/emergency/{INSTANCE_ID}"
    origins = {
        "https://evil.example.com": b"Emergency access is begun on the console&#39;s own pages.",
        "https://console.aws.amazon.com.evil.example.com": b"Emergency access is begun on the console&#39;s own pages.",
        "https://[": b"Emergency access is begun on the console&#39;s own pages.",
        "null": b"Emergency access is begun on the console&#39;s own pages.",
        "https://console.aws.amazon.com": b"Access denied, Please contact your AWS account administrator",
    }
    for origin, words in origins.items():
        headers = [host, ("Cookie", cookie), ("Origin", origin)]
        answer = call(federation.gateway, make_environ("POST", path, headers, b"", scheme="https"))
        assert answer.code == 403
        assert words in answer.body
    assert call(federation.gateway, make_environ("POST", path, [host], b"", scheme="https")).code == 302


def _last_refusal(browser: Browser) -> Refusal:
    refusals = [each.refusal for exchange in browser.exchanges for each in exchange.notes if each.refusal]
    return refusals[-1]
