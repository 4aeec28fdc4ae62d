"""Leaves out of every seed what one seed cannot describe completely, if it may be denied something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.seeds.contents import HERE, SeedPart
from emulator.seeds.layers import SeedLayer
from emulator.seeds.policy_documents import NOT_KNOWN, denies_everything
from emulator.seeds.settling.things import mapping


def leave_out_excluded(account_id: str, seeds: Sequence[SeedLayer], own: Mapping[str, Any]) -> None:
    """Removes from all seeds what one of them excludes; what the world file itself defines is denied everything.

    Args:
        account_id: The account's id.
        seeds: What each seed contributes.
        own: The world file's own settings of the account.
    """
    for seed in seeds:
        for owner, kind, name in seed.contents.excluded:
            if owner not in {HERE, account_id}:
                continue
            for each in seeds:
                if each.part.has(kind, name):
                    each.part.remove((kind, name))
            if name in mapping(own, kind):
                _narrow(seed.part, kind, name, mapping(own, kind, name))


def _narrow(part: SeedPart, kind: str, name: str, own: Mapping[str, Any]) -> None:
    if kind != "saml_providers":
        part.put((kind, name, "inline_policies", NOT_KNOWN), denies_everything(), ())
    elif "assertion_encryption" not in own:
        part.put((kind, name, "assertion_encryption"), "Required", ())
