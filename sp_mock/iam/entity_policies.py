"""The policies, the permissions boundary and the tags of roles and users.

Spec: AWS IAM API "PutRolePolicy", "AttachRolePolicy" and their neighbours
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from emulator.kernel.errors import NoSuchEntity
from sp_mock.accounts.model import Role, User
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.iam.api_errors import IAM, over_quota
from sp_mock.iam.documents import document_text, read_document, require_size
from sp_mock.iam.entities import NO_BOUNDARY, Entity, EntityKind, attached_policy_elements
from sp_mock.iam.lists import LISTS
from sp_mock.iam.policies import find_policy
from sp_mock.iam.tags import tag_operations

_MAX_ATTACHED = 10
Bounded = TypeVar("Bounded", Role, User)


def policy_operations(kind: EntityKind[Entity]) -> Mapping[str, AccountOperation]:
    """Returns the operations on the policies of roles, users or groups."""
    word = kind.word
    operations: Mapping[str, Callable[[EntityKind[Entity], AccountCall], Result]] = {
        f"Put{word}Policy": _put_policy,
        f"Get{word}Policy": _get_policy,
        f"List{word}Policies": _list_policies,
        f"Delete{word}Policy": _delete_policy,
        f"Attach{word}Policy": _attach,
        f"Detach{word}Policy": _detach,
        f"ListAttached{word}Policies": _list_attached,
    }
    return {name: AccountOperation(partial(run, kind), kind.resource) for name, run in operations.items()}


def entity_operations(kind: EntityKind[Bounded]) -> Mapping[str, AccountOperation]:
    """Returns the operations on the policies, permissions boundary and tags of roles or users."""
    word = kind.word
    return {
        **policy_operations(kind),
        f"Put{word}PermissionsBoundary": AccountOperation(partial(_put_boundary, kind), kind.resource),
        f"Delete{word}PermissionsBoundary": AccountOperation(partial(_delete_boundary, kind), kind.resource),
        **tag_operations(word, find=kind.find, put=kind.put, resource=kind.resource, case_sensitive=False),
    }


def _put_policy(kind: EntityKind[Entity], call: AccountCall) -> Result:
    entity = kind.find_to_change(call)
    document = read_document(call, "PolicyDocument", kind="identity")
    sentence = f"Maximum policy size of {{}} bytes exceeded for {kind.word.lower()} {entity.name}"
    policies = {**entity.inline_policies, call.parameters["PolicyName"]: document}
    require_size(*policies.values(), limit=kind.max_inline, sentence=sentence)
    return Result(account=kind.put(call.account, replace(entity, inline_policies=policies)))


def _get_policy(kind: EntityKind[Entity], call: AccountCall) -> Result:
    entity = kind.find(call)
    name = call.parameters["PolicyName"]
    _require_inline(kind, entity, name)
    document = document_text(entity.inline_policies[name])
    return Result({f"{kind.word}Name": entity.name, "PolicyName": name, "PolicyDocument": document})


def _list_policies(kind: EntityKind[Entity], call: AccountCall) -> Result:
    return Result(LISTS.page(call, "PolicyNames", sorted(kind.find(call).inline_policies), lambda name: name))


def _delete_policy(kind: EntityKind[Entity], call: AccountCall) -> Result:
    entity = kind.find_to_change(call)
    deleted = call.parameters["PolicyName"]
    _require_inline(kind, entity, deleted)
    left = {name: document for name, document in entity.inline_policies.items() if name != deleted}
    return Result(account=kind.put(call.account, replace(entity, inline_policies=left)))


def _require_inline(kind: EntityKind[Entity], entity: Entity, name: str) -> None:
    if name not in entity.inline_policies:
        raise NoSuchEntity(
            f"The {kind.word.lower()} policy with name {name} cannot be found.",
            service=IAM,
            check="inline-policy",
            evidence="observed",
            explanation=f"{entity.name} has no inline policy of this name.",
            where="parameter PolicyName",
            expected=" or ".join(entity.inline_policies) or "an existing inline policy",
            received=name,
            spec=f'AWS IAM API "Get{kind.word}Policy"',
        )


def _attach(kind: EntityKind[Entity], call: AccountCall) -> Result:
    entity = kind.find_to_change(call)
    arn = call.parameters["PolicyArn"]
    find_policy(call, arn, words="Policy {} does not exist or is not attachable.")
    attached: tuple[str, ...] = entity.attached_policies
    if arn in attached:
        return Result()
    if len(attached) >= _MAX_ATTACHED:
        raise over_quota(f"Cannot exceed quota for PoliciesPer{kind.word}: {_MAX_ATTACHED}")
    return Result(account=kind.put(call.account, replace(entity, attached_policies=(*attached, arn))))


def _detach(kind: EntityKind[Entity], call: AccountCall) -> Result:
    entity = kind.find_to_change(call)
    detached = call.parameters["PolicyArn"]
    if detached not in entity.attached_policies:
        raise NoSuchEntity(
            f"Policy {detached} was not found.",
            service=IAM,
            check="attached-policy",
            evidence="observed",
            explanation=f"The policy is not attached to {entity.name}.",
            where="parameter PolicyArn",
            expected=" or ".join(entity.attached_policies) or "an attached policy",
            received=detached,
            spec=f'AWS IAM API "Detach{kind.word}Policy"',
        )
    left = tuple(arn for arn in entity.attached_policies if arn != detached)
    return Result(account=kind.put(call.account, replace(entity, attached_policies=left)))


def _list_attached(kind: EntityKind[Entity], call: AccountCall) -> Result:
    attached = attached_policy_elements(kind.find(call))
    return Result(LISTS.page(call, "AttachedPolicies", attached, lambda policy: policy))


def _put_boundary(kind: EntityKind[Bounded], call: AccountCall) -> Result:
    entity = kind.find_to_change(call)
    arn = call.parameters["PermissionsBoundary"]
    find_policy(call, arn, words=NO_BOUNDARY)
    return Result(account=kind.put(call.account, replace(entity, permissions_boundary=arn)))


def _delete_boundary(kind: EntityKind[Bounded], call: AccountCall) -> Result:
    return Result(account=kind.put(call.account, replace(kind.find_to_change(call), permissions_boundary=None)))
