"""The ports: HTTP, HTTPS under real names, and a CONNECT proxy, all on loopback and all in front of one gateway.

One thread accepts; each connection has a thread of its own, which reads, has the gateway answer, and writes. A client
that is slow, silent or sends nonsense costs a sleeping thread and is dropped after a while; only whole requests get one
of the places at the gateway. ``conversation`` handles HTTP, ``proxy`` decides what the proxy allows, ``tunnel`` passes
on what is allowed, ``connection`` moves the bytes.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Literal

from emulator.kernel.errors import EnvironmentProblem
from emulator.kernel.trace_notes import TraceNote
from emulator.network.allowed_hosts import AllowedHosts
from emulator.network.data_folder.certs import CertificateAuthority
from emulator.network.gateway import Gateway, waits_for_others
from emulator.network.listener.connection import DEFAULT_TIMEOUTS, Connection, Deadline, HeadTooLarge, Timeouts
from emulator.network.listener.conversation import Conversation
from emulator.network.listener.proxy import ESTABLISHED, HEAD_TOO_LARGE, PROXY, Proxy, Tunnel
from emulator.network.listener.tunnel import copy_both_ways
from emulator.network.refused_connections import MAX_CONNECTIONS, too_many_connections, too_slow
from emulator.network.trace import NO_BODY, Exchange
from emulator.network.wsgi import Answer, Environ, plain_answer

LOOPBACK = "127.0.0.1"
# How many requests are answered at once; more would only share one interpreter.
MOST_ANSWERED_AT_ONCE = 8
# How many may wait for others meanwhile.
_MOST_WAITING_AT_ONCE = 40
_MOST_REFUSED_AT_ONCE = 100
_STOP_SECONDS = 1.0
_BACKLOG = 512
_TOO_MANY = (
    f"{MAX_CONNECTIONS:,} connections are open; further ones are answered with 503 until some are closed. "
    "Have the clients close connections, or use fewer"
)
_TLS_HANDSHAKE = 0x16

Handler = Callable[[Connection], None]


class Server:
    """Serves a gateway.

    Args:
        gateway: Gateway to serve.
        http: Port for plain HTTP, with aliases and the bare address; 0 takes a free one.
        https: Port for HTTPS under real names; None for none.
        proxy: Port of the CONNECT proxy; None for none.
        authority: Authority that signs the certificates; needed for HTTPS and for the proxy.
        allowed_hosts: Hosts that the proxy may connect to although they are not emulated, each with one port or with
            all: ``files.example.com``, ``files.example.com:8443``.
        timeouts: How long clients may be silent.

    Raises:
        EnvironmentProblem: a port is taken.
        FederationError: an allowed host is not valid.
    """

    def __init__(
        self,
        gateway: Gateway,
        *,
        http: int = 0,
        https: int | None = None,
        proxy: int | None = None,
        authority: CertificateAuthority | None = None,
        allowed_hosts: Iterable[str] = (),
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._timeouts = timeouts
        self._allowed_hosts = AllowedHosts(allowed_hosts)
        self.answer_from(gateway)
        self._tls = authority.server_settings(self._is_emulated) if authority is not None else None
        self._http_listener = _bind(http)
        self._port = int(self._http_listener.getsockname()[1])  # it is also read after the server has stopped
        self._https_listener = _bind(https) if https is not None else None
        self._proxy_listener = _bind(proxy) if proxy is not None else None
        self._places = threading.Semaphore(MOST_ANSWERED_AT_ONCE)
        self._waiting_places = threading.Semaphore(_MOST_WAITING_AT_ONCE)
        self._lock = threading.Lock()
        self._open: dict[Connection, threading.Thread] = {}
        self._stopping = threading.Event()
        self._stop_heard, self._stop_told = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="fedemu-server", daemon=True)

    def __repr__(self) -> str:
        return f"<Server at {self.url}>"

    @property
    def port(self) -> int:
        """The port of plain HTTP."""
        return self._port

    @property
    def https_port(self) -> int | None:
        """The port of HTTPS, if it is served."""
        return int(self._https_listener.getsockname()[1]) if self._https_listener else None

    @property
    def proxy_port(self) -> int | None:
        """The proxy's port, if there is one."""
        return int(self._proxy_listener.getsockname()[1]) if self._proxy_listener else None

    @property
    def url(self) -> str:
        """The bare address: ``http://127.0.0.1:7080``."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def proxy_url(self) -> str:
        """The proxy's address; empty when there is none."""
        return f"http://{LOOPBACK}:{self.proxy_port}" if self._proxy_listener else ""

    def alias(self, host: str, path: str = "/") -> str:
        """Returns the URL at which a browser reaches an emulated host without the proxy."""
        return f"http://{host}.localhost:{self.port}{path}"

    def answer_from(self, gateway: Gateway) -> None:
        """Answers from another gateway from now on, on open connections too."""
        self._gateway = gateway
        self._proxy = Proxy(gateway.hosts, allowed_hosts=self._allowed_hosts, tell=self._tell)

    def start(self) -> None:
        """Begins to serve, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stops serving and frees the ports."""
        self._stopping.set()
        if self._thread.is_alive():
            self._stop_told.send(b"\0")
        self._thread.join()
        # Not closed by the thread itself: a client may have woken it before the byte is sent.
        for end in (self._stop_heard, self._stop_told):
            end.close()
        with self._lock:
            threads = list(self._open.values())
            for connection in self._open:
                connection.end()
        deadline = Deadline(_STOP_SECONDS)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(deadline.seconds_left)

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _tell(self, host: str, text: str) -> None:
        """Reports a host that the proxy refused; the trace omits it, because browsers ask for many of their own."""
        refused = Exchange(
            started_at=self._gateway.clock.now(),
            duration_ms=0,
            method="CONNECT",
            url=f"https://{host}/",
            request_headers=(),
            form=(),
            status=403,
            response_headers=(),
            content=NO_BODY,
            notes=(TraceNote(PROXY, text),),
        )
        self._gateway.announce(refused)

    def _is_emulated(self, host: str) -> bool:
        return self._gateway.hosts.site(host) is not None

    def _run(self) -> None:
        served = (
            (self._http_listener, self._serve_http),
            (self._https_listener, self._serve_https),
            (self._proxy_listener, self._serve_proxy),
        )
        with contextlib.ExitStack() as closing, selectors.DefaultSelector() as selector:
            selector.register(self._stop_heard, selectors.EVENT_READ)
            for listener, handler in served:
                if listener is not None:
                    closing.enter_context(listener)
                    selector.register(listener, selectors.EVENT_READ, (listener, handler))
            while not self._stopping.is_set():
                for key, _ in selector.select():
                    if key.data is not None:
                        self._accept(*key.data)

    def _accept(self, listener: socket.socket, handler: Handler) -> None:
        try:
            accepted, _ = listener.accept()
        except (BlockingIOError, ConnectionError):
            return  # the client has left already
        except OSError as error:
            text = f"a connection could not be taken: {error.strerror}; close some, or raise the limit (ulimit -n)"
            self._gateway.limits.reached("file descriptors", text)
            self._stopping.wait(0.1)  # out of file descriptors: wait for one
            return
        if len(self._open) >= MAX_CONNECTIONS:
            self._gateway.limits.reached("connections", _TOO_MANY)
            if len(self._open) >= MAX_CONNECTIONS + _MOST_REFUSED_AT_ONCE:
                accepted.close()
                return
            handler = self._refuse_one_too_many_in_tls if handler == self._serve_https else self._refuse_one_too_many
        connection = Connection(accepted)
        thread = threading.Thread(target=self._guard, args=(handler, connection), name="fedemu-client", daemon=True)
        with self._lock:
            self._open[connection] = thread
        try:
            thread.start()
        except RuntimeError:
            text = "a connection could not be taken: the system starts no further thread; close some connections"
            self._gateway.limits.reached("threads", text)
            self._forget(connection)

    def _guard(self, handler: Handler, connection: Connection) -> None:
        """Catches every end of a connection, because nothing that a client does may disturb the server."""
        try:
            with contextlib.suppress(OSError):
                connection.send_at_once()
                handler(connection)
        except Exception as error:  # noqa: BLE001  the other connections are served
            self._gateway.failures.tell("serving a connection", error)
        finally:
            self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        connection.close()
        with self._lock:
            del self._open[connection]

    def _serve_http(self, connection: Connection) -> None:
        self._conversation(connection).hold(self._answer)

    def _serve_https(self, connection: Connection) -> None:
        first = connection.peek(seconds=self._timeouts.idle_seconds)
        if first and first[0] != _TLS_HANDSHAKE:
            text = "fedemu: this port speaks HTTPS; plain HTTP is served on another port.\n"
            self._conversation(connection).refuse(plain_answer("400 Bad Request", text))
        elif first:
            self._conversation_in_tls(connection).hold(self._answer)

    def _serve_proxy(self, connection: Connection) -> None:
        connection.peek(seconds=self._timeouts.idle_seconds)
        try:
            head = connection.read_head(seconds=self._timeouts.request_seconds)
        except HeadTooLarge:
            self._conversation(connection).refuse(HEAD_TOO_LARGE)
            return
        except TimeoutError:
            slow = too_slow("head of the request", self._timeouts.request_seconds)
            self._conversation(connection).refuse(slow)
            return
        if not head:
            return
        decided = self._proxy.decide(head)
        if isinstance(decided, Answer):
            self._conversation(connection).refuse(decided)
        elif decided.is_emulated:
            connection.send(ESTABLISHED, seconds=self._timeouts.request_seconds)
            self._conversation_in_tls(connection).hold(self._answer)
        else:
            self._pass_through(connection, decided)

    def _conversation(self, connection: Connection, *, scheme: Literal["http", "https"] = "http") -> Conversation:
        return Conversation(connection, scheme=scheme, timeouts=self._timeouts)

    def _conversation_in_tls(self, connection: Connection) -> Conversation:
        if self._tls is None:
            raise AssertionError("HTTPS and the proxy are served with an authority only")
        connection.begin_tls(self._tls, seconds=self._timeouts.handshake_seconds)
        return self._conversation(connection, scheme="https")

    def _answer(self, environ: Environ) -> Answer:
        waits = waits_for_others(environ["REQUEST_METHOD"], environ["REQUEST_URI"])
        with self._waiting_places if waits else self._places:
            return self._gateway.answer(environ)

    def _pass_through(self, connection: Connection, tunnel: Tunnel) -> None:
        try:
            far = Connection(socket.create_connection((tunnel.host, tunnel.port), self._timeouts.handshake_seconds))
        except OSError as error:
            text = f"fedemu proxy: {tunnel.host}: {error}\n"
            self._conversation(connection).refuse(plain_answer("502 Bad Gateway", text))
            return
        try:
            connection.send(ESTABLISHED, seconds=self._timeouts.request_seconds)
            copy_both_ways(connection, far, timeouts=self._timeouts)
        finally:
            far.close()

    def _refuse_one_too_many(self, connection: Connection) -> None:
        self._conversation(connection).refuse(too_many_connections())

    def _refuse_one_too_many_in_tls(self, connection: Connection) -> None:
        self._conversation_in_tls(connection).refuse(too_many_connections())


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise EnvironmentProblem(
            f"Port {port} on {LOOPBACK} cannot be used",
            explanation=error.strerror or str(error),
            fix="Choose another port, or 0 for a free one.",
        ) from None
    listener.setblocking(False)
    return listener
