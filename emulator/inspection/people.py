"""The names of people in an input, found in its fields, messages and pages."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from emulator.kernel.errors import FederationError
from emulator.network.forms import form_decoded
from emulator.recordings.message_bytes import lenient_base64
from emulator.recordings.pasted import read_pasted
from sp_mock.assertion.values import AWS_ATTRIBUTES, ROLE, ROLE_SESSION_NAME, SOURCE_IDENTITY
from sp_mock.xml import SAML, UnreadableXml, read_xml, text_of

MESSAGE_FIELDS = frozenset({"SAMLResponse", "SAMLAssertion"})
"""The fields that hold a message."""

TEXT_FIELDS = frozenset({"text", "body"})
"""The names under which recordings have posted or returned bodies."""

# The base64 form of XML, whatever a page, a form or a script did to its plus signs, slashes and line breaks.
EMBEDDED_MESSAGE = re.compile(
    r"(?<![A-Za-z0-9+/%])P[DH](?:[A-Za-z0-9+/]|%2[BbFf]|&#x2[BbFf];|&#4[37];|\\u002[BbFf]|\\[/nr]|\r?\n(?=[A-Za-z0-9+/]{20}))"
    r"{200,}(?:=|%3[Dd]|&#x3[Dd];|&#61;|\\u003[Dd]){0,2}"
)
CHOOSER_DATA = re.compile(r"""(<meta\b[^<>]*\bname\s*=\s*["']data["'][^<>]*\bcontent\s*=\s*["'])([A-Za-z0-9+/=]+)""")
_VALUES = re.compile(r"<(?:\w+:)?(?:NameID|AttributeValue)\b[^<>]*>([^<]+)")
_MAX_DEPTH, _LONGEST = 60, 200
_PEOPLE = frozenset(
    {
        "username", "user", "login", "identifier", "email", "mail", "displayname", "firstname", "lastname", "givenname",
        "surname", "familyname", "alternateid", "principalname", "rolesessionname", "nameid", "name_id", "session_name",
        "phonenumber", "mobilephone", "subject",
    }
)  # fmt: skip
_KINDS_OF_PEOPLE = frozenset({"User", "AppUser", "", None})
_OF_AWS = frozenset({ROLE_SESSION_NAME, SOURCE_IDENTITY})
_NOT_PERSONAL = re.compile(r"arn:|https?://|urn:|\d+$|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")


def people_in(node: Any, depth: int = 0) -> Iterator[str]:
    """Yields the names of people in JSON data: in fields that hold them, and in every message.

    Args:
        node: The data.
        depth: Current nesting depth.
    """
    if depth > _MAX_DEPTH:
        return
    if isinstance(node, list):
        for each in node:
            yield from people_in(each, depth + 1)
    elif isinstance(node, dict):
        name, value = node.get("name"), node.get("value")
        if isinstance(name, str) and isinstance(value, str):
            yield from _people_of(name, value)
        is_base64 = node.get("encoding") == "base64"
        # What Okta's log and CloudTrail name besides people: apps, groups, policies; roles.
        is_thing = ("alternateId" in node and node.get("type") not in _KINDS_OF_PEOPLE) or node.get("type") == "Role"
        for key, each in node.items():
            if isinstance(each, str) and not is_thing:
                yield from _people_of(key, lenient_base64(each).decode("utf-8", "replace") if is_base64 else each)
            elif not isinstance(each, str):
                yield from people_in(each, depth + 1)


def _people_of(name: str, value: str) -> Iterator[str]:
    if re.sub(r"[^a-z_]", "", name.lower()) in _PEOPLE and not _NOT_PERSONAL.match(value) and len(value) < _LONGEST:
        yield value
    elif name in MESSAGE_FIELDS:
        yield from people_in_message(message_in(value))
    elif name in TEXT_FIELDS:
        if "=" in value and not value.lstrip().startswith(("<", "{")):
            try:
                fields = form_decoded(value)
            except ValueError:
                return
            for field, content in fields:
                if field not in TEXT_FIELDS:
                    yield from _people_of(field, content)
        for found in EMBEDDED_MESSAGE.findall(value):
            yield from people_in_message(message_in(found))
        for encoded in CHOOSER_DATA.findall(value):
            inner = EMBEDDED_MESSAGE.search(lenient_base64(encoded[1]).decode("utf-8", "replace"))
            if inner is not None:
                yield from people_in_message(message_in(inner[0]))


def message_in(text: str) -> bytes:
    """Returns the message that a text encodes, or None."""
    try:
        return lenient_base64(read_pasted(html.unescape(text)).saml_response)
    except FederationError:
        return b""


def people_in_message(message: bytes) -> Iterator[str]:
    """Yields the names in a message: the NameID, and every attribute that is not one of AWS's own.

    Args:
        message: The decoded message; in a broken one, every value may be a name.
    """
    try:
        root = read_xml(message)
    except UnreadableXml:
        found = _VALUES.findall(message.decode("utf-8", "replace"))
        yield from (value for value in found if not _NOT_PERSONAL.match(value) and len(value) < _LONGEST)
        return
    yield from (text_of(each) for each in root.iter(f"{SAML}NameID"))
    for attribute in root.iter(f"{SAML}Attribute"):
        name = attribute.get("Name", "")
        is_personal = name in _OF_AWS or not name.startswith(AWS_ATTRIBUTES)
        if name != ROLE and is_personal:
            values = (text_of(each) for each in attribute.iter(f"{SAML}AttributeValue"))
            yield from (value for value in values if value and not _NOT_PERSONAL.match(value) and len(value) < _LONGEST)
