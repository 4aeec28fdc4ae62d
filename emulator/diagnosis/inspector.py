"""One SAMLResponse under the lamp: what AWS would say to it, check by check, with places, reasons and fixes.

It takes what people have at hand: base64 from a form, URL-encoded or not, plain XML, a HAR from a browser, a trace.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from emulator.diagnosis.diagnosis import Diagnosis, Evidence, diagnose
from emulator.diagnosis.login_result import FORMAT
from emulator.diagnosis.xml_layout import line_of, pretty_xml
from emulator.kernel.clock import instant
from emulator.kernel.errors import AwsRefusal, FederationError
from sp_mock.accounts.model import Aws, SamlProvider
from sp_mock.assertion.checks import Check, verdicts
from sp_mock.assertion.login_request import EntryPoint, resolve_request
from sp_mock.assertion.received import (
    ReceivedMessage,
    ReceivedResponse,
    UnreadableMessage,
    UnusableResponse,
    decode,
    receive,
)
from sp_mock.assertion.signature import embedded_certificates, verify
from sp_mock.assertion.signature_shape import BadSignature
from sp_mock.xml import UnreadableXml, read_xml

if TYPE_CHECKING:
    from emulator.federation import Federation

MAX_INPUT_BYTES = 20_000_000
_PAGE_FIELD = 'name="SAMLResponse"'
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NEEDS_A_WORLD = frozenset({"provider", "assertion-encryption", "issuer", "trust-policy", "max-session-duration"})


class Verdict(StrEnum):
    """What a check says."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's verdict.

    Args:
        check: The check.
        verdict: What it says.
        text: What was asked, or why it was not.
        refusal: What AWS would say.
        line: The line of the place in the laid-out message.
        diagnosis: The refusal explained.
    """

    check: str
    verdict: Verdict
    text: str
    refusal: AwsRefusal | None = None
    line: int = 0
    diagnosis: Diagnosis | None = None

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON data."""
        data: dict[str, Any] = {"check": self.check, "verdict": self.verdict.value, "text": self.text}
        if self.diagnosis is not None:
            data |= {"line": self.line, "refusal": self.diagnosis.as_json()}
        return data


@dataclass(frozen=True, slots=True)
class Inspection:
    """Every check's verdict on one message, the facts in it, and the message laid out."""

    findings: tuple[Finding, ...]
    facts: dict[str, str]
    laid_out: str

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The checks that failed; the first is the one whose words AWS would show."""
        return tuple(finding for finding in self.findings if finding.verdict is Verdict.FAILED)

    def as_json(self) -> dict[str, Any]:
        """The inspection as JSON data."""
        return {
            "format": FORMAT,
            "accepted": not self.failed,
            "facts": self.facts,
            "checks": [finding.as_json() for finding in self.findings],
        }


def read_saml_response(text: str) -> str:
    """Returns the base64 SAMLResponse in what a person pasted or saved.

    Args:
        text: Base64, URL-encoded base64, a form body with ``SAMLResponse=``, XML, a HAR, or a trace of fedemu's. Of
            several responses in a HAR or a trace the last is taken.

    Raises:
        FederationError: there is no SAMLResponse in it.
    """
    text = text.strip().removeprefix("\ufeff")
    if not text:
        raise FederationError("There is nothing to inspect", expected="a SAMLResponse: base64, XML, a HAR or a trace")
    if text.startswith("<"):
        if text[:200].lower().find("<html") >= 0 or text[:15].lower() == "<!doctype html>":
            return _in_page(text)
        return base64.b64encode(text.encode()).decode()
    if text.startswith("{"):
        return _in_json(text)
    if "SAMLResponse=" in text:
        _, name, value = text.partition("SAMLResponse=")
        return parse_qs(name + value).get("SAMLResponse", [""])[0]
    return unquote(text) if "%" in text else text


def _in_page(text: str) -> str:
    if _PAGE_FIELD not in text:
        raise FederationError("This page has no SAMLResponse", expected="the page with the form that is posted to AWS")
    value = text.partition(_PAGE_FIELD)[2].partition('value="')[2].partition('"')[0]
    return html.unescape(value)


def _in_json(text: str) -> str:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FederationError(f"This looks like JSON but is not: {error}", expected="a HAR or a trace") from None
    found = list(_saml_fields(data, 0))
    if not found:
        raise FederationError(
            "There is no SAMLResponse in this file",
            explanation="No request in it posts the field SAMLResponse; some exports leave form fields out.",
            expected="a HAR that holds the POST to the sign-in page, with its content",
            fix="Record again with 'Preserve log' on, and export with content.",
        )
    return found[-1]


def _saml_fields(node: Any, depth: int) -> Iterator[str]:
    if depth > 40:
        return
    if isinstance(node, dict):
        if node.get("name") == "SAMLResponse" and isinstance(node.get("value"), str):
            yield unquote(node["value"]) if "%" in node["value"] else node["value"]
        for name, value in node.items():
            if name == "SAMLResponse" and isinstance(value, str):
                yield value
            elif name == "text" and isinstance(value, str):
                yield from _in_text(value)
            else:
                yield from _saml_fields(value, depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from _saml_fields(value, depth + 1)


def _in_text(text: str) -> Iterator[str]:
    """Looks into a recorded form body, or into the recorded page whose form carries the response."""
    if _PAGE_FIELD in text:
        yield _in_page(text)
    elif "SAMLResponse=" in text and "<" not in text:
        yield from parse_qs(text).get("SAMLResponse", ())


def inspect(
    saml_response: str, *, federation: Federation | None, now: datetime | None, role_arn: str | None = None
) -> Inspection:
    """Asks every check about a message.

    Args:
        saml_response: In base64.
        federation: Where it is judged. Without one the checks that need a provider or a role are not asked, and the
            signature is verified with the certificate in the message, which shows that it is whole but not who signed
            it.
        now: The instant to judge at; the message's own IssueInstant when None.
        role_arn: The role to ask about; the assertion's first by default.
    """
    known = federation.aws if federation is not None else Aws()
    provider = _addressed_provider(saml_response, known)
    message = receive(saml_response, addressed_to=provider)
    issued = message.unverified.issue_instant if isinstance(message, ReceivedResponse) else None
    request = resolve_request(
        message,
        aws=known,
        entry_point=EntryPoint.SIGN_IN,
        now=now or issued or _LONG_AGO,
        role_arn=role_arn,
        acs_provider_arn=str(provider.arn) if provider else None,
    )
    findings = (
        _finding(check, refusal, message, whole=federation is not None) for check, refusal in verdicts(message, request)
    )
    evidence = _evidence(federation, saml_response, message) if federation is not None else None
    return Inspection(
        tuple(_explained(each, evidence) for each in findings),
        _facts(message),
        pretty_xml(message.xml) if message.xml else "",
    )


def _evidence(federation: Federation, saml_response: str, message: ReceivedMessage) -> Evidence:
    """Returns what a message can be explained from: the app of the world that it seems to come from, as it is now."""
    sender = None
    if isinstance(message, ReceivedResponse):
        values = message.unverified
        sender = federation.supposed_sender(values.issuer or "", values.name_id or "", saml_response)
    return Evidence(federation, saml_response=saml_response, xml=message.xml, supposed_sender=sender)


def _explained(finding: Finding, evidence: Evidence | None) -> Finding:
    """Returns a finding with its refusal explained, as far as there is a world to explain it from."""
    if finding.refusal is None:
        return finding
    if evidence is None:
        place = f"{finding.refusal.where}:{finding.line}" if finding.line else ""
        return replace(finding, diagnosis=Diagnosis.of_refusal(finding.refusal, where=place))
    return replace(finding, diagnosis=diagnose(finding.refusal, evidence))


def _addressed_provider(saml_response: str, aws: Aws) -> SamlProvider | None:
    """Returns the SAML provider whose own sign-in URL is the message's Destination."""
    try:
        destination = read_xml(decode(saml_response)).get("Destination", "")
    except (UnusableResponse, UnreadableXml):
        return None
    _, found, provider_id = destination.partition("/saml/acs/")
    return aws.saml_provider_with_id(provider_id) if found else None


