"""The sign-in URLs that belong to one SAML provider each.

Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
"""

from __future__ import annotations

from emulator.kernel.differences import difference, nearest
from emulator.kernel.errors import InvalidSamlResponse
from emulator.kernel.explanations import Sent
from sp_mock.accounts.model import Aws
from sp_mock.assertion.login_request import EntryPoint
from sp_mock.assertion.wording import INVALID_SAML_RESPONSE, sign_in_url_of


def provider_with_id(provider_id: str, aws: Aws) -> str:
    """Returns the ARN of the SAML provider whose own sign-in URL ends in this id.

    Raises:
        InvalidSamlResponse: no provider has this id.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: assumed (the words)
    """
    provider = aws.saml_provider_with_id(provider_id)
    if provider is None:
        known = [p for account in aws.accounts.values() for p in account.saml_providers.values()]
        near = nearest(provider_id, [each.provider_id for each in known])
        likely = [each for each in known if near in {None, each.provider_id}]
        raise InvalidSamlResponse(
            INVALID_SAML_RESPONSE,
            service=EntryPoint.SIGN_IN,
            check="provider",
            evidence="assumed",
            explanation=f"No SAML provider has the unique id {provider_id}."
            + (f" The nearest is that of {likely[0].arn}: {difference(near, provider_id)}." if near else ""),
            where="the URL, after /saml/acs/",
            expected=" or ".join(each.provider_id for each in likely) or "the id of an existing SAML provider",
            received=provider_id,
            fix="Copy the sign-in URL from the provider's page or from iam:GetSAMLProvider (SAMLProviderUUID).",
            spec='AWS IAM UG "id_roles_providers_create_saml_assertions"',
            causes=(Sent("/Response/@Destination", wanted=tuple(sign_in_url_of(each) for each in likely)),),
        )
    return str(provider.arn)
