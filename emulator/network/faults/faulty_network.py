"""The effect of a planted network fault: the site that answers instead of a service, and a cut connection.

A WSGI application cannot cut the connection that it answers on. It raises ``ConnectionCut``, and the transport acts on
it: the server resets the socket, the transports without sockets raise their client's error.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from emulator.kernel.trace_notes import delay_answer, record
from emulator.network.faults.network_faults import NetworkFault
from emulator.network.wsgi import Answer, Environ, StartResponse, WsgiApp

CUT_KEY = "fedemu.cut"
# The client sees no answer; HTTP has no such status.
_NO_ANSWER = "000 No answer"


class ConnectionCut(Exception):
    """The connection ends here.

    Args:
        begun: The part of the answer that is sent first; None if nothing is sent and the connection is reset.
    """

    def __init__(self, begun: Answer | None = None) -> None:
        super().__init__("the connection is cut by a planted network fault")
        self.begun = begun


def behind_fault(site: WsgiApp, fault: NetworkFault) -> WsgiApp:
    """Returns the application that answers a request on which a fault acts."""

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        record(environ, fault.note())
        if fault.delay:
            delay_answer(environ, fault.delay)
        if fault.reset or fault.truncated:
            environ[CUT_KEY] = fault
        if fault.reset:
            start_response(_NO_ANSWER, [])
            return []
        if fault.status:
            answer = _overloaded(fault)
            start_response(answer.status, list(answer.headers))
            return [answer.body]
        return site(environ, start_response)

    return app


def cut_if_planted(environ: Environ, answer: Answer) -> None:
    """Ends the connection of a request if a fault requires it.

    Raises:
        ConnectionCut: a fault requires it.
    """
    fault: NetworkFault | None = environ.get(CUT_KEY)
    if fault is None:
        return
    if fault.reset:
        raise ConnectionCut
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
    whole = ("Content-Length", str(len(answer.body)))
    raise ConnectionCut(Answer(answer.status, (*headers, whole), answer.body[: len(answer.body) // 2]))


def _overloaded(fault: NetworkFault) -> Answer:
    """Returns a load balancer's answer: a page, whatever the service behind it speaks.

    Spec: RFC 9110 §15.6.4 and §10.2.3
    """
    title = f"{fault.status} {HTTPStatus(fault.status).phrase}"
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n".encode()
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
    if fault.retry_after is not None:
        headers.append(("Retry-After", str(fault.as_json()["retry_after"])))
    return Answer(title, tuple(headers), body)
