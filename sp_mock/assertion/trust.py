"""Whether a role's trust policy lets an assertion assume the role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from emulator.kernel.errors import AccessDenied
from emulator.kernel.explanations import BROWSER, SOURCE_IP, Asked, Sent
from sp_mock.accounts.model import Role
from sp_mock.arn import Arn
from sp_mock.assertion.condition_keys import MULTI_VALUED, MULTI_VALUED_KEYS, SINGLE_VALUED, saml_condition_keys
from sp_mock.assertion.login_request import EntryPoint, LoginRequest
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.mistakes.registered import role_mistake
from sp_mock.assertion.mistakes.trust_case import TrustCase
from sp_mock.assertion.mistakes.trust_policies import trust_mistake
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import (
    CONFIRMATION_DATA_PATH,
    PRINCIPAL_TAG,
    ROLE,
    ROLE_SESSION_NAME,
    SOURCE_IDENTITY,
    TRANSITIVE_TAG_KEYS,
    AssertionValues,
    attribute_path,
)
from sp_mock.assertion.wording import provider_not_found, refused, sign_in_url_for
from sp_mock.policies.evaluation import Layer, Principal, Request, Verdict, authorize
from sp_mock.policies.request_context import MULTIVALUED_KEYS, environment_keys
from sp_mock.principals.organization_limits import RESOURCE_CONTROL, resource_account_keys, resource_control

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
_ASKED = {"aws:sourceip": SOURCE_IP, "aws:useragent": BROWSER, "aws:securetransport": BROWSER}
_TAG_KEYS = ("aws:requesttag/", "aws:principaltag/")
_PLACES = {
    "saml:aud": f"{CONFIRMATION_DATA_PATH}/@Recipient",
    "saml:iss": "/Response/Assertion/Issuer",
    "saml:sub": "/Response/Assertion/Subject/NameID",
    "saml:sub_type": "/Response/Assertion/Subject/NameID/@Format",
    "saml:doc": attribute_path(ROLE),
    "sts:rolesessionname": attribute_path(ROLE_SESSION_NAME),
    "sts:sourceidentity": attribute_path(SOURCE_IDENTITY),
    "sts:transitivetagkeys": attribute_path(TRANSITIVE_TAG_KEYS),
    "aws:tagkeys": "/Response/Assertion/AttributeStatement",
}


def require_trust(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """Requires that the role exists and trusts the provider under the assertion's conditions.

    Session tags need ``sts:TagSession`` and a source identity needs ``sts:SetSourceIdentity`` as well; AWS says the
    same sentence whichever is missing.

    Raises:
        AccessDenied: ``Not authorized to perform sts:AssumeRoleWithSAML``.
        ProviderNotFound: the provider does not exist; an earlier check reports this when all checks run in order.
    """
    pair, role, provider, values = request.pair, request.role, request.provider, assertion.values
    if pair is None or role is None or role.name.startswith(_RESERVED_ROLE):
        raise _denied(request, _no_role(request, values, role))
    if provider is None:
        raise provider_not_found(request, pair, values)
    for action in required_actions(assertion):
        verdict = trust_verdict(assertion, action, request, role=role, provider_arn=provider.arn)
        if not verdict.allowed:
            key = _key_of(verdict)
            sent = _asked_or_sent(key, action, values)
            of_tag = isinstance(sent, Sent) and key.lower().startswith(_TAG_KEYS)
            where = sent.place if isinstance(sent, Sent) and of_tag else _place_of(key.lower(), action)
            case = TrustCase(
                verdict=verdict,
                action=action,
                role=role,
                provider_arn=str(provider.arn),
                values=values,
                accounts=request.accounts,
                url=sign_in_url_for(request),
                at_sign_in=request.entry_point is EntryPoint.SIGN_IN,
                sent=sent,
            )
            raise _denied(
                request,
                trust_mistake(case, where),
                evidence="assumed" if verdict.layer == RESOURCE_CONTROL else "documented",
            )


def _no_role(request: LoginRequest, values: AssertionValues, role: Role | None) -> Mistake:
    pair = request.pair
    role_arn = pair.role_arn if pair else request.requested_role_arn or ""
    if role is None:
        provider_arn = pair.provider_arn if pair else request.requested_provider_arn or ""
        return role_mistake(request.accounts, values, role_arn=role_arn, provider_arn=provider_arn)
    return Mistake(
        f"Roles whose name begins with {_RESERVED_ROLE} cannot be assumed with SAML: IAM Identity Center made "
        f"{role.name}, and it alone opens it.",
        where=attribute_path(ROLE),
        expected="a role that you made",
        received=role_arn,
        fix="Make a role of your own with the same policies, and name that in the app.",
        causes=(Sent(attribute_path(ROLE)),),
    )


def required_actions(assertion: VerifiedAssertion) -> tuple[str, ...]:
    """Returns the actions that a trust policy has to allow for this assertion."""
    actions = [_ASSUME]
    if assertion.values.principal_tags:
        actions.append(_TAG)
    if assertion.values.value(SOURCE_IDENTITY) is not None:
        actions.append(_SET_SOURCE)
    return tuple(actions)


def trust_verdict(
    assertion: VerifiedAssertion, action: str, request: LoginRequest, *, role: Role, provider_arn: Arn
) -> Verdict:
    """Evaluates a role's trust policy for one action, and the resource control policies that apply to the role.

    Service control policies are not evaluated, because the caller is not a principal of an account in the organization.
    For the same reason the keys of an AWS principal, such as ``aws:PrincipalOrgID``, are absent.

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


