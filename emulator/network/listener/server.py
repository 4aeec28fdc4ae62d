"""The ports: HTTP, HTTPS under real names, and a CONNECT proxy, all on loopback and all in front of one gateway.

One event loop reads and writes; a few threads run the gateway. A client that is slow, silent or sends nonsense costs a
coroutine and is dropped after a while; it never occupies a thread. ``conversation`` handles HTTP, ``proxy`` decides
what the proxy allows, ``sockets`` moves the bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Literal

from emulator.kernel.errors import EnvironmentProblem
from emulator.kernel.trace_notes import TraceNote
from emulator.network.allowed_hosts import AllowedHosts
from emulator.network.data_folder.certs import CertificateAuthority
from emulator.network.gateway import Gateway
from emulator.network.listener.conversation import Conversation
from emulator.network.listener.proxy import ESTABLISHED, HEAD_TOO_LARGE, PROXY, Proxy, Tunnel
from emulator.network.listener.sockets import (
    DEFAULT_TIMEOUTS,
    HeadTooLarge,
    Timeouts,
    answer_and_close,
    copy_both_ways,
    open_streams,
    peek,
    read_head,
)
from emulator.network.refused_connections import MAX_CONNECTIONS, too_many_connections, too_slow
from emulator.network.trace import Exchange
from emulator.network.wsgi import Answer, Environ, plain_answer

LOOPBACK = "127.0.0.1"
_THREADS = 8
# The maximum number of waiting requests; any further client is refused at once.
_WAITING_THREADS = 40
_LISTENERS = 3
_MOST_REFUSED_AT_ONCE = 100
_TOO_MANY = (
    f"{MAX_CONNECTIONS:,} connections are open; further ones are answered with 503 until some are closed. "
    "Have the clients close connections, or use fewer"
)
_TLS_HANDSHAKE = 0x16

Handler = Callable[[socket.socket], Awaitable[None]]


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
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="fedemu")
        self._waiting_pool = ThreadPoolExecutor(_WAITING_THREADS, thread_name_prefix="fedemu-waiting")
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.SelectorEventLoop()  # Windows' default loop cannot wait for a socket to be readable
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
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._waiting_pool.shutdown(wait=False, cancel_futures=True)

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
            body="",
            notes=(TraceNote(PROXY, text),),
        )
        self._gateway.announce(refused)

    def _is_emulated(self, host: str) -> bool:
        return self._gateway.hosts.site(host) is not None

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(self._hear_of)
        for listener, handler in (
            (self._http_listener, self._serve_http),
            (self._https_listener, self._serve_https),
            (self._proxy_listener, self._serve_proxy),
        ):
            if listener is not None:
                self._begin(self._accept(listener, handler))
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(asyncio.sleep(0))  # a connection that was just accepted gets its task
            for task in tuple(self._tasks):
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
            self._loop.run_until_complete(asyncio.sleep(0))  # transports close in the next iteration of the loop
            for each in (self._http_listener, self._https_listener, self._proxy_listener):
                if each is not None:
                    each.close()
            self._loop.close()

    def _hear_of(self, _loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        """Reports what went wrong in the event loop, except for clients that hang up."""
        error = context.get("exception")
        if isinstance(error, Exception) and not isinstance(error, (OSError, ssl.SSLError, TimeoutError)):
            self._gateway.failures.tell(f"serving: {context.get('message', '')}", error)

    def _begin(self, coroutine: Awaitable[None]) -> asyncio.Future[None]:
        task = asyncio.ensure_future(coroutine, loop=self._loop)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _accept(self, listener: socket.socket, handler: Handler) -> None:
        while True:
            try:
                connection, _ = await self._loop.sock_accept(listener)
            except OSError as error:
                text = f"a connection could not be taken: {error.strerror}; close some, or raise the limit (ulimit -n)"
                self._gateway.limits.reached("file descriptors", text)
                await asyncio.sleep(0.1)  # out of file descriptors: wait for one
                continue
            connection.setblocking(False)
            serve = handler
            if len(self._tasks) >= MAX_CONNECTIONS + _LISTENERS:
                self._gateway.limits.reached("connections", _TOO_MANY)
                if len(self._tasks) >= MAX_CONNECTIONS + _LISTENERS + _MOST_REFUSED_AT_ONCE:
                    connection.close()
                    continue
                serve = self._refuse_one_too_many_in_tls if handler == self._serve_https else self._refuse_one_too_many
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Not in _guard, because a task cancelled before its first step runs none of its code.
            self._begin(self._guard(serve, connection)).add_done_callback(partial(_close, connection))

    async def _guard(self, handler: Handler, connection: socket.socket) -> None:
        """Catches every end of a connection, because nothing that a client does may disturb the server."""
        try:
            with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
                await handler(connection)
        except Exception as error:  # noqa: BLE001  the other connections are served
            self._gateway.failures.tell("serving a connection", error)

    async def _serve_http(self, connection: socket.socket) -> None:
        await self._converse(connection, scheme="http")

    async def _serve_https(self, connection: socket.socket) -> None:
        async with asyncio.timeout(self._timeouts.idle_seconds):
            first = await peek(connection)
        if first and first[0] != _TLS_HANDSHAKE:
            text = "fedemu: this port speaks HTTPS; plain HTTP is served on another port.\n"
            await self._refuse(connection, plain_answer("400 Bad Request", text))
        elif first:
            await self._converse(connection, scheme="https")

    async def _serve_proxy(self, connection: socket.socket) -> None:
        async with asyncio.timeout(self._timeouts.idle_seconds):
            await peek(connection)
        try:
            async with asyncio.timeout(self._timeouts.request_seconds):
                head = await read_head(connection)
        except HeadTooLarge:
            await self._refuse(connection, HEAD_TOO_LARGE)
            return
        except TimeoutError:
            await self._refuse(connection, too_slow("head of the request", self._timeouts.request_seconds))
            return
        if not head:
            return
        decided = self._proxy.decide(head)
        if isinstance(decided, Answer):
            await self._refuse(connection, decided)
        elif decided.is_emulated:
            await self._loop.sock_sendall(connection, ESTABLISHED)
            await self._converse(connection, scheme="https")
        else:
            await self._pass_through(connection, decided)

    async def _converse(self, connection: socket.socket, *, scheme: Literal["http", "https"]) -> None:
        tls = self._tls if scheme == "https" else None
        reader, writer = await open_streams(connection, tls=tls, timeouts=self._timeouts)
        conversation = Conversation(reader, writer, scheme=scheme, timeouts=self._timeouts)
        await conversation.hold(self._answer, threads=self._pool, waiting=self._waiting_pool)

    def _answer(self, environ: Environ) -> Answer:
        return self._gateway.answer(environ)

    async def _pass_through(self, connection: socket.socket, tunnel: Tunnel) -> None:
        try:
            async with asyncio.timeout(self._timeouts.handshake_seconds):
                far_reader, far_writer = await asyncio.open_connection(tunnel.host, tunnel.port)
        except (OSError, TimeoutError) as error:
            text = f"fedemu proxy: {tunnel.host}: {error}\n"
            await self._refuse(connection, plain_answer("502 Bad Gateway", text))
            return
        await self._loop.sock_sendall(connection, ESTABLISHED)
        reader, writer = await open_streams(connection, timeouts=self._timeouts)
        await copy_both_ways((reader, writer), (far_reader, far_writer), timeouts=self._timeouts)

    async def _refuse_one_too_many(self, connection: socket.socket) -> None:
        await self._refuse(connection, too_many_connections())

    async def _refuse_one_too_many_in_tls(self, connection: socket.socket) -> None:
        async with asyncio.timeout(self._timeouts.request_seconds):
            reader, writer = await open_streams(connection, tls=self._tls, timeouts=self._timeouts)
            conversation = Conversation(reader, writer, scheme="https", timeouts=self._timeouts)
            await conversation.refuse(too_many_connections())

    async def _refuse(self, connection: socket.socket, answer: Answer) -> None:
        await answer_and_close(connection, answer, timeouts=self._timeouts)


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise EnvironmentProblem(
            f"Port {port} on {LOOPBACK} cannot be used",
            explanation=error.strerror or str(error),
            fix="Choose another port, or 0 for a free one.",
        ) from None
    listener.setblocking(False)
    return listener


def _close(connection: socket.socket, _: object) -> None:
    connection.close()
