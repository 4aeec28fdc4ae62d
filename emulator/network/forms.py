"""Form bodies, encoded fast where they hold an assertion: ten thousand characters of base64, nearly all of them safe.

The standard library quotes and unquotes escape by escape. Here each distinct escape is replaced in the whole value at
once, and among octets, which are searched faster than text. The result is the same, which a property test checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from emulator.network.wsgi import Environ

_SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-"
_BLANK, _PERCENT = b" %"
# Of base64, ARNs and URLs. None is a hexadecimal digit or %, so replacing one makes no other escape.
_USUAL_ESCAPES = ((b"%2B", b"+"), (b"%2F", b"/"), (b"%3D", b"="), (b"%3A", b":"))
MAX_FIELDS = 10_000


def form_encoded(fields: Mapping[str, str]) -> str:
    """Returns fields as application/x-www-form-urlencoded.

    Spec: WHATWG URL "application/x-www-form-urlencoded serializing"
    """
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in fields.items())


def form_decoded(body: str) -> list[tuple[str, str]]:
    """Returns the fields of a form body, empty ones too.

    Raises:
        ValueError: there are more than ten thousand.

    Spec: WHATWG URL "application/x-www-form-urlencoded parsing"
    """
    pairs = (field.partition("=") for field in _fields(body) if field)
    return [(_unquoted(name), _unquoted(value)) for name, _, value in pairs]


def _fields(body: str) -> list[str]:
    """Returns the encoded fields of a form body. Looking for the next one is much faster than ``split`` in long values.

    Raises:
        ValueError: there are too many.
    """
    fields, start = list[str](), 0
    while (end := body.find("&", start)) >= 0:
        fields.append(body[start:end])
        start = end + 1
        if len(fields) >= MAX_FIELDS:
            raise ValueError(f"a form has at most {MAX_FIELDS:,} fields")
    return [*fields, body[start:]]


def first_values(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Returns a form's fields by name; of a repeated name the first, which is the one that the sites read."""
    found: dict[str, str] = {}
    for name, value in fields:
        found.setdefault(name, value)
    return found


def form_of(environ: Environ, data: bytes) -> list[tuple[str, str]]:
    """Returns the fields of a request's form; none where its body is not one, or has too many."""
    if not data or not is_form(environ):
        return []
    try:
        return form_decoded(data.decode("utf-8", "replace"))
    except ValueError:
        return []


def is_form(environ: Environ) -> bool:
    """Returns whether a request's body is a form."""
    kind: str = environ.get("CONTENT_TYPE", "")
    return kind.lower().startswith("application/x-www-form-urlencoded")


def has_too_many_fields(environ: Environ, data: bytes) -> bool:
    """Returns whether a request's body is a form with more than ``MAX_FIELDS`` fields."""
    return is_form(environ) and data.count(b"&") >= MAX_FIELDS


def _quoted(text: str) -> str:
    # % and + (for a blank) must not be quoted again: % is replaced first, the blank last.
    octets = text.encode()
    for octet in sorted(set(octets.translate(None, _SAFE)), key=lambda each: (each == _BLANK, each != _PERCENT)):
        octets = octets.replace(bytes([octet]), b"+" if octet == _BLANK else b"%%%02X" % octet)
    return octets.decode("ascii")


def _unquoted(text: str) -> str:
    octets = text.encode("utf-8", "surrogatepass").replace(b"+", b" ")
    for escape, character in _USUAL_ESCAPES:
        if b"%" not in octets:
            break
        octets = octets.replace(escape, character)
    text = octets.decode("utf-8", "surrogatepass")
    return unquote(text, errors="replace") if "%" in text else text
