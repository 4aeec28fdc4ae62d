"""Whole worlds of recorded logins, field by field, and what comes of their scenarios."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.building.style_shapes import style_shapes
from emulator.federation import Federation
from emulator.flow import log_in, visit
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError
from emulator.network.data_folder.keys import KeyFolder
from emulator.reconstruction.reconstruct import SCENARIO, WORLD, reconstruct, write_files
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import read_scenarios
from emulator.world import World, change_world
from tests.conftest import APP, INSTANCE_ID, NOW, PROVIDER_ARN, ROLE_ARN, TWO_ROLES_USER, USER
from tests.emulator.inspection import vendor_responses as vendors
from tests.emulator.inspection.vendor_responses import AWS_URL, GOOD, ISSUED, SHAPES, encrypted, response
from tests.emulator.reconstruction.recordings import (
    known,
    made,
    message_of,
    recording_of,
    refused_with,
    scenario_in,
    world_in,
)
from tests.emulator.recordings.har_files import OKTA, entry, har, login

FEDERATE = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
INSTANCE_ARN = f"arn:aws:connect:ap-northeast-1:123456789012:instance/{INSTANCE_ID}"
CONSOLE = "https://us-west-2.console.aws.amazon.com/console/home"
TAG = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:"
NO_TRUST = "The trust policy is not in a recording: this one lets the recorded login through."


def _trust(audience: str = AWS_URL, *, provider: str = PROVIDER_ARN, actions: Any = "sts:AssumeRoleWithSAML") -> Any:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": actions,
                "Condition": {"StringEquals": {"SAML:aud": audience}},
            }
        ],
    }


def test_a_login_to_the_ccp_field_by_field(federation: Federation) -> None:
    """Everything that a recording of the Okta tile shows is in the world, and nothing else."""
    recording = recording_of(
        log_in(federation, user=USER, app=APP, relay_state=f"{FEDERATE}?destination=%2Fccp-v2").exchanges
    )
    issuer = federation.identity_providers["acme"].org.apps[APP].issuer
    reconstruction = made(recording)
    assert list(reconstruction.files) == [WORLD, SCENARIO]
    assert world_in(reconstruction) == {
        "version": 1,
        "okta": {
            "acme": {
                "users": {USER: {}},
                "apps": {
                    "amazon-connect": {
                        "catalog": "amazon_aws",
                        "identity_provider_arn": PROVIDER_ARN,
                        "default_relay_state": f"{FEDERATE}?destination=%2Fccp-v2",
                        "session_duration": 3600,
                        "username_format": "okta_username",
                        "saml": {"issuer": issuer},
                        "assignments": [{"user": USER, "saml_user_roles": ["ConnectAgent"]}],
                    }
                },
            }
        },
        "aws": {
            "123456789012": {
                "saml_providers": {"okta": {"metadata": {"okta_app": "acme/amazon-connect"}}},
                "roles": {
                    "ConnectAgent": {
                        "trust": _trust(),
                        "inline_policies": {
                            "connect-login": {
                                "Version": "2012-10-17",
                                "Statement": [
                                    {
                                        "Effect": "Allow",
                                        "Action": "connect:GetFederationToken",
                                        "Resource": f"{INSTANCE_ARN}/user/${{aws:userid}}",
                                    }
                                ],
                            }
                        },
                    }
                },
                "connect": {INSTANCE_ID: {"alias": "acme", "region": "ap-northeast-1", "users": {USER: {}}}},
            }
        },
    }
    assert scenario_in(reconstruction) == {
        "scenario": "The recorded login of 2026-01-15T09:00:00.000Z ends as it did",
        "id": "RECORDED-01",
        "world": "../world.yaml",
        "tags": ["recorded"],
        "login": {"user": USER, "app": "amazon-connect"},
        "expect": {
            "outcome": "accepted",
            "lands_on": "https://acme.my.connect.aws/ccp-v2",
            "role": ROLE_ARN,
            "session_name": USER,
            "oracle": "observed",
        },
    }
    assert reconstruction.told == (
        "the roles' trust policies: those written let the login through",
        "the role's policies: the one written allows connect:GetFederationToken for the person's own user",
        f"{USER}'s first and last name, groups and password: the password here is fedemu's usual one",
        "the signing key: the emulator signs with its own",
        "identifiers, instants, NameFormats and the order within the message are the style's; the scenario begins at "
        "an instant of its own",
    )
    assert f"        # {NO_TRUST}\n        trust:\n" in reconstruction.files[WORLD]


def test_an_entra_login_with_session_tags_field_by_field() -> None:
    """Another identity provider's manner, its attributes, the tags and what the trust policy needs for them."""
    content = replace(
        GOOD,
        session_name="rin.mori",
        attributes=(
            (f"{TAG}Team", "Blue: 7"),
            ("https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys", "Team"),
            ("https://aws.amazon.com/SAML/Attributes/SourceIdentity", "rin.mori@example.com"),
            ("https://aws.amazon.com/SAML/Attributes/SessionDuration", "7200"),
        ),
    )
    message = message_of(content, "entra id")
    page = entry("GET", "https://login.microsoftonline.com/tenant/saml2", 200, at=ISSUED, page="<html>signed in</html>")
    post = entry(
        "POST",
        AWS_URL,
        302,
        at=ISSUED + timedelta(seconds=2),
        form={"SAMLResponse": message, "RelayState": ""},
        location=CONSOLE,
    )
    home = entry("GET", CONSOLE, 200, at=ISSUED + timedelta(seconds=3), page="<html>home</html>")
    reconstruction = made(har(page, post, home))
    world = world_in(reconstruction)
    assert world["okta"] == {
        "entra": {
            "users": {vendors.PERSON: {}},
            "apps": {
                "aws": {
                    "catalog": "amazon_aws",
                    "style": "entra",
                    "identity_provider_arn": vendors.PROVIDER_ARN,
                    "session_duration": 7200,
                    "username_format": "okta_username_prefix",
                    "saml": {
                        "issuer": SHAPES["entra id"].issuer,
                        "name_id": "user.login",
                        "attributes": [
                            *(
                                {
                                    "name": name,
                                    "name_format": "",
                                    "values": ["user.login" if value == vendors.PERSON else f'"{value}"'],
                                }
                                for name, value in SHAPES["entra id"].more
                            ),
                            {"name": f"{TAG}Team", "name_format": "", "values": ['"Blue: 7"']},
                            {
                                "name": "https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys",
                                "name_format": "",
                                "values": ['"Team"'],
                            },
                            {
                                "name": "https://aws.amazon.com/SAML/Attributes/SourceIdentity",
                                "name_format": "",
                                "values": ["user.login"],
                            },
                        ],
                        "authn_context": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
                    },
                    "assignments": [{"user": vendors.PERSON, "saml_user_roles": ["Support"]}],
                }
            },
        }
    }
    assert world["aws"] == {
        vendors.ACCOUNT: {
            "saml_providers": {"example": {"metadata": {"okta_app": "entra/aws"}}},
            "roles": {
                "Support": {
                    "trust": _trust(
                        provider=vendors.PROVIDER_ARN,
                        actions=["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"],
                    )
                }
            },
        }
    }
    assert "# The identity provider is Microsoft Entra ID, by the issuer;" in reconstruction.files[WORLD]
    assert scenario_in(reconstruction)["expect"] == {
        "outcome": "accepted",
        "lands_on": "https://console.aws.amazon.com/console/home",
        "role": vendors.ROLE_ARN,
        "session_name": "rin.mori",
        "oracle": "observed",
    }
    assert f"  # Recorded as {CONSOLE}.\n" in reconstruction.files[SCENARIO]
    assert reconstruction.differences == ()


