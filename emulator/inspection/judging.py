"""One SAMLResponse in detail: what AWS would answer, check by check, with places, reasons and fixes.

It is judged by a world, by an identity provider's metadata and a role, or by itself. Only a world needs the code that
builds federations and the identity provider's side; that code is imported when there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lxml import etree

from emulator.diagnosis.xml_layout import LaidOut
from emulator.inspection.encrypted import encrypted_response, told_without_key
from emulator.inspection.judged_places import line_judged
from emulator.inspection.own_files import OwnFiles
from emulator.inspection.remarks import remarks_on
from emulator.inspection.signature_alone import REDACTION_MARK, mistake_around, signature_by_itself, signed_by
from emulator.inspection.verdicts import Finding, Inspection, Verdict
from emulator.kernel.clock import instant
from emulator.kernel.differences import visible
from emulator.kernel.errors import AwsRefusal, Refusal
from emulator.recordings.logins import RecordedLogin
from sp_mock.accounts.model import Aws, SamlProvider
from sp_mock.arn import Arn
from sp_mock.assertion.checks import Check, verdicts
from sp_mock.assertion.login_request import EntryPoint, LoginRequest, resolve_request, role_pairs
from sp_mock.assertion.received import (
    ReceivedMessage,
    ReceivedResponse,
    UnreadableMessage,
    UnusableResponse,
    decode,
    receive,
)
from sp_mock.assertion.values import AssertionValues
from sp_mock.instants import parse_instant
from sp_mock.xml import SAML, UnreadableXml, read_xml

if TYPE_CHECKING:
    from emulator.diagnosis.diagnosis import Evidence
    from emulator.federation import Federation

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NEEDS_A_WORLD = dict.fromkeys(
    ("provider", "assertion-encryption", "issuer", "trust-policy", "max-session-duration"),
    "this needs a world: give one with --world, or --metadata and --role",
)
_ENCRYPTED = "the assertion is encrypted: give the world whose SAML provider has the private key with --world"


def inspect(
    saml_response: str,
    *,
    federation: Federation | None = None,
    files: OwnFiles | None = None,
    now: datetime | None = None,
    role_arn: str | None = None,
    login: RecordedLogin | None = None,
) -> Inspection:
    """Runs every check on a message.

    Args:
        saml_response: Message in base64.
        federation: Federation to judge in. Without one, checks that need a provider or a role do not run, and of the
            signature only the shape, the algorithms and the digests are checked.
        files: Files that replace a world.
        now: Instant to judge at; None for when the message was posted, or else its own IssueInstant.
        role_arn: Role to ask about, by ARN or name; None for the one that was chosen, or else the assertion's first.
        login: Login that the message belongs to.
    """
    at_sts = login is not None and login.at_sts
    provider = _provider_of(saml_response, login, federation.aws) if federation is not None else None
    message = receive(saml_response, addressed_to=provider)
    if federation is None:
        message = told_without_key(message)
    values = message.unverified if isinstance(message, ReceivedResponse) else None
    known = federation.aws if federation is not None else files.aws(values) if files is not None else Aws()
    judged_at, because = _instant(now, login, message)
    asked = role_arn or (files.role_arn if files is not None else "") or (login.role_arn if login is not None else "")
    request = resolve_request(
        message,
        aws=known,
        entry_point=EntryPoint.STS if at_sts else EntryPoint.SIGN_IN,
        now=judged_at,
        role_arn=requested_role(asked) if at_sts else _arn_of(asked, values) or None,
        provider_arn=requested_provider(login.provider_arn) if login is not None else None,
        duration_seconds=login.duration_seconds if login is not None else None,
        acs_provider_arn=str(provider.arn) if provider and not at_sts else None,
    )
    laid_out = LaidOut(_readable(message))
    findings = _findings(message, request, laid_out, saml_response, federation=federation, files=files)
    return _inspection(tuple(findings), message, request, laid_out, because=because, login=login)


def inspect_request(
    message: ReceivedMessage, request: LoginRequest, *, evidence: Evidence, refusal: Refusal | None = None
) -> Inspection:
    """Runs every check on a message that was posted in a federation, as it was requested there.

    Args:
        message: The message as it was received.
        request: The request for a role, and its entry point.
        evidence: What a failed check is explained from.
        refusal: The service's refusal. Its check has failed even where the message itself is fine, as when it was
            posted to the wrong address.
    """
    readable = _readable(message)
    laid_out, evidence = LaidOut(readable), replace(evidence, xml=readable)
    said = refusal if isinstance(refusal, AwsRefusal) else None
    findings = [
        _finding(check, said if said is not None and said.check == check.name else failure, message, laid_out)
        for check, failure in verdicts(message, request)
    ]
    explained = (_explained(each, evidence) for each in findings)
    return _inspection(tuple(explained), message, request, laid_out, because="when it was posted", login=None)


def _inspection(
    findings: tuple[Finding, ...],
    message: ReceivedMessage,
    request: LoginRequest,
    laid_out: LaidOut,
    *,
    because: str,
    login: RecordedLogin | None,
) -> Inspection:
    return Inspection(
        findings,
        _facts(message),
        laid_out.text,
        request.now,
        because,
        request.pair.role_arn if request.pair is not None else "",
        remarks_on(message, login),
    )


def _findings(
    message: ReceivedMessage,
    request: LoginRequest,
    laid_out: LaidOut,
    saml_response: str,
    *,
    federation: Federation | None,
    files: OwnFiles | None,
) -> Iterator[Finding]:
    """Yields the result of each check, as far as it can run with what was given."""
    not_asked: Mapping[str, str] = {}
    if federation is None:
        not_asked = _NEEDS_A_WORLD if files is None else files.not_asked
    has_certificates = federation is not None or (files is not None and files.metadata is not None)
    evidence: Evidence | None = None
    for check, refusal in verdicts(message, request):
        left_out = _left_out(check, message, not_asked, has_certificates=has_certificates, whole=federation is not None)
        finding = left_out or _finding(check, refusal, message, laid_out)
        if federation is not None and finding.refusal is not None:
            evidence = evidence or _evidence(federation, saml_response, message)
            finding = _explained(finding, evidence)
        yield finding


def _readable(message: ReceivedMessage) -> bytes:
    """Returns a message with the decrypted assertion instead of the encrypted one."""
    if isinstance(message, UnreadableMessage) or not message.decrypted_with:
        return message.xml
    root = deepcopy(message.root)
    for encrypted in root.findall(f"{SAML}EncryptedAssertion"):
        root.replace(encrypted, deepcopy(message.assertion))
    return etree.tostring(root)


def requested_role(text: str) -> str | None:
    """Returns a role's ARN; None for other texts, which STS refuses before it looks anything up."""
    arn = Arn.parse(text)
    return text if arn is not None and arn.is_role else None


