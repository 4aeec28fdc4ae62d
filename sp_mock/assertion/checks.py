"""Everything AWS asks of an assertion, in the order in which it asks.

``CHECKS`` is the one list that sign-in, ``sts:AssumeRoleWithSAML`` and the inspector go through. Each check takes
a presentation and returns, or raises the refusal that a caller would get. The order is assumed where AWS does not show
it: first what the component for SAML providers can tell, then what STS reads, then the role's policies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from emulator.kernel.clock import instant
from emulator.kernel.errors import (
    AccessDenied,
    AwsRefusal,
    DiscoveryRefusal,
    ExpiredTokenException,
    InvalidIdentityToken,
    ValidationError,
)
from emulator.kernel.partitions import PARTITIONS
from sp_mock.assertion.login_request import EntryPoint, Presentation
from sp_mock.assertion.received import (
    ROLE,
    ROLE_SESSION_NAME,
    SESSION_DURATION,
    SOURCE_IDENTITY,
    UnusableResponse,
    attribute_path,
)
from sp_mock.assertion.session_tags import session_tags
from sp_mock.assertion.signature import BadSignature
from sp_mock.assertion.trust import require_trust
from sp_mock.endpoints import is_sign_in_url

REDEMPTION_WINDOW = timedelta(minutes=5)
_NAME = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}", re.ASCII)
_MIN_SESSION_SECONDS, _MAX_SESSION_SECONDS = 900, 43200
_RESPONSE_CONDITIONS = "/Response/Assertion/Conditions"
_CONFIRMATION_DATA = "/Response/Assertion/Subject/SubjectConfirmation/SubjectConfirmationData"
_TROUBLESHOOT = 'AWS IAM UG "troubleshoot_saml"'
_ASSERTIONS = 'AWS IAM UG "id_roles_providers_create_saml_assertions"'


@dataclass(frozen=True, slots=True)
class Check:
    """One question AWS asks.

    Args:
        name: What is asked about, for example ``audience``.
        ask: Returns when the answer is yes, raises the refusal otherwise.
        of_role: Whether the question needs a chosen role; the others are asked before the role chooser is shown.
    """

    name: str
    ask: Callable[[Presentation], None]
    of_role: bool = False

    @property
    def question(self) -> str:
        """The check's first docstring line."""
        return (self.ask.__doc__ or "").strip().splitlines()[0]


def base64(presented: Presentation) -> None:
    """The SAMLResponse is base64 of at most 100,000 characters.

    Spec: SAML Bindings §3.5.4
    Evidence: observed
    """
    _ = presented.xml


def response(presented: Presentation) -> None:
    """The message is a SAML 2.0 Response with exactly one assertion.

    Spec: SAML Profiles §4.1.4.2
    Evidence: documented (the sign-in page's words), assumed (the API's words)
    """
    _ = presented.received


def status(presented: Presentation) -> None:
    """The Response's status is Success.

    Spec: SAML Core §3.2.2.2
    Evidence: assumed
    """
    received = presented.received.status
    if received != "urn:oasis:names:tc:SAML:2.0:status:Success":
        failed = f"The identity provider reports that the login did not succeed: its status is {received}."
        raise presented.unusable(
            UnusableResponse(failed, where="/Response/Status/StatusCode/@Value"),
            check="status",
            words="Invalid SAMLResponse",
        )


def role_attribute(presented: Presentation) -> None:
    """The Role attribute holds a pair of SAML provider and role ARN.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    if presented.entry_point is EntryPoint.SIGN_IN and presented.pair is None:
        if presented.requested_role_arn is not None and presented.role_pairs:
            raise _role_not_in_assertion(presented)
        raise presented.no_usable_role()


def provider(presented: Presentation) -> None:
    """The SAML provider exists.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    _ = presented.provider


def assertion_encryption(presented: Presentation) -> None:
    """The assertion is encrypted where the SAML provider requires it, and came to the provider's own URL.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions", encrypted assertions
    Evidence: documented (Required needs the URL with the provider's id), assumed (the words)
    """
    expected = presented.provider
    problem = ""
    if presented.acs_provider_arn not in {None, str(expected.arn)}:
        problem = f"The assertion is for {expected.arn}, the URL belongs to {presented.acs_provider_arn}."
    elif expected.encryption_mode == "Required" and not presented.received.decrypted_with:
        problem = f"{expected.arn} requires encrypted assertions; this one is not."
    elif (
        expected.encryption_mode == "Required"
        and presented.entry_point is EntryPoint.SIGN_IN
        and presented.acs_provider_arn is None
    ):
        problem = f"{expected.arn} requires encryption: its sign-in URL ends in /saml/acs/{expected.provider_id}."
    if problem:
        raise presented.unusable(
            UnusableResponse(problem, where="/Response/Assertion"),
            check="assertion-encryption",
            words="Invalid SAMLResponse",
        )


