"""What AWS asks of a message before it trusts a word of it: can it be read, who sent it, did they sign it?

These are the last to read unverified values: the status, the Issuer, and the Role values that name the SAML provider.
The check ``signature`` returns the verified assertion, which every later check takes instead of the message.
"""

from __future__ import annotations

from emulator.kernel.errors import AwsRefusal, DiscoveryRefusal, InvalidIdentityToken, InvalidSamlResponse
from emulator.kernel.explanations import Sent
from sp_mock.accounts.model import SamlProvider
from sp_mock.assertion.login_request import EntryPoint, LoginRequest, role_pairs
from sp_mock.assertion.received import ReceivedMessage, ReceivedResponse, UnreadableMessage
from sp_mock.assertion.signature import VerifiedAssertion, verify
from sp_mock.assertion.signature_shape import BadSignature
from sp_mock.assertion.values import ASSERTION_PATH, ROLE, AssertionValues, attribute_path
from sp_mock.assertion.wording import (
    INVALID_SAML_RESPONSE,
    provider_not_found,
    role_not_in_assertion,
    unusable_message,
)
from sp_mock.endpoints import is_sign_in_url

_VERSION = "2.0"
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
            check="base64",
            api_words="Invalid base64 SAMLResponse",
            explanation=message.explanation,
            where=message.where,
        )


def response(message: ReceivedMessage, request: LoginRequest) -> ReceivedResponse:
    """The message is a SAML 2.0 Response with exactly one assertion.

    Spec: SAML Profiles §4.1.4.2
    Evidence: documented (the sign-in page's words), assumed (the API's words)
    """
    base64(message, request)
    if isinstance(message, UnreadableMessage):
        raise unusable_message(
            request,
            check="response",
            api_words="Invalid SAMLResponse",
            explanation=message.explanation,
            where=message.where,
        )
    return message


def version(message: ReceivedResponse, request: LoginRequest) -> None:
    """The Response and its assertion are of SAML version 2.0.

    Spec: SAML Core §2.3.3, §3.2.2, §4.1.3.2
    Evidence: assumed
    """
    for element, where in ((message, "/Response"), (message.unverified, ASSERTION_PATH)):
        if element.version != _VERSION:
            raise unusable_message(
                request,
                check="version",
                api_words="Invalid SAMLResponse",
                explanation="The message is of another version of SAML, and may mean something else.",
                where=f"{where}/@Version",
                expected=_VERSION,
                received=element.version or "no Version",
                fix="Set the identity provider to SAML 2.0.",
                spec="SAML Core §4.1.3.2",
            )


def status(message: ReceivedResponse, request: LoginRequest) -> None:
    """The Response's status is Success.

    Spec: SAML Core §3.2.2.2
    Evidence: assumed
    """
    if message.status != _SUCCESS:
        raise unusable_message(
            request,
            check="status",
            api_words="Invalid SAMLResponse",
            explanation="The identity provider reports that the login did not succeed: its status is "
            f"{message.status}.",
            where="/Response/Status/StatusCode/@Value",
            expected=_SUCCESS,
            received=str(message.status),
            fix="Look at the identity provider's log; the second StatusCode and the StatusMessage name the reason.",
            spec="SAML Core §3.2.2.2",
        )


def instants(message: ReceivedResponse, request: LoginRequest) -> None:
    """Every instant in the message can be read: one that cannot is not taken for the absence of a limit.

    Spec: SAML Core §1.3.3
    Evidence: assumed
    """
    for unreadable in message.unreadable_instants[:1]:
        raise unusable_message(
            request,
            check="instants",
            api_words="Invalid SAMLResponse",
            explanation=f"{unreadable.text!r} is not an instant, so nobody can say until when the message is good.",
            where=unreadable.where,
            expected="an xs:dateTime in UTC such as 2026-01-15T09:00:00Z",
            received=unreadable.text,
            fix="Let the identity provider write times as xs:dateTime in UTC.",
            spec="SAML Core §1.3.3",
        )


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
        raise provider_not_found(request, request.pair.provider_arn)
    return request.provider


def _no_usable_role(message: ReceivedResponse, request: LoginRequest) -> AwsRefusal:
    attribute = message.unverified.attribute(ROLE)
    return InvalidSamlResponse(
        INVALID_SAML_RESPONSE,
        service=request.entry_point,
        check="role-attribute",
        explanation=_role_mistake(message.unverified),
        where=attribute_path(ROLE),
        expected="one arn:…:saml-provider/NAME,arn:…:role/NAME per value",
        received=", ".join(attribute.values) if attribute else "no attribute of that name",
        fix="Assign a role to the user in the Okta app; with group mapping, look at the filter and the pattern.",
        spec=_TROUBLESHOOT,
        causes=(Sent(attribute_path(ROLE)),),
    )


def _role_mistake(values: AssertionValues) -> str:
    attribute = values.attribute(ROLE)
    if attribute is None:
        near = next((a.name for a in values.attributes if a.name.lower() == ROLE.lower()), None)
        if near:
            return f"The attribute is called {near}; AWS compares names exactly, case included."
        return "The assertion has no Role attribute: the identity provider found no role for this user."
    if not attribute.values:
        return "The Role attribute has no value."
    return "No value of the Role attribute is a pair of a SAML provider ARN and a role ARN."


