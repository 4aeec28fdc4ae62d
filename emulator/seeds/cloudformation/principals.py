"""Roles, users and groups of a template, with the policies and tags in their own properties.

Spec: AWS CloudFormation Template Reference, AWS::IAM::Role, User, Group
Evidence: documented
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.cloudformation.denials import may_deny, mentions_a_denial
from emulator.seeds.cloudformation.policy_statements import known_document, whole_document
from emulator.seeds.cloudformation.reading import Reading, fitting, known_items
from emulator.seeds.cloudformation.resources import Resource
from emulator.seeds.cloudformation.values import Unresolved, kind_of, text_of, within
from emulator.seeds.policy_documents import NOT_KNOWN, denies_everything
from emulator.worldfile.schema.settings import PolicyName, RoleName, UserName
from emulator.worldfile.text.yaml_data import Key


def read_principals(reading: Reading) -> None:
    """Reads roles, users and groups; managed policies must have been read before."""
    reading.each("AWS::IAM::Role", _role)
    reading.each("AWS::IAM::User", _user)
    reading.each("AWS::IAM::Group", _group)


def _role(reading: Reading, role: Resource) -> None:
    with within("RoleName"):
        key: Key = ("roles", fitting(RoleName, role.name, "role name"))
    reading.created.add(key)
    try:
        role.require_it()
        trust = _trust(reading, role, str(key[1]))
        settings = _settings_of(reading, role, key)
    except Unresolved:
        reading.exclude(key)
        raise
    reading.part.put(key, {}, role.place())
    if trust is not None:
        reading.part.put((*key, "trust"), trust, role.place("AssumeRolePolicyDocument"))
    for name, setting, read in (
        ("MaxSessionDuration", "max_session_duration", _seconds),
        ("Description", "description", str),
    ):
        try:
            with within(name):
                value = role.text(name)
                if value is not None:
                    reading.part.put((*key, setting), read(value), role.place(name))
        except Unresolved as error:
            reading.leave_out(role, error)
    _put(reading, key, settings)


def _trust(reading: Reading, role: Resource, name: str) -> dict[str, Any] | None:
    """Returns a trust policy if it is completely known; None if another file may have it, which settling checks.

    Raises:
        Unresolved: part of it is not known, and no other file has the role.
    """
    try:
        with within("AssumeRolePolicyDocument"):
            return whole_document(role, role.raw("AssumeRolePolicyDocument"))
    except Unresolved as error:
        if not reading.elsewhere.has("roles", name):
            raise
        if reading.elsewhere.own("roles", name, "trust") is None:
            reading.leave_out(role, error)
        return None


def _seconds(text: str) -> int:
    """Returns a number of seconds, without range checks; the world file's schema has them."""
    if not text.isascii() or not text.isdigit():
        raise Unresolved("it is not a whole number of seconds")
    return int(text)


def _user(reading: Reading, user: Resource) -> None:
    with within("UserName"):
        key: Key = ("users", fitting(UserName, user.name, "user name"))
    _take(reading, user, key)


def _group(reading: Reading, group: Resource) -> None:
    with within("GroupName"):
        key: Key = ("groups", fitting(PolicyName, group.name, "group name"))
    _take(reading, group, key)


def _take(reading: Reading, resource: Resource, key: Key) -> None:
    """Adds a user or group with its policies, or nothing of it if a policy has an unknown denial."""
    reading.created.add(key)
    try:
        resource.require_it()
        settings = _settings_of(reading, resource, key)
    except Unresolved:
        reading.exclude(key)
        raise
    reading.part.put(key, {}, resource.place())
    _put(reading, key, settings)


@dataclass(slots=True)
class _Settings:
    """What roles, users and groups have in common, collected before anything is added to the account.

    Args:
        values: Keys of the identity, their values, and their places in the template.
        attached: The ARNs of managed policies, and their places in the template.
        statements: For keys of the identity, the places of policy statements in the template.
    """

    values: list[tuple[Key, Any, Key]] = field(default_factory=list)
    attached: list[tuple[str, Key]] = field(default_factory=list)
    statements: dict[Key, Key] = field(default_factory=dict)


def _settings_of(reading: Reading, resource: Resource, key: Key) -> _Settings:
    """Reads an identity's policies, boundary and tags.

    Raises:
        Unresolved: something that denies or restricts is not known.
    """
    settings = _Settings()
    boundary = None if _has_own_boundary(reading, key) else _boundary(resource)
    if boundary is not None:
        settings.values.append((("permissions_boundary",), boundary, resource.place("PermissionsBoundary")))
    with within("Path"):
        path = resource.text("Path")
        if path is not None:
            settings.values.append((("path",), path, resource.place("Path")))
    _inline(reading, resource, settings)
    _attached(reading, resource, settings)
    _tags(reading, resource, settings)
    return settings


