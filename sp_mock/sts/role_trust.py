"""Who may assume a role: its trust policy and the caller's own policies, within an account and across accounts.

Spec: AWS IAM UG "reference_policies_evaluation-logic-cross-account", "troubleshoot_roles"
"""

from __future__ import annotations

from collections.abc import Sequence

from sp_mock.accounts.model import Role
from sp_mock.apis.operations import SignedCall
from sp_mock.policies.evaluation import Principal, Request, Verdict, evaluate
from sp_mock.policies.request_context import MULTIVALUED_KEYS
from sp_mock.principals.callers import Authorizer, Caller, Context, denied_because
from sp_mock.principals.organization_limits import RESOURCE_CONTROL, SERVICE_CONTROL


def require_assumable(
    call: SignedCall, role: Role | None, role_arn: str, *, actions: Sequence[str], context: Context
) -> Role:
    """Requires that the caller may perform some actions on a role, and returns the role.

    Args:
        role: The role, or None where no role has the ARN.
        role_arn: ARN as the call names it.
        actions: Such as ``sts:AssumeRole`` and ``sts:TagSession``.
        context: All condition keys of the call.

    Raises:
        AccessDenied: ``User: … is not authorized to perform: …``; the same message for a role that does not exist.
    """
    authorizer = call.services.get(Authorizer)
    for action in actions:
        verdict = _verdict(call.caller, action, role, role_arn, context, authorizer)
        if not verdict.allowed:
            limited = verdict.layer in {SERVICE_CONTROL, RESOURCE_CONTROL}
            because = denied_because(action, verdict) if limited else ""
            raise authorizer.not_authorized(
                call.caller, action, role_arn, service=call.api.name, verdict=verdict, because=because
            )
    if role is None:
        raise LookupError("a role that does not exist is not allowed")
    return role


def _verdict(
    caller: Caller, action: str, role: Role | None, role_arn: str, context: Context, authorizer: Authorizer
) -> Verdict:
    """Evaluates the role's trust policy and the caller's own policies.

    Within one account a trust policy that names the caller is enough; one that names the caller's account leaves the
    decision to that account's policies. Across accounts both have to allow. The policies of the organizations limit the
    caller and the role in any case.

    Spec: AWS IAM UG "reference_policies_evaluation-logic-cross-account", "troubleshoot_roles"
    Evidence: documented
    """
    if role is None:
        return Verdict(False, "implicit-deny", "", f"there is no role {role_arn}; ARNs are case-sensitive")
    own = authorizer.decide(caller, action, role_arn, context=context)
    if own.reason == "explicit-deny" or (not own.allowed and own.layer in {SERVICE_CONTROL, RESOURCE_CONTROL}):
        return own
    account = f"arn:{caller.partition}:iam::{caller.account_id}:root"
    named = [_trusts(role, name, action, context) for name in (caller.arn, caller.principal_arn)]
    delegated = [_trusts(role, name, action, context) for name in (account, caller.account_id)]
    denied = next((each for each in (*named, *delegated) if each.reason == "explicit-deny"), None)
    if denied is not None:
        return denied
    same_account = role.arn.account_id == caller.account_id
    if same_account and any(each.allowed for each in named):
        return next(each for each in named if each.allowed)
    trusted = next((each for each in (*named, *delegated) if each.allowed), None)
    if trusted is None:
        return _nearest(named[1], delegated[0])
    return own


def _trusts(role: Role, name: str, action: str, context: Context) -> Verdict:
    policies = [("trust policy", role.trust)]
    return evaluate(policies, Request(action, str(role.arn), Principal("AWS", name), context, MULTIVALUED_KEYS))


def _nearest(named: Verdict, delegated: Verdict) -> Verdict:
    """Returns the refusal of the two that got further than the principal."""
    reached = delegated.mismatches and not delegated.mismatches[0].element.startswith(("Principal", "Action"))
    return delegated if reached else named
