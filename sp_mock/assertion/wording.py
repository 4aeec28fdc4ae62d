"""Refusals that the sign-in page and STS word differently, and those that several checks share."""

from __future__ import annotations

from typing import TypeVar

from emulator.kernel.differences import difference, nearest
from emulator.kernel.errors import (
    AwsRefusal,
    DiscoveryRefusal,
    InvalidIdentityToken,
    InvalidSamlResponse,
    ProviderNotFound,
)
from emulator.kernel.explanations import ROLE_ASKED_FOR, Asked, Cause, Sent
from emulator.kernel.partitions import AWS, PARTITIONS
from sp_mock.accounts.model import SamlProvider
from sp_mock.assertion.login_request import EntryPoint, LoginRequest, RolePair, role_pairs
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.mistakes.registered import provider_mistake
from sp_mock.assertion.mistakes.role_values import no_usable_role
from sp_mock.assertion.values import ROLE, AssertionValues, attribute_path
from sp_mock.endpoints import Endpoint

Refused = TypeVar("Refused", bound=AwsRefusal)

INVALID_SAML_RESPONSE = "Your request included an invalid SAML response. To logout, click here."


def unusable_message(
    request: LoginRequest,
    mistake: Mistake,
    *,
    check: str,
    api_words: str = "Invalid SAMLResponse",
    spec: str = "",
    causes: tuple[Cause, ...] = (),
) -> AwsRefusal:
    """Returns the refusal of a message that cannot be used: one sentence on the sign-in page, several at the API.

    Args:
        request: The request that is refused, with its entry point.
        mistake: What is wrong with the message.
        check: Name of the check that failed.
        api_words: The message that STS gives.
        spec: Source of the rule; empty for the rule about posting a message.
        causes: What made it so; by default the mistake's own causes.
    """
    if request.entry_point is EntryPoint.SIGN_IN:
        return refused(
            InvalidSamlResponse,
            INVALID_SAML_RESPONSE,
            mistake,
            request,
            check=check,
            evidence="documented" if check in {"base64", "response"} else "assumed",
            spec=spec or "SAML Bindings §3.5.4",
            causes=causes,
        )
    return refused(
        DiscoveryRefusal,
        api_words,
        mistake,
        request,
        check=check,
        evidence="observed" if check == "base64" else "assumed",
        spec=spec or "AWS STS API AssumeRoleWithSAML",
        causes=causes,
    )


def refused(
    kind: type[Refused],
    words: str,
    mistake: Mistake,
    request: LoginRequest,
    *,
    check: str,
    spec: str,
    evidence: str = "documented",
    causes: tuple[Cause, ...] = (),
) -> Refused:
    """Returns the refusal of a mistake.

    Args:
        kind: Class of the refusal, which has the code.
        words: The message that AWS gives.
        mistake: What is wrong.
        request: The request that is refused, with its entry point.
        check: Name of the check that failed.
        spec: Source of the rule.
        evidence: Whether the words are known to be AWS's.
        causes: What made it so; by default the mistake's own causes.
    """
    return kind(
        words,
        service=request.entry_point,
        check=check,
        evidence=evidence,
        explanation=mistake.explanation,
        where=mistake.where,
        expected=mistake.expected,
        received=mistake.received,
        fix=mistake.fix,
        spec=spec,
        causes=causes or mistake.causes,
    )


def provider_not_found(request: LoginRequest, pair: RolePair, values: AssertionValues) -> ProviderNotFound:
    """Returns the refusal of a SAML provider that does not exist."""
    mistake = provider_mistake(request.accounts, values, role_arn=pair.role_arn, provider_arn=pair.provider_arn)
    words = "Specified provider doesn't exist"
    return refused(ProviderNotFound, words, mistake, request, check="provider", spec='AWS IAM UG "troubleshoot_saml"')


def role_not_in_assertion(request: LoginRequest, values: AssertionValues) -> InvalidIdentityToken:
    """Returns the refusal of a role that the assertion does not offer."""
    words = "SAML Assertion doesn't contain the requested Role and Metadata in the attributes"
    spec = "AWS STS API AssumeRoleWithSAML"
    mistake = _not_offered(request, values)
    return refused(
        InvalidIdentityToken, words, mistake, request, check="requested-role", evidence="observed", spec=spec
    )


