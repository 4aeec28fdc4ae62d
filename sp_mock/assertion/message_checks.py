"""What AWS asks of a message before it trusts any of it: can it be read, who sent it, did they sign it?

These are the last to read unverified values: the status, the Issuer, and the Role values that name the SAML provider.
The check ``signature`` returns the verified assertion, which every later check takes instead of the message.
"""

from __future__ import annotations

from dataclasses import replace

from emulator.kernel.clock import instant
from emulator.kernel.errors import AwsRefusal, DiscoveryRefusal, InvalidIdentityToken, InvalidSamlResponse
from emulator.kernel.explanations import Sent
from sp_mock.accounts.model import SamlProvider
from sp_mock.assertion.login_request import EntryPoint, LoginRequest, role_pairs
from sp_mock.assertion.message_causes import (
    causes_of,
    is_asked_for,
    of_other_identity_provider,
    unreadable_mistake,
)
from sp_mock.assertion.mistakes import encryption
from sp_mock.assertion.mistakes.messages import told_status
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.mistakes.registered import issuer_mistake, setting
from sp_mock.assertion.mistakes.role_values import no_usable_role
from sp_mock.assertion.received import ReceivedMessage, ReceivedResponse, UnreadableMessage
from sp_mock.assertion.signature import VerifiedAssertion, verify
from sp_mock.assertion.signature_shape import BadSignature
from sp_mock.assertion.values import ASSERTION_PATH, ROLE, attribute_path
from sp_mock.assertion.wording import (
    INVALID_SAML_RESPONSE,
    how_it_differs,
    provider_not_found,
    refused,
    role_not_in_assertion,
    sign_in_url_for,
    sign_in_url_of,
    unusable_message,
)
from sp_mock.endpoints import is_sign_in_url

_VERSION = "2.0"
_STATUS_PATH = "/Response/Status/StatusCode/@Value"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_TROUBLESHOOT = 'AWS IAM UG "troubleshoot_saml"'


def base64(message: ReceivedMessage, request: LoginRequest) -> None:
    """The SAMLResponse is base64 of at most 100,000 characters.

    Spec: SAML Bindings §3.5.4
    Evidence: observed
    """
    if isinstance(message, UnreadableMessage) and not message.xml:
        raise unusable_message(
            request,
            message.mistake,
            check="base64",
            api_words="Invalid base64 SAMLResponse",
            causes=causes_of(message.mistake, request),
        )


def response(message: ReceivedMessage, request: LoginRequest) -> ReceivedResponse:
    """The message is a SAML 2.0 Response with exactly one assertion.

    Spec: SAML Profiles §4.1.4.2
    Evidence: documented (the sign-in page's words), assumed (the API's words)
    """
    base64(message, request)
    if isinstance(message, UnreadableMessage):
        mistake = unreadable_mistake(message, request)
        raise unusable_message(request, mistake, check="response", causes=causes_of(mistake, request))
    return message


def version(message: ReceivedResponse, request: LoginRequest) -> None:
    """The Response and its assertion are of SAML version 2.0.

    Spec: SAML Core §2.3.3, §3.2.2, §4.1.3.2
    Evidence: assumed
    """
    for element, where in ((message, "/Response"), (message.unverified, ASSERTION_PATH)):
        if element.version != _VERSION:
            place = f"{where}/@Version"
            mistake = Mistake(
                f"The {where.rpartition('/')[2]} says that it is of SAML {element.version}, not of 2.0."
                if element.version
                else f"The {where.rpartition('/')[2]} does not say of which version of SAML it is.",
                where=place,
                expected=_VERSION,
                received=element.version or "no Version",
                fix="Set the identity provider to SAML 2.0."
                if element.version
                else 'Write Version="2.0" on it, as SAML requires.',
                causes=(Sent(place, wanted=(_VERSION,)),),
            )
            raise unusable_message(request, mistake, check="version", spec="SAML Core §4.1.3.2")


