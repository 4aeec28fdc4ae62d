"""The answers to clients that send too much, too slowly or too often: each states the limit and what to do."""

from __future__ import annotations

from typing import Final

from emulator.network.wsgi import Answer, plain_answer

MAX_CONNECTIONS: Final = 1000
_PHRASES: Final = {
    400: "Bad Request",
    408: "Request Timeout",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
_DOCS: Final = "The limits are listed in docs/running.md."


def refusal(status: int, text: str, *, retry_after: int | None = None) -> Answer:
    """Returns an answer in plain text.

    Args:
        status: HTTP status, one of those above.
        text: What is wrong, without a full stop.
        retry_after: Seconds after which a retry may succeed.
    """
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else None
    return plain_answer(f"{status} {_PHRASES[status]}", f"fedemu: {text}.\n", headers=headers)


def too_large(limit: int) -> Answer:
    """Returns the answer to a body that is larger than allowed."""
    return refusal(413, f"a request to this address may have {limit:,} bytes, and this one has more. {_DOCS[:-1]}")


def too_many_fields(limit: int) -> Answer:
    """Returns the answer to a form that has more fields than allowed."""
    return refusal(413, f"a form may have {limit:,} fields, and this one has more. {_DOCS[:-1]}")


def too_slow(part: str, seconds: float) -> Answer:
    """Returns the answer to a request that does not arrive.

    Args:
        part: Part that is missing.
        seconds: How long the server waited for it.

    Spec: RFC 9110 §15.5.9
    """
    return refusal(408, f"the {part} did not come within {seconds:g} seconds. {_DOCS[:-1]}")


def too_many_connections() -> Answer:
    """Returns the answer to a connection beyond the limit.

    Spec: RFC 9110 §15.6.4
    """
    return refusal(
        503,
        f"{MAX_CONNECTIONS:,} connections are open, which is the most that are served; close some. {_DOCS[:-1]}",
        retry_after=1,
    )