def test_a_role_of_govcloud_that_was_chosen_field_by_field() -> None:
    """The partition, both roles with their paths and accounts, the chosen one, the regional sign-in URL."""
    provider = "arn:aws-us-gov:iam::210987654321:saml-provider/example"
    roles = ("arn:aws-us-gov:iam::210987654321:role/ops/Support", "arn:aws-us-gov:iam::333333333333:role/Audit")
    other = "arn:aws-us-gov:iam::333333333333:saml-provider/example"
    url = "https://us-gov-east-1.signin.amazonaws-us-gov.com/saml"
    home = "https://us-gov-east-1.console.amazonaws-us-gov.com/console/home"
    content = replace(GOOD, role=f"{roles[0]},{provider}", recipient=url, destination=url)
    content = replace(content, audience="urn:amazon:webservices:govcloud")
    xml = response(SHAPES["okta 2023"], content).decode()
    value = f"{roles[0]},{provider}</saml2:AttributeValue>"
    # The signature does not count here: AWS took the message.
    xml = xml.replace(value, f"{value}<saml2:AttributeValue>{other},{roles[1]}</saml2:AttributeValue>", 1)
    message = base64.b64encode(xml.encode()).decode()
    chooser = base64.b64encode(json.dumps({"roles_accounts": {"a": [roles[0]], "b": [roles[1]]}}).encode()).decode()
    first = entry(
        "POST", url, 200, at=ISSUED, form={"SAMLResponse": message}, page=f'<meta name="data" content="{chooser}">'
    )
    second = entry(
        "POST",
        url,
        302,
        at=ISSUED + timedelta(seconds=40),
        form={"SAMLResponse": message, "roleIndex": roles[1]},
        location=home,
    )
    last = entry("GET", home, 200, at=ISSUED + timedelta(seconds=41), page="<html>home</html>")
    reconstruction = made(har(first, second, last))
    world = world_in(reconstruction)
    app = world["okta"]["unknown-org"]["apps"]["aws"]
    assert (app["environment"], app["acs_url"], app["audience"], app["identity_provider_arn"]) == (
        "aws.govcloud",
        url,
        "urn:amazon:webservices:govcloud",
        other,
    )
    assert app["assignments"] == [
        {"user": vendors.PERSON, "saml_user_roles": ["[210987654321] -- ops/Support", "Audit"]}
    ]
    assert world["aws"] == {
        "210987654321": {
            "partition": "aws-us-gov",
            "saml_providers": {"example": {"metadata": {"okta_app": "unknown-org/aws"}}},
            "roles": {"Support": {"path": "/ops/", "trust": _trust(url, provider=provider)}},
        },
        "333333333333": {
            "partition": "aws-us-gov",
            "saml_providers": {"example": {"metadata": {"okta_app": "unknown-org/aws"}}},
            "roles": {"Audit": {"trust": _trust(url, provider=other)}},
        },
    }
    assert scenario_in(reconstruction)["login"] == {"user": vendors.PERSON, "app": "aws", "role": "Audit"}
    assert reconstruction.received.values["role"] == roles[1]
    assert reconstruction.differences == ()


