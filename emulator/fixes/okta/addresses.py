"""Changes of addresses and names in the message outside the attributes: ACS URL, recipient, audience, issuer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.fixes.okta.known import audiences, sign_in_urls
from emulator.fixes.okta.subject import Subject, by_likeness
from emulator.worldfile.text.yaml_data import Key

_ENVIRONMENTS = ("aws.amazon", "aws.govcloud", "aws.china")
_AUDIENCE_URL = re.compile(r"https://[^\s\"',\]}]*signin[^\s\"',\]}]*/saml[^\s\"',\]}]*")


def sign_in_url(subject: Subject) -> Iterator[Candidate]:
    """Yields the sign-in URLs that may be meant: those in trust policies and in the app's other settings."""
    present = subject.text
    own = re.search(r"SAMLSP\w+", present, re.IGNORECASE)
    if own is not None:
        # The URL of a SAML provider's own, which contains its id.
        own_urls = [f"{url}/acs/{own[0].upper()}" for url in sign_in_urls(subject.finding.world)]
        for url in by_likeness(present, own_urls):
            yield from subject.put(url)
    others = [str(subject.of_app(*key) or "") for key in (("saml", "recipient"), ("saml", "destination"), ("acs_url",))]
    conditions = _AUDIENCE_URL.findall(str((subject.finding.world.document.data or {}).get("aws")))
    known = dict.fromkeys((*subject.wanted, *conditions, *sign_in_urls(subject.finding.world), *others))
    urls = [each for each in known if each.startswith("https://") and " " not in each and each != present]
    key: Key = (*subject.app, "acs_url") if subject.key[-1] in {"environment", "sp_metadata"} else subject.key
    for url in by_likeness(present, urls) if present else urls:
        yield from subject.put_at(key, url)


def environment(subject: Subject) -> Iterator[Candidate]:
    """Yields another AWS partition for the app."""
    key: Key = (*subject.app, "environment")
    if not subject.of_app("acs_url"):
        for name in by_likeness(str(subject.at(key) or ""), _ENVIRONMENTS):
            yield from subject.put_at(key, name)


def default_address(subject: Subject) -> Iterator[Candidate]:
    """Yields that an address in the message is the ACS URL, which is the default."""
    yield from subject.put(REMOVED)
    if subject.key[-1] == "acs_url":
        for name in ("recipient", "destination"):
            key: Key = (*subject.app, "saml", name)
            if subject.at(key) is not None:
                yield subject.candidate(Edit(subject.key, subject.at(key)))


def audience(subject: Subject) -> Iterator[Candidate]:
    """Yields the audiences that AWS accepts."""
    key: Key = (*subject.app, "audience")
    for text in audiences(subject.finding.world):
        yield from subject.put_at(key, text)


def issuer(subject: Subject) -> Iterator[Candidate]:
    """Yields issuers that conditions of the world's trust policies name, then the app's own."""
    if subject.key[-1] == "issuer":
        said = re.findall(r"SAML:iss'?: *\[?'([^']+)'", str((subject.finding.world.document.data or {}).get("aws")))
        for text in by_likeness(subject.text, dict.fromkeys((*subject.wanted, *said))):
            if " " not in text:
                yield from subject.put(text)
        yield from subject.put(REMOVED)
