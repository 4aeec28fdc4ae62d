"""The input of ``explain``, as text in which a sentence can be found.

People paste what they have: words, a terminal's output, a web page, an address with an error in it, an event of
CloudTrail or of Okta's System Log, a SAML Response. Each is unwrapped wherever a sentence may be inside. Nothing here
decides what is wrong.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.worldfile.text.read_files import FileTooLarge, UnreadableFile, bytes_of

MOST_BYTES = 2_000_000
_LONGEST_QUESTION = 200
_MOST_ATTEMPTS = 64
_DEPTH_OF_PARSER = 10_000
# A parser's error counts the lines before it, about so many times as fast as JSON is read.
_LINES_COUNTED = 30
_JSON = re.compile(r"[{\[]\s*[\"{\[]")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_URL_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}|[?&][A-Za-z_]+=")
# The beginnings of "<?xml", "<saml2p:", "<samlp:", "<Response", "<ns0:" and the like in base64.
_BEGINNINGS = r"(?:PD94|PHNhbW|PFJl|PG5z|PHNh)"
_MESSAGE = re.compile(_BEGINNINGS + r"[A-Za-z0-9+/=\s]{100,200000}")
_NEXT_MESSAGE = re.compile(rf"(?<=\s)(?={_BEGINNINGS})")
_STATUS = re.compile(r"<(?:[\w-]+:)?StatusCode\s[^<>]*?Value\s*=\s*[\"']([^\"'<>]+)[\"']")
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was given.

    Args:
        texts: The text as it is, and as it is once unwrapped; a sentence may be in any of them.
        name: The file, or standard input; empty for words.
        is_short: Whether it is a few words rather than a document.
        is_page: Whether it is a web page.
        succeeded: What in it reports that all went well, in words; empty for nothing.
    """

    texts: tuple[str, ...]
    name: str = ""
    is_short: bool = False
    is_page: bool = False
    succeeded: str = ""


def read_bytes(data: bytes, *, name: str) -> Pasted:
    """Returns what a file or standard input holds.

    Args:
        data: Its bytes, of which one more than ``MOST_BYTES`` is enough to tell that it is too long.
        name: What it is called in errors.

    Raises:
        FederationError: it is too long, or empty.
    """
    if len(data) > MOST_BYTES:
        raise _too_long(name)
    return read_text(_decoded(data), name=name)


def read_file(path: Path) -> Pasted:
    """Returns what a file holds.

    Raises:
        FederationError: it cannot be read, is too long, or is empty.
    """
    try:
        return read_bytes(bytes_of(path, limit=MOST_BYTES), name=str(path))
    except FileTooLarge:
        raise _too_long(str(path)) from None
    except UnreadableFile as error:
        raise FederationError(f"{path}: {error.message}", expected=error.expected, fix=error.fix) from None


def _too_long(name: str) -> FederationError:
    return FederationError(
        f"{name} is too long to look for an error in it",
        expected=f"at most {MOST_BYTES:,} bytes",
        fix="Cut out the part with the error; `fedemu inspect FILE` reads a whole HAR.",
    )


def read_text(text: str, *, name: str = "") -> Pasted:
    """Returns text with everything that can be unwrapped from it.

    Args:
        text: The text.
        name: The file that it is from, or standard input; empty for words.

    Raises:
        FederationError: there is nothing in it.
    """
    if not text.strip():
        raise FederationError(
            f"{name or 'The text'} is empty", expected="words, a page, an event or a terminal's output"
        )
    text = text[:MOST_BYTES]
    failed, succeeded = _values_of_events(text)
    texts = failed if failed or succeeded else [text]
    unwrapped = [each for whole in texts for each in _unwrapped(whole)]
    messages = [status for whole in (*texts, *unwrapped) for status in _statuses(whole)]
    refused = [status for status in messages if status != _SUCCESS]
    if messages and not refused and not succeeded:
        succeeded = "a SAML Response that reports success"
    is_page = "<html" in text[:1000].lower()
    return Pasted(
        tuple(dict.fromkeys((*texts, *unwrapped, *refused))),
        name=name,
        is_short=len(text) <= _LONGEST_QUESTION and "\n" not in text.strip() and not is_page,
        is_page=is_page,
        succeeded=succeeded,
    )