@pytest.mark.parametrize("style", [each.name for each in style_shapes()])
def test_every_style_is_recognised_and_logs_in_again(style: str, world: World, keys: KeyFolder) -> None:
    """What an app of a style sends is written with that style, and nothing that is the style's own."""
    federation = Federation(
        change_world(world, {f"/okta/acme/apps/{APP}/style": style}),
        clock=Clock(frozen_at=NOW),
        ids=Ids(seed=7),
        keys=keys,
    )
    recording = recording_of(log_in(federation, user=USER, app=APP).exchanges)
    # The pages of the emulator's org are Okta's; of another provider only what it posts is left.
    posted = [each for each in recording["log"]["entries"] if ".okta.com" not in each["request"]["url"]]
    recording["log"]["entries"] = posted
    reconstruction = made(recording)
    ((org, apps),) = world_in(reconstruction)["okta"].items()
    app = apps["apps"]["amazon-connect"]
    assert (org, app.get("style", "okta")) == ("unknown-org" if style == "okta" else style, style)
    assert set(app["saml"]) == {"issuer"}
    assert reconstruction.received.told() == "accepted, https://acme.my.connect.aws/home"
    assert reconstruction.differences == ()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_message_of_every_product_logs_in_again(shape: str) -> None:
    """Whatever a product writes, what AWS reads of it is in the world."""
    home = entry("GET", CONSOLE, 200, at=ISSUED + timedelta(seconds=3), page="<html>home</html>")
    post = entry("POST", AWS_URL, 302, at=ISSUED, form={"SAMLResponse": message_of(shape=shape)}, location=CONSOLE)
    reconstruction = made(har(post, home))
    assert reconstruction.received.told() == "accepted, https://console.aws.amazon.com/console/home"
    assert reconstruction.differences == ()


