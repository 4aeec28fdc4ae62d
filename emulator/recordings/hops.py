"""The requests of a recorded login, read from any browser's HAR or from a fedemu trace.

Spec: HAR 1.2
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from emulator.kernel.clock import instant
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.network.forms import first_values, form_decoded
from emulator.network.hosts import Hosts, Site
from emulator.recordings.file_text import RECORD_ALONE
from emulator.recordings.framed_hops import framed_by, header_of, refused_frame
from emulator.recordings.pages import page_fields
from emulator.recordings.pasted import host_of
from emulator.recordings.recorded_refusals import (
    CONNECT,
    OKTA,
    SIGN_IN,
    STS,
    RecordedRefusal,
    refusal_in,
    unknown_refusal,
)

MAX_ENTRIES = 20_000
"""The maximum number of requests in a recording. Browsers write at least a kilobyte for each."""

_STEPS = frozenset({"/saml", "/federation", "/oauth", "/"})
_FIRST_ERROR = 400
_OKTA_DOMAINS = (".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com")
_ASSETS = (".js", ".css", ".png", ".svg", ".ico", ".gif", ".jpg", ".jpeg", ".woff", ".woff2", ".ttf", ".map", ".wasm")
_ASSET_TYPES = ("image/", "font/", "text/css", "audio/", "video/", "application/javascript", "text/javascript")
_HOSTS = Hosts(okta={}, connect=tuple, custom=tuple)
_SERVICES = {Site.SIGN_IN: SIGN_IN, Site.STS: STS, Site.CONNECT_API: CONNECT}
_CONNECT_DOMAINS = (".my.connect.aws", ".awsapps.com", ".govcloud.connect.aws")


@dataclass(frozen=True, slots=True)
class Hop:
    """One request and its response.

    Args:
        number: Its position in the recording, from 1.
        at: When it was sent; None if the recording does not say.
        method: The HTTP method, such as ``POST``.
        url: The address it was sent to.
        status: The HTTP status of the response; 0 if there is none.
        location: The address that the response redirects to; empty if it does not redirect.
        form: The fields of the posted form.
        page: The text of the response.
        refusal: The service's refusal, recognised by its words or noted in fedemu's trace.
        is_asset: Whether it is an image, a script or a style sheet, and so not part of the login.
        is_page: Whether the response is a page that a person sees, rather than data that a page requested.
        framing: Why a browser did not show the page in a frame; None if it did, or if there was no frame.
        framed_by: The origin of the page around the frame that requested it; empty if it was not in a frame.
    """

    number: int
    at: datetime | None
    method: str
    url: str
    status: int
    location: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    page: str = field(default="", repr=False)
    refusal: RecordedRefusal | None = None
    is_asset: bool = False
    is_page: bool = True
    framing: RecordedRefusal | None = None
    framed_by: str = ""

    @property
    def host(self) -> str:
        """The host that the request was sent to, under its real name."""
        return host_of(self.url)

    @property
    def path(self) -> str:
        """The path that was requested."""
        try:
            return urlsplit(self.url).path or "/"
        except ValueError:
            return "/"

    @property
    def posted(self) -> str:
        """The SAML message that was posted to sign-in or STS; empty if none was."""
        return self.form.get("SAMLResponse", "") or self.form.get("SAMLAssertion", "")

    def as_json(self) -> dict[str, Any]:
        """The hop as JSON data, without its empty fields."""
        data = {
            "number": self.number,
            "at": instant(self.at) if self.at is not None else "",
            "method": self.method,
            "host": self.host,
            "path": self.path,
            "status": self.status,
            "location": self.location.partition("?")[0],
            "refusal": self.refusal.as_json() if self.refusal is not None else None,
        }
        return {name: value for name, value in data.items() if value}


def hops_of_har(entries: Sequence[Any]) -> tuple[Hop, ...]:
    """Returns the requests of a HAR in the order in which they were sent, without images, scripts and style sheets.

    Raises:
        FederationError: there are more than ``MAX_ENTRIES``.
    """
    refuse_too_long(len(entries), most=MAX_ENTRIES)
    read = [_of_entry(entry) for entry in entries if isinstance(entry, dict)]
    # Browsers list requests by when they ended, or by page. If times are missing, the list's order is all there is.
    if all(hop.at is not None for hop in read):
        read.sort(key=lambda hop: hop.at or datetime.min.replace(tzinfo=UTC))
    numbered = [replace(hop, number=number) for number, hop in enumerate(read, 1) if not hop.is_asset]
    return tuple(map(_with_refusal, numbered))


def refuse_too_long(requests: int, *, most: int) -> None:
    """Refuses a recording of too many requests before any of them is read.

    Raises:
        FederationError: there are more than ``most``.
    """
    if requests > most:
        raise FederationError(
            f"This recording has {requests:,} requests",
            expected=f"one login's recording; at most {most:,} requests are read",
            fix=RECORD_ALONE,
        )


def hops_of_trace(steps: Sequence[Any]) -> tuple[Hop, ...]:
    """Returns the requests of a fedemu trace, which has decisions instead of pages."""
    return tuple(
        Hop(
            number,
            moment(step.get("at")),
            _text(step.get("method")),
            _text(step.get("url")),
            _status(step.get("status")),
            location=_text(step.get("location")),
            form={str(name): str(value) for name, value in _mapping(step.get("form")).items()},
            refusal=_decided(step.get("decisions"), number),
        )
        for number, step in enumerate((each for each in steps if isinstance(each, dict)), 1)
    )


def moment(value: Any) -> datetime | None:
    """Returns a recorded timestamp in UTC; None if it is not one. Without a time zone it is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value[:40])
    except ValueError:
        return None
    return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).astimezone(UTC)


