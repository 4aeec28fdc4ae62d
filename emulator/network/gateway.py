"""From a Host header to the site that answers, under the real name, an alias or the bare address.

The sites behind the gateway believe they are the real hosts. For an alias the gateway turns the real URLs in redirects,
form actions and links into aliases, so that a browser stays on this machine; what an assertion says stays the real URL.
Each exchange is recorded with the notes that the sites made.
"""

from __future__ import annotations

import io
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from time import perf_counter, sleep
from typing import Protocol, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

from emulator.kernel.bound_sites import FORM_KEY
from emulator.kernel.client_connection import SOURCE_IP_KEY
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import StateNotSaved
from emulator.kernel.failures import FAILURE_KEY, REQUEST_ID_KEY, Failures, failed, without_secrets
from emulator.kernel.limits import ReachedLimits
from emulator.kernel.trace_notes import (
    ASKED_HOST_KEY,
    ASKED_SCHEME_KEY,
    DIGEST_KEY,
    ENVIRON_KEY,
    FAILED,
    HANDLES_KEY,
    TraceNote,
    delay_of,
)
from emulator.network.aliases import Localiser, real_url
from emulator.network.client_handles import cookies_in, cookies_set
from emulator.network.failure_answers import SITE_KEY, failure_answer, secrets_of
from emulator.network.faults.faulty_network import ConnectionCut, behind_fault, cut_if_planted
from emulator.network.faults.network_faults import NetworkFaults
from emulator.network.forms import MAX_FIELDS, form_of, has_too_many_fields
from emulator.network.hosts import Address, Hosts, Site
from emulator.network.note_header import NOTES_HEADER, notes_as_header, wants_notes
from emulator.network.refused_connections import too_large, too_many_fields
from emulator.network.resemblance import resembling
from emulator.network.site_failures import watch_sites
from emulator.network.trace import NO_BODY, Body, Exchange, redact_headers, redact_pairs, redact_url
from emulator.network.wsgi import Answer, Environ, StartResponse, WsgiApp, call, plain_answer

RECORDER_KEY = "fedemu.recorder"
CONNECTION_KEY = "fedemu.connection"
# The size of a request that carried more, and was read without the rest.
TOO_LARGE_KEY = "fedemu.too_large"
MAX_REQUEST_BYTES = 1_000_000
# IAM accepts 10,000,000 characters of metadata; in a form a character takes up to nine bytes.
MAX_QUERY_BYTES = 91_000_000
# Full tables weigh some 70 MB; the rest is for large accounts and long session policies.
MAX_STATE_BYTES = 256_000_000
# HARs that browsers save can have tens of megabytes.
MAX_PASTED_BYTES = 32_000_000
STATE_PATH = "/fedemu/state"
OUTBOX_PATH = "/fedemu/outbox"
CLOCK_PATH = "/fedemu/clock"
CLOUDTRAIL_PATH = "/fedemu/cloudtrail"
REFUSALS_PATH = "/fedemu/refusals"
PEOPLE_PATH = "/fedemu/people"
EMULATOR_PATH = "/fedemu/emulator"
LOGINS_PATH = "/fedemu/logins"
ASSERTIONS_PATH = "/fedemu/assertions"
SCENARIOS_PATH = "/fedemu/scenarios"
NETWORK_FAULTS_PATH = "/fedemu/network-faults"
NEXT_LOGINS_PATH = "/fedemu/next-logins"
EVENTS_PATH = "/fedemu/events"
WORKBENCH_PATH = "/workbench/"
BENCH_PATH = f"{WORKBENCH_PATH}bench"
NO_SERVICE = (
    "fedemu: this request belongs to no emulated service. This address answers Okta paths (/app/, /home/,\n"
    "/login/), AWS sign-in (/saml), STS and IAM (Action=)"
)
_SECRET_PATHS = frozenset({STATE_PATH, OUTBOX_PATH, PEOPLE_PATH, LOGINS_PATH, ASSERTIONS_PATH, SCENARIOS_PATH})
_KEPT_EXCHANGES = 200
_MAX_SHOWN = 200_000
_MAX_SHOWN_FORM = 1_000_000


