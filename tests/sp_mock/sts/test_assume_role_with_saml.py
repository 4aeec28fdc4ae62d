"""AssumeRoleWithSAML: the answer's fields, the session's length, the parameters' refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from emulator.kernel.clock import Ids
from emulator.kernel.errors import ValidationError
from sp_mock.apis.query_protocol import QueryService
from sp_mock.arn import Arn
from sp_mock.assertion.condition_keys import name_qualifier, subject_type
from sp_mock.assertion.login_request import EntryPoint
from sp_mock.sts.assume_role_with_saml import assume_role_with_saml
from sp_mock.sts.requested_arns import require_arns
from tests.conftest import NOW, PROVIDER_ARN, ROLE_ARN
from tests.sp_mock.conftest import Send

UNMATCHED = "failed to satisfy constraint: Member must satisfy regular expression pattern: "
SHORT = "failed to satisfy constraint: Member must have length greater than or equal to 20"
PATTERN = r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
ASKED: dict[str, Any] = {"role_arn": ROLE_ARN, "provider_arn": PROVIDER_ARN}


def test_name_qualifier_has_the_documented_derivation() -> None:
    """The vector: issuer, account and provider name, hashed."""
    provider = Arn.parse("arn:aws:iam::123456789012:saml-provider/MySAMLIdP")
    assert provider is not None
    assert name_qualifier("https://example.com/saml", provider) == "1uAJanUnBc2XeUkHURMht+xam2c="


@pytest.mark.parametrize(
    ("name_id_format", "expected"),
    [
        ("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "persistent"),
        ("urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified", "unspecified"),
        (
            "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        ),
    ],
)
def test_subject_type_loses_the_saml_2_prefix_only(name_id_format: str, expected: str) -> None:
    """Only the SAML 2.0 prefix is taken off."""
    assert subject_type(name_id_format) == expected


def test_the_answer_says_who_for_whom_and_until_when(send: Send) -> None:
    """Every field is derived as documented; Audience is the Recipient."""
    login = send(entry_point=EntryPoint.STS, **ASKED)
    assumed = assume_role_with_saml(login.verify(), login.request, ids=Ids(seed=1))
    assert assumed.session.arn == "arn:aws:sts::123456789012:assumed-role/ConnectAgent/hanako@example.com"
    assert assumed.session.user_id == f"{assumed.session.role_id}:hanako@example.com"
    assert assumed.session.role_id.startswith("AROA")
    assert assumed.audience == "https://signin.aws.amazon.com/saml"
    assert assumed.issuer.startswith("http://www.okta.com/exk")
    assert (assumed.subject, assumed.subject_type) == ("hanako@example.com", "unspecified")
    assert assumed.credentials.access_key_id.startswith("ASIA")
    assert len(assumed.credentials.secret_access_key) == 40
    assert assumed.credentials.expiration == NOW + timedelta(hours=1)
    assert assumed.credentials.secret_access_key not in repr(assumed)


LENGTHS: list[tuple[str, list[dict[str, Any]], int | None, bool, int]] = [
    ("an hour by default", [{"attribute": "SessionDuration", "remove": True}], None, False, 3600),
    ("as long as asked for", [{"attribute": "SessionDuration", "remove": True}], 900, False, 900),
    ("SessionDuration shortens an API session", [{"attribute": "SessionDuration", "set": "1200"}], 3600, False, 1200),
    ("SessionDuration does not lengthen one", [{"attribute": "SessionDuration", "set": "7200"}], 3600, False, 3600),
    (
        "the console follows SessionDuration beyond the role's maximum",
        [{"attribute": "SessionDuration", "set": "43200"}],
        None,
        True,
        43200,
    ),
    (
        "SessionNotOnOrAfter ends both",
        [
            {
                "element": "Assertion/AuthnStatement",
                "attribute_name": "SessionNotOnOrAfter",
                "set": "2026-01-15T09:20:00Z",
            }
        ],
        None,
        True,
        1200,
    ),
]


@pytest.mark.parametrize(
    ("faults", "asked", "console", "seconds"), [r[1:] for r in LENGTHS], ids=[r[0] for r in LENGTHS]
)
def test_session_length(
    send: Send, faults: list[dict[str, Any]], asked: int | None, console: bool, seconds: int
) -> None:
    """The session ends when the documentation says."""
    login = send(*faults, entry_point=EntryPoint.STS, duration_seconds=asked, **ASKED)
    assumed = assume_role_with_saml(login.verify(), login.request, ids=Ids(seed=1), console=console)
    assert assumed.session.expires_at == NOW + timedelta(seconds=seconds)


PARAMETERS: list[tuple[str, dict[str, str | None], str]] = [
    (
        "both ARNs empty",
        {"RoleArn": "", "PrincipalArn": ""},
        f"4 validation errors detected: Value '' at 'roleArn' {UNMATCHED}{PATTERN}; Value '' at 'roleArn' {SHORT}; "
        f"Value '' at 'principalArn' {UNMATCHED}{PATTERN}; Value '' at 'principalArn' {SHORT}",
    ),
    (
        "a role name",
        {"RoleArn": "ConnectAgent"},
        "1 validation error detected: Value 'ConnectAgent' at 'roleArn' failed to satisfy constraint: "
        "Member must have length greater than or equal to 20",
    ),
    (
        "too short a duration",
        {"DurationSeconds": "899"},
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
        "Member must have value greater than or equal to 900",
    ),
    (
        "too long a duration",
        {"DurationSeconds": "43201"},
        "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: "
        "Member must have value less than or equal to 43200",
    ),
    (
        "no assertion",
        {"SAMLAssertion": None},
        "1 validation error detected: Value null at 'sAMLAssertion' failed to satisfy constraint: "
        "Member must not be null",
    ),
]


@pytest.mark.parametrize(("change", "message"), [row[1:] for row in PARAMETERS], ids=[row[0] for row in PARAMETERS])
def test_malformed_parameters(change: dict[str, str | None], message: str) -> None:
    """The parameters are refused together, in AWS's words and order."""
    fields = {"RoleArn": ROLE_ARN, "PrincipalArn": PROVIDER_ARN, "SAMLAssertion": "PHg+", **change}
    service = QueryService("sts")
    action = "AssumeRoleWithSAML"
    sent = {name: value for name, value in fields.items() if value is not None}
    violations = service.violations(action, service.parameters(action, sent))
    count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected: "
    assert count + "; ".join(violations) == message


