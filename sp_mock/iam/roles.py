"""Roles: made with a trust policy, changed, listed and deleted.

Spec: AWS IAM API "CreateRole" and its neighbours
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import DeleteConflict, EntityAlreadyExists
from sp_mock.accounts.model import Role, User
from sp_mock.arn import Arn
from sp_mock.iam.documents import MAX_TRUST, read_document, require_size
from sp_mock.iam.operations import IAM, Operation, Outcome, Work, document_text, page, read_tags, tag_members, with_tags
from sp_mock.iam.principals import ROLES, find_policy
from sp_mock.policies.documents import PolicyDocument

_DEFAULT_SECONDS = 3600


def _create(work: Work) -> Outcome:
    parameters = work.parameters
    require_new("Role", parameters["RoleName"], work.account.roles)
    arn = Arn.parse(work.arn(f"role{parameters.get('Path') or '/'}{parameters['RoleName']}"))
    if arn is None:
        raise LookupError("the service model lets no other names pass")
    boundary = parameters.get("PermissionsBoundary")
    if boundary is not None:
        find_policy(work, boundary, words="Scope ARN: {} does not exist or is not attachable.")
    role = Role(
        arn=arn,
        role_id=work.unique_id("AROA"),
        trust=_trust(work, "AssumeRolePolicyDocument"),
        permissions_boundary=boundary,
        max_session_duration_seconds=parameters.get("MaxSessionDuration") or _DEFAULT_SECONDS,
        description=parameters.get("Description") or "",
        created_at=work.now,
        tags=with_tags((), read_tags(work)),
    )
    return Outcome(ROLES.keep(work.account, role), {"Role": role_members(role)})


def _get(work: Work) -> Outcome:
    return Outcome(work.account, {"Role": {**role_members(ROLES.find(work)), "RoleLastUsed": {}}})


def _list(work: Work) -> Outcome:
    prefix = work.parameters.get("PathPrefix") or "/"
    roles = [role for role in work.account.roles.values() if path_of(role).startswith(prefix)]
    roles.sort(key=lambda role: role.name)
    return page(work, "Roles", roles, lambda role: role_members(role, listed=True))


def _update(work: Work) -> Outcome:
    role = ROLES.find(work)
    seconds = work.parameters.get("MaxSessionDuration")
    changed = replace(
        role,
        description=work.parameters.get("Description", role.description),
        max_session_duration_seconds=seconds or role.max_session_duration_seconds,
    )
    return Outcome(ROLES.keep(work.account, changed))


def _update_description(work: Work) -> Outcome:
    changed = replace(ROLES.find(work), description=work.parameters["Description"])
    return Outcome(ROLES.keep(work.account, changed), {"Role": role_members(changed)})


def _update_trust(work: Work) -> Outcome:
    role = ROLES.find(work)
    return Outcome(ROLES.keep(work.account, replace(role, trust=_trust(work, "PolicyDocument"))))


def _delete(work: Work) -> Outcome:
    role = ROLES.find(work)
    require_empty_hands(role)
    return Outcome(replace(work.account, roles={a: r for a, r in work.account.roles.items() if r is not role}))


def _instance_profiles(work: Work) -> Outcome:
    """No role here belongs to an instance profile: EC2 is not emulated."""
    ROLES.find(work)
    return Outcome(work.account, {"InstanceProfiles": [], "IsTruncated": False})


def _trust(work: Work, parameter: str) -> PolicyDocument:
    document = read_document(work, parameter, kind="trust")
    require_size(document, MAX_TRUST, sentence="Cannot exceed quota for ACLSizePerRole: {}")
    return document


def role_members(role: Role, *, listed: bool = False) -> Mapping[str, Any]:
    """Words a role. Lists leave the tags and the boundary out.

    Spec: AWS IAM API "Role", "ListRoles"
    Evidence: documented
    """
    members: dict[str, Any] = {
        "Path": path_of(role),
        "RoleName": role.name,
        "RoleId": role.role_id,
        "Arn": str(role.arn),
        "CreateDate": role.created_at,
        "AssumeRolePolicyDocument": document_text(role.trust),
        "Description": role.description or None,
        "MaxSessionDuration": role.max_session_duration_seconds,
    }
    return members if listed else {**members, **boundary_and_tags(role)}


def boundary_and_tags(holder: Role | User) -> Mapping[str, Any]:
    """Words what lists leave out."""
    boundary = holder.permissions_boundary
    return {
        "PermissionsBoundary": boundary and {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary},
        "Tags": tag_members(holder.tags) or None,
    }


def path_of(holder: Role | User) -> str:
    """Returns a role's or user's path, with a slash at both ends."""
    return "/" + "".join(f"{part}/" for part in holder.arn.resource.split("/")[1:-1])


def require_new(word: str, name: str, known: Mapping[str, Role] | Mapping[str, User]) -> None:
    """Requires that a name is free; case does not tell names apart.

    Raises:
        EntityAlreadyExists: ``Role with name … already exists.``

    Spec: AWS IAM API "CreateRole", EntityAlreadyExists
    Evidence: observed
    """
    if any(holder.name.lower() == name.lower() for holder in known.values()):
        raise EntityAlreadyExists(
            f"{word} with name {name} already exists.",
            service=IAM,
            check=word.lower(),
            evidence="observed",
            explanation="Names are compared without case.",
            where=f"parameter {word}Name",
            received=name,
            fix="Choose another name, or delete the old one first.",
            spec=f'AWS IAM API "Create{word}"',
        )


def require_empty_hands(holder: Role | User) -> None:
    """Requires that a role or user holds no policies and no access keys.

    Raises:
        DeleteConflict: ``Cannot delete entity, must …``

    Spec: AWS IAM API "DeleteRole", DeleteConflict
    Evidence: observed
    """
    keys = holder.access_keys if isinstance(holder, User) else ()
    for held, words in (
        (keys, "must delete access keys first"),
        (holder.attached_policies, "must detach all policies first"),
        (holder.inline_policies, "must delete policies first"),
    ):
        if held:
            raise DeleteConflict(
                f"Cannot delete entity, {words}.",
                service=IAM,
                check="delete-conflict",
                evidence="observed",
                explanation=f"{holder.name} still holds something.",
                where=str(holder.arn),
                fix=f"You {words}.",
                spec='AWS IAM API "DeleteRole"',
            )


OPERATIONS: Mapping[str, Operation] = {
    "CreateRole": Operation(_create, ROLES.resource),
    "GetRole": Operation(_get, ROLES.resource),
    "ListRoles": Operation(_list, ROLES.anywhere),
    "UpdateRole": Operation(_update, ROLES.resource),
    "UpdateRoleDescription": Operation(_update_description, ROLES.resource),
    "UpdateAssumeRolePolicy": Operation(_update_trust, ROLES.resource),
    "DeleteRole": Operation(_delete, ROLES.resource),
    "ListInstanceProfilesForRole": Operation(_instance_profiles, ROLES.resource),
    **ROLES.operations(),
}
