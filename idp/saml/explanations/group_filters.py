"""Why a group filter does not match a group's name: how far it matches, where it stops, and what would match."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from idp.saml.roles import compile_group_filter

ROLE_CHARACTERS = r"[\w+=,.@\-]+"
_DOCUMENTED = (
    r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$",
    r"^aws\#\S+\#(?{{role}}[\w+=,.@\-]+)\#(?{{accountid}}\d+)$",
    r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)",
)
_STAND_INS = ("x", "1", "_", "#", "-")
_SEPARATORS = ("_", r"\#", "#", r"\-", "-", ":", "/", r"\|", " ", r"\.")
_CLASS = re.compile(r"(\[(?:\\.|[^\]\\])*\])")
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_GROUP_START = re.compile(r"\(\?(?:\{\{|P<)(\w+)(?:\}\}|>)")
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_LONGEST_FILTER = 400


@dataclass(frozen=True, slots=True)
class Stop:
    """The position at which a filter stops matching a group's name.

    Args:
        fits: The part of the name that the filter matches.
        rest: The rest of the name.
        goes_on: The rest of the filter.
        character: The character that stops it, when it is a single one.
        part: The part of the filter that does not match that character.
        otherwise: Further explanation that the other fields do not give.
    """

    fits: str
    rest: str
    goes_on: str = ""
    character: str = ""
    part: str = ""
    otherwise: str = ""

    def __str__(self) -> str:
        if self.otherwise:
            return self.otherwise
        if self.character:
            part = f", which {self.part} in the filter does not take" if self.part else ""
            return f"the filter stops at the {self.character!r}{part}"
        if not self.fits:
            return "nothing of the filter fits"
        where = f"stops before {self.rest}" if self.rest else "wants more"
        return f"the filter fits {self.fits} and {where}, as it goes on with {self.goes_on}"

    @property
    def says_little(self) -> bool:
        """Whether the name has nothing in common with the names that the filter is for."""
        return not self.fits and not self.character and not self.otherwise


def names_in(group_filter: str) -> tuple[str, ...]:
    """Returns the named groups of a filter."""
    return tuple(_GROUP_START.findall(group_filter))


def names_wanted(role_value_pattern: str) -> tuple[str, ...]:
    """Returns the names in ``${…}`` of a Role Value Pattern, each once."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(role_value_pattern)))


def where_it_stops(group_filter: str, group: str) -> Stop:
    """Returns how far a filter matches a group's name that it does not match as a whole."""
    fits, rest, goes_on = _longest_fit(group_filter, group)
    pattern = compile_group_filter(group_filter)
    if re.search(pattern.pattern, group, re.IGNORECASE) is not None:
        return Stop(fits, rest, goes_on, otherwise="the filter would fit but for the case of its letters")
    loose = _compiled(group_filter.removeprefix("^"))
    match = loose.search(group) if loose is not None else None
    if match is not None and match.start():
        before = group[: match.start()]
        return Stop(fits, rest, goes_on, otherwise=f"the filter begins with ^, and the name has {before} before it")
    for character in dict.fromkeys(each for each in group if not each.isalnum()):
        for stand_in in _STAND_INS:
            match = pattern.search(group.replace(character, stand_in)) if stand_in != character else None
            if match is not None:
                at = group.index(character)
                name = next((name for name in match.groupdict() if match.start(name) <= at < match.end(name)), "")
                if name:
                    return Stop(fits, rest, goes_on, character, _body(group_filter, name))
                said = f"the filter has {stand_in} where the name has {character}"
                return Stop(fits, rest, goes_on, otherwise=said)
    return Stop(fits, rest, goes_on)


def _longest_fit(group_filter: str, group: str) -> tuple[str, str, str]:
    """Tries ever shorter beginnings of the filter, with open brackets closed."""
    for end in range(min(len(group_filter), _LONGEST_FILTER), 0, -1):
        for closing in ("", ")", "))"):
            pattern = _compiled(group_filter[:end] + closing)
            if pattern is not None:
                match = pattern.search(group)
                if match is not None and match[0]:
                    return match[0], group[match.end() :], group_filter[end:]
                break
    return "", group, group_filter


def _compiled(group_filter: str) -> re.Pattern[str] | None:
    try:
        return compile_group_filter(group_filter)
    except FederationError:
        return None


def _body(group_filter: str, name: str) -> str:
    """Returns the content of a named group of the filter."""
    span = _body_span(group_filter, name)
    return group_filter[span[0] : span[1]] if span else ""


def _body_span(group_filter: str, name: str) -> tuple[int, int] | None:
    start = next((match for match in _GROUP_START.finditer(group_filter) if match[1] == name), None)
    if start is None:
        return None
    depth, in_class, at = 1, False, start.end()
    while at < len(group_filter):
        character = group_filter[at]
        if character == "\\":
            at += 1
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character in "()":
            depth += 1 if character == "(" else -1
            if not depth:
                return start.end(), at
        at += 1
    return None


