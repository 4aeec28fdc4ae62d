"""Finds the SAMLResponse in whatever a person pasted or saved, and notes what had to be undone to find it.

What was posted to AWS is judged exactly as it was posted, but nobody knows what copying did to a pasted text. So the
usual effects of copying are undone here: quotes, prefixes, escapes, URL encoding, base64url, DEFLATE.
"""

from __future__ import annotations

import base64
import html
import quopri
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import field, replace
from urllib.parse import unquote, urlsplit

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.network.forms import first_values, form_decoded
from emulator.recordings.file_text import WHAT_TO_GIVE
from emulator.recordings.message_bytes import deflated, is_message, lenient_base64
from emulator.recordings.not_a_response import what_it_is
from emulator.recordings.pages import form_action, is_page, page_fields, unescaped
from emulator.recordings.shell_commands import is_curl_command, posted_by

_FIELDS = ("SAMLResponse", "SAMLAssertion")
_MOST_LAYERS = 8
_MOST_CHARACTERS = 5_000_000
_MOST_TIMES = 4
# Decoding a longer text takes a hundred times its memory, and AWS does not accept messages of that size.
_LONGEST_ENCODED = 1_000_000
_PREFIX = re.compile(
    r"""(?:export\s+|set\s+|\$|--)?["']?(?:saml[ _-]?(?:response|assertion)|value)["']?\s*[:=]\s*(?=\S)""",
    re.IGNORECASE,
)
_DATA_URL = re.compile(r"data:[\w/+.-]*;base64,", re.IGNORECASE)
_FORM = re.compile(r"\b(SAMLResponse|SAMLAssertion)=")
_END_OF_BODY = re.compile(r"[\s'\"<>^`]")
_MULTIPART = re.compile(
    r'name="(SAMLResponse|RelayState)"\s*\r?\n(?:[\w-]+:[^\n]*\n)*\r?\n([^\r\n]*(?:\r?\n(?!--)[^\r\n]*)*)'
)
_URL = re.compile(r"https?://[^\s'\"^]+", re.IGNORECASE)
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "«": "»"}
_URL_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_BASE64_INSIDE = re.compile(r"(?<![A-Za-z0-9+/])P[DH][A-Za-z0-9+/]{200,}={0,2}")
_XML_INSIDE = re.compile(r"<(?:[\w.-]{1,20}:)?Response\b(?=[^<>]*?urn:oasis:names:tc:SAML:2\.0:protocol)[^<>]*+>")
_END_TAG = "Response>"
_QUOTED_PRINTABLE = re.compile(r"^Content-Transfer-Encoding:\s*quoted-printable", re.IGNORECASE | re.MULTILINE)
_PAGE = re.compile(r"<(?:!doctype html|html|body|form)\b", re.IGNORECASE)
_LOOKED_AT = 4000
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


@dataclass(frozen=True, slots=True)
class Pasted:
    """A SAMLResponse found in a text.

    Args:
        saml_response: The message in base64, as it would be posted to AWS.
        relay_state: The RelayState next to it; None if the text has none.
        posted_to: The form's action; empty if the text does not contain it.
        undone: What had to be undone to find it, one phrase for each step.
        role_arn: The role that was selected or requested; empty if there is none.
        provider_arn: The SAML provider in the request to STS; empty if there is none.
    """

    saml_response: str
    relay_state: str | None = None
    posted_to: str = ""
    undone: tuple[str, ...] = field(default=())
    role_arn: str = ""
    provider_arn: str = ""


def read_every_pasted(text: str) -> tuple[Pasted, ...]:
    """Returns every SAMLResponse in a text that is neither JSON nor a recording: a program's log may have several.

    Raises:
        FederationError: the text has none; the error says what the text is, and what to provide instead.
    """
    if _is_form_inside(text):
        found = {each.saml_response: each for each in _of_bodies(text)}
        return tuple(found.values()) or (read_pasted(text),)
    first = read_pasted(text)
    others = {each.saml_response: each for each in _inside(text)}
    # A message that was broken into lines, or that is on a page, is not several ones.
    return tuple(others.values()) if first.saml_response in others and not is_page(text) else (first,)


