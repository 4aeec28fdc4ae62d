"""The record for people: each HTTP exchange with the notes of the services, without secrets.

Passwords, tokens and cookie values are removed before anything is recorded, and from an answer's body when it is read:
most bodies never are. The SAMLResponse stays, because it is what people debug: for five minutes a trace file is as
confidential as the assertion in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlsplit

from emulator.kernel.clock import instant
from emulator.kernel.errors import Refusal
from emulator.kernel.records import dataclass
from emulator.kernel.trace_notes import FAILED, TraceNote
from emulator.network.forms import first_values

REDACTED = "(redacted)"
SECRET_FIELDS = frozenset(
    {
        "password",
        "passcode",
        "answer",
        "credentials",
        "token",
        "sessiontoken",
        "onetimetoken",
        "statetoken",
        "session",
        "signintoken",
        "csrf_token",
        "secretkey",
        "security_token",
        "securitytoken",
        "addprivatekey",
        "oldpassword",
        "newpassword",
        "actor_token",
        "subject_token",
        "device_code",
    }
)
SECRET_HEADERS = frozenset({"cookie", "set-cookie", "authorization", "x-amz-security-token", "proxy-authorization"})
_REDACTED_HEADERS = SECRET_HEADERS | {"location"}
_SECRET_XML = re.compile(r"(<(SecretAccessKey|SessionToken)>)[^<]*(</)")
_CREDENTIALS_INPUT = re.compile(r'(name="credentials" value=")[^"]*(")')
_SECRET_LINK = re.compile(r"""(\bSigninToken=)[^&"'<>\s]+""", re.IGNORECASE)
_SECRET_JSON = re.compile(
    r'("(?:password|sessionToken|stateToken|token|access_token|id_token|device_code|id|SigninToken|AccessToken'
    r'|RefreshToken|SecretAccessKey|SessionToken)"\s*:\s*")[^"]*(")'
)

Pairs = tuple[tuple[str, str], ...]


class Body:
    """The body of an answer, which nobody can read with its credentials.

    It is decoded and redacted on first use, and kept like that from then on. Copies, also those for other processes,
    are made of the redacted text.

    Args:
        answered: The body as it was answered.
    """

    __slots__ = ("_answered", "_text", "size")

    def __init__(self, answered: bytes = b"") -> None:
        self._answered, self._text = answered, ""
        self.size = len(answered)
        """The number of bytes that were answered."""

    def __repr__(self) -> str:
        return f"<Body of {self.size} bytes>"

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Body) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __reduce__(self) -> tuple[type[Body], tuple[bytes]]:
        return Body, (self.text.encode(),)

    @property
    def text(self) -> str:
        """The body without credentials."""
        answered = self._answered
        if answered:
            # In this order, so that another thread finds the one or the other.
            self._text = redact_body(answered.decode("utf-8", "replace"))
            self._answered = b""
        return self._text


NO_BODY = Body()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, redacted. ``duration_ms`` is wall time in milliseconds.

    In JSON the notes are ``decisions``. ``digest`` is the digest of the message that opened the request's session,
    ``source_ip`` the address that was chosen for the request; empty where none was. ``shown`` are the digests of the
    cookies in the request, ``handed_on`` those of the secrets in its answer; they identify the requests of one browser.
    ``connection`` names the connection, or the browser in this process; empty where that is not known.
    """

    started_at: datetime
    duration_ms: float
    method: str
    url: str
    request_headers: Pairs
    form: Pairs
    status: int
    response_headers: Pairs
    content: Body
    notes: tuple[TraceNote, ...] = ()
    digest: str = ""
    shown: tuple[str, ...] = ()
    handed_on: tuple[str, ...] = ()
    connection: str = ""
    source_ip: str = ""

    def __repr__(self) -> str:
        return f"<Exchange {self.method} {self.url} -> {self.status}>"

    @property
    def body(self) -> str:
        """The answer's text without credentials; empty where it is not shown."""
        return self.content.text

    @property
    def location(self) -> str:
        """The URL to which the answer redirects; empty when it does not."""
        return next((value for name, value in self.response_headers if name.lower() == "location"), "")

    @property
    def refusal(self) -> Refusal | None:
        """The refusal that a service noted while answering, if any."""
        return next((note.refusal for note in self.notes if note.refusal is not None), None)

    @property
    def failure(self) -> str:
        """The unexpected exception during the answer, in a line; empty when there was none."""
        return next((note.summary.removeprefix(FAILED) for note in self.notes if note.summary.startswith(FAILED)), "")

    @property
    def plain(self) -> Exchange:
        """The exchange, without the records that explanations are derived from."""
        return replace(self, notes=tuple(note.plain for note in self.notes))

    def as_json(self) -> dict[str, Any]:
        """The exchange as JSON data."""
        return {
            "at": instant(self.started_at),
            "duration_ms": round(self.duration_ms, 2),
            "method": self.method,
            "url": self.url,
            "form": first_values(self.form),
            "status": self.status,
            "location": self.location,
            "decisions": [note_as_json(note) for note in self.notes],
        }


def note_as_json(note: TraceNote) -> dict[str, Any]:
    """Returns a note as JSON data."""
    data: dict[str, Any] = {"service": note.service, "summary": note.summary, "facts": note.facts.as_json()}
    if note.refusal is not None:
        data["refusal"] = refusal_as_json(note.refusal)
    return data


