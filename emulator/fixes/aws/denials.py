"""Changes of a statement that denies: an exception first, and last the removal of the statement or the policy.

A Deny was written on purpose, unless the policy has nothing else and ought to allow: then it says the opposite of what
was meant. Every change of a Deny carries a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.fixes.aws.places import Place, as_list, policy_at, statements_of, without_last_index
from emulator.fixes.aws.statements import names
from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.kernel.client_connection import DEFAULT_SOURCE_IP
from emulator.worldfile.text.yaml_data import Key, value_at

_EXCEPTION = "It makes an exception to a Deny that somebody set: ask whoever did."
DELETES = "It deletes a Deny, which then keeps nobody out."
_ALLOWS = "It makes an Allow of a Deny: what was denied is allowed then."


def propose(place: Place, action: str) -> Iterator[Candidate]:
    """Proposes changes of a statement that denies what was requested.

    Args:
        place: Place of the statement, or of an element of it.
        action: The requested action: ``connect:GetFederationToken``.
    """
    statement = place.statement
    if not statement or DEFAULT_SOURCE_IP in as_list(place.wanted):
        return  # an address that is only the emulator's is not a policy's fault
    if _ought_to_allow(place, action):
        edit = place.edit((*statement, "Effect"), "Allow")
        yield place.candidate(f"Set Effect to Allow in {place.label}", edit, warning=_ALLOWS)
    yield from _condition(place)
    yield from _actions(place, statement, action)
    yield from _without(place, statement)


def _ought_to_allow(place: Place, action: str) -> bool:
    """Whether a policy that only denies ought to allow, because nothing else of the role would."""
    if place.setting.path[0] == "organization":
        return False
    if any(each.get("Effect") == "Allow" for _, each in statements_of(place.document)):
        return False
    if place.setting.path[-1] == "trust" or place.is_boundary:
        return True
    others = (document for key, document in policies_of_role(place) if key != place.key)
    return not any(names(document, action) for document in others)


def policies_of_role(place: Place) -> Iterator[tuple[Key, Any]]:
    """Yields the policies of the assumed role, each with its world key."""
    role: Key = (*place.account_key, "roles", place.finding.login.role.rpartition("/")[2])
    data, depth = value_at(place.finding.world.document.data, role)
    if depth != len(role) or not isinstance(data, dict):
        return
    attached = ((*place.account_key, "policies", str(name).rpartition("/")[2]) for name in data.get("policies") or ())
    inline = ((*role, "inline_policies", name) for name in data.get("inline_policies") or ())
    for key in (*attached, *inline):
        yield key, policy_at(place.finding, key)


def _condition(place: Place) -> Iterator[Candidate]:
    """Handles a Deny for everybody except those in its condition, or only for those."""
    inside = place.setting.inside
    values = place.wanted if isinstance(place.wanted, list) else []
    if "Condition" not in inside or not values:
        return
    at = inside.index("Condition")
    operator, key, condition = str(inside[at + 1]), str(inside[at + 2]), inside[: at + 3]
    for value in values:
        if "Not" in operator:
            title = f"Add {value} to the exceptions of {key} in {place.label}"
            yield place.candidate(title, place.add(condition, value), warning=_EXCEPTION)
        elif (edit := place.remove(condition, value)) is not None:
            yield place.candidate(f"Take {value} out of {key} in {place.label}", edit, warning=_EXCEPTION)


def _actions(place: Place, statement: Key, action: str) -> Iterator[Candidate]:
    """Handles a Deny of several actions, of every action, or of all but some."""
    if place.written((*statement, "NotAction")) is not None:
        adding = place.add((*statement, "NotAction"), action)
        yield place.candidate(f"Add {action} to NotAction in {place.label}", adding, warning=_EXCEPTION)
        return
    inside: Key = (*statement, "Action")
    written = place.written(inside)
    named = next((each for each in as_list(written) if str(each).lower() == action.lower()), None)
    edit = place.remove(inside, named)
    if edit is not None:
        yield place.candidate(f"Take {named} out of the Deny in {place.label}", edit, warning=_EXCEPTION)
    elif as_list(written) == ["*"]:
        edits = (place.edit(inside, REMOVED), place.edit((*statement, "NotAction"), action))
        yield place.candidate(f"Leave {action} out of the Deny in {place.label}", *edits, warning=_EXCEPTION)


def _without(place: Place, statement: Key) -> Iterator[Candidate]:
    statements = place.written(("Statement",))
    if isinstance(statements, list) and len(statements) > 1:
        yield place.candidate(f"Delete the Deny from {place.label}", place.edit(statement, REMOVED), warning=DELETES)
        return
    path = place.setting.path
    if path[0] == "organization" or "inline_policies" in path:
        yield place.candidate(f"Delete {place.label}", Edit(place.key, REMOVED), warning=DELETES)
    elif path[0] == "policies":
        yield from _detached(place)


def _detached(place: Place) -> Iterator[Candidate]:
    """Proposes to detach the denying policy from the assumed role."""
    role = place.finding.login.role.rpartition("/")[2]
    of_account: Any = place.finding.world.settings.aws.get(place.account_id)
    settings = of_account.roles.get(role) if of_account is not None else None
    if settings is None:
        return
    own = (place.name, str(place.setting.path[1]))
    key: Key = (*place.account_key, "roles", role)
    for index, name in enumerate(settings.policies):
        if name in own:
            title = f"Detach policy {place.name} from role {role}"
            console = f"IAM console > Roles > {role} > Permissions"
            yield place.candidate(title, Edit((*key, "policies", index), REMOVED), warning=DELETES, console=console)


def is_denial(place: Place) -> bool:
    """Returns whether a place is in a statement that denies."""
    statement = place.written(place.statement) if place.statement else None
    return isinstance(statement, dict) and statement.get("Effect") == "Deny"


def action_asked_for(place: Place) -> str:
    """Returns the action that a Deny blocks: for a trust policy the one that assumes the role, else Connect's."""
    is_of_assuming = place.setting.path[-1] == "trust" or "resource_control_policies" in place.setting.path
    if is_of_assuming:
        named = place.written(without_last_index(place.setting.inside)) if "Action" in place.setting.inside else None
        of_sts = (str(each) for each in as_list(named) if str(each).lower().startswith("sts:") and "*" not in str(each))
        return next(of_sts, "sts:AssumeRoleWithSAML")
    return "connect:GetFederationToken"
