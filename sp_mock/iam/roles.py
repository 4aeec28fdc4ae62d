"""Roles: created with a trust policy, changed, listed and deleted.

Spec: AWS IAM API "CreateRole" and its neighbours
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sp_mock.accounts.model import Role
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.iam.documents import MAX_TRUST, document_text, read_document, require_size
from sp_mock.iam.entities import ROLES, boundary_and_tags, requested_boundary, require_nothing_subordinate
from sp_mock.iam.entity_policies import entity_operations
from sp_mock.iam.identifiers import path_of, unique_id
from sp_mock.iam.lists import LISTS
from sp_mock.iam.tags import with_requested_tags
from sp_mock.policies.documents import PolicyDocument

_DEFAULT_SECONDS = 3600


def _create(call: AccountCall) -> Result:
    parameters = call.parameters
    role = Role(
        arn=ROLES.new_arn(call),
        permissions_boundary=requested_boundary(call),
        role_id=unique_id("AROA", ids=call.ids),
        trust=_trust(call, "AssumeRolePolicyDocument"),
        max_session_duration_seconds=parameters.get("MaxSessionDuration") or _DEFAULT_SECONDS,
        description=parameters.get("Description") or "",
        created_at=call.now,
        tags=with_requested_tags((), call, case_sensitive=False),
    )
    return Result({"Role": brief_role_elements(role)}, account=ROLES.put(call.account, role))


def _get(call: AccountCall) -> Result:
    return Result({"Role": {**role_elements(ROLES.find(call)), "RoleLastUsed": {}}})


def _list(call: AccountCall) -> Result:
    return Result(LISTS.page(call, "Roles", ROLES.below_path(call), lambda role: role_elements(role, listed=True)))


def _update(call: AccountCall) -> Result:
    role = ROLES.find(call)
    seconds = call.parameters.get("MaxSessionDuration")
    changed = replace(
        role,
        description=call.parameters.get("Description", role.description),
        max_session_duration_seconds=seconds or role.max_session_duration_seconds,
    )
    return Result(account=ROLES.put(call.account, changed))


def _update_description(call: AccountCall) -> Result:
    changed = replace(ROLES.find(call), description=call.parameters["Description"])
    return Result({"Role": role_elements(changed)}, account=ROLES.put(call.account, changed))


def _update_trust(call: AccountCall) -> Result:
    role = ROLES.find_to_change(call)
    return Result(account=ROLES.put(call.account, replace(role, trust=_trust(call, "PolicyDocument"))))


def _delete(call: AccountCall) -> Result:
    role = ROLES.find_to_change(call)
    require_nothing_subordinate(role, call.account)
    return Result(account=ROLES.without(call.account, role))


def _trust(call: AccountCall, parameter: str) -> PolicyDocument:
    document = read_document(call, parameter, kind="trust")
    require_size(document, limit=MAX_TRUST, sentence="Cannot exceed quota for ACLSizePerRole: {}")
    return document


def role_elements(role: Role, *, listed: bool = False) -> ResponseElements:
    """Returns a role as response elements; lists leave out the tags and the boundary.

    Spec: AWS IAM API "Role", "ListRoles"
    Evidence: documented
    """
    elements: dict[str, Any] = {
        "Path": path_of(role.arn),
        "RoleName": role.name,
        "RoleId": role.role_id,
        "Arn": str(role.arn),
        "CreateDate": role.created_at,
        "AssumeRolePolicyDocument": document_text(role.trust),
        "Description": role.description or None,
        "MaxSessionDuration": role.max_session_duration_seconds,
    }
    return elements if listed else {**elements, **boundary_and_tags(role)}


def brief_role_elements(role: Role) -> ResponseElements:
    """Returns a role as CreateRole returns it, and other answers that merely mention roles.

    Spec: AWS IAM API "CreateRole", "GetAccountAuthorizationDetails"
    Evidence: observed
    """
    left_out = {"Description", "MaxSessionDuration"}
    return {name: value for name, value in role_elements(role).items() if name not in left_out}


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateRole": AccountOperation(_create, ROLES.resource),
    "GetRole": AccountOperation(_get, ROLES.resource),
    "ListRoles": AccountOperation(_list, ROLES.list_resource),
    "UpdateRole": AccountOperation(_update, ROLES.resource),
    "UpdateRoleDescription": AccountOperation(_update_description, ROLES.resource),
    "UpdateAssumeRolePolicy": AccountOperation(_update_trust, ROLES.resource),
    "DeleteRole": AccountOperation(_delete, ROLES.resource),
    **entity_operations(ROLES),
}
