"""Changes of a role besides its policies: its session length, its tags, its path, and creating a missing role."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from emulator.fixes.aws import statements
from emulator.fixes.aws.places import Place, policy_at
from emulator.fixes.aws.record import ArnParts, arn_parts, instance_arn, is_of_another_account, pairs_asked_for
from emulator.fixes.candidate import Candidate, Edit, Finding
from emulator.flow import RolePair
from emulator.kernel.differences import nearest
from emulator.kernel.partitions import PARTITIONS
from emulator.worldfile.text.yaml_data import Key

_ACTION = "connect:GetFederationToken"
_LONGEST = 43_200


def propose_duration(place: Place) -> Iterator[Candidate]:
    """Proposes the requested session length, up to AWS's maximum."""
    if isinstance(place.wanted, int) and place.wanted <= _LONGEST:
        title = f"Set the maximum session duration of role {place.name} to {place.wanted} seconds"
        console = f"IAM console > Roles > {place.name} > Summary > Edit > Maximum session duration"
        yield place.candidate(title, Edit(place.key, place.wanted), console=console)


def propose_tags(place: Place) -> Iterator[Candidate]:
    """Proposes the tags that a condition requires of a role."""
    for name, value in place.wanted.items() if isinstance(place.wanted, dict) else ():
        title = f"Tag role {place.name} with {name}: {value}"
        edit = Edit((*place.account_key, "roles", place.name, "tags", name), value)
        yield place.candidate(title, edit, console=f"IAM console > Roles > {place.name} > Tags")


def propose_missing(finding: Finding) -> Iterator[Candidate]:
    """Proposes the role that the message names and its account lacks."""
    for pair in pairs_asked_for(finding):
        parts = arn_parts(pair.role_arn)
        account = finding.world.settings.aws.get(parts.account_id) if parts is not None else None
        if parts is None or account is None or account.partition != parts.partition:
            continue
        if is_of_another_account(finding, pair):
            continue
        named = account.roles.get(parts.name)
        if named is not None and named.path != parts.path:
            yield _with_path(parts)
        elif named is None:
            yield _made(finding, pair, parts)


def _with_path(parts: ArnParts) -> Candidate:
    edit = Edit(("aws", parts.account_id, "roles", parts.name, "path"), parts.path)
    title = f"Create role {parts.name} with the path {parts.path}, which no role can change later"
    return Candidate(title, (edit,), "IAM console > Roles > Create role")


def _made(finding: Finding, pair: RolePair, parts: ArnParts) -> Candidate:
    """Returns the new role: modelled on a similar one, or with its own trust policy and permissions."""
    roles: Any = policy_at(finding, ("aws", parts.account_id, "roles")) or {}
    trusting = [name for name in roles if pair.provider_arn in str(policy_at(finding, _trust(parts, name)))]
    near = nearest(parts.name, trusting) or (trusting[0] if len(trusting) == 1 else None)
    if near is not None:
        role = copy.deepcopy(roles[near])
        role.pop("path", None)
        title = f"Create role {parts.name} as {near} is"
    else:
        role = {"trust": _trust_of(pair.provider_arn, parts.partition), **_permissions(finding, parts.account_id)}
        title = f"Create role {parts.name}, which {pair.provider_arn} may open"
    if parts.path != "/":
        role = {"path": parts.path, **role}
    edit = Edit(("aws", parts.account_id, "roles", parts.name), role)
    meant = nearest(parts.name, roles)
    warning = f"There is the role {meant}, which may be meant." if meant is not None else ""
    return Candidate(title, (edit,), "IAM console > Roles > Create role", warning, (pair.role_arn,))


def _trust(parts: ArnParts, name: str) -> Key:
    return ("aws", parts.account_id, "roles", name, "trust")


def _trust_of(provider_arn: str, partition: str) -> dict[str, Any]:
    """Returns a trust policy as IAM's console writes it for a SAML provider.

    Spec: AWS IAM UG "id_roles_create_for-idp_saml"
    Evidence: documented
    """
    domain = PARTITIONS[partition].site_domain
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": f"https://signin.{domain}/saml"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _permissions(finding: Finding, account_id: str) -> dict[str, Any]:
    """Returns what opens the requested instance: a policy of the account, or one of the role's own."""
    arn = instance_arn(finding)
    if not arn:
        return {}
    policies: Any = policy_at(finding, ("aws", account_id, "policies")) or {}
    for name in policies:
        document = policy_at(finding, ("aws", account_id, "policies", name))
        if statements.names(document, _ACTION) and arn.rpartition("/")[2] in str(document):
            return {"policies": [name]}
    statement = {"Effect": "Allow", "Action": _ACTION, "Resource": f"{arn}/user/${{aws:userid}}"}
    return {"inline_policies": {"amazon-connect-federation": {"Version": "2012-10-17", "Statement": [statement]}}}