def status(message: ReceivedResponse, request: LoginRequest) -> None:
    """The Response's status is Success.

    Spec: SAML Core §3.2.2.2
    Evidence: assumed
    """
    if message.status != _SUCCESS:
        mistake = Mistake(
            f"The identity provider reports that the login did not succeed: its status is {told_status(message.root)}."
            if message.status is not None
            else "The Response has no StatusCode, so that nobody can say whether the login succeeded.",
            where=_STATUS_PATH,
            expected=_SUCCESS,
            received=message.status or "no StatusCode",
            fix="Look at the identity provider's log; the second StatusCode and the StatusMessage name the reason."
            if message.status is not None
            else f'Send <samlp:StatusCode Value="{_SUCCESS}"/> in the Response\'s Status.',
            causes=(Sent(_STATUS_PATH, wanted=(_SUCCESS,)),),
        )
        raise unusable_message(request, mistake, check="status", spec="SAML Core §3.2.2.2")


def instants(message: ReceivedResponse, request: LoginRequest) -> None:
    """Every instant in the message can be read; an unreadable one is not treated as a missing limit.

    Spec: SAML Core §1.3.3
    Evidence: assumed
    """
    for unreadable in message.unreadable_instants[:1]:
        name = unreadable.where.rpartition("@")[2]
        mistake = Mistake(
            f"{unreadable.text!r} is not an instant, so nobody can say until when the message is good."
            if unreadable.text
            else f"{name} is empty, so nobody can say until when the message is good.",
            where=unreadable.where,
            expected="an xs:dateTime in UTC such as 2026-01-15T09:00:00Z",
            received=unreadable.text,
            fix=f"Let the identity provider write {name} as xs:dateTime in UTC, not {unreadable.text[:40]!r}."
            if unreadable.text
            else f"Fill in {name}, or leave the XML attribute out where SAML does not require it.",
            causes=(Sent(unreadable.where, wanted=(instant(request.now),)),),
        )
        raise unusable_message(request, mistake, check="instants", spec="SAML Core §1.3.3")


def role_attribute(message: ReceivedResponse, request: LoginRequest) -> None:
    """The Role attribute holds a pair of SAML provider and role ARN.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    if request.entry_point is EntryPoint.SIGN_IN and request.pair is None:
        if request.requested_role_arn is not None and role_pairs(message.unverified):
            raise role_not_in_assertion(request, message.unverified)
        raise _no_usable_role(message, request)


def provider(message: ReceivedResponse, request: LoginRequest) -> SamlProvider:
    """The SAML provider exists.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    if request.pair is None:
        raise _no_usable_role(message, request)
    if request.provider is None:
        raise provider_not_found(request, request.pair, message.unverified)
    return request.provider


def _no_usable_role(message: ReceivedResponse, request: LoginRequest) -> AwsRefusal:
    mistake = no_usable_role(message.unverified)
    return refused(
        InvalidSamlResponse, INVALID_SAML_RESPONSE, mistake, request, check="role-attribute", spec=_TROUBLESHOOT
    )


def assertion_encryption(message: ReceivedResponse, request: LoginRequest) -> None:
    """The assertion is encrypted where the SAML provider requires it, and came to the provider's own URL.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions", encrypted assertions
    Evidence: documented (Required needs the URL with the provider's id), assumed (the words)
    """
    expected = provider(message, request)
    required = expected.encryption_mode == "Required"
    arn, own_url = str(expected.arn), sign_in_url_of(expected, request.region)
    mistake = None
    if request.acs_provider_arn not in {None, arn}:
        mistake = encryption.other_url(arn, str(request.acs_provider_arn), own_url)
    elif required and not message.decrypted_with:
        mistake = encryption.not_encrypted(arn)
    elif required and request.entry_point is EntryPoint.SIGN_IN and request.acs_provider_arn is None:
        mistake = encryption.plain_url(arn, own_url)
    if mistake is not None:
        others = of_other_identity_provider(message, request, arn)
        if others is not None:
            is_sent = isinstance(others.causes[0], Sent)
            mistake = replace(
                others,
                explanation=f"{mistake.explanation} {others.explanation}",
                where=attribute_path(ROLE) if is_sent else others.where,
                fix=f"Name {others.expected} in the Role value." if is_sent else others.fix,
                causes=others.causes[:1],
            )
        # What was sent comes first, because requiring encryption was a deliberate setting of the provider.
        own = setting(request.accounts, "saml_providers", arn, mistake.provider_setting)
        raise unusable_message(
            request,
            mistake,
            check="assertion-encryption",
            spec='AWS IAM UG "id_roles_providers_create_saml_assertions"',
            causes=(*mistake.causes, *(own if mistake.provider_setting else ()))[:2],
        )


