"""Determines which AWS CLI commands printed the contents of a file, by the shape of their output.

A file may contain one command's output, several in a row, the pages of ``--output yaml-stream``, or what ``--query``
left over, as long as that is still an object with recognisable fields.

Spec: AWS CLI Command Reference, iam, sts, connect; botocore's models of the three
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.aws_answers.fields import Fields
from emulator.seeds.seed_text import SeedText
from emulator.worldfile.text.yaml_data import Key

# A list of documents, each of which may itself be a list of pages.
_MAX_DEPTH = 2
_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """The output of one command.

    Args:
        command: The command, for example ``iam get-role``.
        fields: The top-level object of the output.
        bare: The objects themselves, if ``--query`` took them out of the output.
    """

    command: str
    fields: Fields
    bare: Sequence[Fields] = ()

    def objects(self, *names: str) -> Iterator[Fields]:
        """Yields the objects in any of several fields, each with one or a list of them; other values are skipped."""
        yield from self.bare
        for name in names:
            value = self.fields.data.get(name)
            place = (*self.fields.place, name)
            if isinstance(value, dict):
                yield Fields(value, place)
            elif isinstance(value, list):
                yield from (Fields(each, (*place, index)) for index, each in enumerate(value) if isinstance(each, dict))

    def odd_entries(self) -> Iterator[tuple[str, Key]]:
        """Yields the field and the place of each entry that is not an object in a list of objects."""
        for name, value in self.fields.data.items():
            if isinstance(value, list) and any(isinstance(each, dict) for each in value):
                places = ((*self.fields.place, name, index) for index, _ in enumerate(value))
                yield from ((name, at) for at, each in zip(places, value, strict=True) if not isinstance(each, dict))

    @property
    def is_cut(self) -> bool:
        """Whether there are further pages that are not in this output."""
        data = self.fields.data
        return data.get("IsTruncated") is True or bool(data.get("NextToken") or data.get("Marker"))


def answers_in(text: SeedText) -> list[Answer]:
    """Returns the command outputs in a file; none if it is not the output of a supported command."""
    return list(_answers(text.data, (), depth=0))


def unread_in(text: SeedText) -> Sequence[Key]:
    """Returns the places of documents and pages in a file that are not the output of a supported command."""
    if not isinstance(text.data, list) or _are_objects(text.data):
        return []
    return [(index,) for index, each in enumerate(text.data) if not any(_answers(each, (index,), depth=1))]


def _answers(data: Any, place: Key, *, depth: int) -> Iterator[Answer]:
    if isinstance(data, dict):
        command = command_of(data)
        if command:
            yield Answer(command, Fields(data, place))
        elif _command_of_object(data):
            yield Answer(_command_of_object(data), Fields({}, place), [Fields(data, place)])
    elif isinstance(data, list) and _are_objects(data):
        objects = [Fields(each, (*place, index)) for index, each in enumerate(data)]
        yield Answer(_command_of_object(data[0]), Fields({}, place), objects)
    elif isinstance(data, list) and depth < _MAX_DEPTH and _may_hold_answers(data, place, depth):
        for index, each in enumerate(data):
            yield from _answers(each, (*place, index), depth=depth + 1)


def _may_hold_answers(data: Sequence[Any], place: Key, depth: int) -> bool:
    """Returns whether a list is worth searching: a long one without any known object at its beginning is not."""
    first = data[:_LOOKED_AT]
    return len(first) == len(data) or any(next(_answers(each, place, depth=depth + 1), None) for each in first)


def _are_objects(items: Sequence[Any]) -> bool:
    return bool(items) and all(isinstance(each, dict) for each in items) and bool(_command_of_object(items[0]))


def _command_of_object(data: Mapping[str, Any]) -> str:
    return next((command for command, is_one in _OBJECTS if is_one(data)), "")


def command_of(data: Mapping[str, Any]) -> str:
    """Returns the command that printed an object; empty if it is not a supported command's output."""
    return next((command for command, is_one in _ANSWERS if is_one(data)), "")


_Test = Callable[[Mapping[str, Any]], bool]


def _has(*names: str) -> _Test:
    return lambda data: all(name in data for name in names)


def _any(*names: str) -> _Test:
    return lambda data: any(name in data for name in names)


def _holds(name: str, is_one: _Test, *, takes_empty: bool = False) -> _Test:
    """Returns a test for whether a field contains an object of a kind, or a list with at least one."""

    def test(data: Mapping[str, Any]) -> bool:
        value = data.get(name)
        if isinstance(value, list):
            return any(isinstance(each, dict) and is_one(each) for each in value) or (takes_empty and not value)
        return isinstance(value, dict) and is_one(value)

    return test


def _arn_of(service: str, resource: str = "") -> _Test:
    def test(data: Mapping[str, Any]) -> bool:
        arn = data.get("Arn")
        return isinstance(arn, str) and arn.startswith("arn:") and f":{service}:" in arn and resource in arn

    return test


def _is_role(data: Mapping[str, Any]) -> bool:
    return "RoleName" in data and ("AssumeRolePolicyDocument" in data or "RoleId" in data)


def _is_iam_user(data: Mapping[str, Any]) -> bool:
    is_iams = _arn_of("iam")(data) or "Path" in data or str(data.get("UserId")).startswith("AIDA")
    return "UserName" in data and is_iams and "IdentityStoreId" not in data


