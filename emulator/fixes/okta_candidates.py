"""What could be changed at the identity provider for a login that did not arrive, the most plausible first."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.building.places import world_key
from emulator.fixes.candidate import Candidate, Edit, Finding
from emulator.worldfile.yaml_data import Key


def propose(finding: Finding) -> Iterator[Candidate]:
    """Yields what could be changed at the identity provider."""
    for setting in finding.diagnosis.settings:
        key = world_key(setting, finding.world)
        if key[:1] == ("okta",):
            yield from _propose(key)


def _propose(key: Key) -> Iterator[Candidate]:
    if key[4:] == ("status",):
        yield Candidate("Activate the person", (Edit(key, "ACTIVE"),))
