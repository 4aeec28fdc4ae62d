"""All changes proposed for a failed login; those that give nothing up come first."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulator.building.comparison import compared
from emulator.building.places import owner_key, world_key
from emulator.diagnosis.origins import Origin, OriginKind, origin_of
from emulator.fixes import aws_candidates, okta_candidates
from emulator.fixes.candidate import REMOVED, Candidate, Edit, Finding
from emulator.kernel.explanations import SOURCE_IP, Asked, Setting
from emulator.worldfile.text.yaml_data import value_at
from emulator.worldfile.text.yaml_file import key_text

if TYPE_CHECKING:
    from emulator.federation import Federation

_SET_SINCE = frozenset({OriginKind.API, OriginKind.STATE})


def candidates_of(finding: Finding, federation: Federation) -> list[Candidate]:
    """Returns the proposed changes, each once, the most plausible first and those that give something up last.

    Args:
        finding: The failed login.
        federation: Federation in which it was made.
    """
    proposed = [*_set_back(finding, federation), *_from_address(finding), *_of_both_sides(finding)]
    different: list[Candidate] = []
    for each in proposed:
        if all(each.edits != other.edits for other in different):
            different.append(each)
    return sorted(different, key=lambda each: bool(each.warning))


def _set_back(finding: Finding, federation: Federation) -> Iterator[Candidate]:
    """Yields the world's values, where a call or a loaded state has changed them."""
    for setting in finding.diagnosis.settings:
        built = federation.as_built.get(owner_key(setting.owner))
        if built is not None and origin_of(setting, federation).kind in _SET_SINCE:
            key = world_key(Setting(built, compared(setting, built).path), finding.world)
            said, depth = value_at(finding.world.document.data, key)
            edit = Edit(key, said if depth == len(key) else REMOVED)
            yield Candidate(f"Set {key_text(key[2:])} back to what {finding.world.document.file} says", (edit,))


def _from_address(finding: Finding) -> Iterator[Candidate]:
    """Yields an address that a policy allows, for a person without an address in the world."""
    diagnosis, user = finding.diagnosis, finding.login.user
    by_default = any(each.kind is OriginKind.DEFAULT and _is_address(each) for each in diagnosis.origins)
    if not by_default or not any(cause == Asked(SOURCE_IP) for cause in diagnosis.causes):
        return
    try:
        network = ipaddress.ip_network(diagnosis.want.split(" or ")[0].split(",")[0], strict=False)
    except ValueError:
        return
    address = str(next(iter(network.hosts()), network.network_address))
    for name, org in finding.world.settings.okta.items():
        if user in org.users:
            key = ("okta", name, "users", user, "source_ip")
            yield Candidate(f"Let {user} log in from {address}", (Edit(key, address),))


def _is_address(origin: Origin) -> bool:
    return origin.location is not None and origin.location.key.endswith(".source_ip")


def _of_both_sides(finding: Finding) -> Iterator[Candidate]:
    """Yields the proposals of both sides, the side of the likeliest setting first."""
    sides = [owner_key(setting.owner)[0] for setting in finding.diagnosis.settings]
    proposing = (aws_candidates.propose, okta_candidates.propose)
    for propose in proposing if sides[:1] == ["aws"] else reversed(proposing):
        yield from propose(finding)
