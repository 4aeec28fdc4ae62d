"""Recorded refusals by AWS, Okta and Amazon Connect, recognised by their known wording.

Spec: AWS IAM UG "troubleshoot_saml"; Amazon Connect Administrator Guide "troubleshoot-saml"; AWS STS API
AssumeRoleWithSAML; developer.okta.com, error codes
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from emulator.kernel.records import dataclass
from emulator.recordings.pages import chooser_data

SIGN_IN, STS, CONNECT, OKTA = "AWS sign-in", "AWS STS", "Amazon Connect", "Okta"
_SHOWN, _FIRST_LINES = 300, 3
_TAG = re.compile(r"<[^<>]*>")
_INLINE_TAG = re.compile(r"</?(?:a|b|i|u|em|strong|span|code|small)(?:\s[^<>]*)?>", re.IGNORECASE)
_UNSHOWN = re.compile(r"<(/?)(?:script|style)\b", re.IGNORECASE)
_CODE = re.compile(r"Error Code: (\w+)", re.IGNORECASE)
_WITHOUT_SUFFIX = re.compile(r"\s*\(Service:", re.IGNORECASE)
_PREFIX = re.compile(r"[A-Z][\w ]{0,30}: ?")
_STATUS = re.compile(r"Status Code: (\d{3})", re.IGNORECASE)
_XML_ERROR = re.compile(r"<Code>(\w+)</Code>\s*<Message>([^<]*)</Message>")


@dataclass(frozen=True, slots=True)
class RecordedRefusal:
    """A refusal in a service's own words.

    Args:
        service: Name of the service.
        message: The service's words.
        code: The service's error code; empty if it has none.
        checks: The checks that may have failed, likeliest first; ``fedemu explain`` describes each.
        status: The HTTP status; 0 if none was recorded.
        hop: The number of the request; 0 if the refusal comes from an event log.
        evidence: ``assumed`` if fedemu recorded a refusal of its own that does not use the service's words.
    """

    service: str
    message: str
    code: str = ""
    checks: tuple[str, ...] = ()
    status: int = 0
    hop: int = 0
    evidence: str = ""

    def as_json(self) -> dict[str, Any]:
        """The refusal as JSON data, without its empty fields."""
        data = {
            "service": self.service,
            "code": self.code,
            "status": self.status,
            "message": self.message,
            "checks": list(self.checks),
            "hop": self.hop,
            "evidence": self.evidence,
        }
        return {name: value for name, value in data.items() if value}


class _Words(NamedTuple):
    """Known wording with its longest word, the service that uses it, its error code, and the checks behind it."""

    text: str
    longest: str
    service: str
    code: str
    checks: tuple[str, ...]

    @classmethod
    def of(cls, text: str, service: str, code: str, *checks: str) -> _Words:
        """Returns known wording, in which ``…`` matches anything."""
        longest = max(text.replace("…", " ").split(), key=len)
        return cls(text, longest.casefold(), service, code, checks)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Returns the pattern for known wording, compiled only when a recording is read, which is rare."""
    parts = (re.escape(part).replace(r"\ ", r"\s+") for part in text.split("…"))
    return re.compile(r"[^<>\n]{0,200}?".join(parts), re.IGNORECASE)


