"""Possible changes in AWS accounts and Amazon Connect for a failed login, the most plausible first.

The settings behind a failed login are known; these modules propose their new values. A correct policy should not be
widened to fit a wrong relay state or a wrong name: a change that does so carries a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from emulator.building.places import aws_managed_policy_of, owner_key, world_key
from emulator.fixes.aws import connect_instances, connect_users, permissions, roles, saml_providers, trust_policies
from emulator.fixes.aws.places import Place
from emulator.fixes.candidate import REMOVED, Candidate, Edit, Finding
from emulator.kernel.explanations import Setting

_Proposing = Callable[[Place], Iterator[Candidate]]
_ROLE_SETTINGS: dict[str, _Proposing] = {
    "trust": trust_policies.propose,
    "attached_policies": permissions.propose_attached,
    "inline_policies": permissions.propose_in_policy,
    "permissions_boundary": permissions.propose_boundary,
    "max_session_duration_seconds": roles.propose_duration,
    "tags": roles.propose_tags,
}
_ENTITIES = frozenset({"roles", "users", "groups"})
_OF_ORGANIZATIONS = frozenset({"service_control_policies", "resource_control_policies", "policies"})
_ROLE_CHECKS = frozenset({"trust-policy", "role-not-offered", "requested-role"})


def propose(finding: Finding) -> Iterator[Candidate]:
    """Proposes changes of the AWS accounts, beginning with the likeliest mistake.

    Args:
        finding: The failed login.
    """
    seen: list[tuple[Edit, ...]] = []
    for candidate in _proposed(finding):
        if candidate.edits not in seen:
            seen.append(candidate.edits)
            yield candidate


def _proposed(finding: Finding) -> Iterator[Candidate]:
    for setting in _in_order(finding):
        yield from _of_setting(finding, setting)
    check = finding.diagnosis.check
    if check in _ROLE_CHECKS or check == "provider":
        yield from saml_providers.propose_missing(finding)
        yield from roles.propose_missing(finding)
    elif check == "connect-user":
        yield from connect_users.propose_users(finding)
    elif check in {"instance", "get-federation-token", "relay-state", "lands-on"}:
        yield from connect_instances.propose_region(finding)
        yield from connect_instances.propose_missing(finding)


def _in_order(finding: Finding) -> list[Setting]:
    """Returns the settings on AWS's side; for a boundary its policy first, unless it is also attached elsewhere."""
    settings = [each for each in finding.diagnosis.settings if owner_key(each.owner)[0] == "aws"]
    boundary = next((each for each in settings if each.path[-1] == "permissions_boundary"), None)
    if boundary is None or len(settings) < 2:
        return settings
    place = _place(finding, boundary)
    others = [each for each in settings if each is not boundary]
    return [boundary, *others] if permissions.is_used_otherwise(place) else [*others, boundary]


def _place(finding: Finding, setting: Setting) -> Place:
    return Place(finding, setting, world_key(setting, finding.world))


def _of_setting(finding: Finding, setting: Setting) -> Iterator[Candidate]:
    place = _place(finding, setting)
    kind = str(setting.path[0])
    part = str(setting.path[2]) if len(setting.path) > 2 else ""
    if kind in _ENTITIES and part in _ROLE_SETTINGS:
        yield from _ROLE_SETTINGS[part](place)
    elif (kind == "policies" and not aws_managed_policy_of(setting)) or _is_of_organization(setting):
        yield from permissions.propose_in_policy(place)
    elif kind == "organization":
        yield from permissions.propose_in_organization(place)
    elif kind == "saml_providers":
        yield from saml_providers.propose(place)
    elif kind == "instances":
        yield from connect_instances.propose(place)
    elif kind == "disabled_sts_regions":
        yield from _region(place)


def _is_of_organization(setting: Setting) -> bool:
    return setting.path[0] == "organization" and len(setting.path) > 2 and setting.path[-2] in _OF_ORGANIZATIONS


def _region(place: Place) -> Iterator[Candidate]:
    """Proposes to activate STS in a region where the account has deactivated it."""
    regions = place.data if isinstance(place.data, list) else []
    if place.wanted in regions:
        title = f"Activate STS in {place.wanted}"
        console = "IAM console > Account settings > Security Token Service (STS) > Endpoints"
        yield place.candidate(title, Edit((*place.key, regions.index(place.wanted)), REMOVED), console=console)