def _is_connect_user(data: Mapping[str, Any]) -> bool:
    return "Username" in data and (_arn_of("connect")(data) or "SecurityProfileIds" in data)


def _is_group(data: Mapping[str, Any]) -> bool:
    is_iams = _arn_of("iam")(data) or "Path" in data or str(data.get("GroupId")).startswith("AGPA")
    return "GroupName" in data and is_iams


def _is_policy(data: Mapping[str, Any]) -> bool:
    return "PolicyName" in data and (_arn_of("iam", ":policy/")(data) or "DefaultVersionId" in data)


def _is_instance(data: Mapping[str, Any]) -> bool:
    return "IdentityManagementType" in data or "InstanceAlias" in data


def _is_attached(data: Mapping[str, Any]) -> bool:
    return "PolicyArn" in data and "PolicyName" in data


def _is_attribute(data: Mapping[str, Any]) -> bool:
    return "AttributeType" in data


def _are_texts(name: str) -> _Test:
    """Returns a test for whether a field is a list of strings, possibly empty."""

    def test(data: Mapping[str, Any]) -> bool:
        value = data.get(name)
        return isinstance(value, list) and (not value or any(isinstance(each, str) for each in value))

    return test


_ANSWERS: Sequence[tuple[str, _Test]] = (
    ("iam get-account-authorization-details", _any("RoleDetailList", "UserDetailList", "GroupDetailList")),
    ("iam get-saml-provider", _has("SAMLMetadataDocument")),
    ("iam list-saml-providers", _has("SAMLProviderList")),
    ("iam get-policy-version", _holds("PolicyVersion", _any("Document", "VersionId"))),
    ("iam get-role-policy", _has("PolicyDocument", "RoleName")),
    ("iam get-user-policy", _has("PolicyDocument", "UserName")),
    ("iam get-group-policy", _has("PolicyDocument", "GroupName")),
    ("iam list-attached-*-policies", _has("AttachedPolicies")),
    ("iam list-*-policies", _has("PolicyNames")),
    ("iam get-role", _holds("Role", _any("RoleName", "AssumeRolePolicyDocument"))),
    ("iam list-roles", _holds("Roles", _any("RoleName", "AssumeRolePolicyDocument"), takes_empty=True)),
    ("iam get-group", _holds("Group", _is_group)),
    ("iam list-groups", _holds("Groups", _is_group, takes_empty=True)),
    ("iam get-user", _holds("User", _is_iam_user)),
    ("iam list-users", _holds("Users", _is_iam_user, takes_empty=True)),
    ("iam get-policy", _holds("Policy", _is_policy)),
    ("iam list-policies", _holds("Policies", _is_policy)),
    ("iam list-account-aliases", _has("AccountAliases")),
    ("iam list-access-keys", _has("AccessKeyMetadata")),
    ("iam create-access-key", _holds("AccessKey", _has("AccessKeyId"))),
    ("sts get-caller-identity", _has("Account", "Arn", "UserId")),
    ("connect list-instances", _has("InstanceSummaryList")),
    ("connect describe-instance", _holds("Instance", _is_instance)),
    ("connect describe-instance-attribute", _holds("Attribute", _is_attribute)),
    ("connect list-instance-attributes", _holds("Attributes", _is_attribute)),
    ("connect list-users", _has("UserSummaryList")),
    ("connect describe-user", _holds("User", _is_connect_user)),
    ("connect search-users", _holds("Users", _is_connect_user)),
    ("connect list-approved-origins", _are_texts("Origins")),
    ("connect list-security-profiles", _has("SecurityProfileSummaryList")),
    ("connect describe-security-profile", _holds("SecurityProfile", _has("SecurityProfileName"))),
    ("connect search-security-profiles", _holds("SecurityProfiles", _has("SecurityProfileName"))),
    ("connect list-security-profile-permissions", _are_texts("Permissions")),
    ("connect list-routing-profiles", _has("RoutingProfileSummaryList")),
    ("connect describe-routing-profile", _holds("RoutingProfile", _has("RoutingProfileId"))),
    ("connect search-routing-profiles", _holds("RoutingProfiles", _has("RoutingProfileId"))),
    ("connect list-user-hierarchy-groups", _has("UserHierarchyGroupSummaryList")),
)
# What `--query` may leave of the output: single objects with recognisable fields.
_OBJECTS: Sequence[tuple[str, _Test]] = (
    ("iam get-role", _is_role),
    ("iam get-user", _is_iam_user),
    ("connect describe-user", _is_connect_user),
    ("iam list-groups", _is_group),
    ("iam get-policy", _is_policy),
    ("iam list-attached-*-policies", _is_attached),
    ("iam list-saml-providers", _arn_of("iam", ":saml-provider/")),
    ("connect describe-instance", lambda data: _is_instance(data) and _arn_of("connect", ":instance/")(data)),
    ("connect list-security-profiles", lambda data: "Name" in data and _arn_of("connect", "/security-profile/")(data)),
    ("connect list-routing-profiles", lambda data: "Name" in data and _arn_of("connect", "/routing-profile/")(data)),
    ("iam list-access-keys", _has("AccessKeyId", "Status", "UserName")),
)