def issuer(presented: Presentation) -> None:
    """The Issuer is the entityID in the provider's metadata.

    Spec: AWS IAM UG "troubleshoot_saml"; SAML Core §2.2.5
    Evidence: documented
    """
    expected = presented.provider.metadata.entity_id
    received = presented.reading.issuer
    if received != expected:
        raise DiscoveryRefusal(
            "Issuer not present in specified provider",
            service=presented.entry_point,
            check="issuer",
            explanation="The SAML provider was made from the metadata of another app or another identity provider.",
            where="/Response/Assertion/Issuer",
            expected=expected,
            received=str(received),
            fix="Upload this app's metadata to the SAML provider, or name this app's provider in the Role attribute.",
            spec=_TROUBLESHOOT,
        )


def signature(presented: Presentation) -> None:
    """The Response or its assertion is signed with a key of the provider's metadata, and unchanged.

    Spec: SAML Core §5.4; AWS IAM UG "troubleshoot_saml"
    Evidence: documented (the words), assumed (which shapes and algorithms are taken)
    """
    try:
        _ = presented.verified
    except BadSignature as error:
        raise InvalidIdentityToken(
            "Response signature invalid",
            service=presented.entry_point,
            check="signature",
            explanation=error.explanation,
            where=error.where,
            expected=error.expected,
            received=error.received,
            fix="Upload the identity provider's current metadata; after a certificate rotation the old one is no use.",
            spec=_TROUBLESHOOT,
        ) from None


def subject_confirmation(presented: Presentation) -> None:
    """Exactly one bearer SubjectConfirmation has both NotOnOrAfter and Recipient.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"; SAML Profiles §4.1.4.2
    Evidence: observed (the words, with their misspelling)
    """
    confirmations = presented.reading.subject_confirmations
    complete = [c for c in confirmations if c.recipient and c.not_on_or_after is not None]
    if len(confirmations) != 1 or len(complete) != 1:
        found = "; ".join(
            f"Recipient {c.recipient!r}, NotOnOrAfter {instant(c.not_on_or_after) if c.not_on_or_after else None}"
            for c in confirmations
        )
        raise InvalidIdentityToken(
            "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
            service=presented.entry_point,
            check="subject-confirmation",
            evidence="observed",
            explanation="AWS needs exactly one SubjectConfirmation that says for which URL and until when it is good.",
            where=_CONFIRMATION_DATA,
            expected="one SubjectConfirmationData with Recipient and NotOnOrAfter",
            received=found or "no SubjectConfirmation",
            fix="Set the app's single sign-on URL (it becomes the Recipient).",
            spec=_ASSERTIONS,
        )


def audience(presented: Presentation) -> None:
    """Every AudienceRestriction names AWS: the URN of the provider's partition or a sign-in URL.

    Spec: SAML Core §2.5.1.4; AWS IAM UG "troubleshoot_saml"
    Evidence: documented (the words and the URNs), observed (the sign-in URL is taken as audience too), assumed (that
        one partition's URN is not another's)
    """
    restrictions = presented.reading.audience_restrictions
    partition = presented.pair.provider_arn.split(":")[1] if presented.pair else "aws"
    urns = PARTITIONS[partition].audiences if partition in PARTITIONS else ()

    def is_aws(audience: str) -> bool:
        return audience in urns or is_sign_in_url(audience)

    if not restrictions or not all(any(map(is_aws, audiences)) for audiences in restrictions):
        raise InvalidIdentityToken(
            "Response does not contain the required audience.",
            service=presented.entry_point,
            check="audience",
            explanation="The Audience in the assertion is not one that AWS sign-in accepts.",
            where=f"{_RESPONSE_CONDITIONS}/AudienceRestriction/Audience",
            expected=" or ".join(urns),
            received=", ".join(a for audiences in restrictions for a in audiences) or "no Audience",
            fix=f"audience: {urns[0]}" if urns else "",
            spec="SAML Core §2.5.1.4",
        )