def requested_provider(text: str) -> str | None:
    """Returns a SAML provider's ARN; None for other texts, which STS refuses before it looks anything up."""
    arn = Arn.parse(text)
    return text if arn is not None and arn.is_saml_provider else None


def _arn_of(role: str, values: AssertionValues | None) -> str:
    """Returns the ARN of a role that was asked for by name, if the message has one of that name."""
    if not role or role.startswith("arn:") or values is None:
        return role
    return next((pair.role_arn for pair in role_pairs(values) if pair.role_arn.rpartition("/")[2] == role), role)


def _instant(now: datetime | None, login: RecordedLogin | None, message: ReceivedMessage) -> tuple[datetime, str]:
    """Returns the instant to judge at, and the reason for it."""
    if now is not None:
        return now, "as asked"
    if login is not None and login.posted_at is not None:
        return login.posted_at, "when it was posted"
    issued = message.unverified.issue_instant if isinstance(message, ReceivedResponse) else _issued(message.xml)
    if issued is not None:
        return issued, "when it was issued; --at judges its age"
    return _LONG_AGO, ""


def _issued(xml: bytes) -> datetime | None:
    """Returns when a message with an unreadable assertion was issued; None where it does not say."""
    try:
        return parse_instant(read_xml(xml).get("IssueInstant", ""))
    except UnreadableXml:
        return None


