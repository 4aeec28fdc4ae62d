"""What a browser does: cookies, redirects, forms, and the form that posts itself.

Requests go to the gateway in this process, without sockets, or to an emulator in another process. Hosts that are not
emulated are never contacted; the browser stops there. The standard library's cookie jar handles the cookies, lxml
parses the pages. requests is imported when somebody asks for its session or its jar: a login needs neither, and the
import takes a fifteenth of a command's time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from functools import cached_property, lru_cache
from http.cookiejar import CookieJar
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from emulator.browser_cookies import Asked, BrowserCookieJar, Received
from emulator.kernel.errors import ConnectionLost, FlowError, HostNotEmulated
from emulator.kernel.records import dataclass
from emulator.network.calls.internet import Internet
from emulator.network.faults.faulty_network import ConnectionCut
from emulator.network.forms import form_encoded
from emulator.network.gateway import CONNECTION_KEY, RECORDER_KEY
from emulator.network.hosts import Hosts, Site
from emulator.network.resemblance import resembling
from emulator.network.trace import Exchange
from emulator.network.wsgi import Answer, call, make_environ

if TYPE_CHECKING:
    import requests
    from requests.cookies import RequestsCookieJar

MAX_HOPS = 20
_NUMBERS = count(1)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
USER_AGENT = "fedemu"
# The characters of a URL that needs no percent-encoding.
_PLAIN_URL = re.compile(r"https?://[a-z0-9.:-]+[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*")
_PARSER = etree.HTMLParser(encoding="utf-8", no_network=True, recover=True)
_VISIBLE = etree.XPath("//text()[not(parent::script or parent::style)]")
# The pages of most logins lead to the same addresses.
_joined = lru_cache(maxsize=256)(urljoin)
_UNFILLED_INPUTS = frozenset({"radio", "checkbox", "submit"})


@dataclass(frozen=True, slots=True)
class Form:
    """A form on a page: its action, method and fields."""

    action: str
    method: str
    fields: Mapping[str, str]
    element_id: str = ""


@dataclass(frozen=True)
class Page:
    """A page that the browser shows. It is parsed on demand."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)

    @property
    def title(self) -> str:
        """The page's title."""
        start, end = self.text.find("<title>"), self.text.find("</title>")
        return self.text[start + len("<title>") : end].strip() if 0 <= start < end else ""

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The forms, in document order."""
        if "<form" not in self.text:
            return ()
        read = _elements(self.text, self.url).forms
        return tuple(Form(form.action, form.method, dict(form.fields), form.element_id) for form in read)

    @cached_property
    def submits_itself(self) -> bool:
        """Whether the page contains one form, and a script that submits it without waiting for a person."""
        if ".submit()" not in self.text or len(self.forms) != 1:
            return False
        script = _elements(self.text, self.url).script
        return ".submit()" in script and "addEventListener" not in script

    @cached_property
    def visible_text(self) -> str:
        """The text outside scripts and styles, with single spaces."""
        document = _document(self.text)
        parts: Any = [] if document is None else _VISIBLE(document)
        return " ".join("".join(parts).split())


@dataclass(frozen=True, slots=True)
class _Elements:
    """What a browser acts on in a page: its forms, and the text of its scripts."""

    forms: tuple[Form, ...] = ()
    script: str = ""


@lru_cache(maxsize=8)
def _elements(text: str, url: str) -> _Elements:
    """Reads a page; the one for signing in is the same for every login."""
    document = _document(text)
    if document is None:
        return _Elements()
    return _Elements(
        tuple(_form(element, url) for element in document.iter("form")),
        "".join(element.text or "" for element in document.iter("script")),
    )


def _document(text: str) -> etree._Element | None:
    return etree.fromstring(text.encode(), _PARSER) if text.strip() else None


class Browser:
    """A person's browser, which keeps cookies and follows redirects and forms.

    Args:
        gateway: Gateway that receives every request.
        source_ip: Address that its requests come from; by default this machine's.
    """

    def __init__(self, gateway: Internet, *, source_ip: str = "") -> None:
        self._gateway = gateway
        self.source_ip = source_ip
        self._headers: dict[str, str] = {}
        self._name = f"browser {next(_NUMBERS)}"
        self._jar: CookieJar = BrowserCookieJar()
        self.exchanges: list[Exchange] = []

    def __repr__(self) -> str:
        return f"<Browser after {len(self.exchanges)} requests>"

    @property
    def cookies(self) -> RequestsCookieJar:
        """The cookies, which may be read, set and removed by name."""
        from requests.cookies import RequestsCookieJar

        if not isinstance(self._jar, RequestsCookieJar):
            known, self._jar = self._jar, RequestsCookieJar()
            for cookie in known:
                self._jar.set_cookie(cookie)
        return self._jar

    @property
    def hosts(self) -> Hosts:
        """The emulated hosts."""
        return self._gateway.hosts

    def open(self, url: str) -> Page:
        """Opens a URL and follows redirects and forms that post themselves."""
        return self._settle(self._send("GET", url))

    def look(self, url: str) -> Page:
        """Opens a URL and follows redirects, but leaves a self-submitting form to the caller."""
        return self._send("GET", url)

    def submit(self, form: Form, values: Mapping[str, str] | None = None) -> Page:
        """Submits a form with some fields filled in, and follows."""
        return self._settle(self._send(form.method, form.action, data={**form.fields, **(values or {})}))

    def post(self, url: str, data: Mapping[str, str]) -> Page:
        """Posts a form to a URL and follows."""
        return self._settle(self._send("POST", url, data=data))

    def session(self) -> requests.Session:
        """Returns a requests session with this browser's cookies, for what a page's script would send."""
        import requests

        from emulator.network.calls.gateway_adapter import GatewayAdapter

        session = requests.Session()
        session.trust_env = False
        session.cookies = self.cookies
        for scheme in ("https://", "http://"):
            session.mount(scheme, GatewayAdapter(self._gateway, record=self.exchanges.append, source_ip=self.source_ip))
        return session

    def frame(
        self, *, by: str, within: str = "", sends_referer: bool = True, third_party_cookies: bool = True
    ) -> Browser:
        """Returns an iframe in a page of this browser, on another site than the framed page.

        Cookies with SameSite Lax or Strict are not sent; third-party cookies may be blocked altogether.

        Args:
            by: Origin of the page, such as ``https://connect.example.com``.
            within: Origin of a page that frames that page; empty for a top-level page.
            sends_referer: Whether the page's Referrer-Policy lets the browser send the origin.
            third_party_cookies: Whether the browser sends any cookies from the frame.

        Spec: RFC 6265bis §5.2 "Same-site and cross-site requests"; W3C Fetch Metadata "Sec-Fetch-Dest"; W3C
            Storage Access Headers "Sec-Fetch-Storage-Access"
        """
        self._show(by, within=within)
        frame = Browser(self._gateway, source_ip=self.source_ip)
        access = "active" if third_party_cookies else "none"
        frame._headers = {
            "Sec-Fetch-Dest": "iframe",
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Storage-Access": access,
        }
        if sends_referer:
            frame._headers["Referer"] = f"{by}/"
        for cookie in self._jar if third_party_cookies else ():
            if str(cookie.get_nonstandard_attr("SameSite", "Lax")).lower() == "none":
                frame._jar.set_cookie(cookie)
        return frame

    def _show(self, origin: str, *, within: str) -> None:
        """Opens the page around a frame, where it is served here: in a frame itself, or at the top level."""
        if self._gateway.hosts.site(urlsplit(origin).hostname or "") is not Site.CUSTOM:
            return
        page = Browser(self._gateway, source_ip=self.source_ip)
        page._headers = {"Sec-Fetch-Dest": "iframe", "Referer": f"{within}/"} if within else {}
        page.look(f"{origin}/")

    def _settle(self, page: Page) -> Page:
        for _ in range(MAX_HOPS):
            if not page.submits_itself:
                return page
            form = page.forms[0]
            page = self._send(form.method, form.action, data=form.fields)
        raise FlowError("Too many forms that post themselves", where=page.url)

    def _send(self, method: str, url: str, data: Mapping[str, str] | None = None) -> Page:
        if method == "GET" and data:
            url, data = f"{url}{'&' if '?' in url else '?'}{form_encoded(data)}", None
        for _ in range(MAX_HOPS):
            url = as_sent(url)
            answer = self._ask(method, url, data)
            location = _header(answer, "location") if answer.code in _REDIRECTS else ""
            if not location:
                headers = {name: value for name, value in answer.headers if name.lower() != "set-cookie"}
                return Page(url, answer.code, headers, answer.body.decode("utf-8", "replace"))
            url = _joined(url, location)
            if answer.code not in {307, 308}:
                method, data = "GET", None
        raise FlowError(
            "Too many redirects", where=url, fix="Look at the trace: two pages send the browser to each other."
        )

    def _ask(self, method: str, url: str, data: Mapping[str, str] | None) -> Answer:
        """Makes one request and keeps the cookies of its answer."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if self._gateway.hosts.site(host) is None:
            like = resembling(host, self._gateway.hosts)
            problem = f"{parts.hostname} is not emulated, and nothing leaves this machine"
            hint = f"; {like}" if like else ""
            raise HostNotEmulated(f"The browser cannot open {url}: {problem}{hint}", where=url)
        body = form_encoded(data).encode("ascii") if data is not None else b""
        headers = [("Host", parts.netloc), ("User-Agent", USER_AGENT), ("Accept", "text/html"), *self._headers.items()]
        if data is not None:
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        asked: Any = Asked(url, scheme=parts.scheme, host=host)  # http.cookiejar's types want urllib's whole Request
        self._jar.add_cookie_header(asked)
        if asked.cookie:
            headers.append(("Cookie", asked.cookie))
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        environ = make_environ(method, target, headers, body, scheme=parts.scheme, source_ip=self.source_ip)
        environ[RECORDER_KEY], environ[CONNECTION_KEY] = self.exchanges.append, self._name
        try:
            answer = call(self._gateway, environ)
        except ConnectionCut as cut:
            how = "was reset" if cut.begun is None else "ended in the middle of the answer"
            raise ConnectionLost(f"The browser cannot open {url}: the connection {how}", where=url) from None
        finally:
            self._gateway.wait_for_answer(environ)
        received: Any = Received(answer.headers)
        if received.cookies:
            self._jar.extract_cookies(received, asked)
        return answer


def as_sent(url: str) -> str:
    """Returns a URL as browsers send it: percent-encoded, the host in ASCII.

    Raises:
        FlowError: it is not the URL of a page.
    """
    if _PLAIN_URL.fullmatch(url):
        return url
    import requests  # only a URL that is not yet as browsers send it needs it

    prepared = requests.PreparedRequest()
    try:
        prepared.prepare_url(url, None)
    except (requests.RequestException, ValueError) as error:
        raise FlowError(f"The browser cannot open {url}: {error}", where=url) from None
    if prepared.url is None or urlsplit(prepared.url).scheme not in {"http", "https"}:
        raise FlowError(f"The browser cannot open {url}: it is not the address of a page", where=url)
    return prepared.url


def _form(element: etree._Element, base: str) -> Form:
    fields = {
        name: each.get("value", "")
        for each in element.iter("input")
        if (name := each.get("name")) and each.get("type") not in _UNFILLED_INPUTS
    }
    return Form(
        action=_joined(base, element.get("action", "")),
        method=(element.get("method") or "get").upper(),
        fields=fields,
        element_id=element.get("id", ""),
    )


def _header(answer: Answer, name: str) -> str:
    return next((value for each, value in answer.headers if each.lower() == name), "")
