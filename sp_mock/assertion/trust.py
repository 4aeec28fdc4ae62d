"""Whether a role's trust policy lets an assertion assume the role."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.kernel.errors import AccessDenied
from sp_mock.assertion.condition_keys import MULTI_VALUED_KEYS, saml_condition_keys
from sp_mock.assertion.login_request import Presentation
from sp_mock.assertion.received import ROLE, ROLE_SESSION_NAME, SOURCE_IDENTITY, TRANSITIVE_TAG_KEYS, attribute_path
from sp_mock.policies.evaluation import Principal, Request, Verdict, evaluate

_ASSUME, _TAG, _SET_SOURCE = "sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"
_RESERVED_ROLE = "AWSReservedSSO_"


def require_trust(presented: Presentation) -> None:
    """Requires that the role exists and trusts the provider under the assertion's conditions.

    Session tags need ``sts:TagSession`` and a source identity needs ``sts:SetSourceIdentity`` as well; AWS says the
    same sentence whichever is missing.

    Raises:
        AccessDenied: ``Not authorized to perform sts:AssumeRoleWithSAML``.
    """
    pair, role = presented.pair, presented.role
    wanted = pair.role_arn if pair else presented.requested_role_arn or ""
    if role is None or role.name.startswith(_RESERVED_ROLE):
        raise _denied(
            presented,
            explanation=f"The role {wanted} does not exist. ARNs are case-sensitive."
            if role is None
            else f"Roles whose name begins with {_RESERVED_ROLE} cannot be assumed with SAML.",
            where=attribute_path(ROLE),
            expected=" or ".join(arn for a in presented.aws.accounts.values() for arn in a.roles) or "an existing role",
            received=wanted,
            fix="Correct the role's name in the Okta app, or create the role.",
        )
    for action in required_actions(presented):
        verdict = trust_verdict(presented, action)
        if not verdict.allowed:
            mismatch = verdict.mismatches[0] if verdict.mismatches else None
            raise _denied(
                presented,
                explanation=f"{action} on role {role.name}: {verdict.explanation}.",
                where=_place_of(mismatch.key if mismatch else "", action),
                expected=mismatch.expected if mismatch else "",
                received=mismatch.received if mismatch else "",
                fix=f"Let the role's trust policy allow {action} for {presented.provider.arn} under these conditions.",
            )


def required_actions(presented: Presentation) -> tuple[str, ...]:
    """Returns the actions a trust policy has to allow for this assertion."""
    reading = presented.reading
    actions = [_ASSUME]
    if reading.principal_tags:
        actions.append(_TAG)
    if reading.value(SOURCE_IDENTITY) is not None:
        actions.append(_SET_SOURCE)
    return tuple(actions)


def trust_verdict(presented: Presentation, action: str) -> Verdict:
    """Evaluates the role's trust policy for one action.

    Spec: AWS IAM UG "reference_policies_iam-condition-keys"
    Evidence: documented
    """
    role = presented.role
    if role is None:
        raise LookupError("the role does not exist")
    context, multivalued = _context(presented)
    return evaluate(
        [("trust policy", role.trust)],
        Request(
            action=action,
            resource=str(role.arn),
            principal=Principal("Federated", str(presented.provider.arn)),
            context=context,
            multivalued=multivalued,
        ),
    )


def _context(presented: Presentation) -> tuple[Mapping[str, tuple[str, ...]], frozenset[str]]:
    reading = presented.reading
    context = dict(saml_condition_keys(reading, presented.provider.arn))
    context["sts:rolesessionname"] = (reading.value(ROLE_SESSION_NAME) or "",)
    source_identity = reading.value(SOURCE_IDENTITY)
    if source_identity is not None:
        context["sts:sourceidentity"] = (source_identity,)
    multivalued = set(MULTI_VALUED_KEYS)
    for key, value in presented.role.tags if presented.role else ():
        context[f"aws:resourcetag/{key.lower()}"] = (value,)
        context[f"iam:resourcetag/{key.lower()}"] = (value,)
    tags = reading.principal_tags
    if tags:
        for key, values in tags:
            context[f"aws:requesttag/{key.lower()}"] = values[:1]
            context[f"aws:principaltag/{key.lower()}"] = values[:1]
        context["aws:tagkeys"] = tuple(key for key, _ in tags)
        multivalued.add("aws:tagkeys")
    transitive = reading.attribute(TRANSITIVE_TAG_KEYS)
    if transitive:
        context["sts:transitivetagkeys"] = transitive.values
        multivalued.add("sts:transitivetagkeys")
    moment = presented.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    context["aws:currenttime"] = (moment,)
    context["aws:epochtime"] = (str(int(presented.now.timestamp())),)
    return context, frozenset(multivalued)


def _place_of(key: str, action: str) -> str:
    if key == "saml:aud":
        return "/Response/Assertion/Subject/SubjectConfirmation/SubjectConfirmationData/@Recipient"
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
    presented: Presentation, *, explanation: str, where: str, expected: str, received: str, fix: str
) -> AccessDenied:
    return AccessDenied(
        f"Not authorized to perform {_ASSUME}",
        service=presented.entry_point,
        check="trust-policy",
        explanation=explanation,
        where=where,
        expected=expected,
        received=received,
        fix=fix,
        spec='AWS IAM UG "troubleshoot_saml"',
    )