def issuer(message: ReceivedResponse, request: LoginRequest) -> None:
    """The assertion's Issuer, and the Response's where it has one, is the entityID in the provider's metadata.

    Spec: AWS IAM UG "troubleshoot_saml"; SAML Core §2.2.5; SAML Profiles §4.1.4.2
    Evidence: documented (the assertion's), assumed (the Response's)
    """
    known = provider(message, request)
    expected = known.metadata.entity_id
    if message.unverified.issuer != expected:
        mistake = issuer_mistake(
            request.accounts,
            message.unverified,
            role_arn=request.pair.role_arn if request.pair else "",
            provider_arn=str(known.arn),
            expected=expected,
            is_asked_for=is_asked_for(message, request),
        )
        raise _foreign_issuer(request, mistake, evidence="documented")
    if message.issuer not in {None, expected}:
        mistake = Mistake(
            "The Response names another issuer than its assertion.",
            where="/Response/Issuer",
            expected=f"{expected}, or no Issuer in the Response",
            received=str(message.issuer),
            fix="Let the identity provider write the same issuer into the Response and the assertion.",
            causes=(Sent("/Response/Issuer", wanted=(expected,)),),
        )
        raise _foreign_issuer(request, mistake, evidence="assumed")


def _foreign_issuer(request: LoginRequest, mistake: Mistake, *, evidence: str) -> DiscoveryRefusal:
    words = "Issuer not present in specified provider"
    return refused(DiscoveryRefusal, words, mistake, request, check="issuer", evidence=evidence, spec=_TROUBLESHOOT)


def response_destination(message: ReceivedResponse, request: LoginRequest) -> None:
    """At sign-in the Response's Destination, where it has one, is an AWS sign-in URL, of any region.

    As with the Recipient, STS does not check it: command-line tools that receive assertions have the app send them to
    their own address, and pass them on.

    Spec: SAML Core §3.2.2; SAML Bindings §3.5.5.2
    Evidence: observed (that STS takes another), assumed (that sign-in does not, and the words)
    """
    destination = message.destination
    if request.entry_point is EntryPoint.SIGN_IN and destination is not None and not is_sign_in_url(destination):
        wanted = sign_in_url_for(request)
        mistake = Mistake(
            "The Response was sent to a URL that is not one of AWS's SAML endpoints"
            f"{how_it_differs(wanted, destination)}.",
            where="/Response/@Destination",
            expected=f"{wanted}, or a region's, or no Destination",
            received=destination or "an empty Destination",
            fix=f"Set the app's single sign-on URL, and its Destination URL where it has one of its own, to {wanted}.",
            causes=(Sent("/Response/@Destination", wanted=(wanted,)),),
        )
        raise unusable_message(request, mistake, check="response-destination", spec="SAML Core §3.2.2")


def signature(message: ReceivedResponse, request: LoginRequest) -> VerifiedAssertion:
    """The Response or its assertion is signed with a key of the provider's metadata, and unchanged.

    Spec: SAML Core §5.4; AWS IAM UG "troubleshoot_saml"
    Evidence: documented (the words), assumed (which shapes and algorithms are taken)
    """
    expected = provider(message, request)
    metadata = expected.metadata
    try:
        return verify(
            message,
            metadata.certificates,
            accept_sha1=expected.accept_sha1,
            now=request.now,
            metadata=metadata.document,
        )
    except BadSignature as error:
        raise refused(
            InvalidIdentityToken,
            "Response signature invalid",
            error.mistake,
            request,
            check="signature",
            spec=_TROUBLESHOOT,
            # What was sent comes first: a key that is not in the metadata may be the wrong key, or the metadata may be
            # old.
            causes=causes_of(error.mistake, request, str(expected.arn), sent_first=True),
        ) from None
