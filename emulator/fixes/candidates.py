"""Every change that is proposed for a login which did not arrive: those that give nothing up come first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulator.building.comparison import value_of
from emulator.building.places import owner_key, world_key
from emulator.diagnosis.origins import OriginKind, origin_of
from emulator.fixes.candidate import REMOVED, Candidate, Edit, Finding
from emulator.kernel.explanations import Setting
from emulator.worldfile.yaml_data import Key, value_at
from emulator.worldfile.yaml_file import key_text

if TYPE_CHECKING:
    from emulator.federation import Federation

_SET_SINCE = frozenset({OriginKind.API, OriginKind.STATE})


def candidates_of(finding: Finding, federation: Federation) -> list[Candidate]:
    """Returns the changes that are proposed, each once, the most plausible first and what gives something up last.

    Args:
        finding: The login that did not arrive.
        federation: Where it was made.
    """
    proposed = [*_set_back(finding, federation), *_as_wanted(finding)]
    different: list[Candidate] = []
    for each in proposed:
        if all(each.edits != other.edits for other in different):
            different.append(each)
    return sorted(different, key=lambda each: bool(each.warning))


def _set_back(finding: Finding, federation: Federation) -> Iterator[Candidate]:
    """Yields what the world says, where a call or a loaded state has made something else of it."""
    for setting in finding.diagnosis.settings:
        if owner_key(setting.owner) not in federation.as_built:
            continue
        if origin_of(setting, federation).kind in _SET_SINCE:
            key = _whole_document(setting, world_key(setting, finding.world))
            said, depth = value_at(finding.world.document.data, key)
            edit = Edit(key, said if depth == len(key) else REMOVED)
            yield Candidate(f"Set {key_text(key[2:])} back to what {finding.world.document.file} says", (edit,))


def _whole_document(_setting: Setting, key: Key) -> Key:
    """Returns the key of a whole policy document: what is inside one is set back with all of it."""
    return key


def _as_wanted(finding: Finding) -> Iterator[Candidate]:
    """Yields what would be right, where the explanation says so of a text."""
    diagnosis = finding.diagnosis
    for setting in diagnosis.settings:
        value = value_of(setting)
        if setting.inside or not isinstance(value, str) or value not in {diagnosis.got, ""}:
            continue
        if value == "" and diagnosis.got not in {"", "no RelayState", "none"}:
            continue
        key = world_key(setting, finding.world)
        for wanted in diagnosis.want.split(" or "):
            if wanted and " " not in wanted:
                yield Candidate(f"Set {_words(key)}", (Edit(key, wanted),))


def _words(key: Key) -> str:
    return f"the {str(key[-1]).replace('_', ' ')} of {key[-2]}"
