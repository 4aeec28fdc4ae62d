"""What the decoded field SAMLResponse holds when it cannot be read as XML, and what to do about it."""

from __future__ import annotations

import re
import zlib

from emulator.kernel.differences import visible
from sp_mock.assertion.mistakes.form_fields import (
    ENCODE,
    LOST_PLUS,
    SIGN_IN_AGAIN,
    TOKEN,
    WHOLE,
    decoded,
    lost_plus,
)
from sp_mock.assertion.mistakes.mistake import Mistake, web_page_title

_NOT_WELL_FORMED = "it is not well-formed XML: "
_ENOUGH_TO_TELL = 4096
_BASE64 = re.compile(r"[A-Za-z0-9+/]+=*")
_POST_BINDING = "Set the identity provider to the HTTP-POST binding, where a Response is base64 alone, not compressed."


def data_mistake(data: bytes, problem: str, field: str) -> Mistake:
    """Explains what a decoded field that cannot be read as XML holds.

    Args:
        data: The decoded field.
        problem: The XML parser's message.
        field: The field as it was received.
    """
    text = data.decode("utf-8", "replace")
    title = web_page_title(text)
    if title is not None:
        shown = f" (“{title}”)" if title else ""
        return Mistake(
            f"The SAMLResponse is the base64 form of a web page{shown}, not of a Response.",
            where="/",
            received=title or "a web page",
            fix="Have the client look for the hidden field SAMLResponse in the page before it goes on. "
            + SIGN_IN_AGAIN,
        )
    return _packed(data, text) or _lost(field) or _unreadable(data, problem)


def _packed(data: bytes, text: str) -> Mistake | None:
    """Explains a message that was encoded or compressed once too often."""
    start = text.lstrip()
    for bits, name in ((-15, "DEFLATE, as for the HTTP-Redirect binding"), (15, "zlib"), (31, "gzip")):
        if _inflated(data, bits).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            return Mistake(
                f"The SAMLResponse is compressed with {name}; AWS takes the HTTP-POST binding only.",
                where="/",
                expected="XML",
                received=f"compressed data of {len(data)} bytes",
                fix=_POST_BINDING,
            )
    if _BASE64.fullmatch("".join(text.split())) and decoded(text).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _found("base64 twice: what is inside is base64 again", "Encode the Response once only.")
    if re.match(r"%3C", start, re.IGNORECASE):
        return _found("URL-encoded XML: it begins with %3C", "URL-decode the XML before it is encoded in base64.")
    if start.startswith("&lt;"):
        return _found(
            "XML that is escaped for HTML: it begins with &lt;", "Encode the XML as it is, without escaping it."
        )
    if TOKEN.fullmatch(start):
        return _found("a JSON Web Token, as OpenID Connect has it", "Use the identity provider's SAML app.")
    if start.startswith(("{", "[")):
        return _found("JSON, not XML", "Take the Response out of the JSON, and encode that alone.")
    if re.match(r"[\w&=%.-]{0,200}SAML(?:Response|Assertion)=", start):
        return _found("a form with its fields' names", "Encode the value of SAMLResponse, which is base64 already.")
    return None


def _found(what: str, fix: str) -> Mistake:
    return Mistake(f"The SAMLResponse holds {what}.", where="/", expected="the XML of a Response", fix=fix)


def _lost(field: str) -> Mistake | None:
    return LOST_PLUS if lost_plus(field) else None


def _inflated(data: bytes, bits: int) -> bytes:
    """Returns the beginning of what was compressed; a few bytes suffice, and their expansion is bounded."""
    try:
        return zlib.decompressobj(bits).decompress(data, _ENOUGH_TO_TELL)
    except zlib.error:
        return b""


