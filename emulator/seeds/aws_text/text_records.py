"""The records of the AWS CLI's text output, which has values without keys.

A record begins with the name of its key in capitals. Then follow its scalar values in the alphabetical order of their
keys; a key that is missing leaves no gap. So columns are identified by what their values look like, and by which keys
are always present.

Spec: AWS CLI User Guide, "Setting the output format", text; awscli/text.py; botocore's models of IAM, STS, Connect
Evidence: observed
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from emulator.kernel.records import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A value of a record: its key, the pattern of its values, and whether it is always present."""

    key: str
    looks: re.Pattern[str]
    is_always_there: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """The meaning of a line that begins with a record's name.

    Args:
        key: The key in the JSON output.
        columns: The values, in the alphabetical order of their keys; none if each line is one value of a list.
        is_list: Whether the key contains a list.
    """

    key: str
    columns: Sequence[Column] = ()
    is_list: bool = True


# Version 1 of the CLI prints timestamps as the service sends them: IAM in ISO 8601, Amazon Connect in seconds.
_DATE = r"\d{4}-\d\d-\d\d(?:T\S*)?|\d{9,11}(?:\.\d+)?"
_ID = r"[A-Za-z0-9-]{8,100}"
_FLAG = "True|False"
_ANY = "[^\t]*"
_SOME = "[^\t]+"
_NAME = r"[\w+=,.@-]{1,128}"
_PATH = "/(?:.*/)?"


def _columns(*columns: tuple[str, str] | tuple[str, str, bool]) -> tuple[Column, ...]:
    """Returns columns from pairs of key and pattern; a third value marks a column as optional."""
    return tuple(Column(each[0], re.compile(each[1], re.ASCII), len(each) == 2) for each in columns)


_ARN = r"arn:[^\t]+"
_ROLE = _columns(
    ("Arn", _ARN),
    ("CreateDate", _DATE),
    ("Description", _ANY, True),
    ("MaxSessionDuration", r"\d+"),
    ("Path", _PATH),
    ("RoleId", "AROA[A-Z0-9]+"),
    ("RoleName", _NAME),
)
_USER = _columns(
    ("Arn", r"arn:[\w-]+:iam:[^\t]+"),
    ("CreateDate", _DATE),
    ("PasswordLastUsed", _DATE, True),
    ("Path", _PATH),
    ("UserId", "AIDA[A-Z0-9]+"),
    ("UserName", _NAME),
)
_CONNECT_USER = _columns(
    ("Arn", r"arn:[\w-]+:connect:[^\t]+"),
    ("DirectoryUserId", _SOME, True),
    ("HierarchyGroupId", _ID, True),
    ("Id", _ID),
    ("LastModifiedRegion", r"[a-z]+-[a-z-]+-\d", True),
    ("LastModifiedTime", _DATE, True),
    ("RoutingProfileId", _ID, True),
    ("Username", _SOME),
)
_GROUP = _columns(
    ("Arn", _ARN), ("CreateDate", _DATE), ("GroupId", "AGPA[A-Z0-9]+"), ("GroupName", _NAME), ("Path", _PATH)
)
_POLICY = _columns(
    ("Arn", _ARN),
    ("AttachmentCount", r"\d+"),
    ("CreateDate", _DATE),
    ("DefaultVersionId", r"v\d+"),
    ("Description", _ANY, True),
    ("IsAttachable", _FLAG),
    ("Path", _PATH),
    ("PermissionsBoundaryUsageCount", r"\d+"),
    ("PolicyId", "ANPA[A-Z0-9]+"),
    ("PolicyName", _NAME),
    ("UpdateDate", _DATE),
)
_INSTANCE = _columns(
    ("Arn", _ARN),
    ("CreatedTime", _DATE, True),
    ("Id", _ID),
    ("IdentityManagementType", "SAML|CONNECT_MANAGED|EXISTING_DIRECTORY"),
    ("InboundCallsEnabled", _FLAG, True),
    ("InstanceAccessUrl", r"https?://\S+", True),
    ("InstanceAlias", r"[\w-]+", True),
    ("InstanceStatus", "ACTIVE|CREATION_IN_PROGRESS|CREATION_FAILED"),
    ("OutboundCallsEnabled", _FLAG, True),
    ("ServiceRole", _SOME, True),
)
_SUMMARY = _columns(
    ("Arn", _ARN),
    ("Id", _ID),
    ("LastModifiedRegion", r"[a-z]+-[a-z-]+-\d", True),
    ("LastModifiedTime", _DATE, True),
    ("Name", _SOME),
    ("Type", "[A-Z_]+", True),
)

