"""Changes of a role's permissions: its policies, its permissions boundary, and the organization's policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.fixes.aws import conditions, denials, statements
from emulator.fixes.aws.places import GUARDRAIL, Place, as_list, policy_at
from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import APPENDED

_INLINE_NAME = "amazon-connect-federation"
_WITHOUT_BOUNDARY = "It takes the permissions boundary away, which then limits nothing."
_FULL_ACCESS = "FullAWSAccess leaves it to the account's own policies what is allowed."


def propose_in_policy(place: Place) -> Iterator[Candidate]:
    """Proposes changes inside a policy.

    Args:
        place: Place in the policy that decided.
    """
    inside = place.setting.inside
    if denials.is_denial(place):
        yield from denials.propose(place, denials.action_asked_for(place))
    elif "Condition" in inside:
        yield from conditions.propose(place)
    elif "NotAction" in inside or "NotResource" in inside:
        yield from statements.exceptions(place)
        yield from statements.another(place)
    elif "Action" in inside:
        yield from statements.actions(place)
    elif "Resource" in inside:
        yield from statements.resources(place)
    elif inside in {(), ("Version",)}:
        yield from statements.version(place)


def propose_attached(place: Place) -> Iterator[Candidate]:
    """Proposes to attach a policy to a role, or to write one.

    Args:
        place: Place of a role's or user's managed policies, or of one of them; ``wanted`` is a policy's name or a
            statement.
    """
    path = place.setting.path
    key = place.key[:-1] if isinstance(path[-1], int) else place.key
    whose = f"{path[0].removesuffix('s')} {place.name}"  # type: ignore[union-attr]  # the first is a name
    console = f"IAM console > {str(path[0]).capitalize()} > {place.name} > Permissions"
    if isinstance(place.wanted, str):
        there = place.finding.world.document.data
        for part in key:
            there = there.get(part) if isinstance(there, dict) else None
        edit = Edit((*key, APPENDED), place.wanted) if isinstance(there, list) else Edit(key, [place.wanted])
        yield place.candidate(f"Attach policy {place.wanted} to {whose}", edit, console=console)
    elif place.wanted is None and isinstance(path[-1], int):
        title = f"Detach policy {str(place.data).rpartition('/')[2]} from {whose}"
        yield place.candidate(title, Edit(place.key, REMOVED), warning=denials.DELETES, console=console)
    elif isinstance(place.wanted, dict):
        yield from _inline(place, (*place.account_key, path[0], place.name), whose, console)


def _inline(place: Place, key: Key, whose: str, console: str) -> Iterator[Candidate]:
    document = {"Version": "2012-10-17", "Statement": [place.wanted]}
    known = policy_at(place.finding, (*key, "inline_policies"))
    names = (_INLINE_NAME, *(f"{_INLINE_NAME}-{number}" for number in range(2, 9)))
    name = next((each for each in names if not (isinstance(known, dict) and each in known)), _INLINE_NAME)
    title = f"Give {whose} an inline policy that allows {place.wanted['Action']} on {place.wanted['Resource']}"
    yield place.candidate(title, Edit((*key, "inline_policies", name), document), console=console)


def propose_boundary(place: Place) -> Iterator[Candidate]:
    """Proposes another permissions boundary, and last none.

    Args:
        place: Place of the boundary of a role or user.
    """
    action = _action(place.wanted)
    written = str(place.data or "")
    for name in _policies_of(place):
        document = policy_at(place.finding, (*place.account_key, "policies", name))
        if name != written and statements.names(document, action):
            yield place.candidate(f"Make {name} the permissions boundary of {place.name}", Edit(place.key, name))
    title = f"Remove the permissions boundary of {place.name}"
    yield place.candidate(title, Edit(place.key, REMOVED), warning=_WITHOUT_BOUNDARY)


def is_used_otherwise(place: Place) -> bool:
    """Returns whether a boundary's policy is also attached to somebody, so that it grants permissions too."""
    return str(place.data or "").rpartition("/")[2] in _attached(place)


def _attached(place: Place) -> set[str]:
    """Returns the names of the policies that are attached in the account."""
    account = place.finding.world.settings.aws.get(place.account_id)
    if account is None:
        return set()
    of_each = (
        *(role.policies for role in account.roles.values()),
        *(user.policies for user in account.users.values()),
        *(group.policies for group in account.groups.values()),
    )
    return {name.rpartition("/")[2] for names in of_each for name in names}


def _policies_of(place: Place) -> list[str]:
    """Returns the names of the account's policies, first those attached to nobody, which are meant as limits."""
    account = place.finding.world.settings.aws.get(place.account_id)
    attached = _attached(place)
    return sorted(account.policies, key=lambda name: name in attached) if account is not None else []


def propose_in_organization(place: Place) -> Iterator[Candidate]:
    """Proposes to attach FullAWSAccess again, or to allow the request in a policy of the organization.

    Args:
        place: Place of its attachment, or of all the organization's policies.
    """
    level = place.key[:-1]
    lacking = place.wanted if isinstance(place.wanted, dict) else None
    scps: Any = policy_at(place.finding, (*level, "scps"))
    for name in list(scps)[:1] if lacking is not None and isinstance(scps, dict) else ():
        document = policy_at(place.finding, (*level, "scps", name))
        written = as_list(document.get("Statement") if isinstance(document, dict) else None)
        edit = Edit((*level, "scps", name, "Statement"), [*written, lacking])
        title = f"Allow {lacking['Action'] if lacking else ''} in the service control policy {name}"
        yield place.candidate(title, edit, warning=GUARDRAIL)
    if "resource_control_policies" not in place.setting.path:
        console = "AWS Organizations console > Policies > Service control policies > FullAWSAccess"
        edit = Edit((*level, "full_aws_access"), True)
        yield place.candidate("Attach FullAWSAccess", edit, warning=_FULL_ACCESS, console=console)


def _action(wanted: object) -> str:
    return str(wanted["Action"]) if isinstance(wanted, dict) and "Action" in wanted else "connect:GetFederationToken"
