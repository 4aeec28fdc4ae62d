"""One SAMLResponse under the lamp: what AWS would say to it, check by check, with places, reasons and fixes.

It is judged by a world, by an identity provider's metadata and a role, or by itself. Only a world brings the building
of federations and the identity provider's side with it; they are imported when there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from emulator.diagnosis.xml_layout import line_of, pretty_xml
from emulator.inspection.encrypted import encrypted_response, told_without_key
from emulator.inspection.own_files import OwnFiles
from emulator.inspection.remarks import remarks_on
from emulator.inspection.signature_alone import REDACTION_MARK, mistake_around, signature_by_itself, signed_by
from emulator.inspection.verdicts import Finding, Inspection, Verdict
from emulator.kernel.clock import instant
from emulator.kernel.differences import visible
from emulator.kernel.errors import AwsRefusal
from emulator.recordings.logins import RecordedLogin
from sp_mock.accounts.model import Aws, SamlProvider
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
from sp_mock.xml import UnreadableXml, read_xml

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
    """Asks every check about a message.

    Args:
        saml_response: In base64.
        federation: Where it is judged. Without one the checks that need a provider or a role are not asked, and of the
            signature the shape, the algorithms and the digests are.
        files: What takes a world's place.
        now: The instant to judge at; when the message was posted, or else its own IssueInstant, when None.
        role_arn: The role to ask about, by ARN or name; the one that was chosen, or else the assertion's first, by
            default.
        login: Where the message comes from.
    """
    posted_to = login.posted_to if login is not None else ""
    provider = _addressed_provider(saml_response, posted_to, federation.aws) if federation is not None else None
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
        entry_point=EntryPoint.STS if login is not None and login.at_sts else EntryPoint.SIGN_IN,
        now=judged_at,
        role_arn=_arn_of(asked, values) or None,
        provider_arn=(login.provider_arn if login is not None else "") or None,
        duration_seconds=login.duration_seconds if login is not None else None,
        acs_provider_arn=str(provider.arn) if provider else None,
    )
    return Inspection(
        tuple(_findings(message, request, saml_response, federation=federation, files=files)),
        _facts(message),
        pretty_xml(message.xml) if message.xml else "",
        judged_at,
        because,
        request.pair.role_arn if request.pair is not None else "",
        remarks_on(message, login),
    )


def _findings(
    message: ReceivedMessage,
    request: LoginRequest,
    saml_response: str,
    *,
    federation: Federation | None,
    files: OwnFiles | None,
) -> Iterator[Finding]:
    """Yields what each check says, as far as it can be asked with what was given."""
    not_asked: Mapping[str, str] = {}
    if federation is None:
        not_asked = _NEEDS_A_WORLD if files is None else files.not_asked
    has_certificates = federation is not None or (files is not None and files.metadata is not None)
    evidence: Evidence | None = None
    for check, refusal in verdicts(message, request):
        left_out = _left_out(check, message, not_asked, has_certificates=has_certificates, whole=federation is not None)
        finding = left_out or _finding(check, refusal, message)
        if federation is not None and finding.refusal is not None:
            evidence = evidence or _evidence(federation, saml_response, message)
            finding = _explained(finding, finding.refusal, evidence)
        yield finding


def _arn_of(role: str, values: AssertionValues | None) -> str:
    """Returns the ARN of a role that was asked for by its name, where the message has one of that name."""
    if not role or role.startswith("arn:") or values is None:
        return role
    return next((pair.role_arn for pair in role_pairs(values) if pair.role_arn.rpartition("/")[2] == role), role)


def _instant(now: datetime | None, login: RecordedLogin | None, message: ReceivedMessage) -> tuple[datetime, str]:
    """Returns the instant to judge at, and why it is that one."""
    if now is not None:
        return now, "as asked"
    if login is not None and login.posted_at is not None:
        return login.posted_at, "when it was posted"
    issued = message.unverified.issue_instant if isinstance(message, ReceivedResponse) else _issued(message.xml)
    if issued is not None:
        return issued, "when it was issued; --at judges its age"
    return _LONG_AGO, ""


def _issued(xml: bytes) -> datetime | None:
    """Returns when a message was issued whose assertion cannot be read; None where it does not say so."""
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
    """Returns the finding of a check that cannot be asked with what was given; None where it can."""
    envelope = encrypted_response(message) if not whole and check.name != "base64" else None
    if envelope is not None:
        around = mistake_around(envelope, message.xml) if check.name == "signature" else None
        return around or Finding(check.name, Verdict.NOT_ASKED, _ENCRYPTED)
    if check.name in not_asked:
        return Finding(check.name, Verdict.NOT_ASKED, not_asked[check.name])
    # The signature of a copy that names were replaced in fits no certificate, and says nothing of the original.
    is_alone = not has_certificates or REDACTION_MARK in message.xml
    if check.name == "signature" and is_alone and isinstance(message, ReceivedResponse):
        return signature_by_itself(message)
    return None


def _finding(check: Check[Any], refusal: AwsRefusal | None, message: ReceivedMessage) -> Finding:
    if refusal is None:
        return Finding(check.name, Verdict.PASSED, check.question)
    if refusal.check != check.name:
        return Finding(check.name, Verdict.NOT_ASKED, f"cannot be asked: the check {refusal.check} failed")
    line = line_of(message.xml, refusal.where) if message.xml else 0
    return Finding(check.name, Verdict.FAILED, refusal.message, refusal, line)


def _evidence(federation: Federation, saml_response: str, message: ReceivedMessage) -> Evidence:
    """Returns what a message can be explained from: the app of the world that it seems to come from, as it is now."""
    from emulator.diagnosis.diagnosis import Evidence

    sender = None
    if isinstance(message, ReceivedResponse):
        values = message.unverified
        sender = federation.supposed_sender(values.issuer or "", values.name_id or "", saml_response)
    return Evidence(federation, saml_response=saml_response, xml=message.xml, supposed_sender=sender)


def _explained(finding: Finding, refusal: AwsRefusal, evidence: Evidence) -> Finding:
    """Returns a finding with its refusal explained from a world."""
    from emulator.diagnosis.diagnosis import diagnose

    return replace(finding, diagnosis=diagnose(refusal, evidence))


def _addressed_provider(saml_response: str, posted_to: str, aws: Aws) -> SamlProvider | None:
    """Returns the SAML provider whose own sign-in URL the message was posted to, or is its Destination."""
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
    """Returns a value in one line: one with line breaks in it with every blank made visible."""
    return value if value.isprintable() else visible(value)
