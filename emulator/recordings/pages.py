"""What a page will post to AWS: an identity provider's form, and both versions of AWS's role chooser."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Mapping
from typing import Any

_INPUT = re.compile(r"<input\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![a-zA-Z-])([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_FORM = re.compile(r"<form\b[^<>]*>", re.IGNORECASE)
_META = re.compile(r"<meta\b[^<>]*>", re.IGNORECASE)
_PAGE_STARTS = ("<!doctype html", "<html", "<head", "<body", "<form", "<input", "<meta", "<div", "<script")
_LONGEST_START = max(map(len, _PAGE_STARTS))
_NOT_BLANK = re.compile(r"\S")
# Today's role chooser may keep its data in a script: as JSON, or as a string inside JSON.
_IN_SCRIPT = re.compile(
    r"""\\?"SAMLResponse\\?"\s*:\s*\\?"((?:[A-Za-z0-9+/=\s]|\\n|\\r|\\/|\\u00[0-9a-fA-F]{2})+)\\?\""""
)
_RELAY_IN_SCRIPT = re.compile(r"""\\?"RelayState\\?"\s*:\s*\\?"([^"]{0,4000}?)\\?\"""")


def is_page(text: str) -> bool:
    """Returns whether a text is a web page, or a fragment of one with form fields."""
    start = _after_blanks(text, 0)
    while text.startswith("<!--", start):
        end = text.find("-->", start)
        start = _after_blanks(text, end + len("-->")) if end > 0 else len(text)
    return text[start : start + _LONGEST_START].lower().startswith(_PAGE_STARTS)


def _after_blanks(text: str, start: int) -> int:
    found = _NOT_BLANK.search(text, start)
    return found.start() if found is not None else len(text)


def page_fields(text: str) -> Mapping[str, str]:
    """Returns the fields of a page's form, or of the data of AWS's role chooser; none if the page has neither.

    Args:
        text: The page's HTML.
    """
    if "SAMLResponse" not in text and "<meta" not in text:
        return {}
    inputs = _inputs(text)
    if inputs.get("SAMLResponse"):
        return inputs
    data = chooser_data(text)
    if isinstance(data.get("SAMLResponse"), str):
        return {name: value for name, value in data.items() if isinstance(value, str)}
    return _in_script(text)


def form_action(text: str) -> str:
    """Returns the URL that the form with the message is posted to, or else a page's first form; empty without one."""
    inputs = (each.start() for each in _INPUT.finditer(text) if _attributes(each[0]).get("name") == "SAMLResponse")
    message = next(inputs, -1)
    before = [each[0] for each in _FORM.finditer(text, 0, message if message >= 0 else len(text))]
    if not before:
        return ""
    return _attributes(before[-1 if message >= 0 else 0]).get("action", "")


def chooser_data(text: str) -> Mapping[str, Any]:
    """Returns the data of the role chooser that AWS has used since 2023; none if the page is not one.

    The data is JSON in base64, in a meta element.

    Evidence: observed
    """
    for element in _META.findall(text):
        attributes = _attributes(element)
        if attributes.get("name") != "data":
            continue
        try:
            data = json.loads(base64.b64decode("".join(attributes.get("content", "").split()), validate=True))
        except (binascii.Error, ValueError, RecursionError):
            continue
        if isinstance(data, dict):
            return data
    return {}


def _inputs(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for element in _INPUT.findall(text):
        attributes = _attributes(element)
        name = attributes.get("name", "")
        if name:
            fields.setdefault(name, attributes.get("value", ""))
    return fields


def _attributes(element: str) -> dict[str, str]:
    return {
        name.lower(): html.unescape(next(filter(None, values), "")) for name, *values in _ATTRIBUTE.findall(element)
    }


def _in_script(text: str) -> dict[str, str]:
    found = _IN_SCRIPT.search(text)
    if found is None:
        return {}
    fields = {"SAMLResponse": unescaped(found[1])}
    relay_state = _RELAY_IN_SCRIPT.search(text)
    if relay_state is not None:
        fields["RelayState"] = unescaped(relay_state[1])
    return fields


def unescaped(text: str) -> str:
    r"""Returns a text with JSON and JavaScript escapes resolved: ``\/``, ``\n``, ``\u002b``."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\/", "/").rstrip("\\")
