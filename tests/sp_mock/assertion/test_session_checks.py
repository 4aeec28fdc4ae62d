"""What STS reads of an assertion when it opens a session: the offending character, and what would be right."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.explanations import Sent
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.saml.faults import parse_fault
from sp_mock.assertion.values import attribute_path
from tests.conftest import ACCOUNT, APP, USER
from tests.sp_mock.conftest import Send, login_of

AWS = "https://aws.amazon.com/SAML/Attributes/"
NAME, DURATION, IDENTITY = f"{AWS}RoleSessionName", f"{AWS}SessionDuration", f"{AWS}SourceIdentity"


@pytest.mark.parametrize(
    ("attribute", "value", "check", "explanation", "fix", "wanted"),
    [
        (
            NAME,
            "hanako sato",
            "role-session-name",
            "The RoleSessionName cannot be used: character 7 of 'hanako␠sato' is ␠ (a blank), which is not allowed.",
            "Choose an application user name format without such characters, the e-mail address for example.",
            (),
        ),
        (
            NAME,
            "hanako\u00a0",
            "role-session-name",
            "The RoleSessionName cannot be used: character 7 of 'hanakoU+00A0' is U+00A0, which is not allowed.",
            "Take the blank away: from the value in the user's profile, or from the expression around it.",
            ("hanako",),
        ),
        (
            NAME,
            "x" * 65,
            "role-session-name",
            "The RoleSessionName cannot be used: it has 65 characters; 2 to 64 are allowed.",
            "Choose a shorter application user name format, such as the e-mail address or its part before the @.",
            (),
        ),
        (
            NAME,
            "",
            "role-session-name",
            "The RoleSessionName cannot be used: it is empty.",
            "Choose an application user name format that gives everybody a name of two characters or more.",
            (),
        ),
        (
            IDENTITY,
            "aws:hanako",
            "source-identity",
            "The SourceIdentity cannot be used: it begins with aws:, which is reserved.",
            "Send another SourceIdentity, such as the person's login, or none.",
            ("hanako",),
        ),
        (
            DURATION,
            "899",
            "session-duration",
            "The SessionDuration of 899 seconds is less than AWS allows.",
            "Set the app's session duration to 900, or to another number of seconds in that range.",
            ("900",),
        ),
        (
            DURATION,
            "3600s",
            "session-duration",
            "The SessionDuration 3600s is not a whole number of seconds.",
            "Set the app's session duration to 3600, or to another number of seconds in that range.",
            ("3600",),
        ),
        (
            f"{AWS}PrincipalTag:Team",
            "Blue;Red",
            "session-tags",
            "The session tag Team cannot be used. Character 5 of its value is ;. Keys and values take letters, digits, "
            "spaces and _ . : / = + - @ only.",
            "Take ; out of the value, with an expression at the identity provider for example.",
            (),
        ),
    ],
)
def test_a_value_that_cannot_be_used(
    send: Send, attribute: str, value: str, check: str, explanation: str, fix: str, wanted: tuple[str, ...]
) -> None:
    """The character and its position, or the length; the attribute is the cause."""
    refusal = send({"attribute": attribute.removeprefix(AWS), "set": value}).refusals()[check]
    assert (refusal.explanation, refusal.fix) == (explanation, fix)
    assert refusal.causes == (Sent(attribute_path(attribute), wanted=wanted),)


TRANSITIVE = attribute_path(f"{AWS}TransitiveTagKeys")
TAG = attribute_path(f"{AWS}PrincipalTag:Team")
MISSING = "TransitiveTagKeys names Team, but the assertion has no PrincipalTag:Team."


@pytest.mark.parametrize(
    ("faults", "explanation", "fix", "causes"),
    [
        (
            [],
            MISSING,
            "Add the attribute PrincipalTag:Team, or take Team out of TransitiveTagKeys.",
            (Sent(TAG), Sent(TRANSITIVE)),
        ),
        (
            [{"attribute": "PrincipalTag:Teams", "set": "x"}],
            f"{MISSING} The nearest is Teams: they differ from character 5 on: Team[s|].",
            "Call the attribute PrincipalTag:Team, or write Teams in TransitiveTagKeys.",
            (Sent(TAG), Sent(TRANSITIVE, wanted=("Teams",))),
        ),
        (
            [{"attribute": f"{AWS}PrincipalTag/Team", "set": "x"}],
            f"{MISSING} An attribute is called {AWS}PrincipalTag/Team, and names are compared exactly: they differ "
            "from character 52 on: …PrincipalTag[/|:]Team.",
            f"Change the attribute's name from {AWS}PrincipalTag/Team to {AWS}PrincipalTag:Team.",
            (Sent(TAG), Sent(TRANSITIVE)),
        ),
        (
            [{"attribute": "team", "set": "x"}],
            f"{MISSING} An attribute is called {AWS}team, and names are compared exactly: they differ from character "
            "40 on: …Attributes/[team|PrincipalTag:Team].",
            f"Change the attribute's name from {AWS}team to {AWS}PrincipalTag:Team.",
            (Sent(TAG), Sent(TRANSITIVE)),
        ),
    ],
)
def test_a_transitive_key_without_a_tag(
    send: Send, faults: list[dict[str, Any]], explanation: str, fix: str, causes: tuple[Sent, ...]
) -> None:
    """The tag that does not come is the first cause; the nearest is named, where there is one."""
    refusal = send({"attribute": "TransitiveTagKeys", "set": "Team"}, *faults).refusals()["session-tags"]
    assert (refusal.explanation, refusal.fix) == (explanation, fix)
    assert refusal.causes == causes


@pytest.mark.parametrize(
    ("known", "fix", "causes"),
    [
        ("Team", "Call the attribute PrincipalTag:Team.", (Sent(TAG), Sent(TRANSITIVE, wanted=("Teams",)))),
        ("Teams", "Write Teams in TransitiveTagKeys.", (Sent(TRANSITIVE, wanted=("Teams",)),)),
    ],
)
def test_the_roles_policies_say_which_of_two_names_is_right(
    world: World, clock: Clock, keys: KeyFolder, known: str, fix: str, causes: tuple[Sent, ...]
) -> None:
    """A condition of the trust policy asks for the tag by its right name."""
    condition = {"StringLike": {f"aws:RequestTag/{known}": "*"}}
    changes = {f"/aws/{ACCOUNT}/roles/ConnectAgent/trust/Statement/0/Condition": condition}
    federation = Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)
    faults = ({"attribute": "TransitiveTagKeys", "set": "Team"}, {"attribute": "PrincipalTag:Teams", "set": "x"})
    issued = federation.identity_providers["acme"].mint(USER, APP, faults=[parse_fault(fault) for fault in faults])
    refusal = login_of(federation, issued.saml_response).refusals()["session-tags"]
    assert (refusal.fix, refusal.causes) == (fix, causes)


@pytest.mark.parametrize(
    ("audience", "said"),
    [
        ("urn:amazon:webservices ", ": a blank too many at the end: …webservices[␠|]."),
        ("URN:amazon:webservices", ": letter case differs: [URN|urn]:amazon:webservices."),
        ("urn:example:sp", "."),
    ],
)
def test_an_audience_that_is_not_awss(send: Send, audience: str, said: str) -> None:
    """What differs is marked where it nearly is."""
    fault = {"element": "Assertion/Conditions/AudienceRestriction/Audience", "set": audience}
    refusal = send(fault).refusals()["audience"]
    assert refusal.explanation == f"The Audience in the assertion is not one that AWS sign-in accepts{said}"
    assert (refusal.expected, refusal.received) == ("urn:amazon:webservices", audience)
    assert refusal.fix == "Set the app's audience (its SP Entity ID) to urn:amazon:webservices."
    where = "/Response/Assertion/Conditions/AudienceRestriction/Audience"
    assert refusal.causes == (Sent(where, wanted=("urn:amazon:webservices",)),)


def test_another_partitions_audience(send: Send) -> None:
    """It is named as that."""
    fault = {
        "element": "Assertion/Conditions/AudienceRestriction/Audience",
        "set": "urn:amazon:webservices:govcloud",
    }
    assert send(fault).refusals()["audience"].explanation == (
        "The Audience urn:amazon:webservices:govcloud is that of the partition aws-us-gov, and the role is in another."
    )
