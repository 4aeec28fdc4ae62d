"""What AWS asks once the role is known: may this assertion assume it, from this address and for this long?"""

from __future__ import annotations

from emulator.kernel.errors import InvalidIdentityToken, ValidationError
from emulator.kernel.explanations import DURATION, Asked, wanting
from sp_mock.assertion.login_request import EntryPoint, LoginRequest
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.mistakes.registered import setting
from sp_mock.assertion.mistakes.trust_conditions import recipient_mistake
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.trust import require_trust
from sp_mock.assertion.wording import refused, sign_in_url_for
from sp_mock.endpoints import is_sign_in_url


def trust_policy(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The role exists and its trust policy allows this provider, these conditions, the tags and the source identity.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    require_trust(assertion, request)


def recipient(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """At sign-in the Recipient is an AWS sign-in URL, of any region.

    This check comes after the trust policy, because a policy with SAML:aud refuses any other Recipient in words that
    are known. STS leaves the Recipient to the trust policy: command-line tools that receive assertions have the app
    send them to their own address.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented (the rule), observed (that STS takes another), assumed (the words, and that the trust policy
        speaks first)
    """
    received = assertion.values.recipient or ""
    if request.entry_point is EntryPoint.SIGN_IN and not is_sign_in_url(received):
        mistake = recipient_mistake(received, sign_in_url_for(request))
        raise refused(
            InvalidIdentityToken,
            "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
            mistake,
            request,
            check="recipient",
            evidence="assumed",
            spec='AWS IAM UG "id_roles_providers_create_saml_assertions"',
        )


def max_session_duration(_: VerifiedAssertion, request: LoginRequest) -> None:
    """DurationSeconds, when asked for, is at most the role's maximum session duration.

    Spec: AWS STS API AssumeRoleWithSAML
    Evidence: documented
    """
    role, asked = request.role, request.duration_seconds
    if role is not None and asked is not None and asked > role.max_session_duration_seconds:
        longest = role.max_session_duration_seconds
        mistake = Mistake(
            f"The role {role.name} allows sessions of {longest} seconds at most, and {asked} were asked for.",
            where="parameter DurationSeconds",
            expected=f"at most {longest}",
            received=str(asked),
            fix=f"Ask for {longest} seconds or less, or set max_session_duration: {asked} on the role.",
            causes=(
                Asked(DURATION),
                *wanting(setting(request.accounts, "roles", str(role.arn), "max_session_duration_seconds"), asked),
            ),
        )
        raise refused(
            ValidationError,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            mistake,
            request,
            check="max-session-duration",
            spec="AWS STS API AssumeRoleWithSAML",
        )
