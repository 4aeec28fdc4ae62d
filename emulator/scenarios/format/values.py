"""The forms that texts and numbers of scenario files may have."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator

from emulator.kernel.clock import parse_span
from emulator.scenarios.format.placeholders import is_filled_later

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SIGNED: Final = ("+", "-")


def _span(text: str) -> str:
    if not is_filled_later(text):
        parse_span(text)
    return text


def _instant(text: str) -> str:
    if not is_filled_later(text):
        read_clock(text, now=datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    return text


def read_clock(text: str, *, now: datetime) -> datetime:
    """Returns the time of a clock that is set to an instant, or moved by a signed duration.

    Args:
        text: Such as ``2026-01-15T17:00:00Z``, ``+13h`` or ``-5m``.
        now: Time before.

    Raises:
        ValueError: it is neither.
    """
    if text.startswith(_SIGNED):
        try:
            return now + parse_span(text)
        except OverflowError:
            raise ValueError(f"{text!r} leads out of every calendar") from None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{text!r} is neither an instant such as 2026-01-15T17:00:00Z nor a step such as +13h or -5m")
    return moment


def _reason(text: str) -> str:
    if not text.strip():
        raise ValueError("the reason is empty: say in a few words why")
    return text


def _capture_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is not a name: letters, digits and underscores, such as role_arn")
    return text


def _digits(value: Any) -> Any:
    """Returns the number that digits represent, because a cell of a table is text."""
    if isinstance(value, str) and is_filled_later(value):
        return 0  # the step is read again when the number is known
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else value


def require_jmespath(text: str) -> None:
    """Requires a valid JMESPath expression.

    Raises:
        ValueError: it is invalid; the message is one line.
    """
    import jmespath  # type: ignore[import-untyped]  # botocore brings it, and it has no types
    from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]  # the same

    try:
        jmespath.compile(text)
    except JMESPathError as error:
        first = str(error).splitlines()[0].removeprefix("Invalid jmespath expression: ").rstrip(":")
        raise ValueError(f"{text!r} is not a JMESPath expression: {first}") from None


Span = Annotated[str, AfterValidator(_span)]
ClockText = Annotated[str, AfterValidator(_instant)]
Reason = Annotated[str, AfterValidator(_reason)]
CaptureName = Annotated[str, AfterValidator(_capture_name)]
WholeNumber = Annotated[int, BeforeValidator(_digits)]