def redeemed_in_time(presented: Presentation) -> None:
    """The assertion is at most five minutes old.

    Spec: AWS IAM UG "id_roles_providers_create_saml"
    Evidence: documented (the window and the words), assumed (that IssueInstant starts it)
    """
    issued = presented.reading.issue_instant
    if issued is None or presented.now - issued > REDEMPTION_WINDOW:
        raise ExpiredTokenException(
            "Token must be redeemed within 5 minutes of issuance",
            service=presented.entry_point,
            check="redeemed-in-time",
            explanation="The assertion was issued more than five minutes ago by AWS's clock.",
            where="/Response/Assertion/@IssueInstant",
            expected=f"issued at or after {instant(presented.now - REDEMPTION_WINDOW)}",
            received=instant(issued) if issued else "no readable IssueInstant",
            fix="Use the assertion at once, choose the role without waiting, and set the identity provider's clock.",
            spec='AWS IAM UG "id_roles_providers_create_saml"',
        )


def time_window(presented: Presentation) -> None:
    """Now lies inside the Conditions and before the SubjectConfirmationData's NotOnOrAfter.

    AWS does not publish what it says here; the words are those for an assertion that comes too late.

    Spec: SAML Core §2.5.1.2; SAML Profiles §4.1.4.3
    Evidence: assumed
    """
    reading, now = presented.reading, presented.now
    starts = reading.not_before
    ends = [(reading.not_on_or_after, f"{_RESPONSE_CONDITIONS}/@NotOnOrAfter")]
    ends += [(c.not_on_or_after, f"{_CONFIRMATION_DATA}/@NotOnOrAfter") for c in reading.subject_confirmations]
    if starts is not None and now < starts:
        raise _outside_window(presented, f"{_RESPONSE_CONDITIONS}/@NotBefore", f"at or after {instant(starts)}")
    for end, where in ends:
        if end is not None and now >= end:
            raise _outside_window(presented, where, f"before {instant(end)}")


def _outside_window(presented: Presentation, where: str, expected: str) -> ExpiredTokenException:
    return ExpiredTokenException(
        "Token must be redeemed within 5 minutes of issuance",
        service=presented.entry_point,
        check="time-window",
        evidence="assumed",
        explanation="By AWS's clock the assertion is not valid now.",
        where=where,
        expected=f"used {expected}",
        received=f"used at {instant(presented.now)}",
        fix="Compare the identity provider's clock with the true time.",
        spec="SAML Core §2.5.1.2",
    )


def requested_role(presented: Presentation) -> None:
    """The pair of role and provider asked for is a value of the Role attribute.

    Spec: AWS STS API AssumeRoleWithSAML
    Evidence: observed
    """
    if presented.pair is None or presented.pair not in presented.role_pairs:
        raise _role_not_in_assertion(presented)


def _role_not_in_assertion(presented: Presentation) -> InvalidIdentityToken:
    attribute = presented.reading.attribute(ROLE)
    return InvalidIdentityToken(
        "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
        service=presented.entry_point,
        check="requested-role",
        evidence="observed",
        explanation="The role and the provider asked for are not one value of the assertion's Role attribute.",
        where=attribute_path(ROLE),
        expected=f"{presented.requested_provider_arn or 'its provider'},{presented.requested_role_arn}",
        received=", ".join(attribute.values) if attribute else "no Role attribute",
        fix="Assign that role to the user in the Okta app, or ask for one of the roles the assertion has.",
        spec="AWS STS API AssumeRoleWithSAML",
    )


