"""What every part of the control API shares: its calls, its answers, and which callers it refuses.

It listens on loopback like everything else. Pages in a browser get nothing from it, and cannot change anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from emulator.federation import Federation
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.network.wsgi import Environ, StartResponse
from emulator.running.served_world import ServedWorld

if TYPE_CHECKING:
    from emulator.fixes.live import LiveFixes
    from emulator.workbench.workbench import KeptState

BY = "the control API"
_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the control API.

    Args:
        environ: WSGI environment of the request.
        served: The world as it is served.
        fixes: Source of the fixes that are shown with refusals; None where none are shown.
        kept_state: Information about the state file; None where there is none.
    """

    federation: Federation
    environ: Environ
    served: ServedWorld
    fixes: Callable[[], LiveFixes] | None = None
    kept_state: KeptState | None = None

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the query; of a repeated one the last."""
        return dict(parse_qsl(self.environ.get("QUERY_STRING", ""), keep_blank_values=True))

    def number(self, name: str) -> int:
        """Returns a number in the query; 0 where it is missing or not a number."""
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER else 0

    def json_body(self) -> Any:
        """Returns the body.

        Raises:
            FederationError: it is not JSON.
        """
        try:
            return read_json(self.environ["wsgi.input"].read())
        except (ValueError, RecursionError) as error:
            raise FederationError("The body is not JSON", explanation=str(error)) from None


def read_json(body: bytes) -> Any:
    """Returns the data of a body.

    Raises:
        ValueError: it is not JSON, or contains half of a surrogate pair, which could not be encoded again.
        RecursionError: it is nested too deeply.
    """
    data = json.loads(body)
    json.dumps(data, ensure_ascii=False).encode()
    return data


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """The answer to a call."""

    text: str
    status: str = "200 OK"
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


Handler = Callable[[Call], ApiAnswer]


@dataclass(frozen=True, slots=True)
class ControlApi:
    """One address of the control API.

    Args:
        subject: What it is about, for refusals: ``the clock``.
        methods: What each method does; GET also answers HEAD.
        is_plural: Whether the subject is a plural.
    """

    subject: str
    methods: Mapping[str, Handler]
    is_plural: bool = False

    def answer(self, call: Call) -> ApiAnswer:
        """Answers a call. Pages in a browser get nothing; an error without a text of its own is sent as JSON."""
        if is_for_another_page(call.environ):
            verb = "are" if self.is_plural else "is"
            return plain(f"{self.subject} {verb} not for web pages", status="403 Forbidden")
        method = call.environ.get("REQUEST_METHOD", "GET")
        handler = self.methods.get("GET" if method == "HEAD" else method)
        if handler is None:
            verb = "answer" if self.is_plural else "answers"
            *others, last = self.methods
            methods = f"{', '.join(others)} and {last}" if others else last
            return plain(f"{self.subject} {verb} {methods}", status="405 Method Not Allowed")
        try:
            return handler(call)
        except FederationError as error:
            from emulator.reports.errors import error_json

            return ApiAnswer(error_json(error), "400 Bad Request")


def is_for_another_page(environ: Environ) -> bool:
    """Returns whether the request comes from a page's script, or from a page of another site."""
    return bool(environ.get("HTTP_ORIGIN")) or environ.get("HTTP_SEC_FETCH_SITE", "none") not in {"none", "same-origin"}


def plain(words: str, *, status: str) -> ApiAnswer:
    """Returns an answer of plain text."""
    return ApiAnswer(f"fedemu: {words}.\n", status, "text/plain")


def as_json(data: Any) -> ApiAnswer:
    """Returns an answer of JSON data."""
    return ApiAnswer(json.dumps(data, indent=1) + "\n")


def internal_error(request_id: str) -> ApiAnswer:
    """Returns the answer to a call that failed because of a bug.

    Args:
        request_id: Id under which the log has the traceback.
    """
    from emulator.diagnosis.login_result import FORMAT

    message = f"Something went wrong in fedemu. Request ID: {request_id}"
    error = {"message": message, "fix": "The log has its traceback under this ID.", "request_id": request_id}
    data = {"format": FORMAT, "error": error, "text": message, "exit_code": 1}
    headers = (("X-Request-Id", request_id),)
    return replace(as_json(data), status="500 Internal Server Error", headers=headers)


def send(answer: ApiAnswer, start_response: StartResponse) -> Iterable[bytes]:
    """Sends an answer that must not be cached, with its declared type."""
    data = answer.text.encode()
    start_response(
        answer.status,
        [
            ("Content-Type", f"{answer.kind}; charset=utf-8"),
            ("Content-Length", str(len(data))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *answer.headers,
        ],
    )
    return [data]