@pytest.mark.parametrize(
    ("role_arn", "principal_arn", "message"),
    [
        (PROVIDER_ARN, PROVIDER_ARN, "Request ARN is invalid"),
        (ROLE_ARN, ROLE_ARN, "Principal ARN is invalid"),
        ("arn:aws:iam::123456789012:user/hanako", PROVIDER_ARN, "Request ARN is invalid"),
    ],
)
def test_arns_of_the_wrong_kind(role_arn: str, principal_arn: str, message: str) -> None:
    """AWS has a sentence for each of the two swapped ARNs."""
    with pytest.raises(ValidationError) as caught:
        require_arns(role_arn, principal_arn)
    assert (caught.value.message, caught.value.status) == (message, 400)


@pytest.mark.parametrize(
    ("role_arn", "principal_arn", "message"),
    [
        (ROLE_ARN, f" {PROVIDER_ARN}", "Principal ARN is invalid"),
        (f" {ROLE_ARN}", PROVIDER_ARN, "Request ARN is invalid"),
    ],
)
def test_an_arn_with_white_space_before_it(role_arn: str, principal_arn: str, message: str) -> None:
    """Sign-in trims the Role value, STS does not: what a client passes on untrimmed is explained."""
    with pytest.raises(ValidationError) as caught:
        require_arns(role_arn, principal_arn)
    refusal = caught.value
    assert (refusal.message, refusal.status, refusal.code) == (message, 400, "ValidationError")
    padded = role_arn if message.startswith("Request") else principal_arn
    assert refusal.explanation == (
        f"The ARN has white space around it: {padded!r}. Sign-in trims it in a Role value, STS does not."
    )
    assert refusal.fix == (
        "Write the two ARNs of the Role value without a space after the comma, or trim them in the client."
    )
