"""Each check has a fault that only it refuses, with exact words, code, status and place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from emulator.kernel.errors import AwsRefusal
from sp_mock.assertion.checks import CHECKS
from sp_mock.assertion.login_request import EntryPoint
from tests.conftest import NOW, PROVIDER_ARN, ROLE_ARN
from tests.sp_mock.conftest import Send

INVALID = "Your request included an invalid SAML response. To logout, click here."
DENIED = "Not authorized to perform sts:AssumeRoleWithSAML"
ATTRIBUTE = "/Response/Assertion/AttributeStatement/Attribute[@Name='https://aws.amazon.com/SAML/Attributes/{}']"
CONFIRMATION = "Assertion/Subject/SubjectConfirmation/SubjectConfirmationData"

# (check, fault, code, status, words, place)
REFUSALS: list[tuple[str, dict[str, Any], str, int, str, str]] = [
    ("base64", {"payload": "not-base64"}, "InvalidSAMLResponse", 400, INVALID, "form field SAMLResponse"),
    ("response", {"payload": "doctype"}, "InvalidSAMLResponse", 400, INVALID, "/Response"),
    (
        "status",
        {
            "element": "Status/StatusCode",
            "attribute_name": "Value",
            "set": "urn:oasis:names:tc:SAML:2.0:status:Responder",
        },
        "InvalidSAMLResponse",
        400,
        INVALID,
        "/Response/Status/StatusCode/@Value",
    ),
    (
        "version",
        {"element": "Response", "attribute_name": "Version", "set": "1.1"},
        "InvalidSAMLResponse",
        400,
        INVALID,
        "/Response/@Version",
    ),
    (
        "version",
        {"element": "Assertion", "attribute_name": "Version", "remove": True},
        "InvalidSAMLResponse",
        400,
        INVALID,
        "/Response/Assertion/@Version",
    ),
    (
        "instants",
        {"element": "Assertion/Conditions", "attribute_name": "NotOnOrAfter", "set": ""},
        "InvalidSAMLResponse",
        400,
        INVALID,
        "/Response/Assertion/Conditions/@NotOnOrAfter",
    ),
    (
        "role-attribute",
        {"attribute": "Role", "remove": True},
        "InvalidSAMLResponse",
        400,
        INVALID,
        ATTRIBUTE.format("Role"),
    ),
    (
        "provider",
        {"attribute": "Role", "set": f"{ROLE_ARN},{PROVIDER_ARN}x"},
        "InvalidIdentityToken",
        400,
        "Specified provider doesn't exist",
        ATTRIBUTE.format("Role"),
    ),
    (
        "issuer",
        {"element": "Assertion/Issuer", "set": "http://www.okta.com/exkother"},
        "InvalidIdentityToken",
        400,
        "Issuer not present in specified provider",
        "/Response/Assertion/Issuer",
    ),
    (
        "issuer",
        {"element": "Issuer", "set": "http://www.okta.com/exkother"},
        "InvalidIdentityToken",
        400,
        "Issuer not present in specified provider",
        "/Response/Issuer",
    ),
    (
        "response-destination",
        {"element": "Response", "attribute_name": "Destination", "set": "https://sp.example.com/saml"},
        "InvalidSAMLResponse",
        400,
        INVALID,
        "/Response/@Destination",
    ),
    (
        "signature",
        {"tamper": "Assertion/Subject/NameID", "set": "mallory"},
        "InvalidIdentityToken",
        400,
        "Response signature invalid",
        "/Response/Signature",
    ),
    (
        "subject-confirmation",
        {"element": CONFIRMATION, "attribute_name": "Recipient", "remove": True},
        "InvalidIdentityToken",
        400,
        "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
        "/Response/Assertion/Subject/SubjectConfirmation/SubjectConfirmationData",
    ),
    (
        "subject-confirmation",
        {
            "element": "Assertion/Subject/SubjectConfirmation",
            "attribute_name": "Method",
            "set": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
        },
        "InvalidIdentityToken",
        400,
        "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
        "/Response/Assertion/Subject/SubjectConfirmation/SubjectConfirmationData",
    ),
    (
        "audience",
        {"element": "Assertion/Conditions/AudienceRestriction/Audience", "set": "urn:example"},
        "InvalidIdentityToken",
        400,
        "Response does not contain the required audience.",
        "/Response/Assertion/Conditions/AudienceRestriction/Audience",
    ),
    (
        "redeemed-in-time",
        {"issue": "-6m"},
        "ExpiredTokenException",
        400,
        "Token must be redeemed within 5 minutes of issuance",
        "/Response/Assertion/@IssueInstant",
    ),
    (
        "redeemed-in-time",
        {"element": "Assertion", "attribute_name": "IssueInstant", "remove": True},
        "ExpiredTokenException",
        400,
        "Token must be redeemed within 5 minutes of issuance",
        "/Response/Assertion/@IssueInstant",
    ),
    (
        "time-window",
        {"element": "Assertion/Conditions", "attribute_name": "NotOnOrAfter", "set": "2026-01-15T09:00:00Z"},
        "ExpiredTokenException",
        400,
        "Response has expired",
        "/Response/Assertion/Conditions/@NotOnOrAfter",
    ),
    (
        "time-window",
        {"element": CONFIRMATION, "attribute_name": "NotOnOrAfter", "set": "2026-01-15T08:59:59Z"},
        "ExpiredTokenException",
        400,
        "Response has expired",
        f"/Response/{CONFIRMATION}/@NotOnOrAfter",
    ),
    (
        "time-window",
        {"issue": "+6m"},
        "InvalidIdentityToken",
        400,
        "Response is not yet valid",
        "/Response/Assertion/Conditions/@NotBefore",
    ),
    (
        "time-window",
        {"element": CONFIRMATION, "attribute_name": "NotBefore", "set": "2026-01-15T09:00:00.001Z"},
        "InvalidIdentityToken",
        400,
        "Response is not yet valid",
        f"/Response/{CONFIRMATION}/@NotBefore",
    ),
    (
        "time-window",
        {"element": "Assertion", "attribute_name": "IssueInstant", "set": "2026-01-15T09:05:00.001Z"},
        "InvalidIdentityToken",
        400,
        "Response is not yet valid",
        "/Response/Assertion/@IssueInstant",
    ),
    (
        "session-end",
        {
            "element": "Assertion/AuthnStatement",
            "attribute_name": "SessionNotOnOrAfter",
            "set": "2026-01-15T09:00:00Z",
        },
        "ExpiredTokenException",
        400,
        "Response has expired",
        "/Response/Assertion/AuthnStatement/@SessionNotOnOrAfter",
    ),
    (
        "role-session-name",
        {"attribute": "RoleSessionName", "remove": True},
        "InvalidIdentityToken",
        400,
        "RoleSessionName is required in AuthnResponse",
        ATTRIBUTE.format("RoleSessionName"),
    ),
    (
        "source-identity",
        {"attribute": "SourceIdentity", "set": "aws:me"},
        "InvalidIdentityToken",
        400,
        'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
        ATTRIBUTE.format("SourceIdentity"),
    ),
    (
        "session-tags",
        {"attribute": "TransitiveTagKeys", "set": "Team"},
        "InvalidParameterValue",
        400,
        "The specified transitive tag key must be included in the requested tags.",
        ATTRIBUTE.format("TransitiveTagKeys"),
    ),
    (
        "session-tags",
        {"attribute": "PrincipalTag:Groups", "set": "x" * 257},
        "ValidationError",
        400,
        "Unable to validate tags",
        ATTRIBUTE.format("PrincipalTag:Groups"),
    ),
    (
        "session-duration",
        {"attribute": "SessionDuration", "set": "899"},
        "ValidationError",
        400,
        "SessionDuration must be between 900 and 43200 seconds",
        ATTRIBUTE.format("SessionDuration"),
    ),
    (
        "name-id",
        {"element": "Assertion/Subject/NameID", "remove": True},
        "AccessDenied",
        403,
        DENIED,
        "/Response/Assertion/Subject/NameID",
    ),
    (
        "trust-policy",
        {"element": CONFIRMATION, "attribute_name": "Recipient", "set": "https://eu-west-1.signin.aws.amazon.com/saml"},
        "AccessDenied",
        403,
        DENIED,
        "/Response/Assertion/Subject/SubjectConfirmation/SubjectConfirmationData/@Recipient",
    ),
]
# Two checks are about what a caller of the API asks for; no fault of the identity provider makes them fail.
ASKED: list[tuple[str, dict[str, Any], str, str, str]] = [
    (
        "requested-role",
        {"role_arn": ROLE_ARN + "x", "provider_arn": PROVIDER_ARN},
        "InvalidIdentityToken",
        "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
        ATTRIBUTE.format("Role"),
    ),
    (
        "max-session-duration",
        {"role_arn": ROLE_ARN, "provider_arn": PROVIDER_ARN, "duration_seconds": 3601},
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        "parameter DurationSeconds",
    ),
]


@pytest.mark.parametrize(
    ("check", "fault", "code", "status", "words", "where"), REFUSALS, ids=[f"{row[0]}-{row[5]}" for row in REFUSALS]
)
def test_a_fault_is_refused_by_its_check(
    send: Send, check: str, fault: dict[str, Any], code: str, status: int, words: str, where: str
) -> None:
    """The refusal has the service's words, code and status, names its check, and points at the place."""
    with pytest.raises(AwsRefusal) as caught:
        send(fault).check()
    refusal = caught.value
    assert (refusal.check, refusal.code, refusal.status) == (check, code, status)
    assert refusal.message == words
    assert refusal.where == where
    assert refusal.explanation
    assert refusal.fix
    assert refusal.spec
    assert 1 <= len(refusal.causes) <= 2
    assert refusal.service == "AWS sign-in"