def test_an_encrypted_assertion_is_encrypted_again(tmp_path: Path) -> None:
    """Nobody reads it without the key: the role chooser says the roles, and the emulator has a key of its own."""
    message = base64.b64encode(encrypted(SHAPES["okta 2023"])).decode()
    url = "https://signin.aws.amazon.com/saml/acs/SAMLSPABCDEFGHIJKLMNOP"
    post = entry("POST", url, 302, at=ISSUED, form={"SAMLResponse": message, "roleIndex": ROLE_ARN}, location=CONSOLE)
    home = entry("GET", CONSOLE, 200, at=ISSUED + timedelta(seconds=1), page="<html>home</html>")
    reconstruction = made(har(post, home))
    world = world_in(reconstruction)
    (app,) = world["okta"]["unknown-org"]["apps"].values()
    assert app["assertion_encryption"] == {"certificate": "encryption-certificate.pem"}
    assert app["acs_url"].startswith("https://signin.aws.amazon.com/saml/acs/SAMLSP")
    assert world["aws"]["123456789012"]["saml_providers"] == {
        "unknown": {"metadata": {"okta_app": "unknown-org/aws"}, "private_keys": ["encryption-private-key.pem"]}
    }
    assert reconstruction.told[1].startswith("what the assertion says: it is encrypted")
    assert reconstruction.received.values["role"] == ROLE_ARN
    assert reconstruction.differences == ()
    write_files(tmp_path, reconstruction.files)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.is_file()}
    assert modes["encryption-private-key.pem"] == 0o600
    assert modes["world.yaml"] & 0o044


def test_a_page_of_ones_own_is_landed_on(federation: Federation) -> None:
    """Its origin is approved, and a page replaces it in a folder of the world."""
    relay_state = f"{FEDERATE}?destination=https%3A%2F%2Fconnect.example.com%2Fagents%2Fdesk%3Fteam%3D1"
    exchanges = log_in(federation, user=USER, app=APP, relay_state=relay_state).exchanges
    reconstruction = made(recording_of(exchanges))
    assert "pages/agents/desk.html" in reconstruction.files
    world = world_in(reconstruction)
    assert world["pages"] == {"https://connect.example.com": ["pages"]}
    assert world["aws"]["123456789012"]["connect"][INSTANCE_ID]["approved_origins"] == ["https://connect.example.com"]
    assert reconstruction.received.values["outcome"] == "accepted"
    assert reconstruction.received.values["lands_on"].startswith("https://connect.example.com/agents/desk")


@pytest.mark.parametrize("origin", ["https://connect.example.com", "https://other.example.com"])
def test_the_ccp_in_a_frame(federation: Federation, origin: str) -> None:
    """A page that showed it is approved; one that did not show it is framed again, and refused again."""
    browser = federation.browser()
    first = log_in(federation, user=USER, app=APP, browser=browser)
    frame = visit(browser.frame(by=origin), "https://acme.my.connect.aws/ccp-v2", before=first)
    reconstruction = made(recording_of([*first.exchanges, *frame.exchanges]))
    instance = world_in(reconstruction)["aws"]["123456789012"]["connect"][INSTANCE_ID]
    scenario = scenario_in(reconstruction)
    if origin == "https://connect.example.com":
        assert instance["approved_origins"] == [origin]
        assert "then" not in scenario
    else:
        assert instance["approved_origins"] == []
        assert scenario["then"] == [{"frame": {"url": "https://acme.my.connect.aws/ccp-v2", "by": origin}}]
        assert (scenario["expect"]["outcome"], scenario["expect"]["check"]) == ("refused", "approved-origin")
    assert reconstruction.differences == ()


def test_a_role_chooser_that_was_left(federation: Federation) -> None:
    """The recording ends with it, and so does the scenario."""
    exchanges = log_in(federation, user=TWO_ROLES_USER, app=APP, role="ConnectAgent").exchanges
    until = next(number for number, each in enumerate(exchanges, 1) if each.url == AWS_URL)
    reconstruction = made(recording_of(exchanges[:until]))
    assert scenario_in(reconstruction)["expect"] == {"outcome": "stopped", "oracle": "observed"}
    assert reconstruction.differences == ()


