"""Roles, users and groups as ``aws iam`` prints them, each with its policies if the output includes them.

An identity is left out if something that may deny it anything is not known: an inline policy without its document, or
a trust policy that text output has garbled.

Spec: IAM API Reference, Role, RoleDetail, User, UserDetail, Group, GroupDetail; "ListRoles" on what it leaves out
Evidence: documented
"""

from __future__ import annotations

from typing import Any

from emulator.seeds.aws_answers.answers import Answer
from emulator.seeds.aws_answers.fields import Fields, Malformed
from emulator.seeds.aws_answers.identity_names import is_named
from emulator.seeds.aws_answers.reading import Reading
from emulator.seeds.aws_answers.unknown_denials import require_known, restrictions
from emulator.worldfile.name_lists import few
from emulator.worldfile.text.yaml_data import Key

_NAMES = {"roles": "RoleName", "users": "UserName", "groups": "GroupName"}
_NOUNS = {"roles": "role", "users": "IAM user", "groups": "IAM group"}
_IN_DETAIL = ("iam get-role", "iam get-account-authorization-details")


def read_roles(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``get-role`` and ``list-roles``."""
    _each(reading, answer, "roles", "Role", "Roles")
    names = [each.data["RoleName"] for each in answer.objects("Role", "Roles") if is_named(each, "RoleName")]
    if answer.command == "iam list-roles":
        detailed = {
            each.data["RoleName"]
            for known in reading.known
            if known.answer.command in _IN_DETAIL
            for each in known.answer.objects("Role", "RoleDetailList")
            if is_named(each, "RoleName")
        }
        others = [name for name in names if name not in detailed]
        if others:
            reading.add_note(
                "aws iam list-roles",
                f"its output has neither permissions boundaries nor tags: {few(others)} "
                f"{'have' if len(others) > 1 else 'has'} none here",
                answer.fields.place,
                "Add the output of aws iam get-role for each role that has one.",
            )


def read_users(reading: Reading, answer: Answer) -> None:
    """Reads the output of IAM's ``get-user`` and ``list-users``."""
    _each(reading, answer, "users", "User", "Users")


def read_groups(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``list-groups`` and ``get-group``; the latter includes the members."""
    _each(reading, answer, "groups", "Group", "Groups")
    if answer.command != "iam get-group":
        return
    _each(reading, answer, "users", "Users")
    group = next(answer.objects("Group"), None)
    if group is not None and is_named(group, "GroupName"):
        for user in answer.objects("Users"):
            if is_named(user, "UserName"):
                part = reading.part(str(group.data.get("Arn", "")))
                key: Key = ("groups", group.data["GroupName"], "users")
                part.append(key, user.data["UserName"], (*user.place, "UserName"))


def read_details(reading: Reading, answer: Answer) -> None:
    """Reads the roles, users and groups in the output of ``get-account-authorization-details``."""
    _each(reading, answer, "groups", "GroupDetailList")
    _each(reading, answer, "roles", "RoleDetailList")
    _each(reading, answer, "users", "UserDetailList")
    with_limits = {
        each.data["RoleName"]
        for each in reading.known_objects("Role", "Roles")
        if is_named(each, "RoleName") and isinstance(each.data.get("MaxSessionDuration"), int)
    }
    roles = [each.data["RoleName"] for each in answer.objects("RoleDetailList") if is_named(each, "RoleName")]
    without = [name for name in roles if name not in with_limits and name not in reading.own_names("roles")]
    if without:
        reading.add_note(
            "aws iam get-account-authorization-details",
            f"its output has no maximum session duration; here it is an hour for {few(without)}",
            answer.fields.place,
            "Add the output of aws iam list-roles to the seeds.",
        )


def _each(reading: Reading, answer: Answer, kind: str, *names: str) -> None:
    for identity in answer.objects(*names):
        what = identity.called(_NOUNS[kind], _NAMES[kind])
        with reading.leaving_out(identity, what):
            _read(reading, kind, identity, what)


def _read(reading: Reading, kind: str, identity: Fields, what: str) -> None:
    """Reads an identity completely before it is added, so that nothing half-read is left behind."""
    name = identity.text(_NAMES[kind])
    found: list[tuple[Key, Any, Key]] = [((), {}, identity.place)]
    if "Unread" in identity.data:
        raise Malformed("one of its lines in the text output cannot be read", fix=AS_JSON)
    if kind == "roles":
        found.append((("trust",), _trust(reading, identity), (*identity.place, "AssumeRolePolicyDocument")))
        seconds, description = identity.number("MaxSessionDuration"), identity.optional_text("Description")
        if seconds:
            found.append((("max_session_duration",), seconds, (*identity.place, "MaxSessionDuration")))
        if description:
            found.append((("description",), description, (*identity.place, "Description")))
    path = identity.optional_text("Path")
    if path:
        found.append((("path",), path, (*identity.place, "Path")))
    for key, value, place in reading.tags(identity, what) if kind != "groups" else ():
        found.append((("tags", key), value, place))
    found += restrictions(kind, identity)
    attached = [
        (each.text("PolicyArn"), (*each.place, "PolicyArn")) for each in identity.objects("AttachedManagedPolicies")
    ]
    groups = list(identity.texts("GroupList")) if kind == "users" else []
    for group, place in groups:
        require_known(reading, "groups", group, place)
    require_known(reading, kind, name)
    part = reading.part(identity.optional_text("Arn"))
    for inside, value, place in found:
        if inside or not part.has(kind, name):
            part.put((kind, name, *inside), value, place)
    for arn, place in attached:
        part.append((kind, name, "policies"), arn, place)
    for group, place in groups:
        part.append(("groups", group, "users"), name, place)


AS_JSON = "Run the command again with --output json."


def _trust(reading: Reading, role: Fields) -> dict[str, Any]:
    if reading.seed.text.text_output is not None and not role.has("AssumeRolePolicyDocument"):
        raise Malformed("text output loses the keys of its trust policy", fix=AS_JSON)
    return role.document("AssumeRolePolicyDocument")