@pytest.mark.parametrize(("check", "asked", "code", "words", "where"), ASKED, ids=[row[0] for row in ASKED])
def test_what_is_asked_for_is_refused_by_its_check(
    send: Send, check: str, asked: dict[str, Any], code: str, words: str, where: str
) -> None:
    """A caller that asks for another role or too long a session gets STS's words."""
    with pytest.raises(AwsRefusal) as caught:
        send(entry_point=EntryPoint.STS, **asked).check()
    refusal = caught.value
    assert (refusal.check, refusal.code, refusal.status, refusal.message) == (check, code, 400, words)
    assert refusal.where == where
    assert 1 <= len(refusal.causes) <= 2
    assert refusal.service == "AWS STS"


def test_every_check_has_a_row_and_every_row_a_check() -> None:
    """No check goes untested, and no row tests a check that is gone."""
    elsewhere = {"recipient", "assertion-encryption"}  # below, and in test_encryption
    checks, rows = {check.name for check in CHECKS}, {row[0] for row in (*REFUSALS, *ASKED)} | elsewhere
    assert checks - rows == set(), "they have no row in REFUSALS"
    assert rows - checks == set(), "they are not in CHECKS"


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://signin.aws.amazon.com/saml", True),
        ("https://eu-west-1.signin.aws.amazon.com/saml", True),
        ("https://signin.amazonaws-us-gov.com/saml", True),
        ("https://signin.amazonaws.cn/saml", True),
        ("https://sso.example.com/saml", False),
        ("https://signin.aws.amazon.com.example.com/saml", False),
    ],
)
def test_the_recipient_is_one_of_awss_endpoints(send: Send, url: str, accepted: bool) -> None:
    """Any region's sign-in URL will do; another URL is refused even without SAML:aud in the trust policy."""
    refusal = send({"element": CONFIRMATION, "attribute_name": "Recipient", "set": url}).refusals().get("recipient")
    assert (refusal is None) is accepted
    if refusal is not None:
        assert refusal.message == "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter"
        assert (refusal.check, refusal.evidence, refusal.received) == ("recipient", "assumed", url)


