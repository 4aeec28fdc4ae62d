"""Changes of a policy's condition that is not met: its value, its operator, its key, and last its removal.

A value that is right for others stays, and the login's value is added. A condition about a person's identity may be
meant to keep this person out, so changing it comes late and carries a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from emulator.fixes.aws.places import Place, as_list
from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.kernel.client_connection import DEFAULT_SOURCE_IP
from emulator.kernel.differences import nearest
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key

KEEPS_OUT = "The condition may keep such logins out on purpose: it would let them in."
_DELETES = "It deletes a condition, which then keeps nobody out."
_SIGN_IN_URL = re.compile(
    r"https://(?:[a-z0-9-]+\.)?signin\.(?:aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)/saml(?:/acs/\w+)?"
)
_AS_LONG = 0.8
_LISTED = re.compile(r"[,;\s]+")
_ABOUT_PEOPLE = ("saml:sub", "sts:rolesessionname", "sts:sourceidentity", "aws:sourceip", "aws:requesttag/")
_ABOUT_PEOPLE_TOO = ("aws:principaltag/", "aws:userid", "saml:mail", "saml:uid", "saml:cn", "saml:edu")
_SECOND_FACTOR = ("aws:multifactorauth",)
_WITHOUT_FACTOR = "It asks for no second factor any more: have the identity provider ask for it."
# Operators whose value can be replaced; times, numbers and booleans express a rule that the login breaks.
_COMPARED = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "IpAddress")
# A condition on these keys lists alternatives, any of which a login may ask for.
_ENUMERATIONS = ("aws:requestedregion", "connect:instanceid", "aws:sourceip")


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition: its place, its operator and key as written, its value, and the login's value."""

    place: Place
    block: Key
    operator: str
    key: str
    wanted: Any

    @property
    def inside(self) -> Key:
        return (*self.block, self.operator, self.key)

    @property
    def values(self) -> list[str]:
        return [str(each) for each in as_list(self.place.written(self.inside))]

    @property
    def is_about_people(self) -> bool:
        key = self.key.lower()
        return key.startswith((*_ABOUT_PEOPLE, *_ABOUT_PEOPLE_TOO)) and key != "saml:sub_type"

    def at(self) -> str:
        return f"in {self.place.label}"

    def moved(self, operator: str, values: object) -> tuple[Edit, ...]:
        """Returns the edits that move a key to another operator."""
        alone = len(self.place.written((*self.block, self.operator)) or ()) < 2
        out = self.place.edit((*self.block, self.operator) if alone else self.inside, REMOVED)
        into: Key = (*self.block, operator)
        there = self.place.written(into)
        put = self.place.edit((*into, self.key), values) if there else self.place.edit(into, {self.key: values})
        return (put, out)

    def change(self, title: str, *edits: Edit, warning: str = "") -> Candidate:
        return self.place.candidate(f"{title} {self.at()}", *edits, warning=warning)


def propose(place: Place) -> Iterator[Candidate]:
    """Proposes changes of a condition in a statement that allows.

    Args:
        place: Place of the condition, or of one of its values.
    """
    inside = place.setting.inside
    at = inside.index("Condition")
    if len(inside) < at + 3:
        return
    condition = _Condition(place, inside[: at + 1], str(inside[at + 1]), str(inside[at + 2]), place.wanted)
    if condition.key.lower().startswith(_SECOND_FACTOR):
        yield condition.change(f"Delete the condition on {condition.key}", _deleted(condition), warning=_WITHOUT_FACTOR)
        return
    if DEFAULT_SOURCE_IP in as_list(condition.wanted):
        # The address is only the emulator's, so that no value of the policy is at fault.
        yield from _operator(condition)
        return
    if isinstance(condition.wanted, dict):
        yield from _key(condition)
    elif isinstance(condition.wanted, list) and condition.wanted:
        yield from _operator(condition)
        yield from _values(condition)
    else:
        yield from _if_it_exists(condition)
    yield condition.change(f"Delete the condition on {condition.key}", _deleted(condition), warning=_DELETES)


def _key(condition: _Condition) -> Iterator[Candidate]:
    """Proposes another key for one that does not exist."""
    for right, values in condition.wanted.items():
        put = condition.place.edit((*condition.block, condition.operator, right), values)
        out = condition.place.edit(condition.inside, REMOVED)
        yield condition.change(f"Write {right} in place of {condition.key}", put, out)


