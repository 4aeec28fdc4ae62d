"""A copy of an input that can be sent to others: without passwords, cookies and tokens, with other names for people.

What a login is judged by stays: the structure, addresses, account ids, ARNs, instants, the certificate and the form of
the signature, which fits no more. The copy says so itself, and the inspector reads it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from emulator.inspection.pseudonyms import Pseudonyms
from emulator.inspection.signature_alone import REDACTION_MARK
from emulator.kernel.clock import Ids
from emulator.kernel.errors import FederationError
from emulator.network.forms import form_decoded
from emulator.network.trace import REDACTED, redact_body, redact_url
from emulator.recordings.file_text import file_text
from emulator.recordings.message_bytes import is_message, lenient_base64
from emulator.recordings.pasted import read_pasted
from sp_mock.assertion.values import AWS_ATTRIBUTES, ROLE, ROLE_SESSION_NAME, SOURCE_IDENTITY
from sp_mock.xml import SAML, UnreadableXml, read_xml, text_of

_MAX_DEPTH = 60
_MARK = f"<!-- {REDACTION_MARK.decode()} -->"
# A value of these is a secret wherever it is, in whatever case, with or without dashes.
_SECRET = frozenset(
    {
        "password", "pass", "passwd", "passcode", "answer", "otp", "token", "sessiontoken", "statetoken", "statehandle",
        "onetimetoken", "accesstoken", "refreshtoken", "idtoken", "credentials", "secretaccesskey", "secretkey",
        "securitytoken", "xamzsecuritytoken", "signintoken", "clientsecret", "clientassertion", "authorization",
        "proxyauthorization", "cookie", "setcookie", "csrf", "csrftoken", "xsrftoken", "xoktaxsrftoken", "devicecode",
        "devicetoken", "dt", "sid", "session", "apikey", "ssws", "code", "codeverifier", "fromuri", "interactionhandle",
        "actortoken", "subjecttoken", "nonce", "accesskeyid",
    }
)  # fmt: skip
_PEOPLE = frozenset(
    {
        "username", "user", "login", "identifier", "email", "mail", "displayname", "firstname", "lastname", "givenname",
        "surname", "familyname", "alternateid", "principalname", "rolesessionname", "nameid", "name_id", "session_name",
        "phonenumber", "mobilephone", "subject",
    }
)  # fmt: skip
_MESSAGES = frozenset({"SAMLResponse", "SAMLAssertion"})
_OF_AWS = frozenset({ROLE_SESSION_NAME, SOURCE_IDENTITY})
_INPUT = re.compile(r"""(<input\b[^<>]*\bname\s*=\s*["']?([\w-]+)["']?[^<>]*\bvalue\s*=\s*["'])([^"'<>]*)(["'])""")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])PD[A-Za-z0-9+/]{200,}={0,2}|(?<![A-Za-z0-9+/])PH[A-Za-z0-9+/]{200,}={0,2}")
_ENCODED = re.compile(r"(?<![A-Za-z0-9%])P[DH](?:[A-Za-z0-9]|%2[BF]){200,}(?:%3D){0,2}", re.IGNORECASE)
_META = re.compile(r"""(<meta\b[^<>]*\bname\s*=\s*["']data["'][^<>]*\bcontent\s*=\s*["'])([A-Za-z0-9+/=]+)""")
_TOKEN = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*")
_NOT_PERSONAL = re.compile(r"(?:arn:|https?://|urn:|\d+$)")
_TEXT = frozenset({"text", "body"})


def redacted(data: bytes, *, ids: Ids) -> str:
    """Returns a copy of an input without secrets and with other names for people.

    Args:
        data: The file's bytes.
        ids: Makes the key that the names are replaced by.

    Raises:
        FederationError: there is nothing in it that could be inspected.
    """
    text = file_text(data)
    pseudonyms = Pseudonyms(ids.token())
    if text.startswith(("{", "[")):
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FederationError(
                f"This looks like JSON but is not: {error}",
                explanation="What cannot be read cannot be redacted.",
                expected="a HAR, a trace or events, whole",
            ) from None
        pseudonyms.add(_people(content, 0))
        return json.dumps(_Copy(pseudonyms).of(content, "", 0), indent=2, ensure_ascii=False)
    pasted = read_pasted(text)
    message = lenient_base64(pasted.saml_response)
    pseudonyms.add(_people_in(message))
    copy = _Copy(pseudonyms).message(message)
    if text.startswith("<") and is_message(text.encode()):
        return copy.decode()
    relay_state = "" if not pasted.relay_state else f"&RelayState={quote(redact_url(pasted.relay_state), safe='')}"
    encoded = base64.b64encode(copy).decode("ascii")
    return f"SAMLResponse={quote(encoded, safe='')}{relay_state}" if relay_state else encoded


class _Copy:
    """Makes the copy of one input."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms

    def of(self, node: Any, name: str, depth: int) -> Any:
        """Returns the copy of a value in JSON data.

        Args:
            node: The value.
            name: The name it has.
            depth: How deep it is.
        """
        if depth > _MAX_DEPTH:
            return REDACTED
        if isinstance(node, list):
            return [self.of(each, name, depth + 1) for each in node]
        if isinstance(node, dict):
            return self._pair(node, depth) or {
                key: self.of(value, key, depth + 1) for key, value in self._decoded(node).items()
            }
        if not isinstance(node, str):
            return node
        return REDACTED if node and _is_secret(name) else self.text(node, name)

    def text(self, text: str, name: str = "") -> str:
        """Returns the copy of a text: an address, a form, a page, a message, or words."""
        if name == "CloudTrailEvent" and text.startswith("{"):
            try:
                return json.dumps(self.of(json.loads(text), "", 0), ensure_ascii=False)
            except (ValueError, RecursionError):
                return REDACTED
        if name in _MESSAGES:
            return self._encoded(text)
        if name in _TEXT and "=" in text and not text.lstrip().startswith(("<", "{", "[")):
            text = self._form(text)
        elif "://" in text[:20]:
            text = redact_url(text)
        text = redact_body(text)
        text = _META.sub(lambda match: match[1] + self._chooser(match[2]), text)
        text = _INPUT.sub(self._input, text)
        text = _BASE64.sub(lambda match: self._encoded(match[0]), text)
        text = _ENCODED.sub(lambda match: quote(self._encoded(_unquoted(match[0])), safe=""), text)
        return self._pseudonyms.in_text(_TOKEN.sub(REDACTED, text))

    def message(self, message: bytes) -> bytes:
        """Returns the copy of a decoded message, which says that it was redacted."""
        try:
            read_xml(message)
        except UnreadableXml:
            return self._pseudonyms.in_text(message.decode("utf-8", "replace")).encode()
        text = message.decode("utf-8", "replace")
        declaration = re.match(r"\s*<\?xml[^>]*\?>", text)
        end = declaration.end() if declaration is not None else 0
        body = text[end:]
        mark = "" if REDACTION_MARK.decode() in body else _MARK
        return f"{text[:end]}{mark}{_in_values(body, self._pseudonyms)}".encode()

    def _pair(self, node: Mapping[str, Any], depth: int) -> dict[str, Any] | None:
        """Returns the copy of a pair of name and value, as HAR has headers, cookies and fields; None of others."""
        name, value = node.get("name"), node.get("value")
        if not isinstance(name, str) or not isinstance(value, str):
            return None
        is_cookie = {"httpOnly", "secure", "expires", "sameSite"} & node.keys()
        copy = {key: self.of(each, key, depth + 1) for key, each in node.items() if key not in {"name", "value"}}
        kept = REDACTED if value and (is_cookie or _is_secret(name)) else self.text(value, name)
        return {"name": name, "value": kept, **copy}

    def _decoded(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Returns the content of an answer as text, where it was recorded in base64."""
        if node.get("encoding") != "base64" or not isinstance(node.get("text"), str):
            return node
        data = lenient_base64(node["text"])
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        return {**{key: value for key, value in node.items() if key != "encoding"}, "text": text}

    def _form(self, body: str) -> str:
        try:
            fields = form_decoded(body)
        except ValueError:
            return REDACTED
        if not fields or any(len(name) > 100 or " " in name for name, _ in fields):
            return body
        copies = [(name, REDACTED if value and _is_secret(name) else self.text(value, name)) for name, value in fields]
        return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in copies)

    def _input(self, match: re.Match[str]) -> str:
        before, name, value, after = match.groups()
        if name in _MESSAGES or not value or not _is_secret(name):
            return match[0]
        return f"{before}{REDACTED}{after}"

    def _chooser(self, content: str) -> str:
        try:
            data = json.loads(lenient_base64(content))
        except (ValueError, RecursionError):
            return content
        return base64.b64encode(json.dumps(self.of(data, "", 0)).encode()).decode("ascii")

    def _encoded(self, text: str) -> str:
        message = lenient_base64(text)
        if not is_message(message):
            return self._pseudonyms.in_text(text) if not message else REDACTED
        return base64.b64encode(self.message(message)).decode("ascii")


def _unquoted(text: str) -> str:
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), text)