def test_a_valid_login_passes_every_check(send: Send) -> None:
    """Nothing speaks against a valid assertion."""
    assert send().refusals() == {}


def test_every_check_says_what_it_asks_and_how_it_is_known() -> None:
    """A check's docstring begins with a sentence and ends with its source and the evidence for it."""
    for check in CHECKS:
        documentation = check.ask.__doc__ or ""
        assert check.question.endswith("."), check.name
        assert "Spec: " in documentation, check.name
        assert any(f"Evidence: {kind}" in documentation for kind in ("documented", "observed", "assumed")), check.name


@pytest.mark.parametrize(
    ("age", "accepted"), [(timedelta(minutes=5), True), (timedelta(minutes=5, milliseconds=1), False)]
)
def test_the_redemption_window_ends_after_five_minutes(send: Send, age: timedelta, accepted: bool) -> None:
    """Five minutes are still in time by the age rule, a millisecond more is not."""
    assert ("redeemed-in-time" not in send(now=NOW + age).refusals()) is accepted


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("ab", True),
        ("a" * 64, True),
        ("a", False),
        ("a" * 65, False),
        ("a b", False),
        ("a+b=c,d.e@f-g_h", True),
        ("\uff41\uff42", False),
    ],
)
def test_role_session_name_is_two_to_sixty_four_plain_characters(send: Send, value: str, accepted: bool) -> None:
    """Length and characters are AWS's, ASCII only."""
    refusals = send({"attribute": "RoleSessionName", "set": value}).refusals()
    assert ("role-session-name" not in refusals) is accepted


@pytest.mark.parametrize(
    "audience",
    ["urn:amazon:webservices", "https://signin.aws.amazon.com/saml", "https://eu-west-1.signin.aws.amazon.com/saml"],
)
def test_aws_takes_its_urn_and_its_sign_in_urls_as_audience(send: Send, audience: str) -> None:
    """The documented URN and the sign-in URLs that guides name are accepted."""
    fault = {"element": "Assertion/Conditions/AudienceRestriction/Audience", "set": audience}
    assert "audience" not in send(fault).refusals()


@pytest.mark.parametrize(
    "audience", ["URN:amazon:webservices", "urn:amazon:webservices/", "https://signin.aws.amazon.com/saml/x"]
)
def test_an_audience_that_is_nearly_right_is_refused(send: Send, audience: str) -> None:
    """Case and trailing characters count."""
    fault = {"element": "Assertion/Conditions/AudienceRestriction/Audience", "set": audience}
    assert "audience" in send(fault).refusals()


