"""A recorded login with other names, so that what is made of it can be shown to others.

People, e-mail addresses, the org, the instance's alias, hosts of one's own, the ids of accounts, instances and Okta's
apps are replaced: each by the same wherever it is, and in the same form. Names of roles and SAML
providers stay, where they are not the org's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from emulator.inspection.pseudonyms import Pseudonyms
from emulator.kernel.clock import Ids
from emulator.reconstruction.message_facts import AWS_ATTRIBUTES, MessageFacts
from emulator.reconstruction.recorded import Recorded
from emulator.recordings.hops import is_of_aws
from emulator.recordings.pasted import host_of

Facts = TypeVar("Facts")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])")
_OKTA_ID = re.compile(r"(?<![0-9A-Za-z])(0oa|exk)([0-9A-Za-z]{8,})")
_NO_NAME = re.compile(r"https?:|urn:|arn:|\d+$|" + _ID.pattern, re.IGNORECASE)
_LABEL = re.compile(r"[A-Za-z0-9-]+")
_HOST_IN_TEXT = re.compile(r"(?:https?://|urn:)([A-Za-z0-9.-]+)")
# What is the same for everybody, in addresses and ARNs; to replace it would make another service of it.
_COMMON = frozenset(
    {
        "accounts", "adfs", "amazon", "amazonaws", "amazonaws-us-gov", "app", "apps", "arn", "auth", "auth-saml",
        "auth0", "aws", "awsapps", "ccp", "ccp-v2", "chinacloudapi", "cn", "co", "com", "connect", "console", "de",
        "emea", "eu", "example", "federate", "federation", "google", "govcloud", "home", "http", "https", "iam", "idp",
        "io", "jp", "jumpcloud", "keycloak", "login", "microsoftonline", "my", "net", "okta", "okta-emea", "okta-gov",
        "oktapreview", "onelogin", "org", "partner", "ping", "pingone", "portal", "provider", "realms", "role",
        "saml", "saml-provider", "saml2", "services", "signin", "sso", "sts", "trust", "uk", "unknown", "urn", "us",
        "user", "webservices", "windows", "www",
    }
)  # fmt: skip
# Fields with words of the specifications and of fedemu, which name nobody.
_FIXED = frozenset(
    {
        "payload", "layout", "signed", "end", "method", "authn_context", "versions", "status", "issuer_format",
        "name_format", "name_id_format", "service", "code", "checks", "evidence", "source", "instants", "domain",
        "region",
    }
)  # fmt: skip


def with_other_names(recorded: Recorded, *, ids: Ids) -> Recorded:
    """Returns a login with other names.

    Args:
        recorded: The login.
        ids: Makes the key by which names are replaced, which nobody keeps.
    """
    return _Replaced(recorded, Pseudonyms(ids.token())).of(recorded)


class _Replaced:
    """Replaces the names of one login."""

    def __init__(self, recorded: Recorded, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        pseudonyms.take(each for each in _people(recorded) if each.lower() not in _COMMON)
        words = sorted({each for each in _words(recorded) if each.lower() not in _COMMON}, key=len, reverse=True)
        pattern = "|".join(map(re.escape, words))
        self._words = re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])", re.IGNORECASE) if words else None

    def of(self, facts: Facts) -> Facts:
        """Returns facts with other names."""
        if not is_dataclass(facts) or isinstance(facts, type):
            return facts
        changed = {
            each.name: self._value(getattr(facts, each.name)) for each in fields(facts) if each.name not in _FIXED
        }
        return replace(facts, **changed)

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, tuple):
            return tuple(self._value(each) for each in value)
        return self.of(value)

    def _text(self, text: str) -> str:
        if text.startswith(AWS_ATTRIBUTES):
            return text
        named = self._pseudonyms.in_text(text)
        if self._words is not None:
            named = self._words.sub(lambda match: self._pseudonyms.of(match[0]), named)
        named = _ID.sub(lambda match: self._hexadecimal(match[0]), named)
        named = _ACCOUNT.sub(lambda match: self._pseudonyms.of(match[0]), named)
        return _OKTA_ID.sub(lambda match: match[1] + self._pseudonyms.of(match[2]), named)

    def _hexadecimal(self, text: str) -> str:
        """Returns another id of the same form."""
        digits = "".join(format(ord(each) % 16, "x") for each in self._pseudonyms.of(text.replace("-", "").lower()))
        parts, start = [], 0
        for length in (8, 4, 4, 4, 12):
            parts.append(digits[start : start + length])
            start += length
        return "-".join(parts)


def _people(recorded: Recorded) -> Iterator[str]:
    message = recorded.message
    yield recorded.journey.username
    yield message.name_id or ""
    for attribute in message.attributes:
        short = attribute.name.removeprefix(AWS_ATTRIBUTES)
        is_personal = short in {"RoleSessionName", "SourceIdentity"} or not attribute.name.startswith(AWS_ATTRIBUTES)
        if is_personal:
            yield from (each for each in attribute.values if not _NO_NAME.match(each))


def _words(recorded: Recorded) -> Iterator[str]:
    """Yields what an org and an instance are called, and the labels of hosts that are one's own."""
    journey, message = recorded.journey, recorded.message
    yield from filter(None, (journey.org, journey.instance.alias if journey.instance is not None else ""))
    yield from _labels([journey.idp_host, *_hosts_in(message), *_own_hosts(recorded)])


def _own_hosts(recorded: Recorded) -> Iterator[str]:
    journey = recorded.journey
    destination = journey.instance.destination if journey.instance is not None else ""
    for address in (destination, journey.lands_on, recorded.posted_to, *(journey.framed or ())):
        host = host_of(address)
        if host and not is_of_aws(host):
            yield host


def _hosts_in(message: MessageFacts) -> Iterator[str]:
    for text in (message.issuer, message.response_issuer or "", *(message.audiences or ())):
        yield from (host for host in _HOST_IN_TEXT.findall(text) if not is_of_aws(host))


def _labels(hosts: Iterable[str]) -> Iterator[str]:
    for host in hosts:
        # The top-level domain stays.
        yield from _LABEL.findall(host.rpartition(".")[0])
