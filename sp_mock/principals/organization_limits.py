"""What an organization's policies forbid: to an account's principals, and to anyone who wants its resources.

Spec: AWS IAM UG "reference_policies_evaluation-logic_policy-eval-denyallow"
"""

from __future__ import annotations

from collections.abc import Sequence

from sp_mock.accounts.model import Account
from sp_mock.policies.evaluation import Layer, Verdict

SERVICE_CONTROL, RESOURCE_CONTROL = "service control policy", "resource control policy"
_SERVICES_WITH_RESOURCE_CONTROL = ("sts:",)
_SERVICE_LINKED = ":role/aws-service-role/"


def resource_account_keys(account: Account | None) -> dict[str, tuple[str, ...]]:
    """Returns the condition keys of a request about an account's resources.

    Spec: AWS IAM UG "reference_policies_condition-keys"
    Evidence: documented
    """
    if account is None:
        return {}
    organization = account.organization.resource_keys if account.organization is not None else {}
    return {"aws:resourceaccount": (account.account_id,), **organization}


def service_control(account: Account | None, principal_arn: str) -> Sequence[Layer]:
    """Returns the service control policies that limit a principal of an account; service-linked roles are exempt.

    Every level, from the root down to the account, has to allow.

    Spec: AWS Organizations User Guide "orgs_manage_policies_scps"
    Evidence: documented
    """
    organization = account.organization if account is not None else None
    if organization is None or _SERVICE_LINKED in principal_arn:
        return ()
    return tuple(Layer(SERVICE_CONTROL, policies) for policies in organization.limits_of_principals)


def resource_control(account: Account | None, action: str) -> Sequence[Layer]:
    """Returns the resource control policies that limit access to an account's resources.

    Of the emulated services only STS has resources that they apply to.

    Spec: AWS Organizations User Guide "orgs_manage_policies_rcps", the services that support them
    Evidence: documented
    """
    organization = account.organization if account is not None else None
    policies = organization.limits_of_resources if organization is not None else None
    if policies is None or not action.startswith(_SERVICES_WITH_RESOURCE_CONTROL):
        return ()
    return (Layer(RESOURCE_CONTROL, policies),)


def place_of(verdict: Verdict, account_id: str) -> str:
    """Returns which of an organization's policies decided; empty where another kind of policy did.

    Args:
        verdict: The decision.
        account_id: The account that the organization's policies limit.
    """
    if verdict.layer not in {SERVICE_CONTROL, RESOURCE_CONTROL}:
        return ""
    policy = verdict.statement.partition(", Statement")[0] or verdict.layer
    return f"{policy} of account {account_id}"
