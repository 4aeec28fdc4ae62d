"""Remarks on a message for which no check fails: Destination, Version, InResponseTo, its form."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from emulator.recordings.logins import RecordedLogin
from emulator.recordings.pasted import host_of
from sp_mock.assertion.login_request import role_pairs
from sp_mock.assertion.received import ReceivedMessage, ReceivedResponse
from sp_mock.xml import SAML, UnreadableXml, read_xml

_TRANSPORT = frozenset({"DEFLATE", "zlib", "gzip"})
_CONFIRMATION_DATA = f"{SAML}SubjectConfirmationData"


def remarks_on(message: ReceivedMessage, login: RecordedLogin | None) -> tuple[str, ...]:
    """Returns the remarks on a message.

    Args:
        login: Login that it belongs to; None for a message alone.
    """
    return tuple(_all(message, login))


def _all(message: ReceivedMessage, login: RecordedLogin | None) -> Iterator[str]:
    if login is not None:
        yield from _on_form(login)
    try:
        root = message.root if isinstance(message, ReceivedResponse) else read_xml(message.xml)
    except UnreadableXml:
        return
    if etree.QName(root).localname != "Response":
        return
    yield from _on_destination(root, message, login)
    yield from _on_version(root)
    yield from _on_request(root)
    if isinstance(message, ReceivedResponse):
        yield from _on_roles(message, login)


def _on_form(login: RecordedLogin) -> Iterator[str]:
    undone = list(dict.fromkeys(login.undone))
    if not undone:
        return
    if _TRANSPORT & set(undone):
        yield (
            f"The message was compressed ({', '.join(undone)}), as the HTTP-Redirect binding has it. AWS takes the "
            "HTTP-POST binding only, where it is base64 alone."
        )
    else:
        yield f"Undone before it was judged: {', '.join(undone)}. AWS takes plain base64 only."


def _on_destination(root: etree._Element, message: ReceivedMessage, login: RecordedLogin | None) -> Iterator[str]:
    """Yields remarks on the Destination.

    Spec: SAML Core §3.2.2; SAML Bindings §3.5.5.2
    Evidence: documented (SAML's rule), assumed (AWS publishes nothing on it)
    """
    destination = root.get("Destination")
    if destination is None:
        yield "Destination: none. SAML wants one on a signed message that is posted; AWS is not known to ask for it."
        return
    recipient = message.unverified.recipient if isinstance(message, ReceivedResponse) else None
    if recipient and recipient != destination:
        yield (
            f"Destination: {destination} is another address than the Recipient, {recipient}. Trust policies see the "
            "Recipient, as SAML:aud; programs such as saml2aws post to the Destination."
        )
    posted_to = login.posted_to if login is not None else ""
    is_aws = host_of(posted_to).removeprefix("us-east-1.") != host_of(destination).removeprefix("us-east-1.")
    if posted_to and is_aws:
        yield f"Destination: {destination}, but the message was posted to {posted_to}."


def _on_version(root: etree._Element) -> Iterator[str]:
    """Yields remarks on the versions.

    Spec: SAML Core §3.2.2, §4.1.3.2
    Evidence: assumed (AWS publishes nothing on it)
    """
    versions = {root.get("Version"), *(each.get("Version") for each in root.iterchildren(f"{SAML}Assertion"))}
    if versions - {"2.0"}:
        told = " and ".join(sorted(version or "none" for version in versions))
        yield f"Version: {told}. SAML 2.0 is what AWS takes; whether it asks for this attribute is not public."


def _on_request(root: etree._Element) -> Iterator[str]:
    """Yields remarks on InResponseTo.

    Spec: SAML Profiles §4.1.4.2, §4.1.5
    Evidence: observed (AWS takes answers to requests that programs made in its name)
    """
    answered = root.get("InResponseTo") or next(
        (data.get("InResponseTo") for data in root.iter(_CONFIRMATION_DATA) if data.get("InResponseTo")), None
    )
    if answered:
        yield (
            f"InResponseTo: {answered}. The message answers a request, and AWS sends none: a program or the identity "
            "provider made it in AWS's name. AWS is known to take such answers."
        )


def _on_roles(message: ReceivedResponse, login: RecordedLogin | None) -> Iterator[str]:
    pairs = role_pairs(message.unverified)
    if len(pairs) > 1 and not (login is not None and login.role_arn):
        yield (
            f"Role: the message offers {len(pairs)} roles, and the first was judged. Ask about another one with "
            f"--role {pairs[1].role_arn}."
        )
