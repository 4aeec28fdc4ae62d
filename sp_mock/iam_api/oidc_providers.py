"""OpenID Connect providers: created, changed, listed and deleted. Their tokens are not accepted here.

Spec: AWS IAM API "CreateOpenIDConnectProvider" and its neighbours
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from emulator.kernel.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity, ValidationError
from sp_mock.accounts.iam_resources import OidcProvider
from sp_mock.accounts.model import Account
from sp_mock.apis.operations import AccountCall, AccountOperation, Result, any_resource
from sp_mock.iam.api_errors import IAM, over_quota
from sp_mock.iam.identifiers import iam_arn, new_arn
from sp_mock.iam.tags import tag_elements, tag_operations, with_requested_tags

_MAX_PROVIDERS = 100
_MAX_CLIENTS = 100
_MAX_THUMBPRINTS = 5
_NOT_FOUND = "OpenIDConnect Provider not found for arn {}"


def _create(call: AccountCall) -> Result:
    url = call.parameters["Url"]
    _require_url(url)
    arn = new_arn(_new_arn(call))
    if str(arn) in call.account.oidc_providers:
        raise EntityAlreadyExists(
            f"Provider with url {url} already exists.",
            service=IAM,
            check="oidc-provider",
            evidence="observed",
            explanation="The account has an OpenID Connect provider with this URL.",
            where="parameter Url",
            received=url,
            fix="Change the provider that there is, or delete it first.",
            spec='AWS IAM API "CreateOpenIDConnectProvider"',
        )
    if len(call.account.oidc_providers) >= _MAX_PROVIDERS:
        raise over_quota(
            f"Cannot exceed quota for OpenIdConnectProvidersPerAccount: {_MAX_PROVIDERS}", evidence="assumed"
        )
    provider = OidcProvider(
        arn,
        url,
        client_ids=_clients(call.parameters.get("ClientIDList") or ()),
        thumbprints=_thumbprints(call.parameters.get("ThumbprintList") or ()),
        created_at=call.now,
        tags=with_requested_tags((), call, case_sensitive=True),
    )
    elements = {"OpenIDConnectProviderArn": str(arn), "Tags": tag_elements(provider.tags) or None}
    return Result(elements, account=_put(call.account, provider))


def _require_url(url: str) -> None:
    """Requires an https URL with a host, and without query or fragment.

    Spec: AWS IAM API "CreateOpenIDConnectProvider", Url
    Evidence: documented (the rule), observed (the words)
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise ValidationError(
            "Invalid Open ID Connect Provider URL",
            service=IAM,
            check="oidc-provider",
            evidence="observed",
            explanation="The URL is the issuer in the provider's tokens.",
            where="parameter Url",
            expected="https://, a host and perhaps a path",
            received=url,
            spec='AWS IAM API "CreateOpenIDConnectProvider"',
        )


def _clients(client_ids: Sequence[str]) -> tuple[str, ...]:
    if len(client_ids) > _MAX_CLIENTS:
        raise over_quota(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {_MAX_CLIENTS}")
    return tuple(dict.fromkeys(client_ids))


def _thumbprints(thumbprints: Sequence[str]) -> tuple[str, ...]:
    """Reads certificate thumbprints. Without any, AWS fetches the provider's certificate; the emulator does not.

    Spec: AWS IAM API "CreateOpenIDConnectProvider", ThumbprintList
    Evidence: observed (the words)
    """
    if len(thumbprints) > _MAX_THUMBPRINTS:
        raise InvalidInput(
            f"Thumbprint list must contain fewer than {_MAX_THUMBPRINTS} entries.",
            service=IAM,
            check="oidc-provider",
            evidence="observed",
            explanation=f"A provider has {_MAX_THUMBPRINTS} thumbprints at most.",
            where="parameter ThumbprintList",
            received=str(len(thumbprints)),
            spec='AWS IAM API "CreateOpenIDConnectProvider"',
        )
    return tuple(thumbprints)


def _get(call: AccountCall) -> Result:
    provider = _find(call)
    elements = {
        "Url": provider.url.removeprefix("https://"),
        "ClientIDList": list(provider.client_ids),
        "ThumbprintList": list(provider.thumbprints),
        "CreateDate": provider.created_at,
        "Tags": tag_elements(provider.tags),
    }
    return Result(elements)


def _list(call: AccountCall) -> Result:
    return Result({"OpenIDConnectProviderList": [{"Arn": arn} for arn in call.account.oidc_providers]})


def _update_thumbprints(call: AccountCall) -> Result:
    changed = replace(_find(call), thumbprints=_thumbprints(call.parameters["ThumbprintList"]))
    return Result(account=_put(call.account, changed))


def _add_client(call: AccountCall) -> Result:
    provider = _find(call)
    changed = replace(provider, client_ids=_clients((*provider.client_ids, call.parameters["ClientID"])))
    return Result(account=_put(call.account, changed))


def _remove_client(call: AccountCall) -> Result:
    provider = _find(call)
    left = tuple(each for each in provider.client_ids if each != call.parameters["ClientID"])
    return Result(account=_put(call.account, replace(provider, client_ids=left)))


def _delete(call: AccountCall) -> Result:
    deleted = _find(call, words="OpenId connect Provider {} cannot be found.")
    left = {arn: each for arn, each in call.account.oidc_providers.items() if each is not deleted}
    return Result(account=replace(call.account, oidc_providers=left))


def _find(call: AccountCall, *, words: str = _NOT_FOUND) -> OidcProvider:
    arn = _named_arn(call)
    provider = call.account.oidc_providers.get(arn)
    if provider is None:
        raise NoSuchEntity(
            words.format(arn),
            service=IAM,
            check="oidc-provider",
            evidence="observed",
            explanation="The account has no OpenID Connect provider with this ARN.",
            where="parameter OpenIDConnectProviderArn",
            expected=" or ".join(call.account.oidc_providers) or "an existing provider",
            received=arn,
            spec='AWS IAM API "GetOpenIDConnectProvider"',
        )
    return provider


def _put(account: Account, provider: OidcProvider) -> Account:
    return replace(account, oidc_providers={**account.oidc_providers, str(provider.arn): provider})


def _new_arn(call: AccountCall) -> str:
    return iam_arn(call.account, f"oidc-provider/{call.parameters['Url'].partition('://')[2].rstrip('/')}")


def _named_arn(call: AccountCall) -> str:
    return str(call.parameters["OpenIDConnectProviderArn"])


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateOpenIDConnectProvider": AccountOperation(_create, _new_arn),
    "GetOpenIDConnectProvider": AccountOperation(_get, _named_arn),
    "ListOpenIDConnectProviders": AccountOperation(_list, any_resource),
    "UpdateOpenIDConnectProviderThumbprint": AccountOperation(_update_thumbprints, _named_arn),
    "AddClientIDToOpenIDConnectProvider": AccountOperation(_add_client, _named_arn),
    "RemoveClientIDFromOpenIDConnectProvider": AccountOperation(_remove_client, _named_arn),
    "DeleteOpenIDConnectProvider": AccountOperation(_delete, _named_arn),
    **tag_operations("OpenIDConnectProvider", find=_find, put=_put, resource=_named_arn),
}