def test_of_requests_alone_the_end_is_what_was_asked_for(federation: Federation) -> None:
    """Without answers, the page of the instance that was opened says where the login was."""
    recording = recording_of(log_in(federation, user=USER, app=APP).exchanges)
    for each in recording["log"]["entries"]:
        del each["response"]
    reconstruction = made(recording)
    assert reconstruction.is_end_known
    assert reconstruction.received.told() == "accepted, https://acme.my.connect.aws/home"
    recording["log"]["entries"] = recording["log"]["entries"][:5]
    assert not made(recording).is_end_known


def test_a_message_alone_says_nothing_of_its_end() -> None:
    """The scenario expects what the emulator says, and says so."""
    reconstruction = made({"SAMLResponse": message_of()})
    assert not reconstruction.is_end_known
    assert scenario_in(reconstruction)["expect"]["oracle"] == "assumed"
    assert (
        "# How the login ended is not in the recording: this is what the emulator says.\nexpect:\n"
        in reconstruction.files[SCENARIO]
    )


def test_a_difference_is_told(federation: Federation) -> None:
    """An instance that is refused for what no recording shows comes out otherwise, and that is said."""
    page = "<html><body><h1>Something went wrong</h1><p>A sentence that nobody knows.</p></body></html>"
    answer = entry("GET", FEDERATE, 500, at=ISSUED + timedelta(seconds=2), page=page)
    reconstruction = made(
        har(*login(message_of(), answer, relay_state=FEDERATE, status=302, page="", location=FEDERATE))
    )
    assert [str(each) for each in reconstruction.differences] == [
        "outcome: it was refused, and the emulated login has accepted",
        "message: it was A sentence that nobody knows., and the emulated login has none",
    ]


def test_values_that_yaml_would_change_are_kept(tmp_path: Path) -> None:
    """Quotes, colons, other letters and line breaks are read back from the written files as they were recorded."""
    name = "yes: \"no\" 'x' {y} #z\n日本 é \\"
    content = replace(GOOD, session_name=f"Rin {name}", person=f"NULL {name}", attributes=(("a: b", name),))
    reconstruction = made(refused_with("RoleSessionName in AuthnResponse must match", content))
    write_files(tmp_path, reconstruction.files)
    (scenario,) = read_scenarios(tmp_path / SCENARIO)
    result = run_scenario(scenario)
    assert result.login is not None
    received = known({"SAMLResponse": result.login.login.saml_response}).message
    recorded = known(refused_with("x", content)).message
    assert received.values("RoleSessionName") == recorded.values("RoleSessionName")
    assert received.name_id == recorded.name_id
    assert [each.values for each in received.attributes if each.name == "a: b"] == [
        each.values for each in recorded.attributes if each.name == "a: b"
    ]


def test_what_no_world_can_say_is_refused_in_words() -> None:
    """A host that is none of Amazon Connect's names an instance that nobody can have."""
    data = known({"SAMLResponse": message_of()})
    journey = replace(data.journey, instance=None, org="a_b")
    with pytest.raises(FederationError, match="The recorded login cannot be written as a world: okta"):
        reconstruct(replace(data, journey=journey))


def test_a_login_that_oktarefused_with() -> None:
    """There is no message, and what AWS has is not known: the person does not have the app, which Okta names."""
    page = (
        "<h1>403 App Not Assigned</h1><p>Sorry, you cannot access Phones because you are not assigned this app in Okta."
    )
    refused = entry("GET", f"{OKTA}/home/amazon_aws/0oa1abcdefgh/272", 403, at=ISSUED, page=page)
    signed_in = entry("POST", f"{OKTA}/login/login.htm", 303, form={"username": vendors.PERSON, "password": "seekrit"})
    reconstruction = made(har(signed_in, refused))
    world = world_in(reconstruction)
    assert world["okta"]["example"]["users"] == {vendors.PERSON: {}}
    assert world["okta"]["example"]["apps"]["aws"] == {
        "catalog": "amazon_aws",
        "label": "Phones",
        "identity_provider_arn": "arn:aws:iam::000000000000:saml-provider/unknown",
        "username_format": "okta_username",
        "assignments": [],
    }
    assert "  # TODO: account, provider and role are not in the recording.\n" in reconstruction.files[WORLD]
    assert reconstruction.received.values["check"] == "app-assignment"
    assert reconstruction.differences == ()
