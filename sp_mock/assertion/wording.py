"""Refusals that the sign-in page and STS word differently, and those that more than one check gives."""

from __future__ import annotations

from emulator.kernel.errors import (
    AwsRefusal,
    DiscoveryRefusal,
    InvalidIdentityToken,
    InvalidSamlResponse,
    ProviderNotFound,
)
from sp_mock.assertion.login_request import EntryPoint, LoginRequest
from sp_mock.assertion.values import ROLE, AssertionValues, attribute_path

INVALID_SAML_RESPONSE = "Your request included an invalid SAML response. To logout, click here."


def unusable_message(
    request: LoginRequest,
    *,
    check: str,
    api_words: str,
    explanation: str,
    where: str,
    expected: str = "",
    received: str = "",
    fix: str = "",
    spec: str = "",
) -> AwsRefusal:
    """Returns the refusal of a message that cannot be used: one sentence on the sign-in page, several at the API.

    Args:
        request: What was asked, and where.
        check: The check that failed.
        api_words: What STS says.
        explanation: The reason.
        where: The place in the message.
        expected: What would have been accepted.
        received: What was there instead.
        fix: What to change; empty for how to post a message.
        spec: The rule's source; empty for the one about posting a message.
    """
    if request.entry_point is EntryPoint.SIGN_IN:
        return InvalidSamlResponse(
            INVALID_SAML_RESPONSE,
            service=request.entry_point,
            check=check,
            evidence="documented" if check in {"base64", "response"} else "assumed",
            explanation=explanation,
            where=where,
            expected=expected,
            received=received,
            fix=fix or "Post the base64 form of the whole Response, once encoded, as the field SAMLResponse.",
            spec=spec or "SAML Bindings §3.5.4",
        )
    return DiscoveryRefusal(
        api_words,
        service=request.entry_point,
        check=check,
        evidence="observed" if check == "base64" else "assumed",
        explanation=explanation,
        where=where,
        expected=expected,
        received=received,
        fix=fix or "Pass the base64 form of the whole Response, once encoded.",
        spec=spec or "AWS STS API AssumeRoleWithSAML",
    )


def provider_not_found(request: LoginRequest, provider_arn: str) -> ProviderNotFound:
    """Returns the refusal of a SAML provider that AWS does not have."""
    known = sorted(arn for account in request.accounts.values() for arn in account.saml_providers)
    return ProviderNotFound(
        "Specified provider doesn't exist",
        service=request.entry_point,
        check="provider",
        explanation=f"No IAM SAML provider has the ARN {provider_arn}. ARNs are case-sensitive.",
        where=attribute_path(ROLE),
        expected=" or ".join(known) or "an existing SAML provider",
        received=provider_arn,
        fix="Enter the provider's exact ARN in the Okta app, or create the provider.",
        spec='AWS IAM UG "troubleshoot_saml"',
    )


def role_not_in_assertion(request: LoginRequest, values: AssertionValues) -> InvalidIdentityToken:
    """Returns the refusal of a role that the assertion does not offer."""
    attribute = values.attribute(ROLE)
    return InvalidIdentityToken(
        "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
        service=request.entry_point,
        check="requested-role",
        evidence="observed",
        explanation="The role and the provider asked for are not one value of the assertion's Role attribute.",
        where=attribute_path(ROLE),
        expected=f"{request.requested_provider_arn or 'its provider'},{request.requested_role_arn}",
        received=", ".join(attribute.values) if attribute else "no Role attribute",
        fix="Assign that role to the user in the Okta app, or ask for one of the roles the assertion has.",
        spec="AWS STS API AssumeRoleWithSAML",
    )