def service_at(host: str, path: str) -> str:
    """Returns the service that a page belongs to, by its host; empty if that cannot be known."""
    site = _HOSTS.site(host)
    if host.endswith(_CONNECT_DOMAINS) or "/connect/federate/" in path:
        return CONNECT
    if site in _SERVICES:
        return _SERVICES[site]
    # The emulator at its bare address, or somebody's own page that imitates AWS.
    if site is None and (path in {"/saml", "/federation"} or path.startswith("/saml/acs/")):
        return SIGN_IN
    return OKTA if host.endswith(_OKTA_DOMAINS) else ""


def is_of_aws(host: str) -> bool:
    """Returns whether a host belongs to AWS or Amazon Connect."""
    return _HOSTS.site(host) is not None or host.endswith(_CONNECT_DOMAINS)


def _of_entry(entry: Mapping[str, Any]) -> Hop:
    request, response = _mapping(entry.get("request")), _mapping(entry.get("response"))
    content = _mapping(response.get("content"))
    url = _text(request.get("url"))
    mime = _text(content.get("mimeType")).lower()
    location = _text(response.get("redirectURL")) or header_of(response, "location")
    try:
        path = urlsplit(url).path.lower()
    except ValueError:
        path = ""
    is_asset = path.endswith(_ASSETS) or mime.startswith(_ASSET_TYPES)
    return Hop(
        0,
        moment(entry.get("startedDateTime")),
        _text(request.get("method")).upper(),
        url,
        _status(response.get("status")),
        location=location,
        form=_posted_fields(_mapping(request.get("postData")), url),
        page="" if is_asset else _content(content),
        refusal=_decided(entry.get("_decisions"), 0),
        is_asset=is_asset,
        is_page=not mime or "html" in mime or mime.startswith("text/plain"),
        framing=refused_frame(url, request, response),
        framed_by=framed_by(request),
    )


def _with_refusal(hop: Hop) -> Hop:
    """Returns a hop with the refusal on its page, unless fedemu has noted one itself."""
    if hop.refusal is not None:
        return replace(hop, refusal=replace(hop.refusal, hop=hop.number))
    service = service_at(hop.host, hop.path)
    # Other sites' pages may mention anything, and a page's data contains all its possible messages: of these, only
    # error responses count.
    if hop.status < _FIRST_ERROR and not (service and hop.is_page):
        return hop
    refusal = refusal_in(hop.page, status=hop.status, hop=hop.number, service=service or OKTA)
    if refusal is None and hop.framing is not None:
        refusal = replace(hop.framing, hop=hop.number)
    if refusal is None and hop.status >= _FIRST_ERROR and _is_step(hop, service):
        refusal = unknown_refusal(hop.page, status=hop.status, hop=hop.number, service=service)
    return replace(hop, refusal=refusal)


def _is_step(hop: Hop, service: str) -> bool:
    """Returns whether a request is a step of a login, so that its error is a refusal; pages send other requests too."""
    if service in {SIGN_IN, STS}:
        return hop.path in _STEPS or hop.path.startswith("/saml/acs/")
    if service == CONNECT:
        return "/connect/federate/" in hop.path or hop.path.endswith("/auth/sign-in")
    return service == OKTA and hop.path.startswith(("/app/", "/home/", "/login/", "/sso/"))


def _posted_fields(post: Mapping[str, Any], url: str) -> dict[str, str]:
    """Returns the fields of a posted form, from its recorded text or else from its list of parameters."""
    text = post.get("text")
    if isinstance(text, str) and text and "multipart" not in _text(post.get("mimeType")).lower():
        if _text(post.get("encoding")) == "base64":
            text = _decoded(text)
        if text.startswith("{"):
            return _names_in(text)
        try:
            fields = first_values(form_decoded(text))
        except ValueError:
            fields = {}
        if any(fields.values()):
            return fields
    params = post.get("params")
    pairs = [each for each in params if isinstance(each, dict)] if isinstance(params, list) else []
    fields = first_values((_text(each.get("name")), _text(each.get("value"))) for each in pairs)
    # Some browsers record the parameters as they were sent, still URL-encoded.
    fields = {name: unquote(value) if "%" in value else value for name, value in fields.items()}
    if not fields and "SAMLResponse=" in url:
        fields = first_values(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    return fields


def _names_in(text: str) -> dict[str, str]:
    """Returns the user name in a JSON body, which today's sign-in pages send; nothing else of the body is kept."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    names = ((name, data.get(name)) for name in ("username", "identifier")) if isinstance(data, dict) else ()
    return {name: value for name, value in names if isinstance(value, str)}


def _content(content: Mapping[str, Any]) -> str:
    text = _text(content.get("text"))
    return _decoded(text) if content.get("encoding") == "base64" else text


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _decided(decisions: Any, number: int) -> RecordedRefusal | None:
    """Returns the refusal that fedemu itself noted for a request."""
    notes: Iterator[Any] = iter(decisions if isinstance(decisions, list) else ())
    for note in notes:
        refusal = _mapping(_mapping(note).get("refusal"))
        if refusal:
            check = _text(refusal.get("check"))
            return RecordedRefusal(
                _text(refusal.get("service")),
                _text(refusal.get("message")),
                _text(refusal.get("code")),
                (check,) if check else (),
                _status(refusal.get("status")),
                number,
                _text(refusal.get("evidence")),
            )
    return None


def fields_on(hop: Hop) -> Mapping[str, str]:
    """Returns the fields of the form on the page with which a request was answered."""
    return page_fields(hop.page) if "SAMLResponse" in hop.page or "<meta" in hop.page else {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _status(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000 else 0
