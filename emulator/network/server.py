"""Sockets: HTTP, HTTPS under real names, and a CONNECT proxy, all on loopback and all in front of one gateway.

One event loop reads and writes; a few threads run the gateway. A client that is slow, silent or talks nonsense costs a
coroutine and is dropped after a while; it never holds a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import h11

from emulator.kernel.errors import EnvironmentProblem
from emulator.network.certs import CertificateAuthority
from emulator.network.gateway import Gateway, request_limit
from emulator.network.hosts import split_authority
from emulator.network.wsgi import Answer, call, make_environ, plain_answer

LOOPBACK = "127.0.0.1"
_THREADS = 8
_MAX_CONNECTIONS = 1000
_MAX_HEAD_BYTES = 64 * 1024
_IDLE_SECONDS = 30
_REQUEST_SECONDS = 10
_HANDSHAKE_SECONDS = 10
_LINGER_SECONDS = 1
_CHUNK = 64 * 1024
_TLS_HANDSHAKE = 0x16

Handler = Callable[[socket.socket], Awaitable[None]]


class Server:
    """Serves a gateway.

    Args:
        gateway: What to serve.
        http: The port for plain HTTP, where aliases and the bare address are served; 0 takes a free one.
        https: The port for HTTPS under real names; None for none.
        proxy: The port of the CONNECT proxy; None for none.
        authority: Signs the certificates; needed for HTTPS and for the proxy.
        allowed_hosts: Hosts that are not emulated and that the proxy may connect to all the same.

    Raises:
        EnvironmentProblem: a port is taken.
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
    ) -> None:
        self._gateway = gateway
        self._authority = authority
        self._allowed_hosts = frozenset(allowed_hosts)
        self._http = _bind(http)
        self._https = _bind(https) if https is not None else None
        self._proxy = _bind(proxy) if proxy is not None else None
        self._tls = self._tls_settings() if authority is not None else None
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="fedemu")
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.SelectorEventLoop()  # Windows' default loop cannot wait for a socket to be readable
        self._thread = threading.Thread(target=self._run, name="fedemu-server", daemon=True)

    @property
    def port(self) -> int:
        """The port of plain HTTP."""
        return int(self._http.getsockname()[1])

    @property
    def https_port(self) -> int | None:
        """The port of HTTPS, if it is served."""
        return int(self._https.getsockname()[1]) if self._https else None

    @property
    def proxy_port(self) -> int | None:
        """The proxy's port, if there is one."""
        return int(self._proxy.getsockname()[1]) if self._proxy else None

    @property
    def url(self) -> str:
        """The bare address: ``http://127.0.0.1:7080``."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def proxy_url(self) -> str:
        """The proxy's address; empty when there is none."""
        return f"http://{LOOPBACK}:{self.proxy_port}" if self._proxy else ""

    def alias(self, host: str, path: str = "/") -> str:
        """Returns the address under which a browser reaches an emulated host without the proxy."""
        return f"http://{host}.localhost:{self.port}{path}"

    def start(self) -> None:
        """Begins to serve, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stops serving and frees the ports."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- connections -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda *_: None)  # clients that hang up are no news
        for listener, handler in (
            (self._http, self._serve_http),
            (self._https, self._serve_https),
            (self._proxy, self._serve_proxy),
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
            self._loop.run_until_complete(asyncio.sleep(0))  # transports close one turn later
            for each in (self._http, self._https, self._proxy):
                if each is not None:
                    each.close()
            self._loop.close()

    def _begin(self, work: Awaitable[None]) -> asyncio.Future[None]:
        task = asyncio.ensure_future(work, loop=self._loop)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _accept(self, listener: socket.socket, handler: Handler) -> None:
        while True:
            try:
                connection, _ = await self._loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(0.1)  # out of file descriptors: wait for one
                continue
            if len(self._tasks) > _MAX_CONNECTIONS:
                connection.close()
                continue
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Not in _guard: a task that is cancelled before its first step runs none of its code.
            self._begin(self._guard(handler, connection)).add_done_callback(partial(_close, connection))

    async def _guard(self, handler: Handler, connection: socket.socket) -> None:
        """Lets a connection end as it likes: whatever a client does is its own affair."""
        with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
            await handler(connection)

    async def _serve_http(self, connection: socket.socket) -> None:
        await self._converse(*await _streams(connection), scheme="http")

    async def _serve_https(self, connection: socket.socket) -> None:
        async with asyncio.timeout(_IDLE_SECONDS):
            first = await self._peek(connection)
        if first and first[0] != _TLS_HANDSHAKE:
            text = "fedemu: this port speaks HTTPS; plain HTTP is served on another port.\n"
            await self._refuse(connection, plain_answer("400 Bad Request", text))
        elif first:
            await self._converse_in_tls(connection)

    async def _serve_proxy(self, connection: socket.socket) -> None:
        async with asyncio.timeout(_REQUEST_SECONDS):
            head = await self._read_head(connection)
        if not head:
            return
        method, _, rest = head.decode("latin-1").partition(" ")
        target = rest.partition(" ")[0]
        if method != "CONNECT":
            await self._refuse(connection, self._answer_without_tunnel(target))
            return
        host, port = split_authority(target)
        refusal = self._refuse_tunnel(host, port)
        if refusal is not None:
            await self._refuse(connection, refusal)
            return
        if self._gateway.hosts.site(host) is None:
            await self._pass_through(connection, host, int(port))
            return
        await self._loop.sock_sendall(connection, b"HTTP/1.1 200 Connection established\r\n\r\n")
        await self._converse_in_tls(connection)

    # --- the proxy's decisions ---------------------------------------------------------------------------------------

    def _refuse_tunnel(self, host: str, port: str) -> Answer | None:
        if not host or not port or not 0 < int(port) < 65536:
            return plain_answer("400 Bad Request", "fedemu proxy: CONNECT needs host:port.\n")
        if host in self._allowed_hosts:
            return None
        if self._gateway.hosts.site(host) is None:
            return plain_answer("403 Forbidden", self._not_emulated(host))
        if port != "443":
            text = f"fedemu proxy: {host} is emulated on port 443 only, not on {port}.\n"
            return plain_answer("403 Forbidden", text)
        return None

    def _answer_without_tunnel(self, target: str) -> Answer:
        """Answers a plain request to the proxy: an emulated host is led to https, as the real ones do."""
        try:
            parts = urlsplit(target)
            host = (parts.hostname or "").lower()
        except ValueError:
            host, parts = "", urlsplit("")
        if parts.scheme != "http" or not host:
            text = "fedemu proxy: this is a proxy; ask it for http:// or https:// addresses.\n"
            return plain_answer("400 Bad Request", text)
        if self._gateway.hosts.site(host) is None:
            return plain_answer("403 Forbidden", self._not_emulated(host))
        location = f"https://{host}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
        return plain_answer("301 Moved Permanently", f"{location}\n", headers={"Location": location})

    def _not_emulated(self, host: str) -> str:
        known = "\n".join(f"  {name}" for name in self._gateway.hosts.known)
        return (
            f"fedemu proxy: {host} is not an emulated host, and nothing leaves this machine by default.\n"
            f"To let it through: --allow {host}. Emulated are, with every AWS region:\n{known}\n"
        )

    async def _pass_through(self, connection: socket.socket, host: str, port: int) -> None:
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                far_reader, far_writer = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError) as error:
            await self._refuse(connection, plain_answer("502 Bad Gateway", f"fedemu proxy: {host}: {error}\n"))
            return
        await self._loop.sock_sendall(connection, b"HTTP/1.1 200 Connection established\r\n\r\n")
        reader, writer = await _streams(connection)
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer), return_exceptions=True)

    # --- HTTP --------------------------------------------------------------------------------------------------------

    async def _converse_in_tls(self, connection: socket.socket) -> None:
        reader, writer = await _streams(connection, tls=self._tls)
        await self._converse(reader, writer, scheme="https")

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, scheme: str) -> None:
        http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD_BYTES)
        try:
            while await self._answer_one(http, reader, writer, scheme=scheme):
                http.start_next_cycle()
        except h11.RemoteProtocolError as error:
            if http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                status = error.error_status_hint or 400
                await _send(
                    http,
                    writer,
                    plain_answer(f"{status} Bad Request", f"fedemu: this is no HTTP: {error}\n"),
                    close=True,
                )
        finally:
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def _answer_one(
        self, http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, scheme: str
    ) -> bool:
        """Reads one request and answers it; returns whether the connection goes on."""
        event = await _next_event(http, reader, writer, seconds=_IDLE_SECONDS)
        if not isinstance(event, h11.Request):
            return False
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]
        method, target = event.method.decode("latin-1"), _origin_form(event.target.decode("latin-1"))
        limit = request_limit(method, target)
        announced = int(dict(headers).get("content-length", "0"))
        async with asyncio.timeout(_REQUEST_SECONDS):
            body = await _read_body(http, reader, writer, limit=limit) if announced <= limit else None
        if body is None:
            text = f"fedemu: a request has at most {limit} bytes.\n"
            await _send(http, writer, plain_answer("413 Content Too Large", text), close=True)
            return False
        environ = make_environ(method, target, headers, body, scheme=scheme)
        answer = await self._loop.run_in_executor(self._pool, partial(call, self._gateway, environ))
        await _send(http, writer, answer)
        return bool(http.our_state is h11.DONE and http.their_state is h11.DONE)

    # --- bytes -------------------------------------------------------------------------------------------------------

    async def _peek(self, connection: socket.socket) -> bytes:
        """Returns the first byte a client sends, without taking it."""
        while True:
            with contextlib.suppress(BlockingIOError):
                return connection.recv(1, socket.MSG_PEEK)
            await self._readable(connection)

    async def _readable(self, connection: socket.socket) -> None:
        ready: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(connection, _settle, ready)
        try:
            await ready
        finally:
            self._loop.remove_reader(connection)

    async def _read_head(self, connection: socket.socket) -> bytes:
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = await self._loop.sock_recv(connection, _CHUNK)
            if not chunk:
                return b""
            head += chunk
            if len(head) > _MAX_HEAD_BYTES:
                text = "fedemu proxy: the request's head is too large.\n"
                await self._refuse(connection, plain_answer("431 Request Header Fields Too Large", text))
                return b""
        return head

    async def _refuse(self, connection: socket.socket, answer: Answer) -> None:
        """Answers and closes. What the client still sends is read first, or it would see a reset and no answer."""
        lines = [
            f"HTTP/1.1 {answer.status}",
            *(f"{name}: {value}" for name, value in answer.headers),
            "Connection: close",
        ]
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        async with asyncio.timeout(_REQUEST_SECONDS):
            await self._loop.sock_sendall(connection, head + answer.body)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                while await self._loop.sock_recv(connection, _CHUNK):
                    pass

    def _tls_settings(self) -> ssl.SSLContext:
        """Returns TLS settings that choose the certificate by the name the client asks for."""
        authority = self._authority
        if authority is None:
            raise LookupError("TLS needs an authority")
        context = authority.context("localhost")

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
            host = (name or "").lower()
            if self._gateway.hosts.site(host) is None:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = authority.context(host)
            return None

        context.sni_callback = choose
        return context


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


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


async def _streams(
    connection: socket.socket, *, tls: ssl.SSLContext | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Makes streams of an accepted socket, after a TLS handshake if there are settings for one."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol, connection, ssl=tls, ssl_handshake_timeout=_HANDSHAKE_SECONDS if tls else None
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


async def _next_event(
    http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, seconds: float
) -> object:
    while True:
        event = http.next_event()
        if event is not h11.NEED_DATA:
            return event
        if http.they_are_waiting_for_100_continue:
            writer.write(http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        async with asyncio.timeout(seconds):
            http.receive_data(await reader.read(_CHUNK))


async def _read_body(
    http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, limit: int
) -> bytes | None:
    """Reads the rest of a request; None when it is larger than allowed."""
    body = bytearray()
    while isinstance(part := await _next_event(http, reader, writer, seconds=_REQUEST_SECONDS), h11.Data):
        body += part.data
        if len(body) > limit:
            return None
    if not isinstance(part, h11.EndOfMessage):
        raise ConnectionError("the client left in the middle of a request")
    return bytes(body)


async def _send(http: h11.Connection, writer: asyncio.StreamWriter, answer: Answer, *, close: bool = False) -> None:
    headers = [*answer.headers, ("Connection", "close")] if close else list(answer.headers)
    data = http.send(h11.Response(status_code=answer.code, headers=headers, reason=answer.status.partition(" ")[2]))
    data = (data or b"") + (http.send(h11.Data(data=answer.body)) or b"") + (http.send(h11.EndOfMessage()) or b"")
    async with asyncio.timeout(_IDLE_SECONDS):
        writer.write(data)
        await writer.drain()


def _origin_form(target: str) -> str:
    """Returns path and query of a target that may be a whole URL, as clients of proxies send it."""
    if target.startswith("/"):
        return target
    try:
        parts = urlsplit(target) if "://" in target else urlsplit("")
    except ValueError:
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
