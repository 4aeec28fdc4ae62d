"""What AWS asks of a verified assertion, whichever of its roles is taken.

Each check takes the assertion and the request, and returns, or raises the refusal that a caller would get.
"""

from __future__ import annotations

import re
from datetime import timedelta

from emulator.kernel.clock import instant
from emulator.kernel.errors import AccessDenied, ExpiredTokenException, InvalidIdentityToken, ValidationError
from emulator.kernel.partitions import AWS, PARTITIONS
from sp_mock.assertion.login_request import LoginRequest, role_pairs
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import (
    CONFIRMATION_DATA_PATH,
    ROLE_SESSION_NAME,
    SESSION_DURATION,
    SOURCE_IDENTITY,
    attribute_path,
)
from sp_mock.assertion.wording import role_not_in_assertion
from sp_mock.endpoints import is_sign_in_url

REDEMPTION_WINDOW = timedelta(minutes=5)
_NAME = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}", re.ASCII)
_MIN_SESSION_SECONDS, _MAX_SESSION_SECONDS = 900, 43200
_CONDITIONS = "/Response/Assertion/Conditions"
_TROUBLESHOOT = 'AWS IAM UG "troubleshoot_saml"'
_ASSERTIONS = 'AWS IAM UG "id_roles_providers_create_saml_assertions"'


