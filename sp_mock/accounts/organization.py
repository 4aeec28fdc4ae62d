"""The organization that an account belongs to, as far as it limits the account's principals and resources.

Spec: AWS Organizations User Guide "orgs_manage_policies_scps", "orgs_manage_policies_rcps"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from emulator.kernel.records import dataclass
from sp_mock.policies.documents import PolicyDocument

_FULL_ACCESS = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
_RESOURCE_FULL_ACCESS = _FULL_ACCESS.replace('"Action"', '"Principal": "*", "Action"')
_SERVICE_CONTROL = "service control policy"
FULL_AWS_ACCESS = PolicyDocument.parse(_FULL_ACCESS, kind="service-control")
RCP_FULL_AWS_ACCESS = PolicyDocument.parse(_RESOURCE_FULL_ACCESS, kind="resource-control")


Attached = tuple[tuple[str, PolicyDocument], ...]


@dataclass(frozen=True, slots=True)
class ServiceControl:
    """The service control policies attached to the root, to an organizational unit or to an account, by name."""

    policies: Mapping[str, PolicyDocument] = field(default_factory=dict)
    has_full_aws_access: bool = True

    @property
    def attached(self) -> Mapping[str, PolicyDocument]:
        """The policies in force, including FullAWSAccess; empty when that is the only one."""
        if self.has_full_aws_access:
            return {"FullAWSAccess": FULL_AWS_ACCESS, **self.policies} if self.policies else {}
        return self.policies

    @property
    def limits(self) -> bool:
        """Whether these policies may deny anything, judged only by which policies are attached."""
        return bool(self.policies) or not self.has_full_aws_access


@dataclass(frozen=True, slots=True)
class Organization:
    """An account's place in AWS Organizations, and the policies that reach it there.

    Args:
        organization_id: Such as ``o-a1b2c3d4e5``.
        path: From the organization to the account's parent, such as ``o-a1b2c3d4e5/r-ab12/ou-ab12-1/``.
        service_control_policies: Policies attached to the account itself, by name.
        resource_control_policies: Policies by name, besides RCPFullAWSAccess, which cannot be detached.
        has_full_aws_access: Whether the service control policy FullAWSAccess is attached to the account too.
        is_management_account: Whether this is the organization's management account, to which these policies do not
            apply.
        levels_above: What is attached to the root and to organizational units, by id, where it is more than
            FullAWSAccess.
    """

    organization_id: str
    path: str
    service_control_policies: Mapping[str, PolicyDocument] = field(default_factory=dict)
    resource_control_policies: Mapping[str, PolicyDocument] = field(default_factory=dict)
    has_full_aws_access: bool = True
    is_management_account: bool = False
    levels_above: Mapping[str, ServiceControl] = field(default_factory=dict)

    @property
    def principal_keys(self) -> dict[str, tuple[str, ...]]:
        """The condition keys that describe the organization in requests made by the account's principals.

        Spec: AWS IAM UG "reference_policies_condition-keys"
        Evidence: documented
        """
        return {"aws:principalorgid": (self.organization_id,), "aws:principalorgpaths": (self.path,)}

    @property
    def resource_keys(self) -> dict[str, tuple[str, ...]]:
        """The condition keys that describe the organization in requests about the account's resources.

        Spec: AWS IAM UG "reference_policies_condition-keys"
        Evidence: documented
        """
        return {"aws:resourceorgid": (self.organization_id,), "aws:resourceorgpaths": (self.path,)}

    @property
    def limits_of_principals(self) -> tuple[Attached, ...]:
        """The service control policies of each level, from the root down, each with the name used in explanations.

        Every level has to allow a call. Levels that allow everything are left out.

        Spec: AWS Organizations User Guide "orgs_manage_policies_scps"
        Evidence: documented
        """
        if self.is_management_account:
            return ()
        own = ServiceControl(self.service_control_policies, has_full_aws_access=self.has_full_aws_access)
        levels = [*((f" of {name}", level) for name, level in self.levels_above.items()), ("", own)]
        return tuple(
            _named(_SERVICE_CONTROL, {f"{each}{of}": document for each, document in level.attached.items()})
            for of, level in levels
            if level.limits
        )

    @property
    def limits_of_resources(self) -> Attached | None:
        """The resource control policies in force, each with the name used in explanations; None when all is allowed.

        Spec: AWS Organizations User Guide "orgs_manage_policies_rcps"
        Evidence: documented
        """
        if self.is_management_account or not self.resource_control_policies:
            return None
        return _named(
            "resource control policy", {"RCPFullAWSAccess": RCP_FULL_AWS_ACCESS, **self.resource_control_policies}
        )


def _named(kind: str, policies: Mapping[str, PolicyDocument]) -> Attached:
    return tuple((f"{kind} {name}", document) for name, document in policies.items())
