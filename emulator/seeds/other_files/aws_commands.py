"""Output of AWS commands that cannot fill a world, recognised by its top-level key.

Spec: AWS CLI Command Reference
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.seeds.other_files.kinds import OtherKind
from emulator.worldfile.name_lists import few

_ACCOUNT = "For IAM, use the output of aws iam get-account-authorization-details."
_INSTANCE = (
    "For Amazon Connect, use the output of list-instances, search-users, list-security-profiles and "
    "list-approved-origins."
)
_STACK = "Use the template: aws cloudformation get-template --stack-name NAME."
_SSO = "IAM Identity Center is not emulated: use the roles that it created in IAM, from aws iam list-roles."
_ATTACHED = "Use the output of aws iam list-attached-role-policies for each role."

# The top-level key, the command that prints it, and what to provide instead.
_BY_KEY: Mapping[str, tuple[str, str]] = {
    "Stacks": ("cloudformation describe-stacks", _STACK),
    "StackSummaries": ("cloudformation list-stacks", _STACK),
    "StackResources": ("cloudformation describe-stack-resources", _STACK),
    "StackResourceSummaries": ("cloudformation list-stack-resources", _STACK),
    "StackResourceDetail": ("cloudformation describe-stack-resource", _STACK),
    "StackEvents": ("cloudformation describe-stack-events", _STACK),
    "Exports": ("cloudformation list-exports", f"{_STACK} The values of exports belong under imports of the seed."),
    "Changes": ("cloudformation describe-change-set", _STACK),
    "PermissionSets": ("sso-admin list-permission-sets", _SSO),
    "PermissionSet": ("sso-admin describe-permission-set", _SSO),
    "AccountAssignments": ("sso-admin list-account-assignments", _SSO),
    "accountList": ("sso list-accounts", _SSO),
    "roleList": ("sso list-account-roles", _SSO),
    "roleCredentials": ("sso get-role-credentials", _SSO),
    "Accounts": (
        "organizations list-accounts",
        "Describe the organization in the world file, under organization of the account.",
    ),
    "Organization": (
        "organizations describe-organization",
        "Describe it in the world file, under organization of the account.",
    ),
    "Roots": (
        "organizations list-roots",
        "Describe the organization in the world file, under organization of the account.",
    ),
    "OrganizationalUnits": (
        "organizations list-organizational-units-for-parent",
        "Describe them in the world file, under organization of the account.",
    ),
    "PolicyRoles": ("iam list-entities-for-policy", _ATTACHED),
    "PolicyGroups": ("iam list-entities-for-policy", _ATTACHED),
    "Versions": ("iam list-policy-versions", "Use the output of aws iam get-policy-version for the default version."),
    "InstanceProfiles": ("iam list-instance-profiles", _ACCOUNT),
    "OpenIDConnectProviderList": ("iam list-open-id-connect-providers", _ACCOUNT),
    "SummaryMap": ("iam get-account-summary", _ACCOUNT),
    "EvaluationResults": ("iam simulate-principal-policy", _ACCOUNT),
    "MFADevices": ("iam list-mfa-devices", _ACCOUNT),
    "ReportFormat": ("iam get-credential-report", _ACCOUNT),
    "SAMLProviderArn": ("iam create-saml-provider", "Use the output of aws iam get-saml-provider for it."),
    "LoginProfile": ("iam get-login-profile", _ACCOUNT),
    "QueueSummaryList": ("connect list-queues", _INSTANCE),
    "ContactFlowSummaryList": ("connect list-contact-flows", _INSTANCE),
    "HoursOfOperationSummaryList": ("connect list-hours-of-operations", _INSTANCE),
    "PhoneNumberSummaryList": ("connect list-phone-numbers", _INSTANCE),
    "ListPhoneNumbersSummaryList": ("connect list-phone-numbers-v2", _INSTANCE),
    "PromptSummaryList": ("connect list-prompts", _INSTANCE),
    "QuickConnectSummaryList": ("connect list-quick-connects", _INSTANCE),
    "AgentStatusSummaryList": ("connect list-agent-statuses", _INSTANCE),
    "IntegrationAssociationSummaryList": ("connect list-integration-associations", _INSTANCE),
    "SecurityKeys": ("connect list-security-keys", _INSTANCE),
    "HierarchyStructure": ("connect describe-user-hierarchy-structure", _INSTANCE),
    "Buckets": ("s3api list-buckets", _ACCOUNT),
    "Contents": ("s3api list-objects-v2", _ACCOUNT),
    "Reservations": ("ec2 describe-instances", _ACCOUNT),
    "Functions": ("lambda list-functions", _ACCOUNT),
    "UserPools": ("cognito-idp list-user-pools", _ACCOUNT),
    "ConfigurationItems": ("configservice get-resource-config-history", _ACCOUNT),
    "ResourceDescription": ("cloudcontrol get-resource", _ACCOUNT),
    "ResourceDescriptions": ("cloudcontrol list-resources", _ACCOUNT),
    "ResourceTagMappingList": ("resourcegroupstaggingapi get-resources", _ACCOUNT),
    "Findings": ("securityhub get-findings", _ACCOUNT),
}
_NAMED_LIKE_AWSS = re.compile(r"[A-Z][A-Za-z0-9]{1,60}", re.ASCII)
_ENVELOPE = frozenset({"NextToken", "IsTruncated", "Marker", "ResponseMetadata", "ApproximateTotalCount"})


def kind_of_aws_answer(data: Mapping[str, Any]) -> OtherKind | None:
    """Returns the command that printed unsupported output; None if it does not look like AWS output."""
    things = _things(data)
    if any("IdentityStoreId" in each for each in things):
        return OtherKind("a response of IAM Identity Center", _SSO)
    if any(":organizations:" in str(each.get("Arn")) or "PolicySummary" in each for each in things):
        fix = "Service control policies belong under organization.scps of the account: {NAME: FILE}."
        return OtherKind("the output of an aws organizations command", fix)
    for key, (command, fix) in _BY_KEY.items():
        if key in data:
            return OtherKind(f"the output of aws {command}", fix)
    if any("UserPoolId" in each or {"Username", "UserStatus"} <= each.keys() for each in things):
        return OtherKind("a response of Amazon Cognito", _ACCOUNT)
    keys = [str(key) for key in data if key not in _ENVELOPE]
    holds_things = any(isinstance(value, dict | list) for value in data.values())
    if keys and holds_things and all(map(_NAMED_LIKE_AWSS.fullmatch, keys)):
        what = f"AWS output that fedemu does not read, with the keys {few(keys)}"
        return OtherKind(what, f"{_ACCOUNT} {_INSTANCE}")
    return None


def _things(data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Returns the objects in the output, both single ones and those in lists."""
    found = [data]
    for value in data.values():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict):
            found.append(first)
    return found
