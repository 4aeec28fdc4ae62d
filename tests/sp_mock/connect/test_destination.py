"""Amazon Connect: destinations in all spellings, and federation tokens."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.kernel.errors import ConnectRefusal
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.scenario_file import BUILT_IN
from emulator.world import load_world
from sp_mock.accounts.model import Instance
from sp_mock.arn import Arn
from sp_mock.connect.destination import Destination, FederateQuery, read_federate_query, resolve_destination
from sp_mock.connect.federate_urls import federate_url
from sp_mock.connect.federation_tokens import read_credentials
from sp_mock.principals.credentials import RoleSession
from tests.conftest import INSTANCE_ID, NOW, ROLE_ARN, USER

BASE = "https://acme.my.connect.aws"
NO_SLASH = "the destination ccp-v2 has no slash at its beginning; /ccp-v2 was taken"
NO_SLASH_ENCODED = "the destination %2Fccp-v2 has no slash at its beginning; /%2Fccp-v2 was taken"
TWICE = "the destination is percent-encoded twice; /%2Fccp-v2 was taken as it is"
OLD = "the prefix /connect belongs to the old domain; it was dropped"


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", FederateQuery()),
        ("new_domain=true", FederateQuery(new_domain=True)),
        ("new_domain=false", FederateQuery()),
        ("destination=%2Fccp-v2%2Fchat&new_domain=true", FederateQuery("/ccp-v2/chat", new_domain=True)),
        ("destination=%2Fccp-v2%2Fchat%26new_domain=true", FederateQuery("/ccp-v2/chat", new_domain=True)),
        ("destination=%2Fccp-v2%2Fchat%26new_domain%3Dtrue", FederateQuery("/ccp-v2/chat", new_domain=True)),
        ("destination=%2Fagent-app-v2", FederateQuery("/agent-app-v2")),
        ("destination=%2Fagent-app-v2?VDIPlatform=CITRIX", FederateQuery("/agent-app-v2?VDIPlatform=CITRIX")),
        ("destination=%2Fconnect%2Fccp-v2", FederateQuery("/connect/ccp-v2")),
        ("destination=/ccp-v2", FederateQuery("/ccp-v2")),
        ("new_domain=true&destination=%2Fccp-v2", FederateQuery("/ccp-v2", new_domain=True)),
        ("destination=https%3A%2F%2Fconnect.example.com%2Fccp", FederateQuery("https://connect.example.com/ccp")),
        ("destination=https://connect.example.com/ccp?a=b", FederateQuery("https://connect.example.com/ccp?a=b")),
    ],
)
def test_a_destination_is_read_in_every_spelling(query: str, asked: FederateQuery) -> None:
    """All forms in use give the page that was meant."""
    assert read_federate_query(query) == asked


@pytest.fixture
def instance(federation: Federation) -> Instance:
    """Returns the instance."""
    found = federation.aws_services.aws.instance(INSTANCE_ID)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", Destination(f"{BASE}/home")),
        ("/ccp-v2", Destination(f"{BASE}/ccp-v2")),
        ("ccp-v2", Destination(f"{BASE}/ccp-v2", NO_SLASH)),
        ("%2Fccp-v2", Destination(f"{BASE}/%2Fccp-v2", f"{NO_SLASH_ENCODED}; {TWICE}")),
        ("/connect/ccp-v2", Destination(f"{BASE}/ccp-v2", OLD)),
        ("/connect", Destination(f"{BASE}/home", OLD)),
        ("/connectors", Destination(f"{BASE}/connectors")),
        ("https://connect.example.com/ccp?x=1", Destination("https://connect.example.com/ccp?x=1")),
        ("HTTPS://Connect.Example.com/ccp", Destination("https://Connect.Example.com/ccp")),
        (
            "http://connect.example.com/ccp",
            Destination("https://connect.example.com/ccp", "http was rewritten to https"),
        ),
        (f"{BASE}/ccp-v2", Destination(f"{BASE}/ccp-v2")),
    ],
)
def test_a_destination_leads_to_the_instance_or_an_approved_origin(
    instance: Instance, asked: str, expected: Destination
) -> None:
    """Paths belong to the instance; absolute URLs need an approved origin."""
    assert resolve_destination(asked, instance, now=NOW) == expected


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/",
        "https://connect.example.com.evil.example/",
        "https://connect.example.com:8443/",
        "https://connect.example.com@evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "ftp://connect.example.com/",
        "https://[",
        "/ccp-v2\r\nSet-Cookie: x=1",
    ],
)
def test_any_other_destination_is_refused(instance: Instance, asked: str) -> None:
    """No open redirect; the refusal is marked as the emulator's own wording."""
    with pytest.raises(ConnectRefusal) as caught:
        resolve_destination(asked, instance, now=NOW)
    refusal = caught.value
    assert (refusal.check, refusal.code, refusal.status) == ("destination", "InvalidRequestException", 400)
    assert refusal.evidence == "assumed"
    assert refusal.received == asked


