"""The console's home: who is signed in, how, until when and with what."""

from __future__ import annotations

from typing import Any

import lxml.html
import pytest

from emulator.browser import Browser
from emulator.building.faults import read_faults
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import APP, INSTANCE_ID, USER

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/okta"},
            "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"],
        }
    ],
}
HOME = "https://console.aws.amazon.com/console/home"


def _tree(text: str) -> Any:
    return lxml.html.fromstring(text)


@pytest.fixture
def signed_in(world: World, clock: Clock, keys: KeyFolder) -> Browser:
    """Returns a browser signed in with a session tag and a source identity."""
    changed = change_world(world, {"/aws/123456789012/roles/ConnectAgent/trust": TRUST})
    federation = Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)
    faults = read_faults(["{attribute: 'PrincipalTag:Team', set: Blue}", "{attribute: SourceIdentity, set: h.sato}"])
    federation.identity_providers["acme"].faults.inject(APP, USER, faults)
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, relay_state="", browser=browser)
    return browser


def _facts(page: Any) -> dict[str, str]:
    (who,) = page.xpath("//dl[@id='who']")
    names = [name.text_content() for name in who.findall("dt")]
    return dict(zip(names, [value.text_content() for value in who.findall("dd")], strict=True))


def test_the_home_says_who_is_signed_in_and_how(signed_in: Browser) -> None:
    """Account, role, session, its end, region, tags and source identity."""
    page = _tree(signed_in.open(HOME).text)
    facts = _facts(page)
    assert facts.pop("Signed in by").startswith("SAML assertion, issuer http://www.okta.com/exk")
    assert facts == {
        "Account": "acme (123456789012)",
        "Federated user": "ConnectAgent/hanako@example.com",
        "Role": "arn:aws:iam::123456789012:role/ConnectAgent",
        "Session name": "hanako@example.com",
        "Session ends": "2026-01-15T10:00:00.000Z",
        "Region": "us-east-1",
        "Source identity": "h.sato",
        "Session tag Team": "Blue",
    }


def test_the_home_leads_to_the_instances_and_out(signed_in: Browser) -> None:
    """The instances of the account by their own region's console, sign-out on the page's own region."""
    page = _tree(signed_in.open(HOME.replace("https://", "https://eu-west-1.")).text)
    assert _facts(page)["Region"] == "eu-west-1"
    (instance,) = page.xpath("//ul[@id='instances']//a")
    federate = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
    assert (instance.text, instance.get("href")) == ("acme", federate)
    (sign_out,) = page.xpath("//a[@id='sign-out']/@href")
    assert sign_out == "https://eu-west-1.signin.aws.amazon.com/oauth?Action=logout"
    assert signed_in.open(federate).url == "https://acme.my.connect.aws/home"
    signed_in.open(sign_out)
    assert "There is no session." in signed_in.open(HOME).visible_text


def test_the_home_is_neither_kept_nor_framed_nor_guessed(signed_in: Browser) -> None:
    """The headers of a page with personal data."""
    headers = signed_in.open(HOME).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_a_page_the_emulator_does_not_have_says_so(signed_in: Browser) -> None:
    """The login is complete all the same."""
    text = signed_in.open("https://us-west-2.console.aws.amazon.com/ec2/home").visible_text
    assert "The emulator has no page /ec2/home; the login itself is complete." in text