def _operator(condition: _Condition) -> Iterator[Candidate]:
    """Proposes another operator: one that is not the opposite, or that allows a list or a pattern."""
    operator, values, wanted = condition.operator, condition.values, [str(each) for each in condition.wanted]
    written = condition.place.written(condition.inside)
    name = operator.rpartition(":")[2]
    if "Not" in name and any(value in values for value in wanted):
        right = operator.replace("Not", "", 1)
        warning = "" if condition.key.lower() in {"saml:aud", "saml:iss"} else KEEPS_OUT
        yield condition.change(_renaming(operator, right), *condition.moved(right, written), warning=warning)
    right = _operator_of(condition.key, name)
    if right and (right != name or any(value in values for value in wanted)):
        yield condition.change(_renaming(operator, right), *condition.moved(right, written))
    if ":" not in operator and condition.place.finding.diagnosis.want.startswith("ForAnyValue:"):
        right = f"ForAnyValue:{operator}"
        yield condition.change(_renaming(operator, right), *condition.moved(right, written))
    if name.startswith(("StringEquals", "ArnEquals")) and any(
        fnmatchcase(value, pattern) for value in wanted for pattern in values if "*" in pattern or "?" in pattern
    ):
        right = operator.replace("Equals", "Like", 1).replace("IgnoreCase", "")
        yield condition.change(_renaming(operator, right), *condition.moved(right, written))


def _operator_of(key: str, name: str) -> str:
    """Returns the operator intended for a key's values; empty where the written one is possible."""
    if key.lower() == "aws:sourceip":
        return "" if name.startswith(("IpAddress", "NotIpAddress")) else "IpAddress"
    is_text = key.lower().startswith(("saml:", "sts:rolesessionname", "aws:requesttag/", "connect:"))
    return "StringEquals" if is_text and not name.startswith(("String", "Null")) else ""


def _renaming(written: str, right: str) -> str:
    return f"Write {right} in place of {written}"


def _values(condition: _Condition) -> Iterator[Candidate]:
    written = condition.place.written(condition.inside)
    if isinstance(written, str) and len(parts := [part for part in _LISTED.split(written) if part]) > 1:
        yield condition.change(
            f"Write the values of {condition.key} as a list", condition.place.edit(condition.inside, parts)
        )
    is_compared = condition.operator.rpartition(":")[2].startswith(_COMPARED)
    if len(condition.wanted) != 1 or not is_compared or condition.key.lower() == "aws:useragent":
        return  # the program behind the policy does not learn of a new name
    value = str(condition.wanted[0])
    if value in condition.values:
        return
    warning = KEEPS_OUT if condition.is_about_people else ""
    adding = condition.change(
        f"Add {value} to {condition.key}", condition.place.add(condition.inside, value), warning=warning
    )
    if any(_is_right_for_others(condition, each) for each in condition.values):
        yield adding
        return
    for index, pattern in enumerate(condition.values):
        right = _fitted(pattern, value) if "Like" in condition.operator else value
        inside = (*condition.inside, index) if isinstance(written, list) else condition.inside
        near = nearest(value, [pattern]) is not None or pattern.strip() == value
        yield condition.change(
            f"Set {condition.key} to {right} in place of {pattern}",
            condition.place.edit(inside, right),
            warning="" if near else warning,
        )
    yield adding


def _is_right_for_others(condition: _Condition, written: str) -> bool:
    """Whether a value is one that logins can have, so that it is not a typing mistake."""
    key = condition.key.lower()
    if key == "saml:aud":
        return _SIGN_IN_URL.fullmatch(written.replace("*", "x")) is not None
    if key == "connect:instanceid":
        accounts = condition.place.finding.world.settings.aws.values()
        return any(written in account.connect for account in accounts)
    return key in _ENUMERATIONS


def _fitted(pattern: str, value: str) -> str:
    """Returns a pattern fitted to a value, its wildcard in the same place: ``48*`` becomes ``47*`` for ``4711``."""
    before, star, after = pattern.partition("*")
    if not star or "*" in after or "?" in pattern:
        return value
    if after:
        at = value.rfind(after[0])
        after = value[at:] if at >= 0 else value[-len(after) :]
    if before:
        at = value.find(before[-1])
        before = value[: at + 1] if at >= 0 else value[: len(before)]
    length = len(before) + len(after)
    # The rest of the pattern must exclude about as much as before.
    return f"{before}*{after}" if len(pattern) * _AS_LONG <= length <= len(value) else value


def _if_it_exists(condition: _Condition) -> Iterator[Candidate]:
    """Handles a key that a SAML login never has."""
    is_of_assuming = condition.key.lower().startswith("saml:") and condition.place.setting.path[-1] != "trust"
    if condition.operator.endswith("IfExists") or condition.operator == "Null" or is_of_assuming:
        return
    right = f"{condition.operator}IfExists"
    written = condition.place.written(condition.inside)
    warning = f"The condition then holds for every login without {condition.key}."
    yield condition.change(_renaming(condition.operator, right), *condition.moved(right, written), warning=warning)


def _deleted(condition: _Condition) -> Edit:
    """Returns the edit that removes a condition, with whatever would be left empty."""
    of_operator = condition.place.written((*condition.block, condition.operator)) or {}
    if len(of_operator) > 1:
        return condition.place.edit(condition.inside, REMOVED)
    whole = condition.place.written(condition.block) or {}
    return condition.place.edit((*condition.block, condition.operator) if len(whole) > 1 else condition.block, REMOVED)
