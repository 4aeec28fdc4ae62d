"""Sockets: the gateway over HTTP on loopback, by an embedded cheroot."""

from __future__ import annotations

import threading
from typing import Any

from cheroot import wsgi

from emulator.errors import EnvironmentProblem
from emulator.gateway import MAX_REQUEST_BYTES, Gateway

LOOPBACK = "127.0.0.1"
_THREADS = 10
_MAX_HEADER_BYTES = 64 * 1024
_IDLE_SECONDS = 10


class HttpServer:
    """Serves a gateway over plain HTTP on 127.0.0.1.

    Args:
        gateway: What to serve.
        port: Where; 0 takes a free port.

    Raises:
        EnvironmentProblem: the port is taken.
    """

    def __init__(self, gateway: Gateway, *, port: int = 0) -> None:
        server: Any = wsgi.Server(
            (LOOPBACK, port), gateway, numthreads=_THREADS, timeout=_IDLE_SECONDS, shutdown_timeout=1
        )
        server.max_request_body_size = MAX_REQUEST_BYTES + 1024
        server.max_request_header_size = _MAX_HEADER_BYTES
        server.error_log = _ignore
        self._server = server
        try:
            server.prepare()
        except OSError as error:
            raise EnvironmentProblem(
                f"Port {port} on {LOOPBACK} cannot be used",
                explanation=error.strerror or str(error),
                fix="Choose another port, or 0 for a free one.",
            ) from None
        self._thread = threading.Thread(target=self._server.serve, name="fedemu-http", daemon=True)

    @property
    def port(self) -> int:
        """The port that is served."""
        return int(self._server.bind_addr[1])

    @property
    def url(self) -> str:
        """The bare address: ``http://127.0.0.1:7080``."""
        return f"http://{LOOPBACK}:{self.port}"

    def alias(self, host: str, path: str = "/") -> str:
        """Returns the address under which a browser reaches an emulated host."""
        return f"http://{host}.localhost:{self.port}{path}"

    def start(self) -> None:
        """Begins to serve, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stops serving and frees the port."""
        self._server.stop()
        self._thread.join()

    def __enter__(self) -> HttpServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _ignore(*_: Any, **__: Any) -> None:
    """Keeps cheroot's log of clients that hang up or talk nonsense off the terminal."""
