"""What a browser does, on requests: cookies, redirects, forms, and the form that posts itself.

In process there are no sockets: a transport adapter hands each request to the gateway. A host that is not emulated is
never asked; the browser stops there.
"""

from __future__ import annotations

import html.parser
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar

from emulator.kernel.errors import FlowError
from emulator.network.gateway import RECORDER_KEY, Gateway
from emulator.network.trace import Exchange
from emulator.network.wsgi import Answer, call, make_environ

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_HOPS = 20


@dataclass(frozen=True, slots=True)
class Form:
    """A form on a page: where it goes, how, and its fields."""

    action: str
    method: str
    fields: Mapping[str, str]
    element_id: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page the browser shows."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)
    forms: tuple[Form, ...]
    submits_itself: bool
    visible_text: str = field(repr=False)

    @property
    def title(self) -> str:
        """The page's title."""
        start, end = self.text.find("<title>"), self.text.find("</title>")
        return self.text[start + len("<title>") : end].strip() if 0 <= start < end else ""


class Browser:
    """A person's browser: it keeps cookies and goes where pages send it.

    Args:
        gateway: Where every request goes, without sockets.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._session = requests.Session()
        self._session.trust_env = False
        self.exchanges: list[Exchange] = []
        adapter = GatewayAdapter(gateway, record=self.exchanges.append)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def open(self, url: str) -> Page:
        """Opens a URL and follows redirects and forms that post themselves."""
        return self._settle(self._send("GET", url))

    def look(self, url: str) -> Page:
        """Opens a URL and follows redirects, but leaves a form that posts itself for the caller to see."""
        return self._send("GET", url)

    def submit(self, form: Form, values: Mapping[str, str] | None = None) -> Page:
        """Submits a form with some fields filled in, and follows."""
        return self._settle(self._send(form.method, form.action, data={**form.fields, **(values or {})}))

    def post(self, url: str, data: Mapping[str, str]) -> Page:
        """Posts a form to a URL and follows."""
        return self._settle(self._send("POST", url, data=data))

    @property
    def cookies(self) -> RequestsCookieJar:
        """The cookies it keeps."""
        return self._session.cookies

    def frame(self, *, by: str, sends_referer: bool = True, third_party_cookies: bool = True) -> Browser:
        """Returns an iframe in a page of this browser's, on another site than what it will show.

        Cookies whose SameSite is Lax or Strict do not come along; third-party cookies may be blocked altogether.

        Args:
            by: The page's origin, such as ``https://connect.example.com``.
            sends_referer: Whether the page's Referrer-Policy lets the browser tell the origin.
            third_party_cookies: Whether the browser lets any cookie into the frame.

        Spec: RFC 6265bis §5.2 "Same-site and cross-site requests"; W3C Fetch Metadata "Sec-Fetch-Dest"
        """
        frame = Browser(self._gateway)
        frame._session.headers.update({"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"})
        if sends_referer:
            frame._session.headers["Referer"] = f"{by}/"
        for cookie in self.cookies if third_party_cookies else ():
            if str(cookie.get_nonstandard_attr("SameSite", "Lax")).lower() == "none":
                frame.cookies.set_cookie(cookie)
        return frame

    def _settle(self, page: Page) -> Page:
        for _ in range(MAX_HOPS):
            if not page.submits_itself:
                return page
            form = page.forms[0]
            page = self._send(form.method, form.action, data=form.fields)
        raise FlowError("Too many forms that post themselves", where=page.url)

    def _send(self, method: str, url: str, data: Mapping[str, str] | None = None) -> Page:
        for _ in range(MAX_HOPS):
            query = data if method == "GET" else None
            body = data if method != "GET" else None
            try:
                response = self._session.request(
                    method, url, params=query, data=body, allow_redirects=False, headers={"Accept": "text/html"}
                )
            except requests.RequestException as error:
                raise FlowError(f"The browser cannot open {url}: {error}", where=url) from None
            if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                return _page(response)
            url = urljoin(response.url or url, response.headers["Location"])
            if response.status_code not in {307, 308}:
                method, data = "GET", None
        raise FlowError(
            "Too many redirects", where=url, fix="Look at the trace: two pages send the browser to each other."
        )


def _page(response: requests.Response) -> Page:
    reader = _FormReader(response.url or "")
    reader.feed(response.text)
    submits_itself = len(reader.forms) == 1 and ".submit()" in reader.script and "addEventListener" not in reader.script
    return Page(
        url=response.url or "",
        status=response.status_code,
        headers=dict(response.headers),
        text=response.text,
        forms=tuple(reader.forms),
        submits_itself=submits_itself,
        visible_text=" ".join(reader.visible.split()),
    )


class _FormReader(html.parser.HTMLParser):
    """Collects the forms, the script and the text of a page."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        self.forms: list[Form] = []
        self.script = ""
        self.visible = ""
        self._in_script = False
        self._in_style = False
        self._fields: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = {}
            self.forms.append(
                Form(
                    action=urljoin(self._base, attributes.get("action", "")),
                    method=attributes.get("method", "get").upper(),
                    fields=self._fields,
                    element_id=attributes.get("id", ""),
                )
            )
        elif (
            tag == "input"
            and self._fields is not None
            and attributes.get("type") not in {"radio", "checkbox", "submit"}
        ):
            if attributes.get("name"):
                self._fields[attributes["name"]] = attributes.get("value", "")
        elif tag == "script":
            self._in_script = True
        elif tag == "style":
            self._in_style = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        elif tag == "script":
            self._in_script = False
        elif tag == "style":
            self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.script += data
        elif not self._in_style:
            self.visible += data