def repaired(
    group_filter: str,
    groups: Iterable[str],
    *,
    pattern: str,
    wanted_roles: Iterable[str] = (),
    is_right: Callable[[str], bool] = lambda _: True,
) -> tuple[str, bool]:
    """Returns a filter that matches a person's groups, and whether it is the current one with a small change.

    Args:
        group_filter: The current filter.
        groups: Names of the person's groups.
        pattern: The Role Value Pattern, whose names the filter has to capture.
        wanted_roles: Names of expected roles, to find the role in a group's name.
        is_right: Returns whether a Role value is acceptable.
    """
    names, needs, roles = tuple(groups), names_wanted(pattern), tuple(wanted_roles)
    once = tuple(dict.fromkeys(_one_change(group_filter, names)))
    twice = (other for each in once for other in _one_change(each, names))
    for is_near, candidates in ((True, once), (True, twice), (False, _others(names, needs, roles))):
        best, most = "", 0
        for candidate in candidates:
            fitting = sum(_gives_all(candidate, name, needs, pattern, is_right) for name in names)
            if fitting > most:
                best, most = candidate, fitting
        if best:
            return best, is_near
    return "", False


def _gives_all(
    group_filter: str, group: str, needs: tuple[str, ...], pattern: str, is_right: Callable[[str], bool]
) -> bool:
    compiled = _compiled(group_filter)
    match = compiled.search(group) if compiled is not None else None
    if match is None:
        return False
    found = match.groupdict()
    if not all(found.get(name) for name in needs):
        return False
    if not all(re.fullmatch(r"\d{12}", text or "") for name, text in found.items() if "account" in name.lower()):
        return False
    return is_right(filled_in(pattern, found))


def filled_in(pattern: str, found: dict[str, str | None]) -> str:
    """Returns a Role Value Pattern filled in with what a filter captures from a group's name."""
    for name, text in found.items():
        pattern = pattern.replace("${" + name + "}", text or "")
    return pattern


def _one_change(group_filter: str, groups: tuple[str, ...]) -> Iterator[str]:
    for name in names_in(group_filter):
        span = _body_span(group_filter, name)
        if span is not None:
            wider = r"\d+" if "account" in name.lower() else ROLE_CHARACTERS
            yield group_filter[: span[0]] + wider + group_filter[span[1] :]
    # A literal of the filter that a group's name has in another case.
    for word in re.findall(r"(?<![\\\w{<])[A-Za-z]{2,}(?![}>\w])", group_filter):
        for group in groups:
            match = re.search(re.escape(word), group, re.IGNORECASE)
            if match is not None and match[0] != word:
                yield re.sub(rf"(?<![\\\w{{<]){word}(?![}}>\w])", match[0], group_filter, count=1)
    yield group_filter.removeprefix("^").removesuffix("$")
    yield group_filter.removeprefix("^")
    yield group_filter.removesuffix("$")
    pieces = _CLASS.split(group_filter)
    for present in _SEPARATORS:
        if any(present in piece for piece in pieces[::2]):
            for other in (each for each in _SEPARATORS if any(each[-1] in group for group in groups)):
                yield "".join(p if i % 2 else p.replace(present, other) for i, p in enumerate(pieces))


def _others(groups: tuple[str, ...], needs: tuple[str, ...], roles: tuple[str, ...]) -> Iterator[str]:
    """Yields the filters of Okta's guides, and ones derived from the groups' names."""
    yield from _DOCUMENTED
    for group in groups:
        yield from made_from(group, needs, roles)


def made_from(group: str, needs: tuple[str, ...], roles: tuple[str, ...]) -> Iterator[str]:
    """Yields filters modelled on a group's name: its last part other than the account is taken for the role.

    Args:
        group: Name of the group.
        needs: Named groups that the filter has to have.
        roles: Names of roles that may be in the group's name.
    """
    account = _ACCOUNT.search(group)
    separator = next((each for each in "#_:/|-. " if each in group), "")
    parts = group.split(separator) if separator else [group]
    role_at = next((i for role in roles for i, part in enumerate(parts) if part == role), None)
    if role_at is None:
        free = [i for i, part in enumerate(parts) if not _ACCOUNT.fullmatch(part)]
        role_at = free[-1] if free else None
    if role_at is None or ("accountid" in needs and account is None):
        return
    between = re.escape(separator)
    made = []
    for index, part in enumerate(parts):
        if index == role_at and "role" in needs:
            made.append("(?{{role}}" + ROLE_CHARACTERS + ")")
        elif _ACCOUNT.fullmatch(part):
            made.append(r"(?{{accountid}}\d+)" if "accountid" in needs else r"\d+")
        elif index == 0:
            made.append(re.escape(part))
        else:
            made.append(f"[^{between}]+")
    yield "^" + between.join(made) + "$"
