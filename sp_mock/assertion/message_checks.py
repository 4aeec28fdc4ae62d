"""What AWS asks of a message before it trusts a word of it: can it be read, who sent it, did they sign it?

These are the last to read unverified values: the status, the Issuer, and the Role values that name the SAML provider.
The check ``signature`` returns the verified assertion, which every later check takes instead of the message.
"""

from __future__ import annotations

from emulator.kernel.errors import AwsRefusal, DiscoveryRefusal, InvalidIdentityToken, InvalidSamlResponse
from sp_mock.accounts.model import SamlProvider
from sp_mock.assertion.login_request import EntryPoint, LoginRequest, role_pairs
from sp_mock.assertion.received import ReceivedMessage, ReceivedResponse, UnreadableMessage
from sp_mock.assertion.signature import BadSignature, VerifiedAssertion, verify
from sp_mock.assertion.values import ROLE, AssertionValues, attribute_path
from sp_mock.assertion.wording import (
    INVALID_SAML_RESPONSE,
    provider_not_found,
    role_not_in_assertion,
    unusable_message,
)

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
            where="/Response/Assertion",
        )


def issuer(message: ReceivedResponse, request: LoginRequest) -> None:
    """The Issuer is the entityID in the provider's metadata.

    Spec: AWS IAM UG "troubleshoot_saml"; SAML Core §2.2.5
    Evidence: documented
    """
    expected = provider(message, request).metadata.entity_id
    received = message.unverified.issuer
    if received != expected:
        raise DiscoveryRefusal(
            "Issuer not present in specified provider",
            service=request.entry_point,
            check="issuer",
            explanation="The SAML provider was made from the metadata of another app or another identity provider.",
            where="/Response/Assertion/Issuer",
            expected=expected,
            received=str(received),
            fix="Upload this app's metadata to the SAML provider, or name this app's provider in the Role attribute.",
            spec=_TROUBLESHOOT,
        )


def signature(message: ReceivedResponse, request: LoginRequest) -> VerifiedAssertion:
    """The Response or its assertion is signed with a key of the provider's metadata, and unchanged.

    Spec: SAML Core §5.4; AWS IAM UG "troubleshoot_saml"
    Evidence: documented (the words), assumed (which shapes and algorithms are taken)
    """
    certificates = provider(message, request).metadata.certificates
    try:
        return verify(message, certificates)
    except BadSignature as error:
        raise InvalidIdentityToken(
            "Response signature invalid",
            service=request.entry_point,
            check="signature",
            explanation=error.explanation,
            where=error.where,
            expected=error.expected,
            received=error.received,
            fix="Upload the identity provider's current metadata; after a certificate rotation the old one is no use.",
            spec=_TROUBLESHOOT,
        ) from None
