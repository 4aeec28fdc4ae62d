"""SAML providers: created from an identity provider's metadata, with their keys and tags.

Spec: AWS IAM API "CreateSAMLProvider" and its neighbours
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from emulator.kernel.errors import EntityAlreadyExists, NoSuchEntity
from sp_mock.accounts.model import Account, SamlProvider
from sp_mock.accounts.provider_metadata import parse_metadata
from sp_mock.apis.operations import AccountCall, AccountOperation, Result, any_resource
from sp_mock.apis.service_model import ResponseElements
from sp_mock.iam.api_errors import IAM, over_quota
from sp_mock.iam.identifiers import iam_arn, new_arn, unique_id
from sp_mock.iam.tags import tag_elements, tag_operations, with_requested_tags
from sp_mock.iam_api.private_keys import require_an_update, with_keys

_MAX_PROVIDERS = 100
_YEARS_VALID = 100
_DEFAULT_MODE = "Allowed"


def _create(call: AccountCall) -> Result:
    arn = new_arn(_new_arn(call))
    if str(arn) in call.account.saml_providers:
        raise EntityAlreadyExists(
            f"SAML provider with name {arn.name} already exists.",
            service=IAM,
            check="saml-provider",
            evidence="assumed",
            explanation="The account has a SAML provider of this name.",
            where="parameter Name",
            received=arn.name,
            fix="Choose another name, or update the provider's metadata.",
            spec='AWS IAM API "CreateSAMLProvider"',
        )
    if len(call.account.saml_providers) >= _MAX_PROVIDERS:
        raise over_quota(f"Cannot exceed quota for SAMLProvidersPerAccount: {_MAX_PROVIDERS}", evidence="assumed")
    metadata = parse_metadata(call.parameters["SAMLMetadataDocument"].encode())
    tags = with_requested_tags((), call, case_sensitive=True)
    provider = SamlProvider(arn, metadata, unique_id("SAMLSP", ids=call.ids), created_at=call.now, tags=tags)
    account = _put(call.account, with_keys(provider, call))
    return Result({"SAMLProviderArn": str(arn), "Tags": tag_elements(tags) or None}, account=account)


def _get(call: AccountCall) -> Result:
    """Returns a provider; the encryption mode is always among the elements.

    Spec: AWS IAM API "GetSAMLProvider"
    Evidence: observed
    """
    provider = _provider(call)
    elements = {
        "SAMLProviderUUID": provider.provider_id,
        "SAMLMetadataDocument": provider.metadata.document.decode("utf-8", "replace"),
        "CreateDate": provider.created_at,
        "ValidUntil": _valid_until(provider),
        "Tags": tag_elements(provider.tags),
        "AssertionEncryptionMode": provider.encryption_mode or _DEFAULT_MODE,
        "PrivateKeyList": [{"KeyId": key.key_id, "Timestamp": key.added_at} for key in provider.private_keys],
    }
    return Result(elements)


def _list(call: AccountCall) -> Result:
    return Result({"SAMLProviderList": [_listed(provider) for provider in call.account.saml_providers.values()]})


def _update(call: AccountCall) -> Result:
    provider = _provider(call)
    require_an_update(call)
    document = call.parameters.get("SAMLMetadataDocument")
    if document is not None:
        provider = replace(provider, metadata=parse_metadata(document.encode()))
    account = _put(call.account, replace(with_keys(provider, call), updated_at=call.now))
    return Result({"SAMLProviderArn": str(provider.arn)}, account=account)


def _delete(call: AccountCall) -> Result:
    """Deletes the provider; trust policies that name it are not changed.

    Spec: AWS IAM API "DeleteSAMLProvider"
    Evidence: documented
    """
    deleted = _provider(call)
    left = {arn: provider for arn, provider in call.account.saml_providers.items() if provider is not deleted}
    return Result(account=replace(call.account, saml_providers=left))


def _put(account: Account, provider: SamlProvider) -> Account:
    return replace(account, saml_providers={**account.saml_providers, str(provider.arn): provider})


def _provider(call: AccountCall) -> SamlProvider:
    arn = call.parameters["SAMLProviderArn"]
    provider = call.account.saml_providers.get(arn)
    if provider is None:
        raise NoSuchEntity(
            f"Manifest not found for arn {arn}",
            service=IAM,
            check="saml-provider",
            evidence="observed",
            explanation="The account has no SAML provider with this ARN. ARNs are case-sensitive.",
            where="parameter SAMLProviderArn",
            expected=" or ".join(call.account.saml_providers) or "an existing SAML provider",
            received=arn,
            fix="List the providers, or create this one.",
            spec='AWS IAM API "GetSAMLProvider"',
        )
    return provider


def _valid_until(provider: SamlProvider) -> datetime:
    """Returns the metadata's own validUntil, or a hundred years after the provider was created or last updated.

    Spec: AWS IAM API "GetSAMLProvider", ValidUntil
    Evidence: observed
    """
    changed = provider.updated_at or provider.created_at
    is_leap_day = (changed.month, changed.day) == (2, 29)
    later = changed.replace(year=changed.year + _YEARS_VALID, day=28 if is_leap_day else changed.day)
    return provider.metadata.valid_until or later


def _listed(provider: SamlProvider) -> ResponseElements:
    return {"Arn": str(provider.arn), "ValidUntil": _valid_until(provider), "CreateDate": provider.created_at}


def _new_arn(call: AccountCall) -> str:
    return iam_arn(call.account, f"saml-provider/{call.parameters['Name']}")


def _named_arn(call: AccountCall) -> str:
    return str(call.parameters["SAMLProviderArn"])


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateSAMLProvider": AccountOperation(_create, _new_arn),
    "GetSAMLProvider": AccountOperation(_get, _named_arn),
    "ListSAMLProviders": AccountOperation(_list, any_resource),
    "UpdateSAMLProvider": AccountOperation(_update, _named_arn),
    "DeleteSAMLProvider": AccountOperation(_delete, _named_arn),
    **tag_operations("SAMLProvider", find=_provider, put=_put, resource=_named_arn),
}
