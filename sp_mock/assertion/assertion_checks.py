"""What AWS asks of a verified assertion whichever role is taken: is it meant for AWS, and does it have the role?

Each check takes the assertion and the request, and returns, or raises the refusal that a caller would get. Those about
time are in ``sp_mock.assertion.time_checks``.
"""

from __future__ import annotations

from collections.abc import Callable

from emulator.kernel.clock import instant
from emulator.kernel.errors import InvalidIdentityToken
from emulator.kernel.explanations import Sent
from emulator.kernel.partitions import AWS, PARTITIONS
from sp_mock.assertion.login_request import LoginRequest, role_pairs
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import (
    ASSERTION_PATH,
    BEARER,
    CONDITIONS_PATH,
    CONFIRMATION_DATA_PATH,
    AssertionValues,
)
from sp_mock.assertion.wording import how_it_differs, refused, role_not_in_assertion, sign_in_url_for
from sp_mock.endpoints import is_sign_in_url

_ASSERTIONS = 'AWS IAM UG "id_roles_providers_create_saml_assertions"'


def subject_confirmation(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """Exactly one bearer SubjectConfirmation has both NotOnOrAfter and Recipient; other methods do not count.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"; SAML Profiles §4.1.4.2
    Evidence: documented (one, with both), observed (the words, with their misspelling), assumed (that others may be
        beside it)
    """
    values = assertion.values
    bearers = values.bearer_confirmations
    if len(bearers) != 1 or not bearers[0].recipient or bearers[0].not_on_or_after is None:
        raise refused(
            InvalidIdentityToken,
            "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
            _confirmation_mistake(values, sign_in_url_for(request)),
            request,
            check="subject-confirmation",
            evidence="observed",
            spec=_ASSERTIONS,
        )


def _confirmation_mistake(values: AssertionValues, url: str) -> Mistake:
    """Explains what the bearer SubjectConfirmation lacks, or that there are several."""
    bearers = values.bearer_confirmations
    found = "; ".join(
        f"Method {c.method}, Recipient {c.recipient!r}, "
        f"NotOnOrAfter {instant(c.not_on_or_after) if c.not_on_or_after else None}"
        for c in values.subject_confirmations
    )
    place = CONFIRMATION_DATA_PATH
    wanted: tuple[str, ...] = ()
    if not values.has_subject:
        told, fix = "The assertion has no Subject", "Send the Subject with a NameID and a SubjectConfirmation."
        place = f"{ASSERTION_PATH}/Subject"
    elif not values.subject_confirmations:
        told, fix = "The Subject has no SubjectConfirmation", "Send a bearer SubjectConfirmation with its data."
    elif not bearers:
        method = values.subject_confirmations[0].method
        told = f"No SubjectConfirmation is of the bearer method; there is one of {method or 'none at all'}"
        near = how_it_differs(BEARER, method)
        told, fix = f"{told}{near}", f"Set the method of the SubjectConfirmation to {BEARER}."
        place, wanted = f"{ASSERTION_PATH}/Subject/SubjectConfirmation/@Method", (BEARER,)
    elif len(bearers) > 1:
        told = f"The Subject has {len(bearers)} bearer SubjectConfirmations"
        fix = "Send one bearer SubjectConfirmation, the one whose Recipient is AWS's sign-in URL."
    elif not bearers[0].recipient and bearers[0].not_on_or_after is None:
        told = "The SubjectConfirmation has neither Recipient nor NotOnOrAfter in its data"
        fix = f"Send SubjectConfirmationData with Recipient {url} and NotOnOrAfter."
    elif not bearers[0].recipient:
        told = "The SubjectConfirmationData has no Recipient, and so does not say for which URL the assertion is"
        fix, wanted = f"Set the app's single sign-on URL to {url}; it becomes the Recipient.", (url,)
        place = f"{CONFIRMATION_DATA_PATH}/@Recipient"
    else:
        told = "The SubjectConfirmationData has no NotOnOrAfter, and so does not say until when the assertion is good"
        fix = "Have the identity provider write NotOnOrAfter, some minutes after the time of issue."
        place = f"{CONFIRMATION_DATA_PATH}/@NotOnOrAfter"
    return Mistake(
        f"{told}. AWS needs exactly one bearer SubjectConfirmation that says for which URL and until when it is good.",
        where=CONFIRMATION_DATA_PATH,
        expected="one SubjectConfirmation with the bearer method, and in its data Recipient and NotOnOrAfter",
        received=found or "no SubjectConfirmation",
        fix=fix,
        causes=(Sent(place, wanted=wanted),),
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
        raise refused(
            InvalidIdentityToken,
            "Response does not contain the required audience.",
            _audience_mistake(restrictions, urns, is_aws),
            request,
            check="audience",
            spec="SAML Core §2.5.1.4",
        )


def _audience_mistake(
    restrictions: tuple[tuple[str, ...], ...], urns: tuple[str, ...], is_aws: Callable[[str], bool]
) -> Mistake:
    """Explains which audience is not AWS's, and how it differs where it is nearly right."""
    where = f"{CONDITIONS_PATH}/AudienceRestriction/Audience"
    wanted = urns[:1]
    others = next((audiences for audiences in restrictions if not any(map(is_aws, audiences))), ())
    received = ", ".join(a for audiences in restrictions for a in audiences)
    of_others = {urn: name for name, each in PARTITIONS.items() for urn in each.audiences if urn not in urns}
    if not restrictions:
        told = "The assertion has no AudienceRestriction, and so does not say that it is for AWS"
    elif not any(others):
        told = "The AudienceRestriction names no Audience"
    elif others[0] in of_others:
        told = f"The Audience {others[0]} is that of the partition {of_others[others[0]]}, and the role is in another"
    else:
        near = next(filter(None, (how_it_differs(urn, audience) for urn in urns for audience in others)), "")
        told = f"The Audience in the assertion is not one that AWS sign-in accepts{near}"
        if len(restrictions) > 1:
            told += f". Each of the {len(restrictions)} AudienceRestrictions has to name AWS"
    return Mistake(
        f"{told}.",
        where=where,
        expected=" or ".join(urns),
        received=received or "no Audience",
        fix=f"Set the app's audience (its SP Entity ID) to {wanted[0]}." if wanted else "",
        causes=(Sent(where, wanted=wanted),),
    )


def requested_role(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The requested pair of role and provider is a value of the Role attribute.

    Spec: AWS STS API AssumeRoleWithSAML
    Evidence: observed
    """
    if request.pair not in role_pairs(assertion.values):
        raise role_not_in_assertion(request, assertion.values)
