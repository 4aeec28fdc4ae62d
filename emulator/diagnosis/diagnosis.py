"""Why a login was refused: what the service found, what made it so, and the setting that has to change.

The service that refuses names causes. A cause of its own is a setting; something that was sent to it is explained by
whoever sent it, who is found by the digest of the message. Where what arrived is not what was sent, that difference is
the cause, and no setting is blamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from emulator.diagnosis.embedding import explain_embedding, origins_of_embedding
from emulator.diagnosis.origins import Origin, OriginKind, origin_of, origin_of_asked
from emulator.diagnosis.xml_layout import line_of
from emulator.flow import Login, assertion_xml
from emulator.kernel.errors import Refusal
from emulator.kernel.explanations import (
    RELAY_STATE,
    Asked,
    Cause,
    Derivation,
    Explanation,
    PageAround,
    Sent,
    Setting,
    Tile,
    message_digest,
)
from emulator.network.trace import Exchange

if TYPE_CHECKING:
    from emulator.federation import Federation

_MOST_ORIGINS = 2
NO_OPTIONS: Mapping[str, Origin] = {}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A refusal explained.

    Args:
        refusal: What was said.
        why: What the service found.
        cause: What made it so, where that is another thing than ``why``.
        want: What would be right.
        got: What there is.
        where: The place in the message with its line, or in the request.
        origins: Where it comes from, the likeliest first; two at most.
        fix: What to change.
    """

    refusal: Refusal
    why: str
    cause: str = ""
    want: str = ""
    got: str = ""
    where: str = ""
    origins: tuple[Origin, ...] = ()
    fix: str = ""

    def as_json(self) -> dict[str, Any]:
        """The diagnosis as JSON data; empty parts are left out."""
        refusal = self.refusal
        data: dict[str, Any] = {
            "service": refusal.service,
            "code": refusal.code,
            "status": refusal.status,
            "check": refusal.check,
            "message": refusal.message,
            "evidence": refusal.evidence,
            "why": self.why,
            "cause": self.cause,
            "want": self.want,
            "got": self.got,
            "where": self.where,
            "from": [origin.as_json() for origin in self.origins],
            "fix": self.fix,
            "spec": refusal.spec,
        }
        return {name: value for name, value in data.items() if value}


def diagnose(
    refusal: Refusal,
    federation: Federation,
    *,
    exchanges: Sequence[Exchange] = (),
    saml_response: str = "",
    xml: bytes = b"",
    options: Mapping[str, Origin] = NO_OPTIONS,
) -> Diagnosis:
    """Explains a refusal.

    Args:
        refusal: What was said.
        federation: Where.
        exchanges: The login's, in which the sender's record is.
        saml_response: The form field that arrived; empty where none did.
        xml: The message in it, for the line of a place.
        options: Where what was asked for comes from, by its name.
    """
    place = _place(refusal, xml)
    plain = Diagnosis(
        refusal,
        refusal.explanation,
        want=refusal.expected,
        got=refusal.received,
        where=place,
        fix=refusal.fix,
    )
    sender = sender_of(saml_response, exchanges)
    if sender is not None and sender.planted:
        origin = Origin(OriginKind.FAULT, text="planted fault " + ", ".join(sender.planted))
        return replace(plain, origins=(origin,))
    explanations = [_explained(cause, sender, federation) for cause in refusal.causes]
    # Where the page is to be changed first, a relay state that would fit it is no more than the other of two settings.
    of_page = bool(refusal.causes) and isinstance(refusal.causes[0], PageAround)
    spoken = [
        e for cause, e in zip(refusal.causes, explanations, strict=True) if not (of_page and isinstance(cause, Sent))
    ]
    told = next((each for each in spoken if each is not None and (each.why or each.fix)), None)
    origins = tuple(dict.fromkeys(_origins(refusal.causes, explanations, federation, options)))[:_MOST_ORIGINS]
    if told is None:
        return replace(plain, origins=origins)
    return replace(
        plain,
        cause=told.why,
        want=told.want or plain.want,
        got=told.got or plain.got,
        fix=told.fix or plain.fix,
        origins=origins,
    )


def diagnosis_of(
    login: Login, federation: Federation, *, options: Mapping[str, Origin] = NO_OPTIONS
) -> Diagnosis | None:
    """Explains what a login was refused for; None when it was not."""
    if login.refusal is None:
        return None
    return diagnose(
        login.refusal,
        federation,
        exchanges=login.exchanges,
        saml_response=login.saml_response,
        xml=assertion_xml(login),
        options=options,
    )


def sender_of(saml_response: str, exchanges: Iterable[Exchange]) -> Derivation | None:
    """Returns the record of whoever sent a message; None where it was not sent by anybody of this federation."""
    records = [note.derivation for e in exchanges for note in e.notes if note.derivation is not None]
    if not saml_response:
        return records[-1] if records else None
    digest = message_digest(saml_response)
    return next((record for record in reversed(records) if record.digest == digest), None)


def _explained(cause: Cause, sender: Derivation | None, federation: Federation) -> Explanation | None:
    if isinstance(cause, PageAround | Tile):
        return explain_embedding(cause, federation)
    if not isinstance(cause, Sent):
        return None
    if sender is None and cause.place == RELAY_STATE:
        # A page that is opened after a login: the login that came last led there.
        sender = sender_of("", federation.gateway.exchanges)
    return sender.explain(cause) if sender is not None else None


def _origins(
    causes: Sequence[Cause],
    explanations: Sequence[Explanation | None],
    federation: Federation,
    options: Mapping[str, Origin],
) -> Iterable[Origin]:
    for cause, explanation in zip(causes, explanations, strict=True):
        if isinstance(cause, PageAround | Tile):
            yield from origins_of_embedding(cause, federation)
            continue
        found: Sequence[Setting | Asked] = ()
        if isinstance(cause, Sent):
            found = explanation.causes if explanation is not None else ()
            if explanation is None:
                yield Origin(
                    OriginKind.OUTSIDE, text=f"the sender's own settings, which are not known here: {cause.place}"
                )
        else:
            found = (cause,)
        for each in found:
            yield origin_of(each, federation) if isinstance(each, Setting) else origin_of_asked(each, options)


def _place(refusal: Refusal, xml: bytes) -> str:
    """Returns a refusal's path with the line on which it is in the laid-out message."""
    if not refusal.where.startswith("/") or not xml:
        return refusal.where
    line = line_of(xml, refusal.where)
    return f"assertion {refusal.where}:{line}" if line else f"assertion {refusal.where}"
