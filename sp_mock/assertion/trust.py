"""Whether a role's trust policy lets an assertion assume the role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

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
from sp_mock.policies.evaluation import Layer, Principal, Request, Verdict, authorize
from sp_mock.policies.request_context import MULTIVALUED_KEYS, environment_keys
from sp_mock.principals.organization_limits import (
    RESOURCE_CONTROL,
    fix_of,
    place_of,
    resource_account_keys,
    resource_control,
)

_ASSUME, _TAG, _SET_SOURCE = "sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"
_RESERVED_ROLE = "AWSReservedSSO_"
_LISTS = MULTI_VALUED_KEYS | MULTIVALUED_KEYS
_OF_THE_REQUEST = {
    "aws:currenttime": "instant",
    "aws:epochtime": "instant",
    "aws:requestedregion": "region",
    "aws:securetransport": "scheme",
    "aws:sourceip": "address",
    "aws:useragent": "User-Agent header",
}


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
        verdict = trust_verdict(assertion, action, request, role=role, provider_arn=provider.arn)
        if not verdict.allowed:
            mismatch = verdict.mismatches[0] if verdict.mismatches else None
            raise _denied(
                request,
                explanation=f"{action} on role {role.name}: {verdict.explanation}.",
                where=place_of(verdict, role.arn.account_id) or _place_of(mismatch.key if mismatch else "", action),
                expected=mismatch.expected if mismatch else "",
                received=mismatch.received if mismatch else "",
                fix=fix_of(verdict)
                or f"Let the role's trust policy allow {action} for {provider.arn} under these conditions.",
                evidence="assumed" if verdict.layer == RESOURCE_CONTROL else "documented",
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
    assertion: VerifiedAssertion, action: str, request: LoginRequest, *, role: Role, provider_arn: Arn
) -> Verdict:
    """Evaluates a role's trust policy for one action, and the resource control policies that reach the role.

    Service control policies do not take part: nobody of an account of the organization makes this call. For the same
    reason the keys of an AWS principal, such as ``aws:PrincipalOrgID``, are absent.

    Spec: AWS IAM UG "reference_policies_iam-condition-keys"; AWS Organizations User Guide "orgs_manage_policies_rcps"
    Evidence: documented (the keys, resource control policies), assumed (that AWS's words are those of a trust policy)
    """
    account = request.accounts.get(role.arn.account_id)
    context, multivalued = _context(assertion, request, role=role, provider_arn=provider_arn)
    return authorize(
        [*resource_control(account, action), Layer("trust policy", (("trust policy", role.trust),))],
        Request(
            action=action,
            resource=str(role.arn),
            principal=Principal("Federated", str(provider_arn)),
            context={**resource_account_keys(account), **context},
            multivalued=multivalued,
        ),
    )


def _context(
    assertion: VerifiedAssertion, request: LoginRequest, *, role: Role, provider_arn: Arn
) -> tuple[Mapping[str, tuple[str, ...]], frozenset[str]]:
    values = assertion.values
    names = (values.name_id or "", values.value(ROLE_SESSION_NAME) or "")
    context = {
        **environment_keys(request.client, region=request.region, now=request.now, names=names),
        **saml_condition_keys(assertion, provider_arn),
    }
    context["sts:rolesessionname"] = (values.value(ROLE_SESSION_NAME) or "",)
    source_identity = values.value(SOURCE_IDENTITY)
    if source_identity is not None:
        context["sts:sourceidentity"] = (source_identity,)
    for key, value in role.tags:
        context[f"aws:resourcetag/{key.lower()}"] = (value,)
        context[f"iam:resourcetag/{key.lower()}"] = (value,)
    tags = values.principal_tags
    if tags:
        for key, tag_values in tags:
            context[f"aws:requesttag/{key.lower()}"] = tag_values[:1]
            context[f"aws:principaltag/{key.lower()}"] = tag_values[:1]
        context["aws:tagkeys"] = tuple(key for key, _ in tags)
    transitive = values.attribute(TRANSITIVE_TAG_KEYS)
    if transitive:
        context["sts:transitivetagkeys"] = transitive.values
    return context, _LISTS


def _place_of(key: str, action: str) -> str:
    if key == "saml:aud":
        return f"{CONFIRMATION_DATA_PATH}/@Recipient"
    if key in _OF_THE_REQUEST:
        return f"the request's {_OF_THE_REQUEST[key]}"
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
    request: LoginRequest,
    *,
    explanation: str,
    where: str,
    expected: str,
    received: str,
    fix: str,
    evidence: Literal["documented", "assumed"] = "documented",
) -> AccessDenied:
    return AccessDenied(
        f"Not authorized to perform {_ASSUME}",
        service=request.entry_point,
        check="trust-policy",
        evidence=evidence,
        explanation=explanation,
        where=where,
        expected=expected,
        received=received,
        fix=fix,
        spec='AWS IAM UG "troubleshoot_saml"',
    )
