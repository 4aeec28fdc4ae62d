"""Changes of how an AWS app derives roles: from group names or assignments, and with which SAML provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from emulator.fixes.candidate import REMOVED, Candidate
from emulator.fixes.okta.known import providers, roles
from emulator.fixes.okta.people import KNOWN_SOURCES, own_groups
from emulator.fixes.okta.subject import Subject, by_likeness

_ACCOUNT = re.compile(r"\d{12}")
_ROLE_BODY = re.compile(r"(\(\?\{\{role\}\})(\[(?:\\.|[^\]\\])*\]|\\w)([+*])")
_SEPARATORS = "#_:/|-. "


def provider_arn(subject: Subject) -> Iterator[Candidate]:
    """Yields the SAML providers that the app may mean: the written one without blanks, then the nearest."""
    present = subject.text.strip()
    known = providers(subject.finding.world, app=(str(subject.org[-1]), str(subject.app[-1])))
    own = known[:1] if not present else ()
    for arn in dict.fromkeys((*((present,) if present in known else ()), *own, *by_likeness(present, known))):
        yield from subject.put_at((*subject.app, "identity_provider_arn"), arn)


def role_value_pattern(subject: Subject) -> Iterator[Candidate]:
    """Yields the patterns that give the world's roles and providers, the nearest first; then the default."""
    patterns = dict.fromkeys(
        f"{_general(each.provider)},{_general(each.arn.removesuffix(each.name))}${{role}}"
        for each in roles(subject.finding.world)
    )
    for pattern in by_likeness(subject.text, patterns):
        yield from subject.put(pattern)
    yield from subject.put(REMOVED)


def _general(arn: str) -> str:
    parts = arn.split(":")
    return ":".join((*parts[:4], "${accountid}", *parts[5:]))


# --- Group filter -----------------------------------------------------------------------------------------------------


def widened_filter(subject: Subject) -> Iterator[Candidate]:
    """Yields the current filter with its character class for the role widened just as far as the names need."""
    present, names = subject.text, own_groups(subject)
    body = _ROLE_BODY.search(present)
    if body is None:
        return
    inside = body[2][1:-1] if body[2].startswith("[") else body[2]
    needed = sorted({each for name in names for each in name if not each.isalnum() and each not in inside})
    for characters in (*needed, "".join(needed)):
        wider = f"[{inside}{''.join(map(_in_class, characters))}]"
        changed = present[: body.start(2)] + wider + present[body.end(2) :]
        if any(fits(changed, name) and not fits(present, name) for name in names):
            yield from subject.put(changed)


def _in_class(character: str) -> str:
    return f"\\{character}" if character in r"-]\^" else character


def group_filter(subject: Subject) -> Iterator[Candidate]:
    """Yields filters made from the person's group names, the filter of another app in the org, and the default."""
    known = {each.name for each in roles(subject.finding.world)}
    for name in own_groups(subject):
        for text in filters_for(name, known):
            yield from subject.put(text)
    apps = subject.at((*subject.org, "apps")) or {}
    for name, app in apps.items():
        if name != subject.app[-1] and isinstance(app, dict) and isinstance(app.get("group_filter"), str):
            yield from subject.put(app["group_filter"])
    yield from subject.put(REMOVED)


def fits(group_filter: str, name: str) -> bool:
    """Returns whether a filter in Okta's spelling matches a group's name."""
    try:
        return re.search(re.sub(r"\(\?\{\{(\w+)\}\}", r"(?P<\1>", group_filter), name) is not None
    except (re.error, OverflowError, RecursionError):
        return False


def filters_for(name: str, known_roles: set[str]) -> Iterator[str]:
    """Yields filters that find role and account in a group's name; none where it lacks either.

    Args:
        name: Name of the group.
        known_roles: Names of existing roles.
    """
    separator = next((each for each in _SEPARATORS if each in name), "")
    parts = name.split(separator) if separator else []
    account_at = next((i for i, part in enumerate(parts) if _ACCOUNT.fullmatch(part)), None)
    role_at = next((i for i, part in enumerate(parts) if part in known_roles), None)
    if account_at is None or role_at is None:
        return
    between = re.escape(separator)
    anything = f"[^{between}]+"
    made: list[str] = []
    for index, part in enumerate(parts):
        if index == role_at:
            made.append(f"(?{{{{role}}}}{anything})")
        elif index == account_at:
            made.append(r"(?{{accountid}}\d{12})")
        else:
            made.append(re.escape(part) if not index else anything)
    yield f"^{between.join(made)}$"


# --- Switches ---------------------------------------------------------------------------------------------------------


def misspelt_source(subject: Subject) -> Iterator[Candidate]:
    """Yields the App Filter with a misspelt group source corrected."""
    sources = _sources(subject)
    parts = [each.strip() for each in subject.text.split(",")]
    known = KNOWN_SOURCES.union(sources)
    right = [each if each in known else next(iter(by_likeness(each, sources, at_least=0.8)), each) for each in parts]
    if right != parts:
        yield from subject.put(",".join(right))


def app_filter(subject: Subject) -> Iterator[Candidate]:
    """Yields the group sources that the App Filter may mean."""
    for source in by_likeness(subject.text, _sources(subject)):
        yield from subject.put(source)


def _sources(subject: Subject) -> tuple[str, ...]:
    groups: Any = subject.at((*subject.org, "groups"))
    settings = groups.values() if isinstance(groups, dict) else ()
    given = (str(each.get("source", "okta")) for each in settings if isinstance(each, dict))
    return tuple(dict.fromkeys(given)) or ("okta",)


def other_switch(subject: Subject) -> Iterator[Candidate]:
    """Yields that a switch of the app is flipped."""
    yield from subject.put(not subject.value)