def read_pasted(text: str) -> Pasted:
    """Returns the SAMLResponse in a text that is neither JSON nor a recording, of several the first.

    Raises:
        FederationError: the text has none; the error says what the text is, and what to provide instead.
    """
    if not text:
        raise FederationError("There is nothing to inspect", expected=WHAT_TO_GIVE)
    if len(text) > _MOST_CHARACTERS:
        raise FederationError(
            "This text is too long for a SAMLResponse",
            expected=f"at most {_MOST_CHARACTERS} characters; AWS takes 100,000",
            received=f"{len(text)} characters",
            fix="Cut out the message, or give a HAR.",
        )
    if is_curl_command(text):
        form = posted_by(text)
        return _of_form(first_values(form.fields), form.url, text)
    if _QUOTED_PRINTABLE.search(text[:_LOOKED_AT]):
        return read_pasted(_page_in(text))
    if is_page(text):
        fields = page_fields(text)
        if not fields.get("SAMLResponse"):
            raise FederationError(
                "This page has no SAMLResponse",
                expected="the page with the form that is posted to AWS",
                fix="Save the page that the identity provider's tile opens, or give a HAR of the login.",
            )
        return _of_form(fields, form_action(text), text)
    parts = first_values((name, value.strip()) for name, value in _MULTIPART.findall(text))
    if "SAMLResponse" in parts:
        return _of_form(parts, "", text)
    form_field = _FORM.search(text)
    if form_field is not None and not text.startswith("<"):
        start, end = _span_of_body(text, form_field)
        return _of_body(text[start:end], form_field[1], _URL.search(text))
    return _of_value(text)


def _is_form_inside(text: str) -> bool:
    """Returns whether a text is read as one with form bodies or URLs in it, and as nothing more particular."""
    is_other = is_curl_command(text) or text.startswith("<") or len(text) > _MOST_CHARACTERS
    if is_other or _FORM.search(text) is None or _QUOTED_PRINTABLE.search(text[:_LOOKED_AT]):
        return False
    return all(name != "SAMLResponse" for name, _ in _MULTIPART.findall(text))


def _page_in(text: str) -> str:
    """Returns the page in an MHTML file, which browsers save with its images, from its first tag on."""
    _, _, body = text.replace("\r\n", "\n").partition("\n\n")
    page = quopri.decodestring(body.encode()).decode("utf-8", "replace")
    start = _PAGE.search(page)
    return page[start.start() :] if start is not None else "<html>"


def _of_bodies(text: str) -> Iterator[Pasted]:
    """Yields the messages of every form body and URL in a text; a field whose value is not a message is left out."""
    end = 0
    for form_field in _FORM.finditer(text):
        if form_field.start() < end:
            continue  # a second field of the same body
        begin, (start, end) = end, _span_of_body(text, form_field, begin=end)
        address = _URL.search(text, begin, form_field.end()) if begin else _URL.search(text)
        with suppress(FederationError):
            yield _of_body(text[start:end], form_field[1], address)


def _span_of_body(text: str, form_field: re.Match[str], *, begin: int = 0) -> tuple[int, int]:
    """Returns where a form body, or a URL with the message in its query, starts and ends inside another text.

    Args:
        text: The whole text.
        form_field: The field in it.
        begin: Where the body before this one ended.
    """
    marks = (text.rfind(each, begin, form_field.start()) for each in ("\n", " ", "'", '"', "?"))
    start = max(begin, *(mark + 1 for mark in marks))
    end = _END_OF_BODY.search(text, form_field.end())
    if end is None:
        return start, len(text)
    is_last = text[end.start()] in "\r\n" and _FORM.search(text, end.end()) is None
    if is_last and re.match(r"[\s\w+/=%-]+$", text[end.start() :]):
        # An editor or a mail program may have broken the value into lines.
        return start, len(text)
    return start, end.start()


def _of_body(body: str, name: str, address: re.Match[str] | None) -> Pasted:
    """Reads a form body, or a URL with the message in its query.

    Args:
        body: The body, whose value may be broken into lines.
        name: The name of the message's field.
        address: The URL in the text around it.
    """
    body = "".join(body.split())
    url = address[0].partition("?")[0] if address is not None else ""
    try:
        fields = first_values(form_decoded(body))
    except ValueError as error:
        raise FederationError(f"This form cannot be read: {error}", expected="the body of the login's form") from None
    value = fields.get(name, "")
    if "%" not in body and "+" in body.partition(f"{name}=")[2].partition("&")[0]:
        # Nothing here is URL-encoded: a plus sign is a plus sign, not a space.
        fields[name] = value.replace(" ", "+")
    return _of_form(fields, url, body)


def _of_form(values: Mapping[str, str], url: str, text: str) -> Pasted:
    value = next((values[name] for name in _FIELDS if values.get(name)), "")
    if not value:
        raise what_it_is(text)
    pasted = _of_value(value)
    return replace(
        pasted,
        relay_state=values.get("RelayState", ""),
        posted_to=url,
        role_arn=values.get("roleIndex", "") or values.get("RoleArn", ""),
        provider_arn=values.get("PrincipalArn", ""),
    )