INSTANTS = [
    ("Response", "IssueInstant"),
    ("Assertion", "IssueInstant"),
    ("Assertion/Conditions", "NotBefore"),
    ("Assertion/Conditions", "NotOnOrAfter"),
    (CONFIRMATION, "NotBefore"),
    (CONFIRMATION, "NotOnOrAfter"),
    ("Assertion/AuthnStatement", "AuthnInstant"),
    ("Assertion/AuthnStatement", "SessionNotOnOrAfter"),
]


@pytest.mark.parametrize("text", ["", "soon", "2026-01-15", "2026-02-30T09:00:00Z", "15.01.2026 09:05", "1768467600"])
@pytest.mark.parametrize(("element", "attribute"), INSTANTS, ids=[f"{e}@{a}" for e, a in INSTANTS])
def test_an_instant_that_cannot_be_read_is_no_absence_of_a_limit(
    send: Send, element: str, attribute: str, text: str
) -> None:
    """Wherever it is, the message is refused before anything else is read from it."""
    with pytest.raises(AwsRefusal) as caught:
        send({"element": element, "attribute_name": attribute, "set": text}, entry_point=EntryPoint.STS).check()
    refusal = caught.value
    assert (refusal.check, refusal.code, refusal.message) == (
        "instants",
        "InvalidIdentityToken",
        "Invalid SAMLResponse",
    )
    assert (refusal.evidence, refusal.received) == ("assumed", text)
    assert refusal.where == f"/{element if element == 'Response' else f'Response/{element}'}/@{attribute}"


@pytest.mark.parametrize(
    ("age", "faults", "check"),
    [
        (
            timedelta(minutes=5),
            [{"element": "Assertion/Conditions", "attribute_name": "NotOnOrAfter", "set": "2026-01-15T09:05:00Z"}],
            "time-window",
        ),
        (timedelta(minutes=6), [], "redeemed-in-time"),
        (
            timedelta(minutes=6),
            [{"element": "Assertion/Conditions", "attribute_name": "NotOnOrAfter", "set": "2026-01-15T09:01:00Z"}],
            "redeemed-in-time",
        ),
    ],
)
def test_the_five_minutes_are_asked_before_not_on_or_after(
    send: Send, age: timedelta, faults: list[dict[str, Any]], check: str
) -> None:
    """Okta's assertions end a millisecond after their five minutes; the refusal of a later one says five minutes."""
    with pytest.raises(AwsRefusal) as caught:
        send(*faults, now=NOW + age).check()
    assert caught.value.check == check


@pytest.mark.parametrize(
    ("fault", "refused"),
    [
        ({"element": "Assertion/Conditions", "attribute_name": "NotBefore", "set": "2026-01-15T09:00:00Z"}, set()),
        ({"element": "Assertion", "attribute_name": "IssueInstant", "set": "2026-01-15T09:05:00Z"}, set()),
        ({"element": CONFIRMATION, "attribute_name": "NotBefore", "set": "2026-01-15T09:00:00Z"}, set()),
        (
            {
                "element": "Assertion/AuthnStatement",
                "attribute_name": "SessionNotOnOrAfter",
                "set": "2026-01-15T09:00:00.001Z",
            },
            set(),
        ),
        ({"element": "Assertion/Conditions", "attribute_name": "NotBefore", "remove": True}, set()),
        ({"element": "Assertion/Conditions", "attribute_name": "NotOnOrAfter", "remove": True}, set()),
        ({"element": "Response", "attribute_name": "Destination", "remove": True}, set()),
        ({"element": "Response", "attribute_name": "InResponseTo", "set": "idOfNobodysRequest"}, set()),
        ({"element": CONFIRMATION, "attribute_name": "InResponseTo", "set": "idOfNobodysRequest"}, set()),
        ({"element": "Issuer", "remove": True}, set()),
        ({"element": "Response", "attribute_name": "IssueInstant", "remove": True}, set()),
    ],
)
def test_what_is_just_good_enough(send: Send, fault: dict[str, Any], refused: set[str]) -> None:
    """The first instant that is good, and what may be left out or is not judged."""
    assert set(send(fault).refusals()) == refused


def test_sts_does_not_ask_for_the_destination(send: Send) -> None:
    """Programs have the Response sent to an address of their own, and pass it on."""
    fault = {"element": "Response", "attribute_name": "Destination", "set": "https://sp.example.com/saml"}
    asked = {"entry_point": EntryPoint.STS, "role_arn": ROLE_ARN, "provider_arn": PROVIDER_ARN}
    assert send(fault, **asked).refusals() == {}
    assert set(send(fault).refusals()) == {"response-destination"}
