"""What STS reads of an assertion when it opens a session: the offending character, and what would be right."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.kernel.explanations import Sent
from sp_mock.assertion.values import attribute_path
from tests.sp_mock.conftest import Send

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


@pytest.mark.parametrize(
    ("faults", "explanation", "wanted"),
    [
        (
            [{"attribute": "PrincipalTag:Team", "set": "x"}, {"attribute": "TransitiveTagKeys", "set": "Teams"}],
            "TransitiveTagKeys names Teams, but the assertion has no PrincipalTag:Teams. The nearest is Team: they "
            "differ "
            "from character 5 on: Team[s|].",
            ("Team",),
        ),
        (
            [{"attribute": "TransitiveTagKeys", "set": "Team"}],
            "TransitiveTagKeys names Team, but the assertion has no PrincipalTag:Team.",
            (),
        ),
    ],
)
def test_a_transitive_key_without_a_tag(
    send: Send, faults: list[dict[str, Any]], explanation: str, wanted: tuple[str, ...]
) -> None:
    """The nearest tag is named, where there is one."""
    refusal = send(*faults).refusals()["session-tags"]
    assert refusal.explanation == explanation
    assert refusal.causes == (Sent(attribute_path(f"{AWS}TransitiveTagKeys"), wanted=wanted),)


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
