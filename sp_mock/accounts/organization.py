"""The organization that an account is in, as far as it decides what the account's principals and resources may do.

Spec: AWS Organizations User Guide "orgs_manage_policies_scps", "orgs_manage_policies_rcps"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sp_mock.policies.documents import PolicyDocument

_FULL_ACCESS = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
_RESOURCE_FULL_ACCESS = _FULL_ACCESS.replace('"Action"', '"Principal": "*", "Action"')
FULL_AWS_ACCESS = PolicyDocument.parse(_FULL_ACCESS, kind="service-control")
RCP_FULL_AWS_ACCESS = PolicyDocument.parse(_RESOURCE_FULL_ACCESS, kind="resource-control")


@dataclass(frozen=True, slots=True)
class Organization:
    """An account's place in AWS Organizations, and the policies that reach it there.

    Args:
        organization_id: Such as ``o-a1b2c3d4e5``.
        path: From the organization to what the account is attached to, such as ``o-a1b2c3d4e5/r-ab12/ou-ab12-1/``.
        service_control_policies: By name.
        resource_control_policies: By name, beside RCPFullAWSAccess, which cannot be detached.
        has_full_aws_access: Whether the service control policy FullAWSAccess is attached too.
        is_management_account: Whether it is the organization's own account, which these policies do not reach.
    """

    organization_id: str
    path: str
    service_control_policies: Mapping[str, PolicyDocument] = field(default_factory=dict)
    resource_control_policies: Mapping[str, PolicyDocument] = field(default_factory=dict)
    has_full_aws_access: bool = True
    is_management_account: bool = False

    @property
    def principal_keys(self) -> dict[str, tuple[str, ...]]:
        """The condition keys of requests that the account's principals make.

        Spec: AWS IAM UG "reference_policies_condition-keys"
        Evidence: documented
        """
        return {"aws:principalorgid": (self.organization_id,), "aws:principalorgpaths": (self.path,)}

    @property
    def resource_keys(self) -> dict[str, tuple[str, ...]]:
        """The condition keys of requests about the account's resources.

        Spec: AWS IAM UG "reference_policies_condition-keys"
        Evidence: documented
        """
        return {"aws:resourceorgid": (self.organization_id,), "aws:resourceorgpaths": (self.path,)}

    @property
    def limits_of_principals(self) -> tuple[tuple[str, PolicyDocument], ...] | None:
        """The service control policies in force, each with the name that explanations use; None when all is allowed.

        Spec: AWS Organizations User Guide "orgs_manage_policies_scps"
        Evidence: documented
        """
        if self.is_management_account or (self.has_full_aws_access and not self.service_control_policies):
            return None
        attached = {"FullAWSAccess": FULL_AWS_ACCESS} if self.has_full_aws_access else {}
        return _named("service control policy", {**attached, **self.service_control_policies})

    @property
    def limits_of_resources(self) -> tuple[tuple[str, PolicyDocument], ...] | None:
        """The resource control policies in force, each with the name that explanations use; None when all is allowed.

        Spec: AWS Organizations User Guide "orgs_manage_policies_rcps"
        Evidence: documented
        """
        if self.is_management_account or not self.resource_control_policies:
            return None
        return _named(
            "resource control policy", {"RCPFullAWSAccess": RCP_FULL_AWS_ACCESS, **self.resource_control_policies}
        )


def _named(kind: str, policies: Mapping[str, PolicyDocument]) -> tuple[tuple[str, PolicyDocument], ...]:
    return tuple((f"{kind} {name}", document) for name, document in policies.items())
