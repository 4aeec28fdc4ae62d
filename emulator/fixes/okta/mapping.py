"""Changes of how an AWS app makes roles: of groups' names or of assignments, and at which SAML provider."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.fixes.candidate import REMOVED, Candidate
from emulator.fixes.okta.known import providers, roles
from emulator.fixes.okta.subject import Subject, by_likeness


def provider_arn(subject: Subject) -> Iterator[Candidate]:
    """Yields the SAML providers that the app may mean: what is written without blanks, then the nearest."""
    present = subject.text.strip()
    known = providers(subject.finding.world, app=(str(subject.org[-1]), str(subject.app[-1])))
    own = known[:1] if not present else ()
    for arn in dict.fromkeys((*((present,) if present in known else ()), *own, *by_likeness(present, known))):
        yield from subject.put_at((*subject.app, "identity_provider_arn"), arn)


def role_value_pattern(subject: Subject) -> Iterator[Candidate]:
    """Yields the patterns that lead to the world's roles and their providers, the nearest first; then the default."""
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


def group_filter(subject: Subject) -> Iterator[Candidate]:
    """Yields the filter of another app of the org, and the default."""
    apps = (subject.at(subject.org) or {}).get("apps") or {}
    for name, app in apps.items():
        if name != subject.app[-1] and isinstance(app, dict) and isinstance(app.get("group_filter"), str):
            yield from subject.put(app["group_filter"])
    yield from subject.put(REMOVED)


def app_filter(subject: Subject) -> Iterator[Candidate]:
    """Yields the sources of groups that the filter may mean."""
    groups = (subject.at(subject.org) or {}).get("groups")
    settings = groups.values() if isinstance(groups, dict) else ()
    sources = {str(each.get("source", "okta")) for each in settings if isinstance(each, dict)} or {"okta"}
    for source in by_likeness(subject.text, sorted(sources)):
        yield from subject.put(source)


def other_switch(subject: Subject) -> Iterator[Candidate]:
    """Yields that a switch of the app is turned over."""
    yield from subject.put(not subject.value)
