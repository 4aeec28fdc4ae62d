"""What lets a message be accepted that was inspected: judged again as it was received, or the login made again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from emulator.federation import Federation
from emulator.fixes.inspected import with_fixes_tried
from emulator.inspection.judge import Judge
from emulator.network.data_folder.keys import KeyFolder
from emulator.recordings.logins import RecordedLogin
from emulator.world import World
from tests.conftest import APP, USER
from tests.emulator.fixes.trials import federation_with

ROLE = "/aws/123456789012/roles/ConnectAgent"
AUDIENCE = f"{ROLE}/trust/Statement/0/Condition/StringEquals/SAML:aud"


def inspected(federation: Federation, login: RecordedLogin) -> Mapping[str, Any]:
    """Returns the first failure of a login as JSON data, with what was tried."""
    found = with_fixes_tried(Judge(federation, "world.yaml").inspect_login((login,), 1), federation)
    return next(check for check in found.as_json()["checks"] if check["verdict"] == "failed")


def minted(federation: Federation) -> str:
    """Returns a message about a person that no trace knows."""
    provider, app = federation.find_app(APP)
    return provider.mint(USER, app.name).saml_response


def test_a_bare_message_is_posted_again(world: World, keys: KeyFolder) -> None:
    """Nothing is known of a relay state: the console is where it should lead."""
    federation = federation_with(world, keys, {AUDIENCE: "https://signin.aws.amazon.com/samlx"})
    failure = inspected(federation, RecordedLogin(minted(federation)))
    assert failure["check"] == "trust-policy"
    (fix,) = failure["refusal"]["fixes"]
    assert fix["changes"] == {AUDIENCE: "https://signin.aws.amazon.com/saml"}
    assert (fix["tried"], fix["lands_on"]) == (True, "https://console.aws.amazon.com/console/home")


def test_a_call_of_sts_is_made_again(world: World, keys: KeyFolder) -> None:
    """The role, the provider and the length that STS was asked for are in it."""
    federation = federation_with(world, keys, {f"{ROLE}/max_session_duration": 3600})
    login = RecordedLogin(
        minted(federation),
        role_arn="arn:aws:iam::123456789012:role/ConnectAgent",
        provider_arn="arn:aws:iam::123456789012:saml-provider/okta",
        duration_seconds=7200,
        at_sts=True,
    )
    failure = inspected(federation, login)
    assert failure["check"] == "max-session-duration"
    assert failure["refusal"]["fixes"][0]["changes"] == {f"{ROLE}/max_session_duration": 7200}


def test_a_mistake_of_the_identity_provider_makes_the_login_again(world: World, keys: KeyFolder) -> None:
    """The message as it was received would stay wrong whatever is changed at the identity provider."""
    audience = f"/okta/acme/apps/{APP}/audience"
    federation = federation_with(world, keys, {audience: "urn:amazon:webservice"})
    failure = inspected(federation, RecordedLogin(minted(federation)))
    assert failure["check"] == "audience"
    (fix,) = failure["refusal"]["fixes"]
    assert fix["changes"] == {audience: "urn:amazon:webservices"}
    assert fix["tried"]


def test_what_nobody_can_try_is_said_to_be_not_tried(world: World, keys: KeyFolder) -> None:
    """A message that was posted too late has no setting behind it."""
    federation = federation_with(world, keys, {})
    late = federation.clock.now() + timedelta(hours=1)
    failure = inspected(federation, RecordedLogin(minted(federation), posted_at=late))
    assert failure["check"] == "redeemed-in-time"
    (fix,) = failure["refusal"]["fixes"]
    assert (fix["tried"], fix["title"]) == (False, failure["refusal"]["fix"])