def _is_secret(name: str) -> bool:
    folded = re.sub(r"[^a-z0-9]", "", name.lower())
    return folded in _SECRET or folded.endswith(("password", "secret", "token", "cookie"))


def _in_values(body: str, pseudonyms: Pseudonyms) -> str:
    """Replaces names in the texts of a message, and leaves its tags and what is signed with as they are."""
    kept = re.split(r"(<[^<>]*>)", body)
    inside = ""
    for number, part in enumerate(kept):
        if part.startswith("<"):
            inside = re.sub(r"[\s>/].*", "", part[1:].rpartition(":")[2] if ":" in part.split()[0] else part[1:])
        elif inside not in {"X509Certificate", "SignatureValue", "DigestValue", "CipherValue"}:
            kept[number] = pseudonyms.in_text(part)
    return "".join(kept)


def _people(node: Any, depth: int) -> Iterator[str]:
    """Yields the names of people in JSON data: in fields that hold them, and in every message."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(node, list):
        for each in node:
            yield from _people(each, depth + 1)
    elif isinstance(node, dict):
        name, value = node.get("name"), node.get("value")
        if isinstance(name, str) and isinstance(value, str):
            yield from _people_of(name, value)
        for key, each in node.items():
            if isinstance(each, str):
                yield from _people_of(key, each)
            else:
                yield from _people(each, depth + 1)


def _people_of(name: str, value: str) -> Iterator[str]:
    if re.sub(r"[^a-z_]", "", name.lower()) in _PEOPLE and not _NOT_PERSONAL.match(value) and len(value) < 200:
        yield value
    elif name in _MESSAGES:
        yield from _people_in(lenient_base64(value))
    elif name in _TEXT:
        if "=" in value[:2000] and not value.lstrip().startswith(("<", "{")):
            try:
                fields = form_decoded(value[:2_000_000])
            except ValueError:
                return
            for field, content in fields:
                if field not in _TEXT:
                    yield from _people_of(field, content)
        for found in _BASE64.findall(value):
            yield from _people_in(lenient_base64(found))
        for encoded in _META.findall(value):
            inner = _BASE64.search(lenient_base64(encoded[1]).decode("utf-8", "replace"))
            if inner is not None:
                yield from _people_in(lenient_base64(inner[0]))


def _people_in(message: bytes) -> Iterator[str]:
    """Yields the names in a message: the NameID, and every attribute that is not one of AWS's own."""
    try:
        root = read_xml(message)
    except UnreadableXml:
        return
    yield from (text_of(each) for each in root.iter(f"{SAML}NameID"))
    for attribute in root.iter(f"{SAML}Attribute"):
        name = attribute.get("Name", "")
        is_personal = name in _OF_AWS or not name.startswith(AWS_ATTRIBUTES)
        if name != ROLE and is_personal:
            values = (text_of(each) for each in attribute.iter(f"{SAML}AttributeValue"))
            yield from (value for value in values if value and not _NOT_PERSONAL.match(value) and len(value) < 200)
