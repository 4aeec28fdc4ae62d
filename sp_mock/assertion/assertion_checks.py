"""What AWS asks of a verified assertion, whichever of its roles is taken: for whom is it, and does it have the role?

Each check takes the assertion and the request, and returns, or raises the refusal that a caller would get. Those about
time are in ``sp_mock.assertion.time_checks``.
"""

from __future__ import annotations

from emulator.kernel.clock import instant
from emulator.kernel.errors import InvalidIdentityToken
from emulator.kernel.partitions import AWS, PARTITIONS
from sp_mock.assertion.login_request import LoginRequest, role_pairs
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import CONDITIONS_PATH, CONFIRMATION_DATA_PATH
from sp_mock.assertion.wording import role_not_in_assertion
from sp_mock.endpoints import is_sign_in_url

_ASSERTIONS = 'AWS IAM UG "id_roles_providers_create_saml_assertions"'


def subject_confirmation(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """Exactly one bearer SubjectConfirmation has both NotOnOrAfter and Recipient; those of other methods do not count.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"; SAML Profiles §4.1.4.2
    Evidence: documented (one, with both), observed (the words, with their misspelling), assumed (that others may be
        beside it)
    """
    bearers = assertion.values.bearer_confirmations
    if len(bearers) != 1 or not bearers[0].recipient or bearers[0].not_on_or_after is None:
        found = "; ".join(
            f"Method {c.method}, Recipient {c.recipient!r}, "
            f"NotOnOrAfter {instant(c.not_on_or_after) if c.not_on_or_after else None}"
            for c in assertion.values.subject_confirmations
        )
        raise InvalidIdentityToken(
            "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
            service=request.entry_point,
            check="subject-confirmation",
            evidence="observed",
            explanation="AWS needs exactly one bearer SubjectConfirmation that says for which URL and until when it "
            "is good.",
            where=CONFIRMATION_DATA_PATH,
            expected="one SubjectConfirmation with the bearer method, and in its data Recipient and NotOnOrAfter",
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
            where=f"{CONDITIONS_PATH}/AudienceRestriction/Audience",
            expected=" or ".join(urns),
            received=", ".join(a for audiences in restrictions for a in audiences) or "no Audience",
            fix=f"audience: {urns[0]}" if urns else "",
            spec="SAML Core §2.5.1.4",
        )


def requested_role(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The pair of role and provider asked for is a value of the Role attribute.

    Spec: AWS STS API AssumeRoleWithSAML
    Evidence: observed
    """
    if request.pair not in role_pairs(assertion.values):
        raise role_not_in_assertion(request, assertion.values)