def _finding(check: Check[Any], refusal: AwsRefusal | None, message: ReceivedMessage, *, whole: bool) -> Finding:
    if not whole:
        unreadable = isinstance(message, UnreadableMessage)
        if unreadable and b"EncryptedAssertion" in message.xml and check.name != "base64":
            text = "the assertion is encrypted: give the world whose SAML provider has the private key with --world"
            return Finding(check.name, Verdict.NOT_ASKED, text)
        if check.name in _NEEDS_A_WORLD:
            return Finding(check.name, Verdict.NOT_ASKED, "this needs a world: give one with --world")
        if check.name == "signature" and isinstance(message, ReceivedResponse):
            return _signature_by_itself(message)
    if refusal is None:
        return Finding(check.name, Verdict.PASSED, check.question)
    if refusal.check != check.name:
        return Finding(check.name, Verdict.NOT_ASKED, f"cannot be asked: the check {refusal.check} failed")
    line = line_of(message.xml, refusal.where) if message.xml else 0
    return Finding(check.name, Verdict.FAILED, refusal.message, refusal, line)


def _signature_by_itself(received: ReceivedResponse) -> Finding:
    certificates = embedded_certificates(received)
    has_signature = next(received.root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature"), None) is not None
    if has_signature and not certificates:
        return Finding(
            "signature", Verdict.NOT_ASKED, "the message carries no certificate that can be read: give a world"
        )
    try:
        verified = verify(received, certificates)
    except BadSignature as error:
        refusal = AwsRefusal(
            "Response signature invalid",
            service=EntryPoint.SIGN_IN,
            code="InvalidIdentityToken",
            check="signature",
            explanation=error.explanation,
            where=error.where,
            expected=error.mistake.expected,
            received=error.mistake.received,
            fix=error.mistake.fix,
            causes=error.mistake.causes,
        )
        return Finding("signature", Verdict.FAILED, refusal.message, refusal, line_of(received.xml, error.where))
    signed = " and ".join(verified.signed)
    text = f"{signed} whole and signed with the certificate inside; whether AWS knows it needs a world"
    return Finding("signature", Verdict.PASSED, text)


def _facts(message: ReceivedMessage) -> dict[str, str]:
    if isinstance(message, UnreadableMessage):
        return {}
    values = message.unverified
    facts = {
        "Encrypted": f"yes; opened with the private key {message.decrypted_with}" if message.decrypted_with else "",
        "Issuer": values.issuer or "",
        "NameID": values.name_id or "",
        "Recipient": values.recipient or "",
        "Audience": ", ".join(a for restriction in values.audience_restrictions for a in restriction),
        "IssueInstant": instant(values.issue_instant) if values.issue_instant else "",
        "NotBefore": instant(values.not_before) if values.not_before else "",
        "NotOnOrAfter": instant(values.not_on_or_after) if values.not_on_or_after else "",
    }
    facts |= {attribute.name.rpartition("/")[2]: "\n".join(attribute.values) for attribute in values.attributes}
    return {name: value for name, value in facts.items() if value}
