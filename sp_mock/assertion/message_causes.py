"""What made a message unusable: the provider's setting, the URL that it was sent to, or the caller's provider.

A provider's settings are right when the message comes from a different identity provider: then the Role value, the URL
or the caller named the wrong provider.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from emulator.kernel.explanations import ROLE_ASKED_FOR, Asked, Cause, Sent
from sp_mock.assertion.login_request import LoginRequest, role_pairs
from sp_mock.assertion.mistakes import encryption
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.mistakes.registered import (
    account_id_of,
    other_providers_issuer,
    provider_of_issuer,
    setting,
)
from sp_mock.assertion.received import ReceivedResponse, UnreadableMessage, response_issuer
from sp_mock.assertion.wording import sign_in_url_of


def causes_of(
    mistake: Mistake, request: LoginRequest, provider_arn: str | None = None, *, sent_first: bool = False
) -> tuple[Cause, ...]:
    """Returns a mistake's causes, the SAML provider's setting first unless the message is likelier to be wrong.

    Args:
        provider_arn: The provider whose setting may be the cause; by default the one that the URL or the caller named.
        sent_first: Whether the message is likelier to be wrong than the setting.
    """
    known = provider_arn or request.acs_provider_arn or request.requested_provider_arn
    is_setting = known is not None and bool(mistake.provider_setting)
    own = setting(request.accounts, "saml_providers", str(known), mistake.provider_setting) if is_setting else ()
    sent = mistake.causes or (Sent(mistake.where if mistake.where.startswith("/Response") else "/Response"),)
    return (*sent[:1], *own, *sent[1:])[:2] if sent_first else (*own, *sent)[:2]


def unreadable_mistake(message: UnreadableMessage, request: LoginRequest) -> Mistake:
    """Returns what is wrong with an unreadable message, where the accounts show more than the message does."""
    if message.mistake == encryption.no_provider():
        urls = tuple(_urls_with_keys(request))
        return encryption.no_provider(urls) if urls else encryption.no_key_anywhere()
    if message.mistake.provider_setting == "private_keys":
        return _sent_to_another_provider(message, request) or message.mistake
    return message.mistake


def _urls_with_keys(request: LoginRequest) -> Iterator[str]:
    """Yields the sign-in URLs of the SAML providers that can open encrypted assertions."""
    for account in request.accounts.values():
        for each in account.saml_providers.values():
            if each.private_keys:
                yield sign_in_url_of(each, request.region)


def _sent_to_another_provider(message: UnreadableMessage, request: LoginRequest) -> Mistake | None:
    """A message that cannot be decrypted, and whose Issuer is in the metadata of another provider of the account."""
    known = request.acs_provider_arn or request.requested_provider_arn or ""
    meant = provider_of_issuer(request.accounts, response_issuer(message.xml), role_arn=known)
    if meant in {None, known}:
        return None
    provider = request.accounts[account_id_of(known)].saml_providers[str(meant)]
    mistake = encryption.other_issuers_url(str(meant), known, sign_in_url_of(provider, request.region))
    if request.acs_provider_arn is not None:
        return mistake
    return replace(
        mistake,
        expected=str(meant),
        received=known,
        fix=f"Ask with {meant} as PrincipalArn.",
        causes=(Asked(ROLE_ASKED_FOR),),
    )


def of_other_identity_provider(message: ReceivedResponse, request: LoginRequest, provider_arn: str) -> Mistake | None:
    """Explains that a message comes from the identity provider of another SAML provider than the one in question.

    Args:
        provider_arn: The provider in question.
    """
    return other_providers_issuer(
        request.accounts,
        message.unverified,
        role_arn=request.pair.role_arn if request.pair else provider_arn,
        provider_arn=provider_arn,
        is_asked_for=is_asked_for(message, request),
    )


def is_asked_for(message: ReceivedResponse, request: LoginRequest) -> bool:
    """Returns whether the caller named a pair of role and provider that the message does not have."""
    return request.requested_provider_arn is not None and request.pair not in role_pairs(message.unverified)
