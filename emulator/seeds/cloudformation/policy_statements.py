"""Reads a template's policy documents so that an unknown part never leads to more permissions than the template gives.

In a statement that allows, an unknown action or resource is left out, and if anything else in it is unknown, so is the
whole statement. A statement that denies must be known completely.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Any, Final

from emulator.kernel.records import dataclass
from emulator.seeds.cloudformation.denials import may_deny
from emulator.seeds.cloudformation.resources import Resource
from emulator.seeds.cloudformation.values import NO_VALUE, Unresolved, text_of
from emulator.seeds.contents import SeedError, SeedNote
from emulator.seeds.policy_documents import denies_everything, policy_document
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import key_text

_DENIES: Final = {"Effect": "Deny", "Action": "*", "Resource": "*"}
_VERSION: Final = "2012-10-17"
_LOST_ALONE: Final = ("Action", "Resource")


@dataclass(slots=True)
class ReadPolicy:
    """The known part of a policy document.

    Args:
        document: The document; a statement with an unknown denial denies everything.
        places: For keys of the document, the places of the statements in the template.
        left_out: Descriptions of what was left out.
        unknown_deny: Why something that denies is not known; None if all denials are known.
    """

    document: dict[str, Any]
    places: dict[Key, Key] = field(default_factory=dict)
    left_out: list[SeedNote] = field(default_factory=list)
    unknown_deny: Unresolved | None = None

    @property
    def is_lost(self) -> bool:
        """Whether nothing of it is known; IAM itself refuses a policy without statements."""
        return bool(self.left_out) and not self.document["Statement"]


@dataclass(frozen=True, slots=True)
class _Kept:
    """The known part of a statement that allows.

    Args:
        statement: The statement; None if too little is known.
        lost: Descriptions of the unknown parts.
        places: For keys of the statement, the keys at which they are written.
    """

    statement: dict[str, Any] | None = None
    lost: str = "it"
    places: dict[Key, Key] = field(default_factory=dict)


def whole_document(resource: Resource, written: Any) -> dict[str, Any]:
    """Returns a policy document that must be known completely, such as a trust policy.

    Raises:
        Unresolved: part of it is not known here, or it is not a policy document.
    """
    document = resource.resolve(written)
    if document is None or document is NO_VALUE:
        raise Unresolved("it is not set")
    try:
        return _in_texts(policy_document(document))
    except SeedError as error:
        raise Unresolved(error.message) from None


def known_document(resource: Resource, written: Any, place: Key) -> ReadPolicy:
    """Returns the known part of a policy document that grants permissions.

    Args:
        resource: The resource that contains it.
        written: The document, unresolved.
        place: The document's place in the template.
    """
    try:
        return ReadPolicy(whole_document(resource, written))
    except Unresolved as error:
        unknown = error
    try:
        branch = resource.template.resolver.branch(written)
    except Unresolved:
        branch = None
    if branch is None and not may_deny(written):
        note = SeedNote(resource.what, f"a policy is left out, because {unknown.reason}", place, unknown.fix)
        return ReadPolicy({"Version": _VERSION, "Statement": []}, left_out=[note])
    if not isinstance(branch, dict) or "Statement" not in branch:
        return ReadPolicy(denies_everything(), unknown_deny=unknown)
    return _by_statements(resource, branch, place)


def _by_statements(resource: Resource, written: dict[str, Any], place: Key) -> ReadPolicy:
    policy = ReadPolicy({"Version": _VERSION, "Statement": []})
    if isinstance(written.get("Version"), str):
        policy.document["Version"] = written["Version"]
    for inside, statement in _statements(resource, written["Statement"]):
        at = (*place, "Statement", *inside)
        what = f"{resource.what}, {key_text(('Statement', *inside))}"
        inside_it: dict[Key, Key] = {}
        kept: dict[str, Any] | None
        try:
            kept = _in_texts({"Statement": resource.resolve(statement)})["Statement"]
        except Unresolved as error:
            if _may_deny(resource, statement):
                policy.unknown_deny = error
                kept = dict(_DENIES)
            else:
                found = _without_unknown(resource, statement)
                kept, inside_it = found.statement, found.places
                policy.left_out.append(
                    SeedNote(what, f"{found.lost} is left out, because {error.reason}", at, error.fix)
                )
        if kept is not None:
            here = ("Statement", len(policy.document["Statement"]))
            policy.places |= {here: at, **{(*here, *key): (*at, *place) for key, place in inside_it.items()}}
            policy.document["Statement"].append(kept)
    return policy


def _statements(resource: Resource, written: Any) -> Iterator[tuple[Key, Any]]:
    """Yields the unresolved statements, each with its keys below ``Statement``."""
    try:
        branch = resource.template.resolver.branch(written)
    except Unresolved:
        branch = written
    if isinstance(branch, list):
        kept = [each for each in branch if resource.template.resolver.is_there(each)]
        yield from (((index,), each) for index, each in enumerate(kept))
    else:
        yield (), branch


def _may_deny(resource: Resource, statement: Any) -> bool:
    """Returns whether a statement that is not completely known may deny something."""
    try:
        branch = resource.template.resolver.branch(statement)
        if isinstance(branch, dict) and "Effect" in branch:
            return bool(resource.resolve(branch["Effect"]) != "Allow")
    except Unresolved:
        pass  # the branch is not known, and nothing is denied if both branches allow
    return may_deny(statement)


def _without_unknown(resource: Resource, statement: Any) -> _Kept:
    """Returns the known part of a statement that allows."""
    kept = _Kept()
    try:
        branch = resource.template.resolver.branch(statement)
        if not isinstance(branch, dict):
            return kept
        known = {name: resource.resolve(each) for name, each in branch.items() if name not in _LOST_ALONE}
        lost: list[str] = []
        for name in (name for name in _LOST_ALONE if name in branch):
            items, count = _known_items(resource, branch[name])
            if not items:
                return kept
            known[name] = [value for _, value in items]
            kept.places.update({(name, index): (name, number) for index, (number, _) in enumerate(items)})
            lost += [f"{count} item{'s' if count > 1 else ''} of its {name}"] if count else []
    except Unresolved:
        return kept
    there = {name: each for name, each in known.items() if each is not NO_VALUE}
    return _Kept(_in_texts(there), " and ".join(lost), kept.places)


def _known_items(resource: Resource, written: Any) -> tuple[list[tuple[int, Any]], int]:
    """Returns the known items, each with its index, and the number of unknown ones."""
    branch = resource.template.resolver.branch(written)
    items = branch if isinstance(branch, list) else [branch]
    known: list[tuple[int, Any]] = []
    unknown = 0
    for number, each in enumerate(each for each in items if resource.template.resolver.is_there(each)):
        try:
            value = resource.resolve(each)
        except Unresolved:
            unknown += 1
        else:
            known += [(number, one) for one in (value if isinstance(value, list) else [value])]
    return known, unknown


def _in_texts(document: dict[str, Any]) -> dict[str, Any]:
    """Returns a document with numbers and booleans as strings, as CloudFormation sends them to IAM.

    Evidence: observed (in policies of stacks)
    """

    def written(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: written(each) for key, each in value.items()}
        if isinstance(value, list):
            return [written(each) for each in value]
        return text_of(value) if isinstance(value, (bool, int, float)) else value

    return {key: written(each) for key, each in document.items()}