def assertion_encryption(message: ReceivedResponse, request: LoginRequest) -> None:
    """The assertion is encrypted where the SAML provider requires it, and came to the provider's own URL.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions", encrypted assertions
    Evidence: documented (Required needs the URL with the provider's id), assumed (the words)
    """
    expected = provider(message, request)
    required = expected.encryption_mode == "Required"
    problem = ""
    if request.acs_provider_arn not in {None, str(expected.arn)}:
        problem = f"The assertion is for {expected.arn}, the URL belongs to {request.acs_provider_arn}."
    elif required and not message.decrypted_with:
        problem = f"{expected.arn} requires encrypted assertions; this one is not."
    elif required and request.entry_point is EntryPoint.SIGN_IN and request.acs_provider_arn is None:
        problem = f"{expected.arn} requires encryption: its sign-in URL ends in /saml/acs/{expected.provider_id}."
    if problem:
        raise unusable_message(
            request,
            check="assertion-encryption",
            api_words="Invalid SAMLResponse",
            explanation=problem,
            where=ASSERTION_PATH,
            fix="Encrypt assertions with the certificate of a key of the provider's, and send them to its own sign-in "
            "URL, which its page in IAM shows.",
            spec='AWS IAM UG "id_roles_providers_create_saml_assertions"',
        )


def issuer(message: ReceivedResponse, request: LoginRequest) -> None:
    """The assertion's Issuer, and the Response's where it has one, is the entityID in the provider's metadata.

    Spec: AWS IAM UG "troubleshoot_saml"; SAML Core §2.2.5; SAML Profiles §4.1.4.2
    Evidence: documented (the assertion's), assumed (the Response's)
    """
    expected = provider(message, request).metadata.entity_id
    if message.unverified.issuer != expected:
        raise _foreign_issuer(
            request,
            explanation="The SAML provider was made from the metadata of another app or another identity provider.",
            where=f"{ASSERTION_PATH}/Issuer",
            expected=expected,
            received=str(message.unverified.issuer),
            fix="Upload this app's metadata to the SAML provider, or name this app's provider in the Role attribute.",
            evidence="documented",
        )
    if message.issuer not in {None, expected}:
        raise _foreign_issuer(
            request,
            explanation="The Response names another issuer than its assertion.",
            where="/Response/Issuer",
            expected=f"{expected}, or no Issuer in the Response",
            received=str(message.issuer),
            fix="Let the identity provider write the same issuer into the Response and the assertion.",
            evidence="assumed",
        )


def _foreign_issuer(
    request: LoginRequest, *, explanation: str, where: str, expected: str, received: str, fix: str, evidence: str
) -> DiscoveryRefusal:
    return DiscoveryRefusal(
        "Issuer not present in specified provider",
        service=request.entry_point,
        check="issuer",
        evidence=evidence,
        explanation=explanation,
        where=where,
        expected=expected,
        received=received,
        fix=fix,
        spec=_TROUBLESHOOT,
    )


def response_destination(message: ReceivedResponse, request: LoginRequest) -> None:
    """At sign-in the Response's Destination, where it has one, is an AWS sign-in URL, of any region.

    As with the Recipient, STS is not asked: programs that listen for assertions have the app send them to an address of
    their own, and pass them on.

    Spec: SAML Core §3.2.2; SAML Bindings §3.5.5.2
    Evidence: observed (that STS takes another), assumed (that sign-in does not, and the words)
    """
    destination = message.destination
    if request.entry_point is EntryPoint.SIGN_IN and destination is not None and not is_sign_in_url(destination):
        raise unusable_message(
            request,
            check="response-destination",
            api_words="Invalid SAMLResponse",
            explanation="The Response was sent to a URL that is not one of AWS's SAML endpoints.",
            where="/Response/@Destination",
            expected="https://signin.aws.amazon.com/saml, or a region's, or no Destination",
            received=destination,
            fix="Set the app's single sign-on URL, and its Destination URL where it has one of its own.",
            spec="SAML Core §3.2.2",
        )


def signature(message: ReceivedResponse, request: LoginRequest) -> VerifiedAssertion:
    """The Response or its assertion is signed with a key of the provider's metadata, and unchanged.

    Spec: SAML Core §5.4; AWS IAM UG "troubleshoot_saml"
    Evidence: documented (the words), assumed (which shapes and algorithms are taken)
    """
    expected = provider(message, request)
    try:
        return verify(message, expected.metadata.certificates, accept_sha1=expected.accept_sha1)
    except BadSignature as error:
        raise InvalidIdentityToken(
            "Response signature invalid",
            service=request.entry_point,
            check="signature",
            explanation=error.explanation,
            where=error.where,
            expected=error.expected,
            received=error.received,
            fix=error.fix
            or "Upload the identity provider's current metadata; after a certificate rotation the old one is no use.",
            spec=_TROUBLESHOOT,
        ) from None
