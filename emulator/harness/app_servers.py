"""A program's WSGI application on a local port, whose failures reach the test: the fixture ``serve_app``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from emulator.kernel.failures import FAILURE_KEY, Failure
from emulator.network.site_failures import watch_sites
from emulator.network.wsgi import Environ, StartResponse, WsgiApp, call, plain_answer


class _Server(ThreadingMixIn, WSGIServer):
    """Answers each connection in a thread that ends with this process."""

    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Writes nothing: a failed test has what it needs."""


@contextmanager
def serving_app(app: WsgiApp, tell: Callable[[Failure], None]) -> Iterator[str]:
    """Serves an application within a with block and yields its address, such as ``http://127.0.0.1:43117``.

    Args:
        app: WSGI application, such as a Flask app.
        tell: Called with unexpected exceptions.
    """
    watch_sites()
    with make_server("127.0.0.1", 0, _watched(app, tell), server_class=_Server, handler_class=_QuietHandler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="fedemu-app", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _watched(app: WsgiApp, tell: Callable[[Failure], None]) -> WsgiApp:
    def watched(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def fail(failing: Environ, error: BaseException) -> None:
            address = f"http://{failing.get('HTTP_HOST', '')}{failing.get('PATH_INFO', '')}"
            tell(Failure(f"answering {failing.get('REQUEST_METHOD', 'GET')} {address}", error))

        environ[FAILURE_KEY] = fail
        try:
            answer = call(app, environ)
        except BaseException as error:  # noqa: BLE001 - pytest.fail() in the application is one, too
            fail(environ, error)
            answer = plain_answer("500 Internal Server Error", "The application failed; the test has its traceback.\n")
        start_response(answer.status, list(answer.headers))
        return [answer.body]

    return watched
