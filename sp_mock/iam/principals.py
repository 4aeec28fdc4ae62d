"""What roles and users have in common: they hold policies, a permissions boundary and tags.

Each operation exists twice, ``PutRolePolicy`` and ``PutUserPolicy``; a ``Holder`` tells the two apart.

Spec: AWS IAM API "PutRolePolicy", "AttachRolePolicy" and their neighbours
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from emulator.kernel.errors import InvalidInput, NoSuchEntity
from sp_mock.accounts.managed_policies import ManagedPolicy
from sp_mock.accounts.model import Account, Role, User
from sp_mock.iam.documents import MAX_INLINE, read_document, require_size
from sp_mock.iam.operations import (
    IAM,
    Operation,
    Outcome,
    Work,
    document_text,
    over_quota,
    page,
    read_tags,
    tag_members,
    with_tags,
    without_tags,
)

_MAX_ATTACHED = 10


@dataclass(frozen=True, slots=True)
class Holder:
    """Roles, or users.

    Args:
        word: As actions say it: ``Role``.
        all_of: The account's, by ARN.
        keep: Puts one into the account.
        named: Its name when the call gives none: the caller's own.
    """

    word: str
    all_of: Callable[[Account], Mapping[str, Role] | Mapping[str, User]]
    keep: Callable[[Account, Any], Account]
    named: Callable[[Work], str | None] = lambda _work: None

    def find(self, work: Work) -> Any:
        """Returns the role or user that a call names.

        Raises:
            NoSuchEntity: ``The role with name … cannot be found.``

        Spec: AWS IAM API, NoSuchEntity
        Evidence: observed
        """
        name = work.parameters.get(f"{self.word}Name") or self.named(work)
        holders = self.all_of(work.account)
        found = next((holder for holder in holders.values() if holder.name == name), None)
        if found is None:
            raise NoSuchEntity(
                f"The {self.word.lower()} with name {name} cannot be found.",
                service=IAM,
                check=self.word.lower(),
                evidence="observed",
                explanation=f"Account {work.account.account_id} has no {self.word.lower()} of this name.",
                where=f"parameter {self.word}Name",
                expected=" or ".join(holder.name for holder in holders.values()) or "an existing one",
                received=name or "",
                spec=f'AWS IAM API "Get{self.word}"',
            )
        return found

    def resource(self, work: Work) -> str:
        """Returns the ARN of the role or user that a call names, there or not."""
        name = work.parameters.get(f"{self.word}Name") or self.named(work)
        known = (arn for arn, holder in self.all_of(work.account).items() if holder.name == name)
        return next(known, work.arn(f"{self.word.lower()}{work.parameters.get('Path') or '/'}{name}"))

    def anywhere(self, work: Work) -> str:
        """The resource of listing them."""
        return work.arn(f"{self.word.lower()}{work.parameters.get('PathPrefix') or '/'}")

    def operations(self) -> Mapping[str, Operation]:
        """Returns what can be done with what they hold."""
        word = self.word
        acts: Mapping[str, Callable[[Holder, Work], Outcome]] = {
            f"Put{word}Policy": _put_policy,
            f"Get{word}Policy": _get_policy,
            f"List{word}Policies": _list_policies,
            f"Delete{word}Policy": _delete_policy,
            f"Attach{word}Policy": _attach,
            f"Detach{word}Policy": _detach,
            f"ListAttached{word}Policies": _list_attached,
            f"Put{word}PermissionsBoundary": _put_boundary,
            f"Delete{word}PermissionsBoundary": _delete_boundary,
            f"Tag{word}": _tag,
            f"Untag{word}": _untag,
            f"List{word}Tags": _list_tags,
        }
        return {name: Operation(partial(act, self), self.resource) for name, act in acts.items()}


ROLES = Holder(
    "Role",
    lambda account: account.roles,
    lambda account, role: replace(account, roles={**account.roles, str(role.arn): role}),
)
USERS = Holder(
    "User",
    lambda account: account.users,
    lambda account, user: replace(account, users={**account.users, str(user.arn): user}),
    lambda work: work.caller.arn.rsplit("/", 1)[-1] if ":user/" in work.caller.arn else None,
)


def find_policy(work: Work, arn: str, *, words: str = "Policy {} was not found.") -> ManagedPolicy:
    """Returns a managed policy of the account or of AWS.

    Raises:
        InvalidInput: ``arn`` is no policy's.
        NoSuchEntity: there is none.

    Spec: AWS IAM API "GetPolicy"
    Evidence: observed
    """
    if ":policy/" not in arn:
        raise InvalidInput(
            f"ARN {arn} is not valid.",
            service=IAM,
            check="policy-arn",
            evidence="observed",
            explanation="This is not the ARN of a managed policy.",
            where="parameter PolicyArn",
            expected=work.arn("policy/NAME"),
            received=arn,
            spec='AWS IAM API "GetPolicy"',
        )
    policy = work.account.policy(arn)
    if policy is None:
        raise NoSuchEntity(
            words.format(arn),
            service=IAM,
            check="policy",
            evidence="observed",
            explanation="Neither the account nor, here, AWS has a managed policy with this ARN."
            + (" The emulator carries a few of AWS's own only." if ":iam::aws:" in arn else ""),
            where="parameter PolicyArn",
            expected=" or ".join(work.account.policies) or "an existing policy",
            received=arn,
            spec='AWS IAM API "GetPolicy"',
        )
    return policy


def _put_policy(holder: Holder, work: Work) -> Outcome:
    found = holder.find(work)
    document = read_document(work, "PolicyDocument", kind="identity")
    sentence = f"Maximum policy size of {{}} bytes exceeded for {holder.word.lower()} {found.name}"
    require_size(document, MAX_INLINE, sentence=sentence)
    policies = {**found.inline_policies, work.parameters["PolicyName"]: document}
    return Outcome(holder.keep(work.account, replace(found, inline_policies=policies)))


def _get_policy(holder: Holder, work: Work) -> Outcome:
    found, name = holder.find(work), work.parameters["PolicyName"]
    _require_inline(holder, found, name)
    answer = {
        f"{holder.word}Name": found.name,
        "PolicyName": name,
        "PolicyDocument": document_text(found.inline_policies[name]),
    }
    return Outcome(work.account, answer)


def _list_policies(holder: Holder, work: Work) -> Outcome:
    return page(work, "PolicyNames", sorted(holder.find(work).inline_policies), lambda name: name)


def _delete_policy(holder: Holder, work: Work) -> Outcome:
    found, gone = holder.find(work), work.parameters["PolicyName"]
    _require_inline(holder, found, gone)
    left = {name: document for name, document in found.inline_policies.items() if name != gone}
    return Outcome(holder.keep(work.account, replace(found, inline_policies=left)))


def _require_inline(holder: Holder, found: Role | User, name: str) -> None:
    if name not in found.inline_policies:
        raise NoSuchEntity(
            f"The {holder.word.lower()} policy with name {name} cannot be found.",
            service=IAM,
            check="inline-policy",
            evidence="observed",
            explanation=f"{found.name} has no inline policy of this name.",
            where="parameter PolicyName",
            expected=" or ".join(found.inline_policies) or "an existing inline policy",
            received=name,
            spec=f'AWS IAM API "Get{holder.word}Policy"',
        )


def _attach(holder: Holder, work: Work) -> Outcome:
    found, arn = holder.find(work), work.parameters["PolicyArn"]
    find_policy(work, arn, words="Policy {} does not exist or is not attachable.")
    if arn in found.attached_policies:
        return Outcome(work.account)
    if len(found.attached_policies) >= _MAX_ATTACHED:
        raise over_quota(f"Cannot exceed quota for PoliciesPer{holder.word}: {_MAX_ATTACHED}")
    attached = (*found.attached_policies, arn)
    return Outcome(holder.keep(work.account, replace(found, attached_policies=attached)))


def _detach(holder: Holder, work: Work) -> Outcome:
    found, gone = holder.find(work), work.parameters["PolicyArn"]
    if gone not in found.attached_policies:
        raise NoSuchEntity(
            f"Policy {gone} was not found.",
            service=IAM,
            check="attached-policy",
            evidence="observed",
            explanation=f"The policy is not attached to {found.name}.",
            where="parameter PolicyArn",
            expected=" or ".join(found.attached_policies) or "an attached policy",
            received=gone,
            spec=f'AWS IAM API "Detach{holder.word}Policy"',
        )
    attached = tuple(arn for arn in found.attached_policies if arn != gone)
    return Outcome(holder.keep(work.account, replace(found, attached_policies=attached)))


def _list_attached(holder: Holder, work: Work) -> Outcome:
    attached = [{"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in holder.find(work).attached_policies]
    return page(work, "AttachedPolicies", attached, lambda each: each)


def _put_boundary(holder: Holder, work: Work) -> Outcome:
    found, arn = holder.find(work), work.parameters["PermissionsBoundary"]
    find_policy(work, arn, words="Policy {} does not exist or is not attachable.")
    return Outcome(holder.keep(work.account, replace(found, permissions_boundary=arn)))


def _delete_boundary(holder: Holder, work: Work) -> Outcome:
    return Outcome(holder.keep(work.account, replace(holder.find(work), permissions_boundary=None)))


def _tag(holder: Holder, work: Work) -> Outcome:
    found = holder.find(work)
    return Outcome(holder.keep(work.account, replace(found, tags=with_tags(found.tags, read_tags(work)))))


def _untag(holder: Holder, work: Work) -> Outcome:
    found = holder.find(work)
    tags = without_tags(found.tags, work.parameters["TagKeys"])
    return Outcome(holder.keep(work.account, replace(found, tags=tags)))


def _list_tags(holder: Holder, work: Work) -> Outcome:
    return page(work, "Tags", tag_members(holder.find(work).tags), lambda tag: tag)