def _not_offered(request: LoginRequest, values: AssertionValues) -> Mistake:
    """Explains what the assertion offers instead of the pair that was asked for, and which of the two is wrong."""
    role_arn, provider_arn = request.requested_role_arn or "", request.requested_provider_arn or ""
    pairs, where = role_pairs(values), attribute_path(ROLE)
    told, near = _nearest_pair(role_arn, provider_arn, pairs)
    if not pairs:
        told = no_usable_role(values).explanation
    attribute = values.attribute(ROLE)
    asked_for = ",".join(filter(None, (provider_arn, role_arn)))
    asked, sent = Asked(ROLE_ASKED_FOR), Sent(where, wanted=(asked_for,) if provider_arn else ())
    explanation = f"The role and the provider asked for are not one value of the assertion's Role attribute. {told}"
    if near is None:
        # The caller chose the pair; that the assertion should have offered it is the other possibility.
        offered = ", ".join(f"{pair.role_arn} with {pair.provider_arn}" for pair in pairs)
        return Mistake(
            explanation,
            where=where,
            expected=", ".join(attribute.values) if attribute else "a Role attribute",
            received=asked_for,
            fix=f"Ask for what the assertion has ({offered}), or assign {role_arn} to the user in the app."
            if pairs
            else f"Assign {role_arn} to the user in the app.",
            causes=(asked, sent) if pairs else (sent, asked),
        )
    if _exists(request, role_arn, provider_arn) and not _exists(request, *_arns(near)):
        return Mistake(
            explanation,
            where=where,
            expected=asked_for,
            received=", ".join(attribute.values) if attribute else "no Role attribute",
            fix=f"Correct the app's Role value: {role_arn} with {provider_arn} exists, what it sends does not.",
            causes=(sent, asked),
        )
    is_slip = _exists(request, *_arns(near)) and not _exists(request, role_arn, provider_arn)
    return Mistake(
        explanation,
        where=where,
        expected=f"{near.provider_arn},{near.role_arn}",
        received=asked_for,
        fix=f"Ask for {near.role_arn} with {near.provider_arn}, as the assertion has them.",
        causes=(asked,) if is_slip else (asked, sent),
    )


def _arns(pair: RolePair) -> tuple[str, str]:
    return pair.role_arn, pair.provider_arn


def _exists(request: LoginRequest, role_arn: str, provider_arn: str) -> bool:
    """Returns whether a role and, when one is given, a SAML provider exist."""
    accounts = request.accounts.values()
    has_role = any(role_arn in account.roles for account in accounts)
    return has_role and (not provider_arn or any(provider_arn in account.saml_providers for account in accounts))


def _nearest_pair(role_arn: str, provider_arn: str, pairs: tuple[RolePair, ...]) -> tuple[str, RolePair | None]:
    """Describes what comes nearest to a pair that was asked for, and returns the pair where they differ by a slip."""
    for pair in pairs:
        if pair.role_arn == role_arn:
            told = f"It has the role with another provider: {difference(pair.provider_arn, provider_arn)}."
            return told if provider_arn else f"It has the role with {pair.provider_arn}.", pair
    near = nearest(role_arn, (pair.role_arn for pair in pairs))
    for pair in pairs:
        if pair.role_arn == near:
            return f"The nearest role that it has: {difference(pair.role_arn, role_arn)}.", pair
    offered = ", ".join(dict.fromkeys(pair.role_arn for pair in pairs))
    return f"It offers {offered}.", None


def sign_in_url_for(request: LoginRequest) -> str:
    """Returns the sign-in URL of the partition that the login's SAML provider is in."""
    partition = PARTITIONS.get(request.pair.partition, AWS) if request.pair else AWS
    return f"{Endpoint(partition).sign_in_url}/saml"


def how_it_differs(wanted: str, received: str) -> str:
    """Returns how two nearly equal values differ, as the end of a sentence; empty for others."""
    return f": {difference(wanted, received)}" if nearest(received, [wanted]) is not None else ""


def sign_in_url_of(provider: SamlProvider, region: str = "") -> str:
    """Returns the sign-in URL of a SAML provider, in a given region where that is not its partition's first."""
    partition = PARTITIONS.get(provider.arn.partition, AWS)
    endpoint = Endpoint(partition, "" if region == partition.default_region else region)
    return f"{endpoint.sign_in_url}/saml/acs/{provider.provider_id}"