class GatewayAdapter(BaseAdapter):
    """A requests transport that calls the gateway in this process."""

    def __init__(self, gateway: Gateway, *, record: Callable[[Exchange], None]) -> None:
        super().__init__()
        self._gateway = gateway
        self._record = record

    def send(self, request: requests.PreparedRequest, *_args: Any, **_options: Any) -> requests.Response:
        """Answers a prepared request; there is no connection that timeouts and certificates could apply to."""
        url = urlsplit(request.url or "")
        if self._gateway.hosts.site((url.hostname or "").lower()) is None:
            raise requests.ConnectionError(f"{url.hostname} is not emulated, and nothing leaves this machine")
        body = request.body or b""
        environ = make_environ(
            request.method or "GET",
            (url.path or "/") + (f"?{url.query}" if url.query else ""),
            [*((name, str(value)) for name, value in request.headers.items()), ("Host", url.netloc)],
            body.encode() if isinstance(body, str) else bytes(body),
            scheme=url.scheme,
        )
        environ[RECORDER_KEY] = self._record
        return _response(request, call(self._gateway, environ))

    def close(self) -> None:
        """Holds nothing open."""


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    """Builds what requests would have built from a socket."""
    message = Message()
    for name, value in answer.headers:
        message[name] = value
    raw = _Raw(answer.body, message)
    response = requests.Response()
    response.status_code = answer.code
    response.reason = answer.status.partition(" ")[2]
    response.headers.update((name, value) for name, value in answer.headers if name.lower() != "set-cookie")
    response.raw = raw
    response.url = request.url or ""
    response.request = request
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.cookies = _cookies(request, raw)
    return response


def _cookies(request: requests.PreparedRequest, raw: _Raw) -> RequestsCookieJar:
    jar = RequestsCookieJar()
    extract: Any = extract_cookies_to_jar  # it has no types
    extract(jar, request, raw)
    return jar


class _Raw(io.BytesIO):
    """A body with the header access that cookie extraction expects."""

    def __init__(self, body: bytes, message: Any) -> None:
        super().__init__(body)
        self._original_response = self
        self.msg = message