_INVALID, _EXPIRED, _DENIED = "InvalidIdentityToken", "ExpiredTokenException", "AccessDenied"
# Each page is matched against these in order and the first match counts, so the more specific ones come first.
KNOWN_WORDS = (
    _Words.of(
        "Your request included an invalid SAML response",
        SIGN_IN,
        "InvalidSAMLResponse",
        "role-attribute",
        "response",
        "base64",
        "status",
        "version",
        "instants",
        "response-destination",
        "assertion-encryption",
    ),
    _Words.of("RoleSessionName is required in AuthnResponse", SIGN_IN, _INVALID, "role-session-name"),
    _Words.of("RoleSessionName in AuthnResponse must match", SIGN_IN, _INVALID, "role-session-name"),
    _Words.of("Source Identity must match", SIGN_IN, _INVALID, "source-identity"),
    _Words.of("Response signature invalid", SIGN_IN, _INVALID, "signature"),
    _Words.of("Issuer not present in specified provider", SIGN_IN, _INVALID, "issuer"),
    _Words.of("Specified provider doesn't exist", SIGN_IN, _INVALID, "provider", "partition"),
    _Words.of("Token must be redeemed within 5 minutes of issuance", SIGN_IN, _EXPIRED, "redeemed-in-time"),
    _Words.of("Response has expired", SIGN_IN, _EXPIRED, "time-window", "session-end"),
    _Words.of("Response is not yet valid", SIGN_IN, _INVALID, "time-window"),
    _Words.of("Response does not contain the required audience", SIGN_IN, _INVALID, "audience"),
    _Words.of(
        "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
        SIGN_IN,
        _INVALID,
        "subject-confirmation",
        "recipient",
    ),
    _Words.of("Invalid base64 SAMLResponse", STS, _INVALID, "base64"),
    _Words.of(
        "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
        SIGN_IN,
        _INVALID,
        "requested-role",
    ),
    _Words.of("Not authorized to perform sts:AssumeRoleWithSAML", SIGN_IN, _DENIED, "trust-policy", "name-id"),
    _Words.of("Requested DurationSeconds exceeds … set for this role", STS, "ValidationError", "max-session-duration"),
    _Words.of("Request ARN is invalid", STS, "ValidationError", "role-arn"),
    _Words.of("Principal ARN is invalid", STS, "ValidationError", "principal-arn"),
    _Words.of(
        "The specified transitive tag key must be included in the requested tags",
        SIGN_IN,
        "InvalidParameterValue",
        "session-tags",
    ),
    _Words.of("Duplicate tag keys found", SIGN_IN, "InvalidParameterValue", "session-tags"),
    _Words.of("Unable to validate tags", SIGN_IN, "ValidationError", "session-tags"),
    _Words.of("Packed policy consumes …% of allotted space", STS, "PackedPolicyTooLarge", "packed-size"),
    _Words.of("Packed size of session tags consumes …% of allotted space", STS, "PackedPolicyTooLarge", "packed-size"),
    _Words.of("Serialized token too large for session", STS, "PackedPolicyTooLarge", "packed-size"),
    _Words.of("STS is not activated in this region for account", STS, "RegionDisabledException", "sts-region"),
    _Words.of("validation error… detected: Value", STS, "ValidationError", "parameters"),
    _Words.of("You must first log out before logging into a different AWS account", SIGN_IN, "", "one-account"),
    _Words.of("Session limit reached", SIGN_IN, "", "session-limit"),
    _Words.of("Invalid credentials parameter", "AWS federation endpoint", "BadRequest", "credentials", "session-json"),
    _Words.of(
        "Access Denied. Your account has been authenticated, but has not been onboarded to this application",
        CONNECT,
        "UserNotFoundException",
        "connect-user",
    ),
    _Words.of(
        "Access denied, Please contact your AWS account administrator for assistance",
        CONNECT,
        "AccessDeniedException",
        "get-federation-token",
    ),
    _Words.of(
        "Bad Request. The request was not valid and could not be processed",
        CONNECT,
        "DuplicateResourceException",
        "role-binding",
    ),
    _Words.of(
        "is already associated with the Amazon Connect instance ID",
        CONNECT,
        "DuplicateResourceException",
        "role-binding",
    ),
    _Words.of("Your session has expired. Please log in", CONNECT, "SessionExpired", "connect-session"),
    _Words.of("Session expired", CONNECT, "SessionExpired", "connect-session"),
    _Words.of("This application has not been enabled for your directory", CONNECT, "", "connect-domain"),
    _Words.of("cannot be used for federation with", CONNECT, "InvalidRequestException", "federation-credentials"),
    _Words.of(
        "not authorized to perform: connect:GetFederationToken",
        CONNECT,
        "AccessDeniedException",
        "get-federation-token",
    ),
    _Words.of("violates the following Content Security Policy directive", CONNECT, "", "approved-origin"),
    _Words.of("in a frame because it set", CONNECT, "", "approved-origin", "framing"),
    _Words.of("because you are not assigned this app in Okta", OKTA, "App Not Assigned", "app-assignment"),
    _Words.of("Bad SAML request", OKTA, "400 Bad Request", "saml-request"),
    _Words.of("Authentication failed", OKTA, "E0000004", "okta-sign-in", "session-token"),
    _Words.of("Unable to sign in", OKTA, "E0000004", "okta-sign-in"),
    _Words.of("Invalid Passcode/Answer", OKTA, "E0000068", "okta-factor"),
    _Words.of("Invalid token provided", OKTA, "E0000011", "okta-state-token"),
)