def _attached(reading: Reading, resource: Resource, settings: _Settings) -> None:
    """Reads attached managed policies; one that may deny something must be known."""
    name = "ManagedPolicyArns"
    try:
        with within(name):
            items = resource.items(name)
    except Unresolved as error:
        if mentions_a_denial(resource.template, resource.raw(name)):
            raise
        reading.leave_out(resource, error)
        _deny_everything(reading, resource, settings)
        return
    for index, written in items:
        try:
            with within(name, index):
                arn = text_of(resource.resolve(written))
        except Unresolved as error:
            if mentions_a_denial(resource.template, written):
                raise
            reading.leave_out(resource, error)
            _deny_everything(reading, resource, settings)
            continue
        if arn in reading.unknown_denies:
            raise denies_unknown(reading.unknown_denies[arn], name, index)
        if arn and arn not in reading.lost_policies:
            settings.attached.append((arn, resource.place(name, index)))


def _deny_everything(reading: Reading, resource: Resource, settings: _Settings) -> None:
    """Replaces a policy that is completely unknown, and so may deny something, by a denial of everything."""
    key: Key = ("inline_policies", NOT_KNOWN)
    if all(inside != key for inside, _, _ in settings.values):
        reason = "an attached policy is unknown and may deny something, so none of its policies allows anything here"
        reading.add_note(resource, reason, "ManagedPolicyArns")
        settings.values.append((key, denies_everything(), resource.place("ManagedPolicyArns")))


def denies_unknown(error: Unresolved, *inside: str | int) -> Unresolved:
    """Returns the reason that an identity with an unknown denial is left out."""
    return Unresolved(f"it is unknown what it denies: {error.reason}", fix=error.fix, inside=inside)


def _has_own_boundary(reading: Reading, key: Key) -> bool:
    return reading.elsewhere.own(*map(str, key), "permissions_boundary") is not None


def _boundary(resource: Resource) -> str | None:
    with within("PermissionsBoundary"):
        return resource.text("PermissionsBoundary")


def _inline(reading: Reading, resource: Resource, settings: _Settings) -> None:
    try:
        with within("Policies"):
            policies = resource.items("Policies")
    except Unresolved as error:
        if may_deny(resource.raw("Policies")):
            raise
        reading.leave_out(resource, error)
        return
    for index, written in policies:
        with within("Policies", index):
            try:
                policy = _policy(resource, written)
            except Unresolved as error:
                if may_deny(written):
                    raise
                reading.leave_out(resource, Unresolved(error.reason, fix=error.fix, inside=("Policies", index)))
                continue
            place = resource.place("Policies", index, "PolicyDocument")
            read = known_document(resource, policy.get("PolicyDocument"), place)
            if read.unknown_deny is not None:
                raise denies_unknown(read.unknown_deny)
            name = _policy_name(reading, resource, index, policy.get("PolicyName"))
        for note in read.left_out:
            reading.add_left_out(note)
        if not read.is_lost:
            key: Key = ("inline_policies", name)
            settings.values.append((key, read.document, place))
            settings.statements |= {(*key, *inside): at for inside, at in read.places.items()}


def _policy(resource: Resource, written: Any) -> dict[str, Any]:
    policy = resource.template.resolver.branch(written)
    if not isinstance(policy, dict) or "PolicyDocument" not in policy:
        policy = resource.resolve(written)
    if not isinstance(policy, dict):
        raise Unresolved(f"it is {kind_of(policy)}, not a policy")
    return policy


def _policy_name(reading: Reading, resource: Resource, index: int, written: Any) -> str:
    """Returns an inline policy's name; an unknown one is generated, since it does not affect any decision."""
    try:
        name: str = fitting(PolicyName, text_of(resource.resolve(written)), "policy name")
    except Unresolved as error:
        name = f"{resource.logical_id}-{index}"
        inside = ("Policies", index, "PolicyName")
        reading.add_note(resource, f"PolicyName is {name} here, because {error.reason}", *inside, fix=error.fix)
    return name


def _tags(reading: Reading, resource: Resource, settings: _Settings) -> None:
    """Reads tags; a tag must be known if any policy may depend on tags."""
    for index, written in known_items(reading, resource, "Tags"):
        try:
            with within("Tags", index):
                name, value = _tag(resource.resolve(written))
        except Unresolved as error:
            if reading.elsewhere.depends_on_tags() or "Tag/" in str(reading.template.data):
                raise
            reading.leave_out(resource, error)
        else:
            settings.values.append((("tags", name), value, resource.place("Tags", index)))


def _tag(tag: Any) -> tuple[str, str]:
    if not isinstance(tag, dict) or not {"Key", "Value"} <= tag.keys():
        raise Unresolved("it does not have a Key and a Value")
    return text_of(tag["Key"]), text_of(tag["Value"])


def _put(reading: Reading, key: Key, settings: _Settings) -> None:
    for inside, value, place in settings.values:
        reading.part.put((*key, *inside), value, place)
    reading.part.places.update({(*key, *inside): place for inside, place in settings.statements.items()})
    for arn, place in settings.attached:
        reading.part.append((*key, "policies"), arn, place)
