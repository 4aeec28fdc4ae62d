"""What AWS asks once the role is known: may this assertion assume it, from here, for that long?"""

from __future__ import annotations

from emulator.kernel.errors import InvalidIdentityToken, ValidationError
from sp_mock.assertion.login_request import EntryPoint, LoginRequest
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.trust import require_trust
from sp_mock.assertion.values import CONFIRMATION_DATA_PATH
from sp_mock.endpoints import is_sign_in_url


def trust_policy(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The role exists and its trust policy allows this provider, these conditions, the tags and the source identity.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    require_trust(assertion, request)


def recipient(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """At sign-in the Recipient is an AWS sign-in URL, of any region.

    A trust policy with SAML:aud has already refused any other, in words that are known. STS leaves the Recipient to the
    trust policy: programs that listen for assertions have the app send them to an address of their own.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented (the rule), observed (that STS takes another), assumed (the words, and that the trust policy
        speaks first)
    """
    received = assertion.values.recipient or ""
    if request.entry_point is EntryPoint.SIGN_IN and not is_sign_in_url(received):
        raise InvalidIdentityToken(
            "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
            service=request.entry_point,
            check="recipient",
            evidence="assumed",
            explanation="The assertion was made for a URL that is not one of AWS's SAML endpoints.",
            where=f"{CONFIRMATION_DATA_PATH}/@Recipient",
            expected="https://signin.aws.amazon.com/saml, or a region's",
            received=received,
            fix="Set the app's single sign-on URL (it becomes the Recipient).",
            spec='AWS IAM UG "id_roles_providers_create_saml_assertions"',
        )


def max_session_duration(_: VerifiedAssertion, request: LoginRequest) -> None:
    """DurationSeconds, when asked for, is at most the role's maximum session duration.

    Spec: AWS STS API AssumeRoleWithSAML
    Evidence: documented
    """
    role, asked = request.role, request.duration_seconds
    if role is not None and asked is not None and asked > role.max_session_duration_seconds:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            service=request.entry_point,
            check="max-session-duration",
            explanation=f"The role {role.name} allows sessions of {role.max_session_duration_seconds} seconds at most.",
            where="parameter DurationSeconds",
            expected=f"at most {role.max_session_duration_seconds}",
            received=str(asked),
            fix=f"Ask for less, or set max_session_duration: {asked} on the role.",
            spec="AWS STS API AssumeRoleWithSAML",
        )
