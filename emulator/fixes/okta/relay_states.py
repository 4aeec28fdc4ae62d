"""Changes of where a login leads: relay states with the instance's region, id and host, keeping the destination."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from emulator.fixes.candidate import Candidate
from emulator.fixes.okta.known import KnownInstance, instances
from emulator.fixes.okta.subject import Subject, by_likeness
from emulator.network.forms import first_values

_HOME = {"", "/", "/home", "/connect/home"}
_OLD_PREFIX = "/connect"
_ALIKE = 0.75


def relay_state(subject: Subject) -> Iterator[Candidate]:
    """Yields the federate URL of an instance, the nearest to the written one first; or else a place in the console."""
    present = subject.text
    cleaned = unquote(present.strip()) if "://" not in present.strip() else present.strip()
    found = _instances(subject, cleaned)
    for instance in found:
        for destination in _destinations(subject, cleaned, instance):
            query = f"?destination={quote(destination, safe='')}" if destination else ""
            yield from subject.put(f"{instance.federate_url_like(cleaned)}{query}")
    yield from subject.put(cleaned)
    for each in (*subject.wanted, subject.finding.lands_on):
        if each.startswith("https://") and " " not in each:
            yield from subject.put(each)


def _instances(subject: Subject, present: str) -> tuple[KnownInstance, ...]:
    """Returns the instances that may be meant: the one where the login should end, then the most similar."""
    known = {each.federate_url: each for each in instances(subject.finding.world)}
    there = (urlsplit(subject.finding.lands_on).hostname or "").lower()
    meant = [url for url, each in known.items() if there == each.host or _names(present, each)]
    wanted = [url for url in known if any(known[url].instance_id in text for text in subject.wanted)]
    return tuple(known[url] for url in dict.fromkeys((*meant, *wanted, *by_likeness(present, known))) if url in known)


def _names(present: str, instance: KnownInstance) -> bool:
    return bool(present) and (instance.instance_id in present.lower() or instance.alias in present.split("/"))


def _destinations(subject: Subject, present: str, instance: KnownInstance) -> tuple[str, ...]:
    """Returns destinations inside the instance: the written one, where the login should end, its home."""
    written = first_values(parse_qsl(urlsplit(present).query.replace("?", "&")))
    given = written.get("destination", "")
    aimed = urlsplit(subject.finding.lands_on)
    path = aimed.path.removeprefix(_OLD_PREFIX) if instance.host.endswith(".awsapps.com") else aimed.path
    aim = ""
    if aimed.hostname == instance.host:
        aim = "" if aimed.path in _HOME else path
    elif aimed.hostname:
        aim = subject.finding.lands_on
    home = aim == "" and bool(aimed.hostname)
    likely = [] if not aim else [aim]
    return tuple(dict.fromkeys(("", given) if home else (*((given,) if given == aim else ()), *likely, given, "")))
