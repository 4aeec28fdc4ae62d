"""Requests of programs to the control API for something secret: JSON, of a bounded size, never from a web page.

A browser adds an Origin or Sec-Fetch-Site header to a page's request, and sends JSON to another site only after a
preflight request. So requests with these headers, and requests without JSON, are refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from emulator.kernel.errors import FederationError
from emulator.running.control.control_api import ApiAnswer, Call, as_json, read_json

if TYPE_CHECKING:
    from cattrs import Converter

Asked = TypeVar("Asked")
FORMAT = 2


class RefusedRequest(Exception):
    """The refusal of a program's request.

    Args:
        status: Status line.
        message: Reason, as a sentence.
        data: Further content of the answer.
    """

    def __init__(self, status: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.data = {"format": FORMAT, "error": {"message": message}, "text": message, "exit_code": 3, **data}


def answer_program(
    call: Call, kind: type[Asked], act: Callable[[Asked], Mapping[str, Any]], *, served: Callable[[], Mapping[str, Any]]
) -> ApiAnswer:
    """Answers a request of a program with JSON.

    Args:
        kind: Type of the request: a dataclass whose attributes are the keys of the request's JSON.
        act: Carries the request out and returns the answer.
        served: Returns what the answer says about the world, whatever the result.
    """
    try:
        told = act(_asked(call, kind))
        return as_json({"format": FORMAT, **served(), **told})
    except RefusedRequest as refused:
        return replace(as_json(refused.data), status=refused.status)
    except FederationError as error:
        from emulator.reports.errors import error_json, error_text, exit_code_of

        told = {**json.loads(error_json(error)), "text": error_text(error), "exit_code": exit_code_of(error)}
        return replace(as_json({**served(), **told}), status="400 Bad Request")


def _asked(call: Call, kind: type[Asked]) -> Asked:
    """Reads a program's request.

    Raises:
        RefusedRequest: it may come from a web page, or its JSON is invalid.
    """
    environ = call.environ
    if environ.get("HTTP_ORIGIN") or environ.get("HTTP_SEC_FETCH_SITE"):
        raise RefusedRequest("403 Forbidden", "This is not for web pages.")
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedRequest("415 Unsupported Media Type", "This takes Content-Type: application/json.")
    try:
        data = read_json(environ["wsgi.input"].read())
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
    """Requires a value of the right type; without this a number would pass as text."""
    if type(value) is not kind:
        raise ValueError(f"{value!r} is not of type {kind.__name__}")
    return value
