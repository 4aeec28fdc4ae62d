"""SAML providers: made from an identity provider's metadata, and what hangs on them.

Spec: AWS IAM API "CreateSAMLProvider" and its neighbours
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from emulator.kernel.errors import EntityAlreadyExists, NoSuchEntity
from sp_mock.accounts.model import Account, SamlProvider
from sp_mock.accounts.provider_metadata import parse_metadata
from sp_mock.arn import Arn
from sp_mock.iam.operations import (
    IAM,
    Operation,
    Outcome,
    Work,
    everything,
    over_quota,
    page,
    read_tags,
    tag_members,
    with_tags,
    without_tags,
)
from sp_mock.iam.private_keys import require_an_update, with_keys

_MAX_PROVIDERS = 100
_YEARS_VALID = 100


def _create(work: Work) -> Outcome:
    arn = Arn.parse(_new_arn(work))
    if arn is None:
        raise LookupError("the service model lets no other names pass")
    if str(arn) in work.account.saml_providers:
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
    if len(work.account.saml_providers) >= _MAX_PROVIDERS:
        raise over_quota(f"Cannot exceed quota for SAMLProvidersPerAccount: {_MAX_PROVIDERS}", evidence="assumed")
    metadata = parse_metadata(work.parameters["SAMLMetadataDocument"].encode())
    tags = with_tags((), read_tags(work))
    provider = with_keys(SamlProvider(arn, metadata, work.unique_id("SAMLSP"), created_at=work.now, tags=tags), work)
    return Outcome(_keep(work.account, provider), {"SAMLProviderArn": str(arn), "Tags": tag_members(tags)})


def _get(work: Work) -> Outcome:
    provider = _provider(work)
    answer = {
        "SAMLProviderUUID": provider.provider_id,
        "SAMLMetadataDocument": provider.metadata.document.decode("utf-8", "replace"),
        "CreateDate": provider.created_at,
        "ValidUntil": _valid_until(provider),
        "Tags": tag_members(provider.tags),
        "AssertionEncryptionMode": provider.encryption_mode,
        "PrivateKeyList": [{"KeyId": key.key_id, "Timestamp": key.added_at} for key in provider.private_keys],
    }
    return Outcome(work.account, answer)


def _list(work: Work) -> Outcome:
    providers = [_told(provider) for provider in work.account.saml_providers.values()]
    return Outcome(work.account, {"SAMLProviderList": providers})


def _update(work: Work) -> Outcome:
    provider = _provider(work)
    require_an_update(work)
    document = work.parameters.get("SAMLMetadataDocument")
    if document is not None:
        provider = replace(provider, metadata=parse_metadata(document.encode()))
    provider = with_keys(provider, work)
    return Outcome(_keep(work.account, provider), {"SAMLProviderArn": str(provider.arn)})


def _delete(work: Work) -> Outcome:
    """Trust policies that name the provider stay as they are.

    Spec: AWS IAM API "DeleteSAMLProvider"
    Evidence: documented
    """
    gone = str(_provider(work).arn)
    left = {arn: provider for arn, provider in work.account.saml_providers.items() if arn != gone}
    return Outcome(replace(work.account, saml_providers=left))


def _tag(work: Work) -> Outcome:
    provider = _provider(work)
    return Outcome(_keep(work.account, replace(provider, tags=with_tags(provider.tags, read_tags(work)))))


def _untag(work: Work) -> Outcome:
    provider = _provider(work)
    tags = without_tags(provider.tags, work.parameters["TagKeys"])
    return Outcome(_keep(work.account, replace(provider, tags=tags)))


def _list_tags(work: Work) -> Outcome:
    return page(work, "Tags", tag_members(_provider(work).tags), lambda tag: tag)


def _keep(account: Account, provider: SamlProvider) -> Account:
    return replace(account, saml_providers={**account.saml_providers, str(provider.arn): provider})


def _provider(work: Work) -> SamlProvider:
    arn = work.parameters["SAMLProviderArn"]
    provider = work.account.saml_providers.get(arn)
    if provider is None:
        raise NoSuchEntity(
            f"Manifest not found for arn {arn}",
            service=IAM,
            check="saml-provider",
            evidence="observed",
            explanation="The account has no SAML provider with this ARN. ARNs are case-sensitive.",
            where="parameter SAMLProviderArn",
            expected=" or ".join(work.account.saml_providers) or "an existing SAML provider",
            received=arn,
            fix="List the providers, or create this one.",
            spec='AWS IAM API "GetSAMLProvider"',
        )
    return provider


def _valid_until(provider: SamlProvider) -> datetime:
    """The metadata's own validUntil, or a hundred years from the making.

    Spec: AWS IAM API "GetSAMLProvider", ValidUntil
    Evidence: assumed
    """
    created = provider.created_at
    return provider.metadata.valid_until or created.replace(year=created.year + _YEARS_VALID, day=min(created.day, 28))


def _told(provider: SamlProvider) -> Mapping[str, Any]:
    return {"Arn": str(provider.arn), "ValidUntil": _valid_until(provider), "CreateDate": provider.created_at}


def _new_arn(work: Work) -> str:
    return work.arn(f"saml-provider/{work.parameters['Name']}")


def _named_arn(work: Work) -> str:
    return str(work.parameters["SAMLProviderArn"])


OPERATIONS: Mapping[str, Operation] = {
    "CreateSAMLProvider": Operation(_create, _new_arn),
    "GetSAMLProvider": Operation(_get, _named_arn),
    "ListSAMLProviders": Operation(_list, everything),
    "UpdateSAMLProvider": Operation(_update, _named_arn),
    "DeleteSAMLProvider": Operation(_delete, _named_arn),
    "TagSAMLProvider": Operation(_tag, _named_arn),
    "UntagSAMLProvider": Operation(_untag, _named_arn),
    "ListSAMLProviderTags": Operation(_list_tags, _named_arn),
}
