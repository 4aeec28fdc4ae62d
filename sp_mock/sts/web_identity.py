"""``sts:AssumeRoleWithWebIdentity``: the token's provider is looked up, nothing more.

The keys that sign tokens are on the internet, which the emulator never contacts. So a token of a provider that the
account has is refused as AWS refuses it when it cannot fetch the keys.

Spec: AWS STS API "AssumeRoleWithWebIdentity"
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from emulator.kernel.errors import InvalidIdentityToken, ValidationError
from sp_mock.accounts.model import Account
from sp_mock.apis.operations import ApiCall, Result
from sp_mock.arn import Arn

_SPEC = 'AWS STS API "AssumeRoleWithWebIdentity"'


def assume_role_with_web_identity(call: ApiCall) -> Result:
    """Refuses the token.

    Raises:
        ValidationError: RoleArn is not a role's ARN.
        InvalidIdentityToken: always otherwise.

    Spec: AWS STS API "AssumeRoleWithWebIdentity"
    Evidence: observed (the words), assumed (their order)
    """
    role_arn = call.parameters["RoleArn"]
    parsed = Arn.parse(role_arn)
    if parsed is None or not parsed.is_role:
        raise ValidationError(
            f"{role_arn} is invalid",
            service=call.api.name,
            check="role-arn",
            evidence="assumed",
            explanation="This is not the ARN of a role.",
            where="parameter RoleArn",
            received=role_arn,
            spec=_SPEC,
        )
    issuer = _claims(call.parameters["WebIdentityToken"]).get("iss")
    if not isinstance(issuer, str) or not issuer:
        raise _refused(
            call,
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
            explanation="The token has no readable claims, or no issuer among them.",
            fix="Send the ID token of the provider.",
        )
    if not _has_provider(call.aws.account_of(role_arn), issuer):
        raise _refused(
            call,
            f"No OpenIDConnect provider found in your account for {issuer}",
            explanation=f"Account {parsed.account_id} has no OpenID Connect provider for the token's issuer.",
            fix="Create the provider in the role's account; its URL is the token's iss.",
            received=issuer,
        )
    raise _refused(
        call,
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
        "documentation for requirements",
        explanation="The emulator fetches nothing from the internet, the provider's keys included.",
        fix="Log in by SAML; tokens of OpenID Connect providers are not accepted here.",
        received=issuer,
    )


def _claims(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _has_provider(account: Account | None, issuer: str) -> bool:
    providers = account.oidc_providers.values() if account else ()
    return any(provider.url.rstrip("/") == issuer.rstrip("/") for provider in providers)


def _refused(call: ApiCall, words: str, *, explanation: str, fix: str, received: str = "") -> InvalidIdentityToken:
    return InvalidIdentityToken(
        words,
        service=call.api.name,
        check="web-identity",
        evidence="observed",
        explanation=explanation,
        where="parameter WebIdentityToken",
        received=received,
        fix=fix,
        spec=_SPEC,
    )