def role_session_name(presented: Presentation) -> None:
    """RoleSessionName is present, 2 to 64 characters of letters, digits and _+=,.@- without spaces.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented
    """
    value = presented.reading.value(ROLE_SESSION_NAME)
    if value is None:
        raise InvalidIdentityToken(
            "RoleSessionName is required in AuthnResponse",
            service=presented.entry_point,
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
            service=presented.entry_point,
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


def source_identity(presented: Presentation) -> None:
    """SourceIdentity, when given, is 2 to 64 allowed characters and does not begin with aws:.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    value = presented.reading.value(SOURCE_IDENTITY)
    if value is not None and (not _NAME.fullmatch(value) or value.startswith("aws:")):
        raise InvalidIdentityToken(
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
            service=presented.entry_point,
            check="source-identity",
            explanation="The prefix aws: is reserved." if value.startswith("aws:") else _name_mistake(value),
            where=attribute_path(SOURCE_IDENTITY),
            expected='[a-zA-Z_0-9+=,.@-]{2,64}, not beginning with "aws:"',
            received=value,
            fix="Send another SourceIdentity, or none.",
            spec=_TROUBLESHOOT,
        )


def session_duration(presented: Presentation) -> None:
    """SessionDuration, when given, is a whole number of seconds from 900 to 43,200.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented (the range), assumed (the words)
    """
    value = presented.reading.value(SESSION_DURATION)
    if value is None:
        return
    number = int(value) if re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) else None
    if number is None or not _MIN_SESSION_SECONDS <= number <= _MAX_SESSION_SECONDS:
        raise ValidationError(
            f"SessionDuration must be between {_MIN_SESSION_SECONDS} and {_MAX_SESSION_SECONDS} seconds",
            service=presented.entry_point,
            check="session-duration",
            evidence="assumed",
            explanation="The SessionDuration attribute is not a number of seconds in the allowed range.",
            where=attribute_path(SESSION_DURATION),
            expected=f"{_MIN_SESSION_SECONDS} to {_MAX_SESSION_SECONDS}",
            received=value,
            fix="Set the Okta app's session duration to a value in that range.",
            spec=_ASSERTIONS,
        )


def name_id(presented: Presentation) -> None:
    """The Subject has a NameID.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    if not presented.reading.name_id:
        raise AccessDenied(
            "Not authorized to perform sts:AssumeRoleWithSAML",
            service=presented.entry_point,
            check="name-id",
            explanation="The assertion has no NameID, so there is no one to authorise.",
            where="/Response/Assertion/Subject/NameID",
            expected="a NameID with text",
            received="none",
            fix="Map the application user name to the NameID.",
            spec=_TROUBLESHOOT,
        )


def trust_policy(presented: Presentation) -> None:
    """The role exists and its trust policy allows this provider, these conditions, the tags and the source identity.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    require_trust(presented)


def recipient(presented: Presentation) -> None:
    """At sign-in the Recipient is an AWS sign-in URL, of any region.

    A trust policy with SAML:aud has already refused any other, in words that are known. STS leaves the Recipient to the
    trust policy: programs that listen for assertions have the app send them to an address of their own.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented (the rule), observed (that STS takes another), assumed (the words, and that the trust policy
        speaks first)
    """
    received = presented.reading.recipient or ""
    if presented.entry_point is EntryPoint.SIGN_IN and not is_sign_in_url(received):
        raise InvalidIdentityToken(
            "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
            service=presented.entry_point,
            check="recipient",
            evidence="assumed",
            explanation="The assertion was made for a URL that is not one of AWS's SAML endpoints.",
            where=f"{_CONFIRMATION_DATA}/@Recipient",
            expected="https://signin.aws.amazon.com/saml, or a region's",
            received=received,
            fix="Set the app's single sign-on URL (it becomes the Recipient).",
            spec=_ASSERTIONS,
        )


def max_session_duration(presented: Presentation) -> None:
    """DurationSeconds, when asked for, is at most the role's maximum session duration.

    Spec: AWS STS API AssumeRoleWithSAML
    Evidence: documented
    """
    role, asked = presented.role, presented.duration_seconds
    if role is not None and asked is not None and asked > role.max_session_duration_seconds:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            service=presented.entry_point,
            check="max-session-duration",
            explanation=f"The role {role.name} allows sessions of {role.max_session_duration_seconds} seconds at most.",
            where="parameter DurationSeconds",
            expected=f"at most {role.max_session_duration_seconds}",
            received=str(asked),
            fix=f"Ask for less, or set max_session_duration: {asked} on the role.",
            spec="AWS STS API AssumeRoleWithSAML",
        )


CHECKS: tuple[Check, ...] = (
    Check("base64", base64),
    Check("response", response),
    Check("status", status),
    Check("role-attribute", role_attribute),
    Check("provider", provider),
    Check("assertion-encryption", assertion_encryption),
    Check("issuer", issuer),
    Check("signature", signature),
    Check("subject-confirmation", subject_confirmation),
    Check("audience", audience),
    Check("redeemed-in-time", redeemed_in_time),
    Check("time-window", time_window),
    Check("requested-role", requested_role),
    Check("role-session-name", role_session_name),
    Check("source-identity", source_identity),
    Check("session-tags", session_tags),
    Check("session-duration", session_duration),
    Check("name-id", name_id),
    Check("trust-policy", trust_policy, of_role=True),
    Check("recipient", recipient, of_role=True),
    Check("max-session-duration", max_session_duration, of_role=True),
)


def examine(presented: Presentation, *, of_role: bool = True) -> None:
    """Goes through the checks; the first that fails decides.

    Args:
        presented: What was presented.
        of_role: False to stop before the questions that need a chosen role.

    Raises:
        AwsRefusal: the failing check's.
    """
    for check in CHECKS:
        if of_role or not check.of_role:
            check.ask(presented)


def verdicts(presented: Presentation) -> Iterator[tuple[Check, AwsRefusal | None]]:
    """Goes through all checks, whatever fails, and yields each with its refusal or None.

    A check that cannot be asked because an earlier one failed yields that earlier check's refusal.
    """
    for check in CHECKS:
        try:
            check.ask(presented)
        except AwsRefusal as refusal:
            yield check, refusal
        else:
            yield check, None