def _decoded(data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data[:200].count(0) > len(data[:200]) // 4:
        # PowerShell writes UTF-16 without a mark when it is told to.
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    return data.decode("utf-8", "replace")


def _unwrapped(text: str) -> Iterator[str]:
    """Yields the text without tags, and with what is encoded for a URL decoded, where that makes a difference."""
    if "<" in text:
        # A link inside a sentence leaves no space before a full stop; a tag around a block does.
        yield _TAG.sub("", text)
        yield _TAG.sub(" ", text)
    if _URL_ENCODED.search(text):
        yield unquote_plus(text)


def _statuses(text: str) -> Iterator[str]:
    """Yields the status codes of the SAML Responses in a text, in XML or in base64."""
    yield from _STATUS.findall(text)
    for encoded in (each for found in _MESSAGE.finditer(text) for each in _NEXT_MESSAGE.split(found[0])):
        try:
            xml = base64.b64decode("".join(encoded.split()), validate=False).decode("utf-8", "replace")
        except (ValueError, binascii.Error):
            continue
        yield from _STATUS.findall(xml)


class _TooManyBrackets(Exception):
    """To find out what in a text is JSON takes too long."""


def _values_of_events(text: str) -> tuple[list[str], str]:
    """Returns the texts of the JSON values that are no success, and what succeeded where all did."""
    try:
        values = list(_json_values(text))
    except _TooManyBrackets:
        return [text], ""
    events = [event for value in values for event in _events(value)]
    failed = [event for event in events if not _is_success(event)]
    if events and not failed:
        return [], "an event that is not an error" if len(
            events
        ) == 1 else f"{len(events)} events, none of which is an error"
    texts = ["\n".join(_strings(event)) for event in failed]
    if values and not events:
        texts = ["\n".join(_strings(value)) for value in values]
        # There may be words around a JSON value that is not an event, such as a client's log line.
        texts.append(text)
    return texts, ""


def _json_values(text: str) -> Iterator[Any]:
    """Yields the JSON objects and lists in a text: the whole of it, or those that begin in it.

    Raises:
        _TooManyBrackets: the text was read many times over for values that are not JSON in the end.
    """
    decoder, at, left = json.JSONDecoder(), 0, _MOST_ATTEMPTS * max(len(text), _DEPTH_OF_PARSER)
    while (begin := _JSON.search(text, at)) is not None:
        try:
            value, at = decoder.raw_decode(text, begin.start())
        except (ValueError, RecursionError) as error:
            read = error.pos - begin.start() if isinstance(error, json.JSONDecodeError) else _DEPTH_OF_PARSER
            left -= read + begin.start() // _LINES_COUNTED
            if left < 0:
                raise _TooManyBrackets from None
            at = begin.start() + 1
        else:
            yield value


def _events(value: Any) -> Iterator[dict[str, Any]]:
    """Yields the events of CloudTrail and of Okta's System Log in a JSON value, however they are listed."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, dict):
            inner = node.get("CloudTrailEvent")
            if isinstance(inner, str):
                waiting.extend(_json_values(inner))
            elif {"eventName", "eventSource"} <= node.keys() or {"eventType", "outcome"} <= node.keys():
                yield node
            else:
                waiting.extend(reversed([each for each in node.values() if isinstance(each, dict | list)]))


def _is_success(event: dict[str, Any]) -> bool:
    if "eventType" in event and isinstance(event.get("outcome"), dict):
        return event["outcome"].get("result") in {"SUCCESS", "ALLOW"}
    answer = event.get("responseElements")
    failed = isinstance(answer, dict) and "Failure" in answer.values()
    return not event.get("errorCode") and not event.get("errorMessage") and not failed


def _strings(value: Any) -> Iterator[str]:
    """Yields every text of a JSON value, and the names beside them that say what they are."""
    waiting: list[Any] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("check"), str):
                yield f", check {node['check']}"
            waiting.extend(reversed(list(node.values())))
        elif isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, str):
            yield node
