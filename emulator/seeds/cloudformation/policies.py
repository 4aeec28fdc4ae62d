"""Managed policies of a template, and policies that it adds to its own or other roles, users and groups.

Spec: AWS CloudFormation Template Reference, AWS::IAM::ManagedPolicy, Policy, RolePolicy, UserPolicy, GroupPolicy
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from emulator.seeds.cloudformation.denials import may_deny
from emulator.seeds.cloudformation.policy_statements import ReadPolicy, known_document
from emulator.seeds.cloudformation.reading import Reading, fitting
from emulator.seeds.cloudformation.resources import Resource
from emulator.seeds.cloudformation.values import Unresolved, named_by, text_of, within
from emulator.worldfile.schema.settings import PolicyName
from emulator.worldfile.text.yaml_data import Key

_IDENTITIES: Final = (("Roles", "roles"), ("Users", "users"), ("Groups", "groups"))
_ONE_IDENTITY: Final = {
    "AWS::IAM::RolePolicy": ("RoleName", "roles"),
    "AWS::IAM::UserPolicy": ("UserName", "users"),
    "AWS::IAM::GroupPolicy": ("GroupName", "groups"),
}


def read_managed_policies(reading: Reading) -> None:
    """Reads the documents of managed policies."""
    reading.each("AWS::IAM::ManagedPolicy", _managed_policy)


def read_additions(reading: Reading) -> None:
    """Reads policies that are attached or added to roles, users and groups, which must have been read before."""
    reading.each("AWS::IAM::ManagedPolicy", _attachments)
    for kind in ("AWS::IAM::Policy", *_ONE_IDENTITY):
        reading.each(kind, _inline_policy)


def _managed_policy(reading: Reading, resource: Resource) -> None:
    with within("ManagedPolicyName"):
        name = fitting(PolicyName, resource.name, "policy name")
    try:
        resource.text("ManagedPolicyName")
    except Unresolved as error:
        reading.add_note(
            resource, f"it is called {name} here, because {error.reason}", "ManagedPolicyName", fix=error.fix
        )
    arn = resource.arn
    policy = _document(resource)
    unknown = policy.unknown_deny or _unknown_existence(resource, policy)
    if unknown is not None:
        reading.unknown_denies[arn] = unknown
        here = "everything" if policy.unknown_deny is not None else "what it says"
        reading.leave_out(resource, Unresolved(f"{unknown.reason}; it denies {here} here", fix=unknown.fix))
    for note in policy.left_out:
        reading.add_left_out(note)
    if resource.unknown is not None and unknown is None:
        reading.lost_policies.add(arn)
        resource.require_it()
    if policy.is_lost:
        reading.lost_policies.add(arn)
        return
    key: Key = ("policies", name)
    place = resource.place("PolicyDocument")
    reading.part.put(key, policy.document, place)
    reading.part.places.update({(*key, *inside): at for inside, at in policy.places.items()})


def _document(resource: Resource) -> ReadPolicy:
    written = resource.raw("PolicyDocument")
    return known_document(resource, written, resource.place("PolicyDocument"))


def _unknown_existence(resource: Resource, policy: ReadPolicy) -> Unresolved | None:
    """Returns why it is not known whether a policy with a denial exists; None if it is known or nothing is denied."""
    statements = policy.document.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    denies = any(not isinstance(each, dict) or each.get("Effect") != "Allow" for each in listed)
    return resource.unknown if denies else None


def _attachments(reading: Reading, resource: Resource) -> None:
    arn = resource.arn
    if arn in reading.lost_policies:
        return
    unknown = reading.unknown_denies.get(arn)
    for kind, name, place in _identities(reading, resource, denies=_denies(resource)):
        if unknown is not None and (kind, name) in reading.created:
            reading.exclude((kind, name))
            reading.leave_out(resource, _takes_out(kind, name, unknown))
        else:
            reading.part.append((kind, name, "policies"), arn, place)
            reading.part.places.setdefault((kind, name), resource.place())


def _takes_out(kind: str, name: str, unknown: Unresolved) -> Unresolved:
    """Returns the reason why an identity is left out along with its policy."""
    reason = f"the {kind[:-1]} {name} is left out, because it is unknown what this denies: {unknown.reason}"
    return Unresolved(reason, fix=unknown.fix)


def _inline_policy(reading: Reading, resource: Resource) -> None:
    if resource.raw("PolicyDocument") is None:
        raise Unresolved("PolicyDocument is not set")
    policy = _document(resource)
    unknown = policy.unknown_deny or _unknown_existence(resource, policy)
    if unknown is None:
        resource.require_it()
    try:
        policy_name = fitting(PolicyName, resource.text("PolicyName") or resource.logical_id, "policy name")
    except Unresolved:
        policy_name = resource.logical_id  # the name does not affect any decision
    for kind, name, place in _identities(reading, resource, denies=_denies(resource)):
        if unknown is not None and (kind, name) in reading.created:
            reading.exclude((kind, name))
            reading.leave_out(resource, _takes_out(kind, name, unknown))
        elif not policy.is_lost:
            _put(reading, resource, (kind, name, "inline_policies", policy_name), policy)
            for note in policy.left_out:
                reading.add_left_out(note)
            if unknown is not None:
                here = "everything" if policy.unknown_deny is not None else "what it says"
                reason = f"{unknown.reason}; it denies {name} {here} here"
                reading.leave_out(resource, Unresolved(reason, fix=unknown.fix, inside=place[3:]))


def _put(reading: Reading, resource: Resource, key: Key, policy: ReadPolicy) -> None:
    reading.part.put(key, policy.document, resource.place("PolicyDocument"))
    reading.part.places.update({(*key, *inside): at for inside, at in policy.places.items()})
    reading.part.places.setdefault(key[:2], resource.place())


def _denies(resource: Resource) -> bool:
    return may_deny(resource.raw("PolicyDocument"))


def _for_somebody(error: Unresolved) -> Unresolved:
    """Returns the reason for leaving out a policy that denies something to an unknown identity."""
    reason = f"{error.reason}, so it is unknown whom this denies something"
    return Unresolved(reason, fix=error.fix, inside=error.inside)


def _identities(reading: Reading, resource: Resource, *, denies: bool) -> Iterator[tuple[str, str, Key]]:
    """Yields the identities that a policy is for: the kind, the name, and the place in the template.

    Identities that are left out are skipped, and those that are not in any file are reported. If one cannot be resolved
    and the policy denies something, every identity that it may be is left out.
    """
    for inside, kind, written in _named(reading, resource, denies=denies):
        try:
            with within(*inside):
                name = named_by(text_of(resource.resolve(written)))
        except Unresolved as error:
            reading.leave_out(resource, _for_somebody(error) if denies else error)
            if denies:
                reading.exclude_mentioned(written)
            continue
        if (kind, name) in reading.excluded:
            continue
        try:
            with within(*inside):
                reading.require_identity(kind, name)
        except Unresolved as error:
            reading.leave_out(resource, error)
        else:
            yield kind, name, resource.place(*inside)


def _named(reading: Reading, resource: Resource, *, denies: bool) -> Iterator[tuple[Key, str, object]]:
    if resource.kind in _ONE_IDENTITY:
        name, kind = _ONE_IDENTITY[resource.kind]
        yield (name,), kind, resource.raw(name)
        return
    for name, kind in _IDENTITIES:
        try:
            with within(name):
                items = resource.items(name)
        except Unresolved as error:
            reading.leave_out(resource, _for_somebody(error) if denies else error)
            if denies:
                reading.exclude_mentioned(resource.raw(name))
            continue
        for index, written in items:
            yield (name, index), kind, written