class _Listening(Protocol):
    def __call__(self, exchange: Exchange, /) -> None: ...


Listener = TypeVar("Listener", bound=_Listening)


class Gateway:
    """The WSGI application in front of every emulated host.

    Args:
        hosts: The emulated hosts.
        sites: Returns the application of each site.
        clock: Source of the exchanges' dates.
        failures: Notified of unexpected exceptions; by default its own.
        ids: Source of the ids of failed requests.
        limits: Records limits that are reached; by default its own.
    """

    def __init__(
        self,
        hosts: Hosts,
        *,
        sites: Mapping[Site, Callable[[], WsgiApp]],
        clock: Clock,
        failures: Failures | None = None,
        ids: Ids | None = None,
        limits: ReachedLimits | None = None,
    ) -> None:
        self.hosts = hosts
        self.failures = failures or Failures()
        self.limits = limits or ReachedLimits()
        self.network_faults = NetworkFaults()
        self._request_ids = (ids or Ids()).beside("request ids of failures")
        self._sites = sites
        self._control_site: WsgiApp = _of_no_service
        self._clock = clock
        self._lock = threading.Lock()
        self._exchanges: deque[Exchange] = deque(maxlen=_KEPT_EXCHANGES)
        self._recorded = 0
        self._listeners: tuple[Callable[[Exchange], None], ...] = ()
        self._keep: Callable[[], None] = _keep_nothing

    def __repr__(self) -> str:
        return f"<Gateway after {self._recorded} requests>"

    def mount_control_site(self, site: WsgiApp) -> None:
        """Has ``site`` answer everything that is sent to the bare address and belongs to no emulated service."""
        self._control_site = site

    def keep_before_answers(self, keep: Callable[[], None]) -> None:
        """Has ``keep`` called before every answer, so that everything acknowledged is saved.

        Where it raises ``StateNotSaved``, the answer is a 503 with its message.
        """
        self._keep = keep

    @property
    def listeners(self) -> tuple[Callable[[Exchange], None], ...]:
        """What is called with every exchange, in this order."""
        return self._listeners

    def listen(self, listener: Callable[[Exchange], None]) -> None:
        """Has ``listener`` called with every exchange from now on."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def stop_telling(self, listener: Callable[[Exchange], None]) -> None:
        """Stops calling ``listener``."""
        with self._lock:
            self._listeners = tuple(each for each in self._listeners if each != listener)

    def listener(self, kind: type[Listener], make: Callable[[], Listener]) -> Listener:
        """Returns the listener of a type; if there is none, creates it and passes it the last exchanges first.

        Args:
            kind: Type of the listener.
            make: Creates it.
        """
        with self._lock:
            found = next((each for each in self._listeners if isinstance(each, kind)), None)
            if found is not None:
                return found
            made = make()
            for exchange in self._exchanges:
                made(exchange)
            self._listeners = (*self._listeners, made)
            return made

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The last exchanges, the oldest first."""
        with self._lock:
            return tuple(self._exchanges)

    def numbered_exchanges(self, *, after: int = 0) -> tuple[int, list[tuple[int, Exchange]]]:
        """Returns the number of exchanges so far, and the last ones with their numbers, counted from 1.

        Args:
            after: Number after which exchanges are returned.
        """
        with self._lock:
            first = self._recorded - len(self._exchanges) + 1
            numbered = list(enumerate(self._exchanges, first))
            return self._recorded, [(number, each) for number, each in numbered if number > after]

    def forget(self) -> None:
        """Drops the exchanges so far, and continues counting."""
        with self._lock:
            self._exchanges.clear()

    @property
    def clock(self) -> Clock:
        """The source of the exchanges' dates."""
        return self._clock

    def record(self, exchange: Exchange) -> None:
        """Adds an exchange to the last ones, and passes it to the listeners."""
        with self._lock:
            self._exchanges.append(exchange)
            self._recorded += 1
            listeners = self._listeners
        self._tell(exchange, listeners)

    def announce(self, exchange: Exchange) -> None:
        """Passes an exchange to the listeners without keeping it: one that reached no emulated host."""
        self._tell(exchange, self._listeners)

    def _tell(self, exchange: Exchange, listeners: Iterable[Callable[[Exchange], None]]) -> None:
        for listener in listeners:
            try:
                listener(exchange)
            except Exception as error:  # noqa: BLE001  the client gets its answer, and the other listeners the exchange
                self.failures.tell(f"telling a listener of {exchange.method} {exchange.url}", error)

    def wait_for_answer(self, environ: Environ) -> None:
        """Waits for as long as the answer to a request is delayed; a frozen clock is advanced instead.

        Only for a client in this process, which waits in its own thread.
        """
        delay = delay_of(environ)
        if delay and self._clock.is_frozen:
            self._clock.advance(delay)
        elif delay:
            sleep(delay.total_seconds())

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        known: list[tuple[BaseException, str]] = []

        # A site may have been called with a copy of the environment: its answer needs the id, as an answer here does.
        def fail(failing: Environ, error: BaseException) -> None:
            for each, request_id in known:
                if each is error:  # the site has failed with it, or words the answer to it
                    failing.setdefault(REQUEST_ID_KEY, request_id)
                    return
            request_id = failing.setdefault(REQUEST_ID_KEY, "") or self._request_ids.uuid()
            failing[REQUEST_ID_KEY] = request_id
            known.append((error, request_id))
            secrets = secrets_of(failing)
            line = without_secrets(_exception_line(error), secrets)
            failing.setdefault(ENVIRON_KEY, []).append(TraceNote("fedemu", FAILED + line))
            during = f"answering {failing.get('REQUEST_METHOD', 'GET')} {_plain_url(failing)}"
            self.failures.tell(during, error, request_id=request_id, secrets=secrets)

        environ[FAILURE_KEY] = fail
        try:
            return self._answer(environ, start_response)
        except (ConnectionCut, SystemExit, KeyboardInterrupt):
            raise  # a signal ends the process in the middle of an answer
        except BaseException as error:
            fail(environ, error)
            raise

    def answer(self, environ: Environ) -> Answer:
        """Answers a request whatever happens: an unhandled exception becomes an answer, worded by its site.

        Raises:
            ConnectionCut: a planted network fault ends the connection.
        """
        try:
            return call(self, environ)
        except ConnectionCut:
            raise
        except BaseException as error:  # noqa: BLE001  it is in the log; sys.exit in a page must not end the server
            failed(environ, error)
            return failure_answer(environ, error)

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        started, began = self._clock.now(), perf_counter()
        address = self.hosts.address(environ.get("HTTP_HOST", ""))
        environ[ENVIRON_KEY] = []
        environ[ASKED_HOST_KEY] = environ.get("HTTP_HOST", "")
        environ[ASKED_SCHEME_KEY] = environ.get("wsgi.url_scheme", "https")
        limit = request_limit(environ.get("REQUEST_METHOD", "GET"), environ.get("PATH_INFO", "/"))
        data = environ["wsgi.input"].read(limit + 1)
        environ["wsgi.input"] = io.BytesIO(data)
        form = environ[FORM_KEY] = form_of(environ, data)
        if len(data) > limit:
            environ[ENVIRON_KEY].append(TraceNote("fedemu", f"refused a request of more than {limit:,} bytes"))
            answer = too_large(limit)
        elif not form and has_too_many_fields(environ, data):
            environ[ENVIRON_KEY].append(TraceNote("fedemu", f"refused a form of more than {MAX_FIELDS:,} fields"))
            answer = too_many_fields(MAX_FIELDS)
        else:
            for name in ("HTTP_REFERER", "HTTP_ORIGIN"):
                if address.suffix and name in environ:
                    environ[name] = real_url(environ[name], address.suffix)
            site = self._site_for(environ, address, form)
            environ["wsgi.url_scheme"], environ["SERVER_PORT"] = "https", "443"
            watch_sites()
            environ[SITE_KEY] = site
            answer = self._kept(call(site, environ), environ, address)
        exchange = exchange_of(environ, answer, started=started, began=began, form=form)
        if not self._is_own(address, exchange):
            self.record(exchange)
        if RECORDER_KEY in environ:
            environ[RECORDER_KEY](exchange)
        if wants_notes(environ):
            answer = replace(answer, headers=(*answer.headers, (NOTES_HEADER, notes_as_header(exchange.notes))))
        elif address.suffix or address.bare:
            answer = Localiser(self.hosts, address).localise(answer)
        cut_if_planted(environ, answer)
        start_response(answer.status, list(answer.headers))
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [answer.body]

    def _kept(self, answer: Answer, environ: Environ, address: Address) -> Answer:
        """Returns the answer once what it acknowledges is saved; meanwhile the emulator's own pages can be read."""
        try:
            self._keep()
        except StateNotSaved as error:
            is_read = environ.get("REQUEST_METHOD", "GET") in {"GET", "HEAD"}
            if is_read and address.bare and _is_own_path(environ.get("PATH_INFO", "/")):
                return answer
            environ[ENVIRON_KEY].append(TraceNote("fedemu", f"withheld the answer: {error.message}"))
            return plain_answer("503 Service Unavailable", f"fedemu: {error.message}.\n")
        return answer

    def _is_own(self, address: Address, exchange: Exchange) -> bool:
        """Returns whether the emulator's own pages and API were called without any note: not worth recording."""
        return bool(address.bare) and not exchange.notes and _is_own_path(urlsplit(exchange.url).path)

    def _site_for(self, environ: Environ, address: Address, form: list[tuple[str, str]]) -> WsgiApp:
        path = environ.get("PATH_INFO", "/") or "/"
        host = address.host
        if address.bare:
            parameters = dict([*parse_qsl(environ.get("QUERY_STRING", "")), *form])
            authorization = environ.get("HTTP_AUTHORIZATION", "")
            host = self.hosts.bare_host(path=path, parameters=parameters, authorization=authorization) or ""
            if not host:
                return self._control_site
        site = self.hosts.site(host)
        if site is None:
            like = resembling(host, self.hosts)
            text = f"{host} is not an emulated host" + (f": {like}" if like else "")
            environ[ENVIRON_KEY].append(TraceNote("fedemu", text))
            return _not_emulated(host, self.hosts)
        environ["HTTP_HOST"] = environ["SERVER_NAME"] = host
        fault = self.network_faults.take(host, path, environ.get("REQUEST_METHOD", "GET"))
        return self._sites[site]() if fault is None else behind_fault(self._sites[site](), fault)