def _of_value(text: str) -> Pasted:
    """Reads a value on its own, base64 or XML, with whatever copying put around it."""
    undone: list[str] = []
    value = _unwrapped(text, undone)
    for _ in range(_MOST_TIMES):
        if len(value) > _LONGEST_ENCODED or not _URL_ENCODED.search(value) or value.lstrip().startswith("<"):
            break
        value = unquote(value)
        undone.append("URL encoding")
        inside = _FORM.search(value)
        if inside is not None:
            # The whole form was encoded, not just its values.
            start, end = _span_of_body(value, inside)
            found = _of_body(value[start:end], inside[1], _URL.search(value))
            return replace(found, undone=(*undone, *found.undone))
    if value.lstrip().lower().startswith("&lt;"):
        value = html.unescape(value)
        undone.append("HTML escapes")
    value = value.strip()
    if value.startswith("<"):
        if is_page(value):
            return read_pasted(value)
        # The text may have declared an encoding other than UTF-8, but from here on it is UTF-8.
        data = _DECLARATION.sub('<?xml version="1.0" encoding="UTF-8"?>', value, count=1).encode()
        if not is_message(data):
            raise what_it_is(text)
        return Pasted(base64.b64encode(data).decode("ascii"), undone=tuple(undone))
    return _of_base64(value, text, undone)


def _of_base64(value: str, text: str, undone: list[str]) -> Pasted:
    if " " in value and _is_whole(lenient_base64(value.replace(" ", "+"))):
        value = value.replace(" ", "+")
        undone.append("blanks in place of plus signs")
    bare = "".join(value.split())
    if re.fullmatch(r"[A-Za-z0-9_=-]+", bare) and re.search(r"[_-]", bare):
        bare = bare.translate(str.maketrans("-_", "+/")).rstrip("=")
        bare += "=" * (-len(bare) % 4)
        value = bare
        undone.append("base64url")
    data = lenient_base64(value)
    if is_message(data):
        return Pasted(value, undone=tuple(undone))
    inflated, how = deflated(data)
    if is_message(inflated):
        return Pasted(base64.b64encode(inflated).decode("ascii"), undone=(*undone, how))
    again = lenient_base64(data.decode("ascii", "replace"))
    if is_message(again):
        return Pasted(data.decode("ascii", "replace"), undone=(*undone, "base64, twice"))
    inside = next(_inside(text), None)
    if inside is not None:
        return inside
    raise what_it_is(text, decoded=inflated or data)


def _inside(text: str) -> Iterator[Pasted]:
    """Yields the messages inside another text, such as a program's log: those in XML, then those in base64."""
    start = _XML_INSIDE.search(text)
    while start is not None:
        end = text.find(_END_TAG, start.end())
        if end < 0:
            break
        message = text[start.start() : end + len(_END_TAG)]
        yield Pasted(base64.b64encode(message.encode()).decode("ascii"))
        start = _XML_INSIDE.search(text, end)
    for value in _BASE64_INSIDE.finditer(text):
        if is_message(lenient_base64(value[0])):
            yield Pasted(value[0])


def _is_whole(data: bytes) -> bool:
    """Returns whether a message is text to its end; plus signs mistaken for spaces would have broken it."""
    try:
        return is_message(data) and data.decode("utf-8").rstrip().endswith(">")
    except UnicodeDecodeError:
        return False


def _unwrapped(text: str, undone: list[str]) -> str:
    """Strips quotes, names, code fences and escapes, however deeply nested."""
    for _ in range(_MOST_LAYERS):
        before = text
        # A comma from JSON, a semicolon from code, or the percent sign that a shell prints for a missing newline.
        text = text.strip().rstrip(",;%").strip()
        if text.startswith("```") and text.endswith("```"):
            text = text.strip("`").partition("\n")[2]
        if re.match(r"b['\"]", text):
            text = text[1:]
        if len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
            text = text[1:-1]
        text = _PREFIX.sub("", text, count=1) if _PREFIX.match(text) else text
        text = _DATA_URL.sub("", text, count=1) if _DATA_URL.match(text) else text
        if text == before:
            break
    if "\\" in text and re.search(r"\\(?:[nr/\"]|u00)", text):
        text = unescaped(text).replace('\\"', '"')
        undone.append("escapes of JSON")
    # Part of a line may have been copied, with only one of its quotes.
    return text.strip("\"'`")


def host_of(url: str) -> str:
    """Returns the host of an address without the suffix of an alias; empty if there is none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.lower().removesuffix(".localhost")