RECORDS: Mapping[str, Sequence[Record]] = {
    "ROLE": [Record("Role", _ROLE, is_list=False)],
    "ROLES": [Record("Roles", _ROLE)],
    "USER": [Record("User", _USER, is_list=False), Record("User", _CONNECT_USER, is_list=False)],
    "USERS": [Record("Users", _USER), Record("Users", _CONNECT_USER)],
    "GROUP": [Record("Group", _GROUP, is_list=False)],
    "GROUPS": [Record("Groups", _GROUP)],
    "POLICY": [Record("Policy", _POLICY, is_list=False)],
    "POLICIES": [Record("Policies", _POLICY)],
    "ATTACHEDPOLICIES": [Record("AttachedPolicies", _columns(("PolicyArn", _ARN), ("PolicyName", _NAME)))],
    "POLICYNAMES": [Record("PolicyNames")],
    "ACCOUNTALIASES": [Record("AccountAliases")],
    "SAMLPROVIDERLIST": [
        Record(
            "SAMLProviderList",
            _columns(("Arn", _ARN), ("CreateDate", _DATE, True), ("ValidUntil", _DATE, True)),
        )
    ],
    "ACCESSKEYMETADATA": [
        Record(
            "AccessKeyMetadata",
            _columns(
                ("AccessKeyId", r"A[A-Z0-9]{15,}"),
                ("CreateDate", _DATE, True),
                ("Status", "Active|Inactive|Expired"),
                ("UserName", _NAME),
            ),
        )
    ],
    "INSTANCE": [Record("Instance", _INSTANCE, is_list=False)],
    "INSTANCESUMMARYLIST": [Record("InstanceSummaryList", _INSTANCE)],
    "ATTRIBUTE": [Record("Attribute", _columns(("AttributeType", "[A-Z_]+"), ("Value", _SOME)), is_list=False)],
    "ATTRIBUTES": [Record("Attributes", _columns(("AttributeType", "[A-Z_]+"), ("Value", _SOME)))],
    "USERSUMMARYLIST": [Record("UserSummaryList", _CONNECT_USER)],
    "ORIGINS": [Record("Origins")],
    "PERMISSIONS": [Record("Permissions")],
    "SECURITYPROFILESUMMARYLIST": [Record("SecurityProfileSummaryList", _SUMMARY)],
    "ROUTINGPROFILESUMMARYLIST": [Record("RoutingProfileSummaryList", _SUMMARY)],
    "USERHIERARCHYGROUPSUMMARYLIST": [Record("UserHierarchyGroupSummaryList", _SUMMARY)],
    "SECURITYPROFILE": [
        Record(
            "SecurityProfile",
            _columns(
                ("AllowedAccessControlHierarchyGroupId", _ID, True),
                ("Arn", _ARN),
                ("Description", _ANY, True),
                ("Id", _ID),
                ("LastModifiedRegion", r"[a-z]+-[a-z-]+-\d", True),
                ("LastModifiedTime", _DATE, True),
                ("OrganizationResourceId", _ID, True),
                ("SecurityProfileName", _SOME),
                ("Type", "[A-Z_]+", True),
            ),
            is_list=False,
        )
    ],
}
"""The records with which output may begin, by name."""

PARTS: Mapping[str, Record] = {
    "TAGS": Record("Tags", _columns(("Key", _SOME), ("Value", _ANY))),
    "PERMISSIONSBOUNDARY": Record(
        "PermissionsBoundary",
        _columns(("PermissionsBoundaryArn", _ARN), ("PermissionsBoundaryType", "[A-Za-z]+")),
        is_list=False,
    ),
    "PRIVATEKEYLIST": Record("PrivateKeyList", _columns(("KeyId", _SOME), ("Timestamp", _DATE))),
    "SECURITYPROFILEIDS": Record("SecurityProfileIds"),
    "IDENTITYINFO": Record(
        "IdentityInfo",
        _columns(
            ("Email", r"[^\t@]+@[^\t]+", True),
            ("FirstName", "[^\t@]+", True),
            ("LastName", "[^\t@]+", True),
            ("Mobile", r"\+\d+", True),
            ("SecondaryEmail", r"[^\t@]+@[^\t]+", True),
        ),
        is_list=False,
    ),
}
"""The records that are printed below the record they belong to."""

OF_NO_USE = frozenset({"ROLELASTUSED", "PHONECONFIG", "PROFICIENCIES", "USERPROFICIENCIES", "AFTERCONTACTWORKCONFIGS"})
"""Parts of users and roles that nothing here depends on."""

DOCUMENTS: Mapping[str, str] = {
    "GROUPDETAILLIST": "get-account-authorization-details",
    "ROLEDETAILLIST": "get-account-authorization-details",
    "USERDETAILLIST": "get-account-authorization-details",
    "POLICYVERSION": "get-policy-version",
    "POLICYVERSIONLIST": "get-account-authorization-details",
    "POLICYDOCUMENT": "get-role-policy, get-user-policy or get-group-policy",
}
"""Records with policy documents, which lose their keys in text output, and the commands that print them."""