# By the parser's message: the sentence to use instead, and the fix.
_PROBLEMS: tuple[tuple[str, str, str], ...] = (
    (
        "DOCTYPE",
        "",
        "Have the message written without a DOCTYPE, as identity providers do. Otherwise treat it as an attack.",
    ),
    ("processing instruction", "", "Have the message written without processing instructions (<?…?>)."),
    ("nested deeper", "", "Send what the identity provider issued; no Response is nested like this one."),
    (
        "attributes",
        "",
        "Send what the identity provider issued; no Response has so many XML attributes on one element.",
    ),
    ("000 tags", "", "Send what the identity provider issued; no Response has so many elements."),
    ("namespace declarations", "", "Declare each namespace once, on the Response, and leave unused ones out."),
    (
        "Namespace prefix",
        "The SAMLResponse uses a namespace prefix that it does not declare",
        "Keep the declarations (xmlns:…) of an element when it is cut out of a document or put into another one.",
    ),
    (
        "Entity",
        "The SAMLResponse names an entity that XML does not have",
        "Write &amp; for & in values; of the named entities XML has lt, gt, amp, quot and apos only.",
    ),
    (
        "Extra content",
        "Something follows the end of the Response",
        "Send one Response, once, and nothing after its end tag.",
    ),
    (
        "Premature end",
        "The Response is cut off: elements are open at its end",
        WHOLE,
    ),
)


def _unreadable(data: bytes, problem: str) -> Mistake:
    told = _parsers_words(problem)
    stripped = data.strip()
    if not stripped.lstrip(b"\xef\xbb\xbf").startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        start = data[:40].decode("utf-8", "replace")
        return Mistake(
            "The SAMLResponse is base64, but what is inside is not XML.",
            where="/",
            expected="XML, which begins with <",
            received=f"{visible(start)}{'…' if len(data) > len(start) else ''}",
            fix=ENCODE,
        )
    if problem.startswith(_NOT_WELL_FORMED):
        mistake = _of_encoding(data, told)
        if mistake is not None:
            return mistake
        if not stripped.endswith(b">"):
            problem = f"{_NOT_WELL_FORMED}Premature end"
    for sign, sentence, fix in _PROBLEMS:
        if sign in problem:
            text = (
                f"{sentence}: {told}."
                if sentence
                else f"The SAMLResponse cannot be read: {told}{_declared(data, sign)}."
            )
            return Mistake(text, where="/Response", fix=fix)
    return Mistake(
        f"The SAMLResponse cannot be read: it is not well-formed XML: {told}.",
        where="/Response",
        expected="well-formed XML",
        fix="Pass the Response on as the identity provider wrote it; an editor or a template left its XML broken.",
    )


def _parsers_words(problem: str) -> str:
    """Returns the parser's message, in one line and without its name for the text."""
    return " ".join(problem.removeprefix(_NOT_WELL_FORMED).partition(" (<string>")[0].split())


def _declared(data: bytes, sign: str) -> str:
    """Returns what harmful declarations a DOCTYPE holds, as the end of a sentence."""
    if sign != "DOCTYPE":
        return ""
    harms = (
        (b"<!ENTITY", "it declares entities, which can read files or grow without end"),
        (b"SYSTEM", "it points to a file or a URL"),
        (b"<!ATTLIST", "it declares attributes, which can make anything an ID"),
    )
    return next((f"; {told}" for mark, told in harms if mark in data), "")


def _of_encoding(data: bytes, told: str) -> Mistake | None:
    """Explains bytes that are not in the encoding that the XML declares; None when they are."""
    declared = re.match(rb"""[^<]{0,4}<\?xml[^>]*encoding=["']([\w.-]+)""", data[:200])
    name = declared[1].decode() if declared else "UTF-8"
    if data.count(b"\0") > len(data) // 4:
        explanation = f"The Response is in UTF-16, and does not say so: it is read as {name}."
        fix = "Write the Response in UTF-8."
    elif b"\0" in data:
        explanation = f"The Response has a NUL in it, byte {data.index(0) + 1}, which XML cannot have."
        fix = "Take the NUL out of the value, in the user's profile for example."
    elif name.upper().replace("-", "") in {"UTF8", "USASCII", "ASCII"}:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            explanation = (
                f"The Response has a byte that {name} does not have: 0x{data[error.start]:02X}, byte {error.start + 1}."
            )
            fix = "Write the Response in UTF-8; a database or a terminal in another encoding is a frequent cause."
        else:
            return None
    elif "ncoding" in told:
        explanation = f"The Response is in the encoding {name}, which cannot be read: {told}."
        fix = "Write the Response in UTF-8, and say so in its XML declaration or not at all."
    else:
        return None
    return Mistake(explanation, where="/Response", expected="XML in UTF-8", received=f"XML in {name}", fix=fix)