def _keep_nothing() -> None:
    """Saves nothing: used without a state file."""


def _is_own_path(path: str) -> bool:
    return path == "/" or path.startswith(("/workbench/", "/fedemu/"))


def _plain_url(environ: Environ) -> str:
    return f"https://{environ.get('HTTP_HOST', '')}{environ.get('PATH_INFO', '')}"


def _exception_line(error: BaseException) -> str:
    """Returns the first line of an exception's text, after the name of its class."""
    text = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def request_limit(method: str, path: str) -> int:
    """Returns the maximum size of a request in bytes: a restored state, a call of IAM and a HAR may be large."""
    if (method, path) == ("PUT", STATE_PATH):
        return MAX_STATE_BYTES
    if (method, path) == ("POST", BENCH_PATH):
        return MAX_PASTED_BYTES
    return MAX_QUERY_BYTES if (method, path) == ("POST", "/") else MAX_REQUEST_BYTES


def waits_for_others(method: str, target: str) -> bool:
    """Returns whether a request may have to wait for another one, and so needs a separate thread."""
    path, _, query = target.partition("?")
    return method == "GET" and path == LOGINS_PATH and "wait=" in query


def exchange_of(
    environ: Environ, answer: Answer, *, started: datetime, began: float, form: list[tuple[str, str]]
) -> Exchange:
    """Returns what happened, without secrets.

    Args:
        environ: WSGI environment of the request, with the notes.
        started: When the request arrived.
        began: The same, by ``perf_counter``.
        form: Posted fields.
    """
    host = _in_url(environ.get("HTTP_HOST", ""))
    query = environ.get("QUERY_STRING", "")
    url = f"https://{host}{environ.get('PATH_INFO', '')}" + (f"?{query}" if query else "")
    content_type = next((value for name, value in answer.headers if name.lower() == "content-type"), "")
    is_shown = content_type.startswith(("text/", "application/")) and environ.get("PATH_INFO") not in _SECRET_PATHS
    return Exchange(
        started_at=started,
        duration_ms=(perf_counter() - began) * 1000,
        method=environ.get("REQUEST_METHOD", "GET"),
        url=redact_url(url),
        request_headers=redact_headers(_request_headers(environ)),
        form=redact_pairs(_shown_fields(form)),
        status=answer.code,
        response_headers=redact_headers(answer.headers),
        content=Body(answer.body) if is_shown else NO_BODY,
        notes=tuple(map(_without_frames, environ.get(ENVIRON_KEY, ()))),
        digest=environ.get(DIGEST_KEY, ""),
        shown=cookies_in(environ.get("HTTP_COOKIE", "")),
        handed_on=(*environ.get(HANDLES_KEY, ()), *cookies_set(answer.headers)),
        connection=environ.get(CONNECTION_KEY, ""),
        source_ip=environ.get(SOURCE_IP_KEY, ""),
    )


