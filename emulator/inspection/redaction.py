"""A copy of an input for other people: without passwords, cookies and tokens, and with pseudonyms.

Everything that a login is judged by stays: the structure, addresses, account ids, ARNs, instants, the certificate and
the form of the signature, which no longer matches. The copy itself says so, and the inspector takes it into account.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from emulator.inspection.people import (
    CHOOSER_DATA,
    EMBEDDED_MESSAGE,
    MESSAGE_FIELDS,
    TEXT_FIELDS,
    message_in,
    people_in,
    people_in_message,
)
from emulator.inspection.pseudonyms import Pseudonyms
from emulator.inspection.signature_alone import REDACTION_MARK
from emulator.kernel.clock import Ids
from emulator.network.forms import form_decoded
from emulator.network.trace import REDACTED, redact_body
from emulator.recordings.file_text import file_text
from emulator.recordings.message_bytes import is_message, lenient_base64
from emulator.recordings.pages import chooser_data
from emulator.recordings.pasted import Pasted, read_every_pasted
from emulator.recordings.recorded_refusals import refusal_in
from emulator.recordings.recording import read_json
from sp_mock.xml import UnreadableXml, read_xml

_MAX_DEPTH, _LONGEST_WORD = 60, 64
# A HAR of fifteen hundred requests; each value is looked at by a dozen patterns.
_MOST_VALUES = 250_000
_MARK = f"<!-- {REDACTION_MARK.decode()} -->"
# The value of one of these names is secret wherever it is, in any case, with or without hyphens.
_SECRET = frozenset(
    {
        "password", "pass", "passwd", "passcode", "answer", "otp", "token", "sessiontoken", "statetoken", "statehandle",
        "onetimetoken", "accesstoken", "refreshtoken", "idtoken", "credentials", "secretaccesskey", "secretkey",
        "securitytoken", "xamzsecuritytoken", "signintoken", "clientsecret", "clientassertion", "authorization",
        "proxyauthorization", "cookie", "setcookie", "csrf", "csrftoken", "xsrftoken", "xoktaxsrftoken", "devicecode",
        "devicetoken", "dt", "sid", "session", "apikey", "ssws", "codeverifier", "fromuri", "interactionhandle",
        "actortoken", "subjecttoken", "nonce", "accesskeyid", "awsaccesskeyid", "xamzsignature", "xamzcredential",
        "privatekey", "passphrase", "pwd", "passwordagain", "jwt", "dpop", "xsrf", "samlrequest", "samlart", "usercode",
        "sharedsecretkey", "signingkey", "encryptionkey", "bearer", "mfacode", "totp",
    }
)  # fmt: skip # Only the names of other headers are kept, because proxies and pages put tokens into headers of their
# own.
# Of other headers nothing but the name is kept: proxies and pages have tokens in headers of their own.
_HEADER = re.compile(
    r":?(?:method|scheme|status|authority|path)|host|origin|referer|location|date|server|user-agent|via|vary|age|etag"
    r"|expires|pragma|refresh|connection|upgrade-insecure-requests|retry-after|x-frame-options|www-authenticate"
    r"|x-amzn-requestid|x-amz-request-id|x-okta-request-id|x-rate-limit-.*|(?:accept|content|sec|cache|access-control)(?:-.*)?",
    re.IGNORECASE,
)
_MESSAGES = frozenset({"_webSocketMessages", "_eventStreamMessages"})
_INPUT = re.compile(r"<input\b[^<>]*>", re.IGNORECASE)
_NAME_OF_INPUT = re.compile(r"""\sname\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_VALUE_OF_INPUT = re.compile(r"""(\svalue\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
# In a script, or in JSON within a text.
_ASSIGNED = re.compile(
    r"""(?<![\w.-])([\w.-]{1,40})((?:\\?["'])?\s{0,9}[:=]\s{0,9}\\?)(["'])((?:(?!\3)[^\\\n]|\\[^\n"']){1,10000})"""
)
_USER_OF_ADDRESS = re.compile(r"(://[^\s/:@?#\"'<>]{0,200}:)[^\s/@?#\"'<>]{1,200}(?=@)")
# Links that Okta sends by mail: knowing the address is enough to take over the account.
_PATH_TOKEN = re.compile(
    r"(/(?:reset[_-]password|verify/[\w-]+/[\w-]+|activate|welcome|unlock[\w-]*|tokens?)/)[\w.~-]{8,}"
)
_TOKEN = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*")
# In a form or a URL these are OAuth's; elsewhere ``code`` is the name of an error.
_SECRET_FIELDS = frozenset(
    {
        "code", "state", "key", "sig", "signature", "assertion", "ticket", "pin", "mfa", "tok", "auth", "credential",
        "verifier",
    }
)  # fmt: skip # In a URL, or in one that is itself a parameter's value, however many times it was encoded.
# In an address, or in one that is itself the value of a parameter, however often it was encoded, or not at all.
_PARAMETER = re.compile(r"(?:[?&#]|&amp;|%(?:25)*(?:3F|26|23))([\w.-]{1,60})(?:=|%(?:25)*3D)", re.IGNORECASE)
_VALUE_OF_PARAMETER = re.compile(r"[^&#%\s\"'<>\\]+")
_FIELD = re.compile(r"[\w.:\[\]-]{1,100}")


def redacted(data: bytes, *, ids: Ids) -> str:
    """Returns a copy of an input without secrets and with other names for people.

    Args:
        data: Bytes of the file.
        ids: Source of the key for the pseudonyms.

    Raises:
        FederationError: it contains nothing to inspect, or cannot be read to its end.
    """
    text = file_text(data)
    pseudonyms = Pseudonyms(ids.token())
    if text.startswith(("{", "[")):
        content = read_json(text, most_values=_MOST_VALUES)
        pseudonyms.take(people_in(content))
        return json.dumps(_Copy(pseudonyms).of(content, "", 0), indent=2, ensure_ascii=False)
    every = read_every_pasted(text)
    pseudonyms.take(name for each in every for name in people_in_message(lenient_base64(each.saml_response)))
    if text.startswith("<") and is_message(text.encode()):
        return _Copy(pseudonyms).message(lenient_base64(every[0].saml_response)).decode()
    return "\n".join(_form_of(each, _Copy(pseudonyms), is_alone=len(every) == 1) for each in every)


def _form_of(pasted: Pasted, copy: _Copy, *, is_alone: bool) -> str:
    encoded = base64.b64encode(copy.message(lenient_base64(pasted.saml_response))).decode("ascii")
    if is_alone and not pasted.relay_state:
        return encoded
    relay_state = f"&RelayState={quote(copy.text(pasted.relay_state), safe='')}" if pasted.relay_state else ""
    return f"SAMLResponse={quote(encoded, safe='')}{relay_state}"


def without_secrets(text: str) -> str:
    """Returns a URL, or text with URLs, without passwords and tokens."""
    text = _USER_OF_ADDRESS.sub(rf"\1{REDACTED}", redact_body(_without_parameters(text)))
    return _TOKEN.sub(REDACTED, _ASSIGNED.sub(_assigned, _PATH_TOKEN.sub(rf"\1{REDACTED}", text)))


class _Copy:
    """The copying of one input."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms

    def of(self, node: Any, name: str, depth: int) -> Any:
        """Returns the copy of a value in JSON data.

        Args:
            name: Name of the value.
            depth: Current nesting depth.
        """
        if depth > _MAX_DEPTH:
            return REDACTED
        if isinstance(node, list):
            if name == "cookies":
                return [{**each, "value": REDACTED} for each in node if isinstance(each, dict)]
            return [self.of(each, name, depth + 1) for each in node]
        if isinstance(node, dict):
            return self._pair(node, name, depth) or {
                key: REDACTED if key in _MESSAGES else self.of(value, key, depth + 1)
                for key, value in self._answer(node, name).items()
            }
        if not isinstance(node, str):
            return node
        return REDACTED if node and is_secret_name(name) else self.text(node, name)

    def text(self, text: str, name: str = "") -> str:
        """Returns the copy of a text: a URL, a form, a page, a message, or words."""
        if name == "CloudTrailEvent" and text.startswith("{"):
            try:
                return json.dumps(self.of(json.loads(text), "", 0), ensure_ascii=False)
            except (ValueError, RecursionError):
                return REDACTED
        if name in MESSAGE_FIELDS:
            return self._encoded(text)
        if name in TEXT_FIELDS and (form := self._form(text)):
            return form
        text = _USER_OF_ADDRESS.sub(rf"\1{REDACTED}", redact_body(_without_parameters(text)))
        text = _ASSIGNED.sub(_assigned, _PATH_TOKEN.sub(rf"\1{REDACTED}", text))
        text = CHOOSER_DATA.sub(lambda match: match[1] + self._chooser(match[2]), text)
        text = _INPUT.sub(_input, text)
        text = EMBEDDED_MESSAGE.sub(self._embedded, text)
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

    def _pair(self, node: Mapping[str, Any], around: str, depth: int) -> dict[str, Any] | None:
        """Returns the copy of a name and value pair, as HAR has headers, cookies and fields; None for others."""
        name, value = node.get("name"), node.get("value")
        if not isinstance(name, str) or not isinstance(value, str):
            return None
        is_cookie = {"httpOnly", "secure", "expires", "sameSite"} & node.keys()
        copy = {key: self.of(each, key, depth + 1) for key, each in node.items() if key not in {"name", "value"}}
        if name.lower() in {"cookie", "set-cookie"}:
            kept = _without_values(value, is_set=name.lower() == "set-cookie")
        else:
            is_left_out = is_cookie or (around == "headers" and not _HEADER.fullmatch(name))
            kept = REDACTED if value and is_left_out else self._field(name, value)
        return {"name": name, "value": kept, **copy}

    def _answer(self, node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """Returns an answer's content as text where it was recorded in base64; content of other pages is dropped.

        A page is kept if the inspector needs it: one with a message or a refusal. Other pages are full of names.
        """
        text = node.get("text")
        if (
            ("mimeType" not in node and name not in {"content", "postData"})
            or "params" in node
            or not isinstance(text, str)
            or not text
        ):
            return node
        if node.get("encoding") == "base64":
            text = lenient_base64(text).decode("utf-8", "replace")
        elif "=" in text and "SAMLResponse=" in text:
            return node
        is_read = "SAMLResponse" in text or chooser_data(text) or refusal_in(text) is not None
        return {
            **{key: value for key, value in node.items() if key != "encoding"},
            "text": text if is_read else REDACTED,
        }

    def _form(self, body: str) -> str:
        """Returns the copy of a form's body; empty for a text that is not a form."""
        if "=" not in body or body.lstrip().startswith(("<", "{", "[")):
            return ""
        try:
            fields = form_decoded(body)
        except ValueError:
            return REDACTED
        if any(not _FIELD.fullmatch(name) for name, _ in fields):
            return ""
        copies = [(name, self._field(name, value)) for name, value in fields]
        return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in copies)

    def _field(self, name: str, value: str) -> str:
        return REDACTED if value and _is_secret_field(name) else self.text(value, name)

    def _embedded(self, match: re.Match[str]) -> str:
        if "%" not in match[0]:
            return self._encoded(match[0])
        return quote(self._encoded(unquote(match[0])), safe="")

    def _chooser(self, content: str) -> str:
        try:
            data = json.loads(lenient_base64(content))
        except (ValueError, RecursionError):
            return content
        return base64.b64encode(json.dumps(self.of(data, "", 0)).encode()).decode("ascii")

    def _encoded(self, text: str) -> str:
        """Returns the copy of a message in base64; an unreadable one is left out."""
        message = message_in(text)
        if not message:
            return REDACTED if len(text) > _LONGEST_WORD else self._pseudonyms.in_text(text)
        return base64.b64encode(self.message(message)).decode("ascii")


def _without_parameters(text: str) -> str:
    """Returns URLs without the values of secret parameters."""
    parts, end = [], 0
    for match in _PARAMETER.finditer(text):
        if match.start() < end or not _is_secret_field(match[1]):
            continue
        value = _VALUE_OF_PARAMETER.match(text, match.end())
        if value is not None:
            parts += [text[end : match.end()], REDACTED]
            end = value.end()
    return "".join((*parts, text[end:]))


def _assigned(match: re.Match[str]) -> str:
    """Returns a name and its quoted text, without the text where that is secret."""
    name, between, quotes, _ = match.groups()
    return f"{name}{between}{quotes}{REDACTED}" if is_secret_name(name) else match[0]


def _input(match: re.Match[str]) -> str:
    """Returns a form's field without its value where that is secret, whatever the order of its attributes."""
    name = _NAME_OF_INPUT.search(match[0])
    if name is None or name[1] in MESSAGE_FIELDS or not is_secret_name(name[1]):
        return match[0]
    return _VALUE_OF_INPUT.sub(rf'\1"{REDACTED}"', match[0])


def _without_values(header: str, *, is_set: bool) -> str:
    """Returns a cookie header with names only, and for Set-Cookie the attributes, because browsers act on them."""
    lines = []
    for line in header.splitlines():
        first, *others = line.split(";")
        cookies = [first] if is_set else [first, *others]
        kept = [f"{cookie.partition('=')[0]}={REDACTED}" for cookie in cookies]
        lines.append(";".join([*kept, *(others if is_set else ())]))
    return "\n".join(lines)


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Returns whether the value of a name is secret, in any case, with or without hyphens."""
    folded = re.sub(r"[^a-z0-9]", "", name.lower())
    return folded in _SECRET or folded.rstrip("0123456789").endswith(
        ("password", "secret", "token", "cookie", "apikey", "session")
    )


def _is_secret_field(name: str) -> bool:
    return is_secret_name(name) or name.lower() in _SECRET_FIELDS


def _in_values(body: str, pseudonyms: Pseudonyms) -> str:
    """Replaces names in the texts of a message, keeping its tags and signature parts."""
    kept = re.split(r"(<[^<>]*>)", body)
    inside = ""
    for number, part in enumerate(kept):
        if part.startswith("<"):
            inside = re.sub(r"[\s>/].*", "", part[1:].rpartition(":")[2] if ":" in part.split()[0] else part[1:])
        elif inside not in {"X509Certificate", "SignatureValue", "DigestValue", "CipherValue"}:
            kept[number] = pseudonyms.in_text(part)
    return "".join(kept)