def subject_confirmation(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """Exactly one bearer SubjectConfirmation has both NotOnOrAfter and Recipient.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"; SAML Profiles §4.1.4.2
    Evidence: observed (the words, with their misspelling)
    """
    confirmations = assertion.values.subject_confirmations
    complete = [c for c in confirmations if c.recipient and c.not_on_or_after is not None]
    if len(confirmations) != 1 or len(complete) != 1:
        found = "; ".join(
            f"Recipient {c.recipient!r}, NotOnOrAfter {instant(c.not_on_or_after) if c.not_on_or_after else None}"
            for c in confirmations
        )
        raise InvalidIdentityToken(
            "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
            service=request.entry_point,
            check="subject-confirmation",
            evidence="observed",
            explanation="AWS needs exactly one SubjectConfirmation that says for which URL and until when it is good.",
            where=CONFIRMATION_DATA_PATH,
            expected="one SubjectConfirmationData with Recipient and NotOnOrAfter",
            received=found or "no SubjectConfirmation",
            fix="Set the app's single sign-on URL (it becomes the Recipient).",
            spec=_ASSERTIONS,
        )


def audience(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """Every AudienceRestriction names AWS: the URN of the provider's partition or a sign-in URL.

    Spec: SAML Core §2.5.1.4; AWS IAM UG "troubleshoot_saml"
    Evidence: documented (the words and the URNs), observed (the sign-in URL is taken as audience too), assumed (that
        one partition's URN is not another's)
    """
    restrictions = assertion.values.audience_restrictions
    partition = request.pair.partition if request.pair else AWS.name
    urns = PARTITIONS[partition].audiences if partition in PARTITIONS else ()

    def is_aws(audience: str) -> bool:
        return audience in urns or is_sign_in_url(audience)

    if not restrictions or not all(any(map(is_aws, audiences)) for audiences in restrictions):
        raise InvalidIdentityToken(
            "Response does not contain the required audience.",
            service=request.entry_point,
            check="audience",
            explanation="The Audience in the assertion is not one that AWS sign-in accepts.",
            where=f"{_CONDITIONS}/AudienceRestriction/Audience",
            expected=" or ".join(urns),
            received=", ".join(a for audiences in restrictions for a in audiences) or "no Audience",
            fix=f"audience: {urns[0]}" if urns else "",
            spec="SAML Core §2.5.1.4",
        )


def redeemed_in_time(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The assertion is at most five minutes old.

    Spec: AWS IAM UG "id_roles_providers_create_saml"
    Evidence: documented (the window and the words), assumed (that IssueInstant starts it)
    """
    issued = assertion.values.issue_instant
    if issued is None or request.now - issued > REDEMPTION_WINDOW:
        raise ExpiredTokenException(
            "Token must be redeemed within 5 minutes of issuance",
            service=request.entry_point,
            check="redeemed-in-time",
            explanation="The assertion was issued more than five minutes ago by AWS's clock.",
            where="/Response/Assertion/@IssueInstant",
            expected=f"issued at or after {instant(request.now - REDEMPTION_WINDOW)}",
            received=instant(issued) if issued else "no readable IssueInstant",
            fix="Use the assertion at once, choose the role without waiting, and set the identity provider's clock.",
            spec='AWS IAM UG "id_roles_providers_create_saml"',
        )


def time_window(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """Now lies inside the Conditions and before the SubjectConfirmationData's NotOnOrAfter.

    AWS does not publish what it says here; the words are those for an assertion that comes too late.

    Spec: SAML Core §2.5.1.2; SAML Profiles §4.1.4.3
    Evidence: assumed
    """
    values, now = assertion.values, request.now
    starts = values.not_before
    ends = [(values.not_on_or_after, f"{_CONDITIONS}/@NotOnOrAfter")]
    ends += [(c.not_on_or_after, f"{CONFIRMATION_DATA_PATH}/@NotOnOrAfter") for c in values.subject_confirmations]
    if starts is not None and now < starts:
        raise _outside_window(request, f"{_CONDITIONS}/@NotBefore", f"at or after {instant(starts)}")
    for end, where in ends:
        if end is not None and now >= end:
            raise _outside_window(request, where, f"before {instant(end)}")


def _outside_window(request: LoginRequest, where: str, expected: str) -> ExpiredTokenException:
    return ExpiredTokenException(
        "Token must be redeemed within 5 minutes of issuance",
        service=request.entry_point,
        check="time-window",
        evidence="assumed",
        explanation="By AWS's clock the assertion is not valid now.",
        where=where,
        expected=f"used {expected}",
        received=f"used at {instant(request.now)}",
        fix="Compare the identity provider's clock with the true time.",
        spec="SAML Core §2.5.1.2",
    )


def requested_role(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The pair of role and provider asked for is a value of the Role attribute.

    Spec: AWS STS API AssumeRoleWithSAML
    Evidence: observed
    """
    if request.pair not in role_pairs(assertion.values):
        raise role_not_in_assertion(request, assertion.values)


def role_session_name(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """RoleSessionName is present, 2 to 64 characters of letters, digits and _+=,.@- without spaces.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented
    """
    value = assertion.values.value(ROLE_SESSION_NAME)
    if value is None:
        raise InvalidIdentityToken(
            "RoleSessionName is required in AuthnResponse",
            service=request.entry_point,
            check="role-session-name",
            explanation="The assertion has no RoleSessionName attribute with a value.",
            where=attribute_path(ROLE_SESSION_NAME),
            expected=f"an attribute {ROLE_SESSION_NAME}",
            received="none",
            fix="Map the application user name to RoleSessionName.",
            spec=_TROUBLESHOOT,
        )
    if not _NAME.fullmatch(value):
        raise InvalidIdentityToken(
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
            service=request.entry_point,
            check="role-session-name",
            explanation=_name_mistake(value),
            where=attribute_path(ROLE_SESSION_NAME),
            expected="[a-zA-Z_0-9+=,.@-]{2,64}",
            received=value,
            fix="Choose an application user name format without such characters, the e-mail address for example.",
            spec=_TROUBLESHOOT,
        )


def _name_mistake(value: str) -> str:
    if not 2 <= len(value) <= 64:
        return f"The value has {len(value)} characters; 2 to 64 are allowed."
    stray = next(character for character in value if not re.fullmatch(r"[a-zA-Z_0-9+=,.@-]", character, re.ASCII))
    return f"The value contains {stray!r}, which is not allowed."


def source_identity(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """SourceIdentity, when given, is 2 to 64 allowed characters and does not begin with aws:.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    value = assertion.values.value(SOURCE_IDENTITY)
    if value is not None and (not _NAME.fullmatch(value) or value.startswith("aws:")):
        raise InvalidIdentityToken(
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
            service=request.entry_point,
            check="source-identity",
            explanation="The prefix aws: is reserved." if value.startswith("aws:") else _name_mistake(value),
            where=attribute_path(SOURCE_IDENTITY),
            expected='[a-zA-Z_0-9+=,.@-]{2,64}, not beginning with "aws:"',
            received=value,
            fix="Send another SourceIdentity, or none.",
            spec=_TROUBLESHOOT,
        )


def session_duration(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """SessionDuration, when given, is a whole number of seconds from 900 to 43,200.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented (the range), assumed (the words)
    """
    value = assertion.values.value(SESSION_DURATION)
    if value is None:
        return
    number = int(value) if re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) else None
    if number is None or not _MIN_SESSION_SECONDS <= number <= _MAX_SESSION_SECONDS:
        raise ValidationError(
            f"SessionDuration must be between {_MIN_SESSION_SECONDS} and {_MAX_SESSION_SECONDS} seconds",
            service=request.entry_point,
            check="session-duration",
            evidence="assumed",
            explanation="The SessionDuration attribute is not a number of seconds in the allowed range.",
            where=attribute_path(SESSION_DURATION),
            expected=f"{_MIN_SESSION_SECONDS} to {_MAX_SESSION_SECONDS}",
            received=value,
            fix="Set the Okta app's session duration to a value in that range.",
            spec=_ASSERTIONS,
        )


def name_id(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The Subject has a NameID.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    if not assertion.values.name_id:
        raise AccessDenied(
            "Not authorized to perform sts:AssumeRoleWithSAML",
            service=request.entry_point,
            check="name-id",
            explanation="The assertion has no NameID, so there is no one to authorise.",
            where="/Response/Assertion/Subject/NameID",
            expected="a NameID with text",
            received="none",
            fix="Map the application user name to the NameID.",
            spec=_TROUBLESHOOT,
        )