def refusal_in(text: str, *, status: int = 0, hop: int = 0, service: str = "") -> RecordedRefusal | None:
    """Returns the refusal in a response, recognised by its wording; None if there is none.

    Args:
        text: A page, an XML or JSON response, or an event's message.
        status: The HTTP status of the response; 0 if it is not known.
        hop: The number of the request.
        service: The service that answered, if known; only its own wording is looked for then.
    """
    said = plain_text(text)
    error = _XML_ERROR.search(text)
    folded = said.casefold()  # a word is found in it many times as fast as a pattern
    found = [
        (match.start(), number, words, match)
        for number, words in enumerate(KNOWN_WORDS)
        if _may_say(service, words) and words.longest in folded and (match := _pattern(words.text).search(said))
    ]
    if not found:
        if error is None:
            return None
        words_of_sts = _WITHOUT_SUFFIX.split(html.unescape(error[2]))[0]
        return RecordedRefusal(service or STS, words_of_sts[:_SHOWN], error[1], (), status, hop)
    start, _, words, _ = min(found, key=lambda each: each[:2])
    message = _sentence(said, start)
    code, told_status = _CODE.search(said[start:]), _STATUS.search(said[start:])
    return RecordedRefusal(
        STS if error is not None and words.service == SIGN_IN else words.service,
        message,
        # AuthSaml… codes come from the component that looks up SAML providers; STS answers with its own code.
        error[1] if error is not None else code[1] if code and not code[1].startswith("AuthSaml") else words.code,
        words.checks,
        int(told_status[1]) if told_status else status,
        hop,
    )


def unknown_refusal(text: str, *, status: int, hop: int, service: str) -> RecordedRefusal:
    """Returns the refusal in an error response of unknown wording: its own words, and no checks.

    Args:
        text: The page's text or HTML.
        status: The HTTP status of the response.
        hop: The number of the request.
        service: The service that answered.
    """
    said = plain_text(text)
    suffix = _WITHOUT_SUFFIX.search(said)
    lines = [" ".join(line.split()) for line in (said[: suffix.start()] if suffix else said).splitlines()]
    told = [line for line in lines if line]
    # The message is right before AWS's suffix; without the suffix it is the first sentence, or the page's beginning.
    sentence = next((line for line in told if line.endswith(".")), "")
    message = told[-1] if suffix and told else sentence or " ".join(told[:_FIRST_LINES])
    code = _CODE.search(said)
    return RecordedRefusal(service, message[:_SHOWN] or f"status {status}", code[1] if code else "", (), status, hop)


def plain_text(text: str) -> str:
    """Returns what a person reads on a page: its text, and any problems in the data of AWS's role chooser."""
    problems = ""
    if "<meta" in text:
        data: Mapping[str, Any] = chooser_data(text)
        problems = _problems(data.get("problems"))
    shown = text
    if "<" in text:
        flowing = _INLINE_TAG.sub("", " ".join(_without_scripts(text).split()))
        shown = html.unescape(_TAG.sub("\n", flowing))
    return f"{problems}\n{shown}" if problems else shown


def _without_scripts(text: str) -> str:
    """Returns a page without its scripts and style sheets, in a single pass."""
    kept, shown_from = [], 0
    for mark in _UNSHOWN.finditer(text):
        if not mark[1] and shown_from >= 0:
            kept.append(text[shown_from : mark.start()])
            shown_from = -1
        elif mark[1] and shown_from < 0:
            shown_from = mark.start()
    return "".join(kept) + (text[shown_from:] if shown_from >= 0 else "")


def _problems(value: Any) -> str:
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return str(value)
    return " ".join(str(each) for each in value.values()) if isinstance(value, dict) else ""


def _may_say(service: str, words: _Words) -> bool:
    if not service or service == words.service:
        return True
    return {service, words.service} <= {SIGN_IN, STS, "AWS federation endpoint"}


def _sentence(said: str, start: int) -> str:
    """Returns the sentence that begins with, or contains, the words that were found."""
    before = max(said.rfind(mark, 0, start) for mark in ("\n", '"'))
    begin = before + 1 if 0 <= start - before < _SHOWN and _is_one_sentence(said[before + 1 : start]) else start
    end = re.compile(r"\s*\(Service:|\n|\"[,}]", re.IGNORECASE).search(said, start)
    sentence = said[begin : end.start() if end is not None else None]
    return " ".join(sentence.split())[:_SHOWN]


def _is_one_sentence(text: str) -> bool:
    return ("." not in text and ":" not in text) or _PREFIX.fullmatch(text) is not None
