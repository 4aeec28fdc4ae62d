"""The kinds of mistakes that ``make diagnose`` makes, and the scenarios that make one of the same kind.

A scenario is of a kind if it changes a setting that mutants of the kind change, in the way the kind is called for, and
its login does not arrive. What kind a change of a text is can be read from the text before and the text after.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from emulator.scenarios.scenario_file import Scenario
from emulator.world import World, load_world
from tests.catalogue.cases import Case
from tests.catalogue.settings import Setting, setting_of
from tests.diagnose.mutants import Kind, key_of, mutant_files

KINDS: tuple[str, ...] = get_args(Kind)
_REGION = re.compile(r"\b[a-z]{2}(?:-gov)?-[a-z]+-\d\b")
_URL = re.compile(r"https?://|urn:")


def _differ_in(pattern: re.Pattern[str], before: str, after: str) -> bool:
    return bool(pattern.search(before) and pattern.search(after)) and pattern.findall(before) != pattern.findall(after)


def _is_near(before: str, after: str) -> bool:
    return before.lower() != after.lower() and difflib.SequenceMatcher(None, before, after).ratio() > 0.85


def _has_another_form(before: str, after: str) -> bool:
    return bool({*re.findall(r"[^\w]", after)} - {*re.findall(r"[^\w]", before)}) or after.isdigit() != before.isdigit()


def _differ(before: str, after: str) -> bool:
    return before != after


# What a change of a text has to be; the other kinds are known by the settings that they change.
TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "absent": lambda before, after: bool(before) and not after,
    "address": lambda before, after: bool(_URL.match(before) and _URL.match(after)) and before != after,
    "arn": lambda before, after: "arn:" in before and "arn:" in after and before != after,
    "case": lambda before, after: before != after and before.lower() == after.lower(),
    "form": _has_another_form,
    "name": lambda before, after: bool(before and after) and not _URL.match(after) and before != after,
    "region": lambda before, after: _differ_in(_REGION, before, after),
    "typo": _is_near,
}


@cache
def settings_of_kinds() -> Mapping[str, frozenset[Setting]]:
    """Returns the settings that the mutants of each kind change."""
    found: dict[str, set[Setting]] = {kind: set() for kind in KINDS}
    for file in mutant_files():
        for mutant in file.mutants:
            for pointer in file.changes(mutant) if not mutant.harmless else ():
                setting = setting_of(key_of(pointer))
                if setting is not None:
                    found[mutant.kind].add(setting)
    return {kind: frozenset(settings) for kind, settings in found.items()}


def shows(case: Case, kind: str) -> bool:
    """Returns whether a scenario makes a mistake of a kind, and its login does not arrive."""
    if case.arrives:
        return False
    scenario = case.scenario
    if kind == "frame" and any(step.frame is not None for step in scenario.settings.then):
        return True
    settings = settings_of_kinds()[kind]
    is_so = TEXTS.get(kind, _differ)
    base = _base_of(scenario)
    return any(
        setting_of(key_of(pointer)) in settings and any(is_so(*texts) for texts in _texts(base, pointer, value))
        for pointer, value in scenario.settings.changes.items()
    )


@cache
def _world(file: str) -> World:
    return load_world(Path(file))


def _base_of(scenario: Scenario) -> Any:
    """Returns the data of a scenario's world file without its changes."""
    return _world(scenario.world.document.file).document.data


def _texts(data: Any, pointer: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yields each text that a change replaces with the one that it puts there; empty where there is none."""
    for part in key_of(pointer):
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            data = None
            break
    before, after = dict(_leaves(data, ())), dict(_leaves(value, ()))
    for path in dict.fromkeys((*before, *after)):
        yield before.get(path, ""), after.get(path, "")
    gone, come = sorted({*_keys(data)} - {*_keys(value)}), sorted({*_keys(value)} - {*_keys(data)})
    yield from zip(gone, come, strict=False)  # keys that were renamed


def _leaves(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, Mapping):
        for name, inner in node.items():
            yield from _leaves(inner, (*path, str(name)))
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _leaves(inner, (*path, str(index)))
    elif node is not None:
        yield path, str(node)


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, inner in node.items():
            yield str(name)
            yield from _keys(inner)
