"""Changes of an Allow that does not apply: its action, its resource, and the policy's version."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from fnmatch import fnmatchcase

from emulator.fixes.aws.places import Place, as_list, statements_of, without_last_index
from emulator.fixes.candidate import Candidate
from emulator.kernel.differences import nearest
from emulator.worldfile.text.yaml_file import APPENDED

_SIMILAR = 0.85
_WIDER = "It takes an exception out of the policy, which then allows more."


def actions(place: Place) -> Iterator[Candidate]:
    """Proposes to correct a misspelt action, or to add the missing one.

    Args:
        place: Place of an action in an Allow; ``wanted`` is the right one, or a statement that has it.
    """
    right = place.wanted["Action"] if isinstance(place.wanted, dict) else place.wanted
    if not isinstance(right, str):
        return
    inside = place.setting.inside
    whole = without_last_index(inside)
    written = place.written(inside)
    if isinstance(written, str) and is_meant(written, right):
        yield place.candidate(f"Write {right} in place of {written} in {place.label}", place.edit(inside, right))
    yield place.candidate(f"Add {right} to Action in {place.label}", place.add(whole, right))


def is_meant(written: str, right: str) -> bool:
    """Returns whether an action is a mistake for another: a similar spelling, or the same name in another service."""
    written, right = written.lower(), right.lower()
    if "*" in written:
        return False
    same_name = written.partition(":")[2] == right.partition(":")[2]
    return (
        same_name
        or right.startswith(written)
        or nearest(right, [written]) is not None
        or difflib.SequenceMatcher(None, written, right).ratio() >= _SIMILAR
    )


def exceptions(place: Place) -> Iterator[Candidate]:
    """Proposes to remove the request from NotAction or NotResource of an Allow."""
    inside = place.setting.inside
    written = place.written(inside)
    edit = place.remove(without_last_index(inside), written)
    if edit is not None:
        element = next(str(part) for part in inside if str(part).startswith("Not"))
        yield place.candidate(f"Take {written} out of {element} in {place.label}", edit, warning=_WIDER)


def another(place: Place) -> Iterator[Candidate]:
    """Proposes a separate statement for what the others lack.

    Args:
        place: Place in the policy; ``wanted`` is the statement.
    """
    if not isinstance(place.wanted, dict) or "Effect" not in place.wanted:
        return
    written = place.written(("Statement",))
    edit = (
        place.edit(("Statement", APPENDED), place.wanted)
        if isinstance(written, list)
        else place.edit(("Statement",), [*as_list(written), place.wanted])
    )
    yield place.candidate(f"Add a statement that allows {place.wanted['Action']} to {place.label}", edit)


def resources(place: Place) -> Iterator[Candidate]:
    """Proposes to correct the wrong parts of an ARN, or to add the instance's own ARN.

    Args:
        place: Place of a resource in an Allow; ``wanted`` is the ARN as a policy should write it.
    """
    right = place.wanted["Resource"] if isinstance(place.wanted, dict) else place.wanted
    if not isinstance(right, str):
        return
    inside = place.setting.inside
    whole = without_last_index(inside)
    adding = place.candidate(f"Add {right} to Resource in {place.label}", place.add(whole, right))
    written = place.written(inside)
    if not isinstance(written, str):
        yield adding
        return
    is_of_another = _names_another_instance(place, written, right)
    if is_of_another:
        yield adding
    repaired = _repaired(written, right)
    for text in dict.fromkeys(filter(None, (repaired, right))):
        yield place.candidate(f"Set Resource to {text} in {place.label}", place.edit(inside, text))
    if not is_of_another:
        yield adding


def _names_another_instance(place: Place, written: str, right: str) -> bool:
    """Whether a resource is an existing instance that others may need."""
    mine = right.partition(":instance/")[2].partition("/")[0]
    theirs = written.partition(":instance/")[2].partition("/")[0]
    known = {key for account in place.finding.world.settings.aws.values() for key in account.connect}
    return theirs != mine and theirs in known


def _repaired(written: str, right: str) -> str:
    """Returns an ARN with its wrong parts corrected and the others unchanged; empty for a text that is not an ARN."""
    have, want = written.split(":", 5), right.split(":", 5)
    if len(have) != len(want) or len(have) != 6:
        return ""
    parts = [mine if fnmatchcase(theirs, mine) else theirs for mine, theirs in zip(have[:5], want[:5], strict=True)]
    resource = "/".join(_resource(have[5].split("/"), want[5].split("/")))
    return ":".join((*parts, resource))


def _resource(have: list[str], want: list[str]) -> Iterator[str]:
    """Yields the parts of a resource: the wanted ones, with ``user/*`` where the policy has a wildcard there."""
    for index, theirs in enumerate(want):
        mine = have[index] if index < len(have) else theirs
        if "*" in mine and fnmatchcase(theirs, mine):
            yield mine
            if index == len(have) - 1:
                return
        else:
            yield theirs


def version(place: Place) -> Iterator[Candidate]:
    """Proposes the policy version that supports variables."""
    if isinstance(place.wanted, str) and place.document is not None:
        edit = place.edit(("Version",), place.wanted)
        yield place.candidate(f"Set Version to {place.wanted} in {place.label}", edit)


def names(document: object, action: str) -> bool:
    """Returns whether a policy has an Allow for an action, whatever its other elements."""
    return any(
        statement.get("Effect") == "Allow"
        and any(fnmatchcase(action.lower(), str(each).lower()) for each in as_list(statement.get("Action")))
        for _, statement in statements_of(document)
    )