def _session(name: str = USER) -> RoleSession:
    arn = Arn.parse(ROLE_ARN)
    assert arn is not None
    return RoleSession(arn, "AROAEXAMPLE", name, NOW + timedelta(hours=1))


def test_a_token_is_for_the_user_of_the_sessions_name(federation: Federation) -> None:
    """Access for an hour, refresh for twelve, in milliseconds on the form; no token in representations of the form."""
    token = federation.aws_services.connect.get_federation_token(
        _session(), instance_id=INSTANCE_ID, region="ap-northeast-1"
    )
    assert token.user.login == USER
    assert token.sign_in_url == f"{BASE}/auth/sign-in"
    fields = json.loads(token.credentials_json())
    assert list(fields) == ["AccessToken", "AccessTokenExpiration", "RefreshToken", "RefreshTokenExpiration"]
    assert fields["AccessTokenExpiration"] == int((NOW + timedelta(hours=1)).timestamp() * 1000)
    assert fields["RefreshTokenExpiration"] == int((NOW + timedelta(hours=12)).timestamp() * 1000)
    assert read_credentials(token.credentials_json()) == (token.access_token, token.refresh_token)


REFUSALS: list[tuple[str, str, str, str, int, str]] = [
    (
        "Taro@example.com",
        INSTANCE_ID,
        "ap-northeast-1",
        "connect-user",
        404,
        "The instance acme has the user taro@example.com, and the session is called Taro@example.com: they",
    ),
    (
        "nobody@example.com",
        INSTANCE_ID,
        "ap-northeast-1",
        "connect-user",
        404,
        "The instance acme has no user nobody@example.com, and none",
    ),
    (USER, INSTANCE_ID, "us-east-1", "get-federation-token", 403, "The call is to us-east-1, and the instance acme is"),
    (USER, "other", "ap-northeast-1", "get-federation-token", 403, "The call has other, and no instance has this id."),
]


@pytest.mark.parametrize(("name", "instance_id", "region", "check", "status", "why"), REFUSALS)
def test_a_token_is_refused(
    federation: Federation, name: str, instance_id: str, region: str, check: str, status: int, why: str
) -> None:
    """Permission comes first, then the instance, then the user."""
    with pytest.raises(ConnectRefusal) as caught:
        federation.aws_services.connect.get_federation_token(_session(name), instance_id=instance_id, region=region)
    assert (caught.value.check, caught.value.status) == (check, status)
    assert caught.value.explanation.startswith(why)


def test_a_token_of_one_instance_opens_no_other(federation: Federation, instance: Instance) -> None:
    """Tokens are bound to their instance and end with it."""
    connect = federation.aws_services.connect
    token = connect.get_federation_token(_session(), instance_id=INSTANCE_ID, region="ap-northeast-1")
    other_arn = Arn.parse("arn:aws:connect:ap-northeast-1:123456789012:instance/other")
    assert other_arn is not None
    other = Instance(other_arn, "other")
    assert connect.session(token.access_token, instance=instance) is not None
    assert connect.session(token.access_token, instance=other) is None
    assert connect.refresh(token.refresh_token, instance=other) is None
    federation.clock.advance(timedelta(hours=1))
    assert connect.session(token.access_token, instance=instance) is None
    assert connect.refresh(token.refresh_token, instance=instance) is not None
    federation.clock.advance(timedelta(hours=11))
    assert connect.refresh(token.refresh_token, instance=instance) is None


@pytest.mark.parametrize(
    ("asked", "host"),
    [
        ("", "console.amazonaws-us-gov.com"),
        ("https://console.amazonaws-us-gov.com/connect/federate/x", "console.amazonaws-us-gov.com"),
        ("https://us-gov-east-1.console.amazonaws-us-gov.com/x", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("https://us-gov-west-1.console.aws.amazon.com/x", "console.amazonaws-us-gov.com"),
    ],
)
def test_govcloud_s_federate_url_has_a_region_where_one_is_written(asked: str, host: str, keys: KeyFolder) -> None:
    """Only the region is another; where none is written, the console's documented host is kept."""
    world = load_world(BUILT_IN / "worlds" / "partitions.yaml")
    aws = Federation(world, clock=Clock(frozen_at=NOW), keys=keys).aws
    (instance,) = aws.instances
    assert federate_url(instance, asked=asked) == f"https://{host}/connect/federate/{instance.instance_id}"