def _key_of(verdict: Verdict) -> str:
    """Returns the condition key that decided, in the policy's spelling; empty when no condition did."""
    place = verdict.place
    return str(place[place.index("Condition") + 2]) if "Condition" in place else ""


def _place_of(key: str, action: str) -> str:
    """Returns what a decision was based on: a place in the message, or a part of the request."""
    if key in _OF_THE_REQUEST:
        return f"the request's {_OF_THE_REQUEST[key]}"
    found = _sent_path(key)
    if found is not None:
        return found
    if action == _SET_SOURCE:
        return attribute_path(SOURCE_IDENTITY)
    if action == _TAG:
        return "/Response/Assertion/AttributeStatement"
    return attribute_path(ROLE)


def _sent_path(key: str) -> str | None:
    """Returns the place in the message that a condition key is derived from; None for other keys."""
    tag = next((key.removeprefix(prefix) for prefix in _TAG_KEYS if key.startswith(prefix)), None)
    if tag is not None:
        return attribute_path(PRINCIPAL_TAG + tag)
    if key in _PLACES:
        return _PLACES[key]
    name = next((name for name, each in {**MULTI_VALUED, **SINGLE_VALUED}.items() if each == key), None)
    return attribute_path(name) if name is not None else None


def _asked_or_sent(key: str, action: str, values: AssertionValues) -> Sent | Asked | None:
    """Returns the part of the login that a decision was based on."""
    folded = key.lower()
    if folded in _ASKED:
        return Asked(_ASKED[folded])
    if folded == "aws:requestedregion":
        return Sent("/Response/@Destination")
    if folded.startswith(_TAG_KEYS):
        # Policies compare keys case-insensitively; the attribute has the case that the tag was sent with.
        tag = key.partition("/")[2]
        names = [each for each, _ in values.principal_tags if each.lower() == tag.lower()]
        return Sent(attribute_path(PRINCIPAL_TAG + (names[0] if names else tag)))
    path = _sent_path(folded)
    if path is not None:
        return Sent(path)
    if action == _TAG and values.principal_tags:
        return Sent(attribute_path(PRINCIPAL_TAG + values.principal_tags[0][0]))
    return Sent(attribute_path(SOURCE_IDENTITY)) if action == _SET_SOURCE else None


def _denied(
    request: LoginRequest, mistake: Mistake, *, evidence: Literal["documented", "assumed"] = "documented"
) -> AccessDenied:
    return refused(
        AccessDenied,
        f"Not authorized to perform {_ASSUME}",
        mistake,
        request,
        check="trust-policy",
        evidence=evidence,
        spec='AWS IAM UG "troubleshoot_saml"',
    )
