"""The pages that a recorded login went through."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from emulator.reconstruction.journey import Instance
from tests.emulator.inspection.vendor_responses import AWS_URL, ISSUED, SHAPES, response
from tests.emulator.reconstruction.recordings import known
from tests.emulator.recordings.har_files import OKTA, entry, har

FEDERATE = "https://eu-west-2.console.aws.amazon.com/connect/federate/0a1b2c3d-0000-4000-8000-00000000c0c0"
MESSAGE = base64.b64encode(response(SHAPES["okta 2023"])).decode()


def _at(seconds: float) -> Any:
    return ISSUED + timedelta(seconds=seconds)


def _post(location: str = "", **more: Any) -> dict[str, Any]:
    form = {"SAMLResponse": MESSAGE, "RelayState": more.pop("relay_state", "")}
    return entry("POST", AWS_URL, 302 if location else 200, at=_at(1), form=form, location=location, **more)


def test_the_consoles_detours_are_followed() -> None:
    """Redirects by way of sign-in's OAuth pages, relative ones too, to the page that was shown."""
    home = "https://eu-west-2.console.aws.amazon.com/console/home?region=eu-west-2"
    recording = har(
        _post("https://console.aws.amazon.com/console/home?state=hash"),
        entry("GET", "https://console.aws.amazon.com/console/home?state=hash", 302, at=_at(2), location=home),
        entry("GET", home, 302, at=_at(3), location="https://eu-west-2.signin.aws.amazon.com/oauth?code=1"),
        entry("GET", "https://eu-west-2.signin.aws.amazon.com/oauth?code=1", 302, at=_at(4), location=f"{home}&code=x"),
        entry("GET", f"{home}&code=x", 302, at=_at(5), location="/console/home?region=eu-west-2#"),
        entry("GET", home, 200, at=_at(6), page="<html>console</html>"),
        entry("GET", "https://eu-west-2.console.aws.amazon.com/api/x", 200, at=_at(7), mime="application/json"),
    )
    assert known(recording).journey.lands_on == "https://eu-west-2.console.aws.amazon.com/console/home"


def test_an_instance_is_known_by_its_federate_url_and_its_host() -> None:
    """Id and region from the one, alias and domain from the other, the destination decoded."""
    address = f"{FEDERATE}?destination=%2Fccp-v2"
    recording = har(
        entry("GET", f"{OKTA}/home/amazon_aws/0oa1abcdefgh/272", 200, at=_at(0)),
        _post(address, relay_state=address),
        entry("GET", address, 200, at=_at(2), page="<form>"),
        entry(
            "POST",
            "https://desk.awsapps.com/connect/auth/sign-in",
            302,
            at=_at(3),
            form={"credentials": "{}", "destination": "/ccp-v2"},
            location="https://desk.awsapps.com/connect/ccp-v2",
        ),
        entry("GET", "https://desk.awsapps.com/connect/ccp-v2", 200, at=_at(4), page="<html>ccp</html>"),
    )
    journey = known(recording).journey
    assert journey.instance == Instance(
        "0a1b2c3d-0000-4000-8000-00000000c0c0", "eu-west-2", "desk", "awsapps.com", "/ccp-v2"
    )
    assert (journey.org, journey.app_id, journey.is_entered) == ("example", "0oa1abcdefgh", True)
    assert journey.lands_on == "https://desk.awsapps.com/connect/ccp-v2"


@pytest.mark.parametrize(
    "page",
    [
        '<input type="radio" name="roleIndex" id="a" value="arn:aws:iam::123456789012:role/A" class="r"/>'
        '<input type="radio" name="roleIndex" value="arn:aws:iam::123456789012:role/B"/>',
        "<meta name='data' content='{data}'>",
    ],
    ids=["until 2023", "since 2023"],
)
def test_the_roles_of_both_choosers_are_read(page: str) -> None:
    """Radio buttons, or the data in a meta element."""
    roles = ["arn:aws:iam::123456789012:role/A", "arn:aws:iam::123456789012:role/B"]
    data = base64.b64encode(json.dumps({"roles_accounts": {"acme (123456789012)": roles}}).encode()).decode()
    recorded = known(har(_post(page=page.replace("{data}", data))))
    assert recorded.journey.offered == tuple(roles)
    assert recorded.end == "stopped"


def test_every_role_of_a_chooser_is_read() -> None:
    """However many there are."""
    roles = [f"arn:aws:iam::123456789012:role/R{number}" for number in range(300)]
    page = "".join(f'<input type="radio" name="roleIndex" value="{role}"/>' for role in roles)
    assert known(har(_post(page=page))).journey.offered == tuple(roles)


def test_redirects_are_followed_to_their_end() -> None:
    """However many there are."""
    steps = [
        entry("GET", f"https://desk.my.connect.aws/{number}", 302, at=_at(4), location=f"/{number + 1}")
        for number in range(60)
    ]
    first = _post("https://desk.my.connect.aws/0")
    last = entry("GET", "https://desk.my.connect.aws/60", 200, at=_at(4), page="<html>ccp</html>")
    assert known(har(first, *steps, last)).journey.lands_on == "https://desk.my.connect.aws/60"
