"""Whether a role's trust policy lets an assertion assume the role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from emulator.kernel.errors import AccessDenied
from sp_mock.accounts.model import Role
from sp_mock.arn import Arn
from sp_mock.assertion.condition_keys import MULTI_VALUED_KEYS, saml_condition_keys
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import (
    CONFIRMATION_DATA_PATH,
    ROLE,
    ROLE_SESSION_NAME,
    SOURCE_IDENTITY,
    TRANSITIVE_TAG_KEYS,
    attribute_path,
)
from sp_mock.assertion.wording import provider_not_found
from sp_mock.policies.evaluation import Principal, Request, Verdict, evaluate

_ASSUME, _TAG, _SET_SOURCE = "sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"
_RESERVED_ROLE = "AWSReservedSSO_"


def require_trust(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """Requires that the role exists and trusts the provider under the assertion's conditions.

    Session tags need ``sts:TagSession`` and a source identity needs ``sts:SetSourceIdentity`` as well; AWS says the
    same sentence whichever is missing.

    Raises:
        AccessDenied: ``Not authorized to perform sts:AssumeRoleWithSAML``.
        ProviderNotFound: the provider does not exist; whoever asks the checks in their order hears of it earlier.
    """
    pair, role, provider = request.pair, request.role, request.provider
    if pair is None or role is None or role.name.startswith(_RESERVED_ROLE):
        wanted = pair.role_arn if pair else request.requested_role_arn or ""
        known = (arn for account in request.accounts.values() for arn in account.roles)
        raise _denied(
            request,
            explanation=f"The role {wanted} does not exist. ARNs are case-sensitive."
            if role is None
            else f"Roles whose name begins with {_RESERVED_ROLE} cannot be assumed with SAML.",
            where=attribute_path(ROLE),
            expected=" or ".join(known) or "an existing role",
            received=wanted,
            fix="Correct the role's name in the Okta app, or create the role.",
        )
    if provider is None:
        raise provider_not_found(request, pair.provider_arn)
    for action in required_actions(assertion):
        verdict = trust_verdict(assertion, action, role=role, provider_arn=provider.arn, now=request.now)
        if not verdict.allowed:
            mismatch = verdict.mismatches[0] if verdict.mismatches else None
            raise _denied(
                request,
                explanation=f"{action} on role {role.name}: {verdict.explanation}.",
                where=_place_of(mismatch.key if mismatch else "", action),
                expected=mismatch.expected if mismatch else "",
                received=mismatch.received if mismatch else "",
                fix=f"Let the role's trust policy allow {action} for {provider.arn} under these conditions.",
            )


def required_actions(assertion: VerifiedAssertion) -> tuple[str, ...]:
    """Returns the actions a trust policy has to allow for this assertion."""
    actions = [_ASSUME]
    if assertion.values.principal_tags:
        actions.append(_TAG)
    if assertion.values.value(SOURCE_IDENTITY) is not None:
        actions.append(_SET_SOURCE)
    return tuple(actions)


def trust_verdict(
    assertion: VerifiedAssertion, action: str, *, role: Role, provider_arn: Arn, now: datetime
) -> Verdict:
    """Evaluates a role's trust policy for one action.

    Spec: AWS IAM UG "reference_policies_iam-condition-keys"
    Evidence: documented
    """
    context, multivalued = _context(assertion, role=role, provider_arn=provider_arn, now=now)
    return evaluate(
        [("trust policy", role.trust)],
        Request(
            action=action,
            resource=str(role.arn),
            principal=Principal("Federated", str(provider_arn)),
            context=context,
            multivalued=multivalued,
        ),
    )


def _context(
    assertion: VerifiedAssertion, *, role: Role, provider_arn: Arn, now: datetime
) -> tuple[Mapping[str, tuple[str, ...]], frozenset[str]]:
    values = assertion.values
    context = dict(saml_condition_keys(assertion, provider_arn))
    context["sts:rolesessionname"] = (values.value(ROLE_SESSION_NAME) or "",)
    source_identity = values.value(SOURCE_IDENTITY)
    if source_identity is not None:
        context["sts:sourceidentity"] = (source_identity,)
    multivalued = set(MULTI_VALUED_KEYS)
    for key, value in role.tags:
        context[f"aws:resourcetag/{key.lower()}"] = (value,)
        context[f"iam:resourcetag/{key.lower()}"] = (value,)
    tags = values.principal_tags
    if tags:
        for key, tag_values in tags:
            context[f"aws:requesttag/{key.lower()}"] = tag_values[:1]
            context[f"aws:principaltag/{key.lower()}"] = tag_values[:1]
        context["aws:tagkeys"] = tuple(key for key, _ in tags)
        multivalued.add("aws:tagkeys")
    transitive = values.attribute(TRANSITIVE_TAG_KEYS)
    if transitive:
        context["sts:transitivetagkeys"] = transitive.values
        multivalued.add("sts:transitivetagkeys")
    context["aws:currenttime"] = (now.strftime("%Y-%m-%dT%H:%M:%SZ"),)
    context["aws:epochtime"] = (str(int(now.timestamp())),)
    return context, frozenset(multivalued)


def _place_of(key: str, action: str) -> str:
    if key == "saml:aud":
        return f"{CONFIRMATION_DATA_PATH}/@Recipient"
    if key in {"saml:sub", "saml:sub_type"}:
        return "/Response/Assertion/Subject/NameID"
    if key == "saml:iss":
        return "/Response/Assertion/Issuer"
    if action == _SET_SOURCE:
        return attribute_path(SOURCE_IDENTITY)
    if action == _TAG:
        return "/Response/Assertion/AttributeStatement"
    return attribute_path(ROLE)


def _denied(
    request: LoginRequest, *, explanation: str, where: str, expected: str, received: str, fix: str
) -> AccessDenied:
    return AccessDenied(
        f"Not authorized to perform {_ASSUME}",
        service=request.entry_point,
        check="trust-policy",
        explanation=explanation,
        where=where,
        expected=expected,
        received=received,
        fix=fix,
        spec='AWS IAM UG "troubleshoot_saml"',
    )