def _left_out(
    check: Check[Any],
    message: ReceivedMessage,
    not_asked: Mapping[str, str],
    *,
    has_certificates: bool,
    whole: bool,
) -> Finding | None:
    """Returns the finding of a check that cannot run with what was given; None where it can."""
    envelope = encrypted_response(message) if not whole and check.name != "base64" else None
    if envelope is not None:
        around = mistake_around(envelope, message.xml) if check.name == "signature" else None
        return around or Finding(check.name, Verdict.NOT_ASKED, _ENCRYPTED)
    if check.name in not_asked:
        return Finding(check.name, Verdict.NOT_ASKED, not_asked[check.name])
    # The signature of a pseudonymised copy never fits, and says nothing about the original.
    is_alone = not has_certificates or REDACTION_MARK in message.xml
    if check.name == "signature" and is_alone and isinstance(message, ReceivedResponse):
        return signature_by_itself(message)
    return None


def _finding(check: Check[Any], refusal: AwsRefusal | None, message: ReceivedMessage, laid_out: LaidOut) -> Finding:
    if refusal is None:
        return Finding(check.name, Verdict.PASSED, check.question, line=line_judged(check.name, laid_out))
    if refusal.check != check.name:
        reason = f"cannot be asked: the check {refusal.check} failed"
        return Finding(check.name, Verdict.NOT_ASKED, reason, after=refusal.check)
    line = laid_out.line_of(refusal.where) if message.xml else 0
    return Finding(check.name, Verdict.FAILED, refusal.message, refusal, line)


def _evidence(federation: Federation, saml_response: str, message: ReceivedMessage) -> Evidence:
    """Returns what a message can be explained from: the current app of the world that it seems to come from."""
    from emulator.diagnosis.diagnosis import Evidence

    sender = None
    if isinstance(message, ReceivedResponse):
        values = message.unverified
        sender = federation.supposed_sender(values.issuer or "", values.name_id or "", saml_response)
    return Evidence(federation, saml_response=saml_response, xml=_readable(message), supposed_sender=sender)


def _explained(finding: Finding, evidence: Evidence) -> Finding:
    """Returns a finding with its refusal, where it has one, explained from a world."""
    if finding.refusal is None:
        return finding
    from emulator.diagnosis.diagnosis import diagnose

    return replace(finding, diagnosis=diagnose(finding.refusal, evidence))


def _provider_of(saml_response: str, login: RecordedLogin | None, aws: Aws) -> SamlProvider | None:
    """Returns the SAML provider that a call of STS names, or to whose sign-in URL the message was posted."""
    if login is not None and login.at_sts:
        return aws.saml_provider(login.provider_arn)
    return addressed_provider(saml_response, login.posted_to if login is not None else "", aws)


def addressed_provider(saml_response: str, posted_to: str, aws: Aws) -> SamlProvider | None:
    """Returns the SAML provider to whose own sign-in URL the message was posted, or whose URL is its Destination."""
    address = posted_to
    if not address:
        try:
            address = read_xml(decode(saml_response)).get("Destination", "")
        except (UnusableResponse, UnreadableXml):
            return None
    _, found, provider_id = address.partition("/saml/acs/")
    return aws.saml_provider_with_id(provider_id) if found else None


def _facts(message: ReceivedMessage) -> dict[str, str]:
    if isinstance(message, UnreadableMessage):
        return {}
    values = message.unverified
    facts = {
        "Encrypted": f"yes; opened with the private key {message.decrypted_with}" if message.decrypted_with else "",
        "Signed": signed_by(message),
        "Issuer": values.issuer or "",
        "NameID": values.name_id or "",
        "Destination": message.destination or "",
        "Recipient": values.recipient or "",
        "Audience": ", ".join(a for restriction in values.audience_restrictions for a in restriction),
        "InResponseTo": message.root.get("InResponseTo", ""),
        "IssueInstant": instant(values.issue_instant) if values.issue_instant else "",
        "NotBefore": instant(values.not_before) if values.not_before else "",
        "NotOnOrAfter": instant(values.not_on_or_after) if values.not_on_or_after else "",
    }
    facts = {name: _shown(value) for name, value in facts.items() if value}
    for attribute in values.attributes:
        facts[attribute.name.rpartition("/")[2] or attribute.name] = "\n".join(map(_shown, attribute.values))
    return {name: value for name, value in facts.items() if value}


def _shown(value: str) -> str:
    """Returns a value on one line; a value with line breaks gets all its blanks made visible."""
    return value if value.isprintable() else visible(value)