def refusal_as_json(refusal: Refusal) -> dict[str, Any]:
    """Returns a refusal as JSON data; empty parts are left out."""
    data = {
        "service": refusal.service,
        "code": refusal.code,
        "status": refusal.status,
        "check": refusal.check,
        "message": refusal.message,
        "evidence": refusal.evidence,
        "why": refusal.explanation,
        "where": refusal.where,
        "want": refusal.expected,
        "got": refusal.received,
        "fix": refusal.fix,
        "spec": refusal.spec,
    }
    return {name: value for name, value in data.items() if value}


def redact_pairs(pairs: Iterable[tuple[str, str]], *, secret: frozenset[str] = SECRET_FIELDS) -> Pairs:
    """Returns the pairs with the values of secret names removed."""
    return tuple((name, REDACTED if name.lower() in secret and value else value) for name, value in pairs)


def redact_headers(headers: Iterable[tuple[str, str]]) -> Pairs:
    """Returns headers without cookies and authorisation; for Set-Cookie the name and the attributes stay."""
    return tuple([(name, _redacted(name, value) if _is_redacted(name) else value) for name, value in headers])


@lru_cache(maxsize=256)
def _is_redacted(header: str) -> bool:
    return header.lower() in _REDACTED_HEADERS


def _redacted(header: str, value: str) -> str:
    header = header.lower()
    if header == "set-cookie":
        cookie, semicolon, attributes = value.partition(";")
        return f"{cookie.partition('=')[0]}={REDACTED}{semicolon}{attributes}"
    return redact_url(value) if header == "location" else REDACTED


def redact_url(url: str) -> str:
    """Returns a URL with the values of secret query parameters removed, otherwise unchanged.

    A URL that is itself the value of a parameter is treated in the same way.
    """
    if "?" not in url:
        return url
    address, question_mark, rest = url.partition("?")
    query, hash_sign, fragment = rest.partition("#")
    return address + question_mark + "&".join(map(_redact_parameter, query.split("&"))) + hash_sign + fragment


def _redact_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if unquote_plus(name).lower() in SECRET_FIELDS and value:
        return f"{name}={REDACTED}"
    inner = unquote(value)
    if "?" not in inner:
        return parameter
    redacted = redact_url(inner)
    return parameter if redacted == inner else f"{name}{equals}{quote(redacted, safe='')}"


def redact_body(body: str) -> str:
    """Returns a page or document without credentials."""
    # Looking for a word that every match contains is much faster than the pattern; most pages contain none of them.
    if "SecretAccessKey>" in body or "SessionToken>" in body:
        body = _SECRET_XML.sub(rf"\1{REDACTED}\3", body)
    if "token=" in body.lower():
        body = _SECRET_LINK.sub(rf"\1{REDACTED}", body)
    if 'name="credentials"' in body:
        body = _CREDENTIALS_INPUT.sub(rf"\1{REDACTED}\2", body)
    return _SECRET_JSON.sub(rf"\1{REDACTED}\2", body) if body.lstrip().startswith(("{", "[")) else body


def to_har(exchanges: Sequence[Exchange], *, version: str) -> dict[str, Any]:
    """Returns the exchanges as an HTTP Archive.

    Spec: HAR 1.2
    """
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "fedemu", "version": version},
            "pages": [],
            "entries": [_har_entry(exchange) for exchange in exchanges],
        }
    }


def to_har_of_pages(pages: Sequence[tuple[str, Sequence[Exchange]]], *, version: str, comment: str) -> dict[str, Any]:
    """Returns exchanges as an HTTP Archive in which each belongs to a page.

    Args:
        pages: Title of each page, and its exchanges.
        version: Version of fedemu.
        comment: Comment on the whole archive.

    Spec: HAR 1.2
    """
    har = to_har([exchange for _, exchanges in pages for exchange in exchanges], version=version)
    numbered = [(f"page-{number}", title, exchanges) for number, (title, exchanges) in enumerate(pages, 1) if exchanges]
    har["log"]["pages"] = [
        {
            "startedDateTime": instant(exchanges[0].started_at),
            "id": name,
            "title": title,
            "pageTimings": {"onContentLoad": -1, "onLoad": -1},
        }
        for name, title, exchanges in numbered
    ]
    references = [name for name, _, exchanges in numbered for _ in exchanges]
    har["log"]["entries"] = [
        {"pageref": name, **entry} for name, entry in zip(references, har["log"]["entries"], strict=True)
    ]
    har["log"]["comment"] = comment
    return har


def _har_entry(exchange: Exchange) -> dict[str, Any]:
    content_type = next((v for n, v in exchange.response_headers if n.lower() == "content-type"), "text/html")
    entry: dict[str, Any] = {
        "startedDateTime": instant(exchange.started_at),
        "time": round(exchange.duration_ms, 2),
        "request": {
            "method": exchange.method,
            "url": exchange.url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _har_pairs(exchange.request_headers),
            "queryString": _har_pairs(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)),
            "headersSize": -1,
            "bodySize": -1,
        },
        "response": {
            "status": exchange.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _har_pairs(exchange.response_headers),
            "content": {"size": len(exchange.body.encode()), "mimeType": content_type, "text": exchange.body},
            "redirectURL": exchange.location,
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": round(exchange.duration_ms, 2), "receive": 0},
        "_decisions": [note_as_json(note) for note in exchange.notes],
    }
    if exchange.form:
        entry["request"]["postData"] = {
            "mimeType": "application/x-www-form-urlencoded",
            "params": _har_pairs(exchange.form),
            "text": "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in exchange.form),
        }
    return entry


def _har_pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def as_text(value: Mapping[str, Any]) -> str:
    """Returns JSON data as readable text."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
