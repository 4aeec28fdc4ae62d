"""The gateway of an emulator in another process, asked over one socket.

Requests go to the hosts' aliases in plain HTTP, which counts as HTTPS there, and no name is looked up. Since they ask
for the notes, links in the answers stay real: what a browser sees is what it sees in the emulator's own process.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterable
from time import perf_counter

from emulator.kernel.clock import Clock
from emulator.kernel.errors import FlowError
from emulator.kernel.trace_notes import ENVIRON_KEY
from emulator.network.forms import form_of
from emulator.network.gateway import RECORDER_KEY, exchange_of
from emulator.network.hosts import ALIAS_SUFFIX, Hosts, split_authority
from emulator.network.note_header import NOTES_HEADER, notes_in_header
from emulator.network.trace import Exchange
from emulator.network.wsgi import Answer, Environ, StartResponse
from emulator.remote.loopback import LoopbackAddress

_PATIENCE_SECONDS = 60


class RemoteGateway:
    """A WSGI application that passes requests on to the gateway of a running emulator.

    It holds one connection, made when it is first needed, and is for one browser: it is not shared between threads.

    Args:
        address: Where the emulator listens.
        hosts: Whose host is whose there.
        clock: Dates the exchanges.
        listen: Gets each exchange, with its answer.
    """

    def __init__(
        self,
        address: LoopbackAddress,
        hosts: Hosts,
        *,
        clock: Clock,
        listen: Callable[[Exchange, Answer], None] = lambda _exchange, _answer: None,
    ) -> None:
        self._address = address
        self._hosts = hosts
        self._clock = clock
        self._listen = listen
        self._connection = http.client.HTTPConnection(address.host, address.port, timeout=_PATIENCE_SECONDS)

    @property
    def hosts(self) -> Hosts:
        """Whose host is whose."""
        return self._hosts

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers a request as the emulator does.

        Raises:
            FlowError: it does not answer.
        """
        started, began = self._clock.now(), perf_counter()
        data = environ["wsgi.input"].read()
        answer = self._ask(environ, data)
        noted = next((value for name, value in answer.headers if name == NOTES_HEADER), "")
        answer = Answer(answer.status, tuple(each for each in answer.headers if each[0] != NOTES_HEADER), answer.body)
        environ[ENVIRON_KEY] = list(notes_in_header(noted))
        exchange = exchange_of(environ, answer, started=started, began=began, form=form_of(environ, data))
        self._listen(exchange, answer)
        if RECORDER_KEY in environ:
            environ[RECORDER_KEY](exchange)
        start_response(answer.status, list(answer.headers))
        return [answer.body]

    def wait_for_answer(self, environ: Environ) -> None:
        """Does not wait: a late answer has already arrived late."""

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def _ask(self, environ: Environ, data: bytes) -> Answer:
        headers = {
            name[5:].replace("_", "-").title(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        headers["Host"] = f"{split_authority(environ['HTTP_HOST'])[0]}{ALIAS_SUFFIX}:{self._address.port}"
        headers[NOTES_HEADER] = "1"
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        try:
            self._connection.request(environ["REQUEST_METHOD"], environ["REQUEST_URI"], data or None, headers)
            received = self._connection.getresponse()
            body = received.read()
        except http.client.IncompleteRead:
            self.close()
            raise FlowError(
                f"The emulator at {self._address.url} ended the connection in the middle of an answer"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            why = str(error) or type(error).__name__
            raise FlowError(f"The emulator at {self._address.url} does not answer: {why}") from None
        return Answer(f"{received.status} {received.reason}", tuple(received.getheaders()), body)
