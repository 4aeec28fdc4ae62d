"""Service control policies in Terraform that are attached to the account or to the root of its organization.

No resource says which organizational unit an account is in, so attachments to organizational units are only reported.

Spec: registry.terraform.io/providers/hashicorp/aws, resources aws_organizations_policy,
    aws_organizations_policy_attachment
Evidence: documented
"""

from __future__ import annotations

import re

from emulator.seeds.arns import arn_of
from emulator.seeds.policy_documents import denies_everything
from emulator.seeds.terraform.aws.documents import NotKnown, document_of
from emulator.seeds.terraform.references import Unknown
from emulator.seeds.terraform.resources import Resource
from emulator.seeds.terraform.taking import Taking
from emulator.worldfile.text.yaml_data import Key

_POLICY, _ATTACHMENT = "aws_organizations_policy", "aws_organizations_policy_attachment"
ORGANIZATION_TYPES = frozenset({_POLICY, _ATTACHMENT})
_SCP = "SERVICE_CONTROL_POLICY"
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}", re.ASCII)
_FIX = "Set organization.scps of the account in the world file."


def read_organization(taking: Taking) -> None:
    """Adds the service control policies that apply to the account that the file is listed under."""
    attached: set[str] = set()
    for attachment in taking.managed(_ATTACHMENT):
        policy = _policy_of(taking, attachment)
        if policy is not None:
            attached.add(policy.address)
        _attach(taking, attachment, policy)
    for policy in taking.managed(_POLICY):
        if policy.address not in attached and (policy.text("type") or _SCP) == _SCP:
            taking.leave_out(policy, "it is a service control policy that the file does not attach to anything", _FIX)


def _attach(taking: Taking, attachment: Resource, policy: Resource | None) -> None:
    account_id, target = taking.settings.account_id, taking.references.text(attachment, "target_id")
    if policy is None:
        taking.leave_out(attachment, "the file does not contain the policy that it attaches", _FIX)
        return
    kind, name = policy.text("type") or _SCP, taking.references.text(policy, "name")
    organization = _organization_of(taking, policy)
    is_roots = target.startswith("r-")
    if target.isdigit() and target != account_id:
        return
    if kind != _SCP:
        taking.leave_out(attachment, f"policies of the type {kind} are not read from Terraform", "")
    elif not is_roots and target != account_id:
        where = f"the account is in {target}" if target else "it is attached to the account"
        taking.leave_out(attachment, f"it is unknown whether {where}", _FIX)
    elif not name or not organization:
        taking.leave_out(attachment, f"the {'organization' if name else 'name'} of the policy is not in the file", _FIX)
    elif account_id == _management_of(policy):
        taking.add_note(attachment, "service control policies do not apply to the management account")
    else:
        level: Key = ("organization", "levels", target, "scps") if is_roots else ("organization", "scps")
        part = taking.part(account_id)
        part.put(("organization", "id"), organization, policy.at("arn"))
        if is_roots:
            part.put(("organization", "root"), target, attachment.at("target_id"))
        try:
            part.put((*level, name), document_of(taking, policy, "content"), policy.at("content"))
        except NotKnown as error:
            taking.leave_out(policy, f"{error}, so it denies everything here", _FIX, "content")
            part.put((*level, name), denies_everything(), policy.at("content"))


def _policy_of(taking: Taking, attachment: Resource) -> Resource | None:
    """Returns the policy of an attachment; None if the file does not have it."""
    value = taking.references.value(attachment, "policy_id")
    if isinstance(value, Unknown):
        found = taking.at_address(value.address)
        return found if found is not None and found.kind == _POLICY else None
    return next((each for each in taking.both(_POLICY) if value and each.text("id") == value), None)


def _organization_of(taking: Taking, policy: Resource) -> str:
    """Returns the organization's id, from the policy's ARN or another resource; empty if it is not known."""
    arn = arn_of(policy.values.get("arn"))
    found = _ORGANIZATION.search(arn.resource) if arn is not None else None
    if found is not None:
        return found[0]
    ids = {each.text("id") for each in taking.both("aws_organizations_organization")} - {""}
    return next(iter(ids)) if len(ids) == 1 else ""


def _management_of(policy: Resource) -> str:
    arn = arn_of(policy.values.get("arn"))
    return arn.account_id if arn is not None else ""