@lru_cache(maxsize=256)
def _in_url(host: str) -> str:
    """Returns a Host header as it can be in a URL: whoever reads the exchange takes the URL apart."""
    try:
        urlsplit(f"https://{host}/")
    except ValueError:
        return quote(host, safe=":")
    return host


def _without_frames(note: TraceNote) -> TraceNote:
    """Returns a note whose refusal no longer keeps its stack frames, and the messages they read, alive."""
    error: BaseException | None = note.refusal
    while error is not None:
        error.__traceback__ = None
        error = error.__context__
    return note


def _shown_fields(form: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yields the fields of a form that are kept: of a call with many large ones, the first."""
    left = _MAX_SHOWN_FORM
    for name, value in form:
        if left <= 0:
            return
        field = (_shown(name), _shown(value))
        left -= sum(map(len, field))
        yield field


def _shown(value: str) -> str:
    """Returns the kept part of a form field: every SAMLResponse whole, but not megabytes of metadata."""
    return value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}… ({len(value)} characters)"


def _of_no_service(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    answer = plain_answer("404 Not Found", f"{NO_SERVICE}.\n")
    start_response(answer.status, list(answer.headers))
    return [answer.body]


def _not_emulated(host: str, hosts: Hosts) -> WsgiApp:
    known = "\n".join(f"  {name}" for name in hosts.known)
    like = resembling(host, hosts)
    answer = plain_answer(
        "404 Not Found",
        f"fedemu: {host or '(no Host header)'} is not an emulated host{f': {like}' if like else ''}. "
        f"Emulated are:\n{known}\n",
    )

    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response(answer.status, list(answer.headers))
        return [answer.body]

    return app


def _request_headers(environ: Environ) -> list[tuple[str, str]]:
    headers = [(_header_name(key), environ[key]) for key in filter(_header_name, environ)]
    if environ.get("CONTENT_TYPE"):
        headers.append(("Content-Type", environ["CONTENT_TYPE"]))
    return headers


@lru_cache(maxsize=256)
def _header_name(key: str) -> str:
    """Returns a header's name, ``User-Agent`` for ``HTTP_USER_AGENT``; empty for anything else in an environment."""
    return key.removeprefix("HTTP_").replace("_", "-").title() if key.startswith("HTTP_") else ""
