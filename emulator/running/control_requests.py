"""Requests of programs to the control API that hand something out: JSON, of a bounded size, and of no web page's.

A browser sends a page's request with an Origin, or with Sec-Fetch-Site; and without asking the emulator first it sends
no JSON to another site. So neither is taken here, whatever the page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from emulator.kernel.errors import FederationError
from emulator.network.wsgi import Environ, StartResponse

if TYPE_CHECKING:
    from cattrs import Converter

Asked = TypeVar("Asked")
FORMAT = 2


class RefusedRequest(Exception):
    """A request of a program is not answered.

    Args:
        status: The status line.
        message: Why, as a sentence.
        data: What the answer has besides.
    """

    def __init__(self, status: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.data = {"format": FORMAT, "error": {"message": message}, "text": message, "exit_code": 3, **data}


def answer_program(
    environ: Environ, start_response: StartResponse, kind: type[Asked], act: Callable[[Asked], Mapping[str, Any]]
) -> Iterable[bytes]:
    """Answers a request of a program with JSON.

    Args:
        environ: The WSGI environment of the request.
        start_response: As in WSGI.
        kind: What is asked for: a dataclass, whose attributes are the keys of the request's JSON.
        act: Does it, and returns what is answered.
    """
    try:
        return _answer(start_response, "200 OK", {"format": FORMAT, **act(_asked(environ, kind))})
    except RefusedRequest as refused:
        return _answer(start_response, refused.status, refused.data)
    except FederationError as error:
        from emulator.reports.errors import error_json, error_text, exit_code_of

        told = {**json.loads(error_json(error)), "text": error_text(error), "exit_code": exit_code_of(error)}
        return _answer(start_response, "400 Bad Request", told)


def read_only(environ: Environ, start_response: StartResponse, data: Mapping[str, Any]) -> Iterable[bytes]:
    """Answers a GET with JSON, which no page of another site gets."""
    if environ.get("HTTP_ORIGIN") or environ.get("HTTP_SEC_FETCH_SITE", "none") not in {"none", "same-origin"}:
        return _answer(start_response, "403 Forbidden", RefusedRequest("", "This is not for web pages.").data)
    if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
        return _answer(start_response, "405 Method Not Allowed", RefusedRequest("", "This answers GET.").data)
    return _answer(start_response, "200 OK", {"format": FORMAT, **data})


def _asked(environ: Environ, kind: type[Asked]) -> Asked:
    """Reads what a program asks for.

    Raises:
        RefusedRequest: a web page may be behind it, or it is not the JSON that is taken.
    """
    if environ.get("HTTP_ORIGIN") or environ.get("HTTP_SEC_FETCH_SITE"):
        raise RefusedRequest("403 Forbidden", "This is not for web pages.")
    if environ.get("REQUEST_METHOD") != "POST":
        raise RefusedRequest("405 Method Not Allowed", "This answers POST.")
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedRequest("415 Unsupported Media Type", "This takes Content-Type: application/json.")
    try:
        data = json.loads(environ["wsgi.input"].read())
    except (ValueError, RecursionError) as error:
        raise RefusedRequest("400 Bad Request", f"The request is not JSON: {error}.", exit_code=2) from None
    return _structured(data, kind)


def _structured(data: Any, kind: type[Asked]) -> Asked:
    from cattrs import BaseValidationError, transform_error

    try:
        return _converter().structure(data, kind)
    except (BaseValidationError, ValueError, TypeError, AttributeError) as error:
        mistakes = transform_error(error) if isinstance(error, BaseValidationError) else [str(error)]
        raise RefusedRequest("400 Bad Request", f"The request cannot be used: {mistakes[0]}", exit_code=2) from None


@cache
def _converter() -> Converter:
    from cattrs.preconf.json import make_converter

    converter = make_converter(forbid_extra_keys=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly)
    return converter


def _exactly(value: Any, kind: type) -> Any:
    """Takes a value of the right type; without this a number would pass as text."""
    if type(value) is not kind:
        raise ValueError(f"{value!r} is not of type {kind.__name__}")
    return value


def _answer(start_response: StartResponse, status: str, data: Mapping[str, Any]) -> Iterable[bytes]:
    body = json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")
    start_response(
        status,
        [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
    return [body]
