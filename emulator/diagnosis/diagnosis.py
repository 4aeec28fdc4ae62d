"""Why a login was refused or ended elsewhere: what was found, what caused it, and the setting that has to change.

The service that refuses names causes. A cause on its own side is a setting; something that was sent to it is explained
by the sender, who is found by the digest of the message. Where the message that arrived differs from the one that was
sent, that difference is the cause, and no setting is blamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from emulator.arrival import Shortfall
from emulator.diagnosis.fix import Fix
from emulator.diagnosis.instance_hosts import explain_other_domain, explain_unknown_host
from emulator.diagnosis.left_out import left_out_behind, unknown_policy_behind
from emulator.diagnosis.origins import Origin, OriginKind, origin_of, origin_of_asked, origin_of_fault
from emulator.diagnosis.wire import first_difference, response_id
from emulator.diagnosis.xml_layout import line_of
from emulator.kernel.errors import Refusal
from emulator.kernel.explanations import (
    BROWSER,
    RELAY_STATE,
    Asked,
    Cause,
    Change,
    Derivation,
    Explanation,
    PageAround,
    Planted,
    Sent,
    Setting,
    Tile,
    message_digest,
)
from emulator.kernel.records import dataclass
from emulator.kernel.trace_notes import OWN_SERVICE
from emulator.network.trace import Exchange
from emulator.seeds.seed_report import as_left_out

if TYPE_CHECKING:
    from emulator.federation import Federation

_MOST_ORIGINS = 2
NO_OPTIONS: Mapping[str, Origin] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The explanation of a refusal, or of a login that ended elsewhere.

    Args:
        check: Name of the check that failed.
        why: What was found.
        cause: What caused it, where that says more than ``why``.
        want: What would be right.
        got: What there is.
        where: Place in the message with its line, or in the request.
        origins: Where it comes from, the likeliest first; two at most.
        fix: What to change.
        refusal: The service's refusal; None where nothing was refused.
        causes: Causes named by the side that refused, for proposing changes.
        settings: Settings behind it, the likeliest first; those of the origins that are settings.
        changes: Changes that the sender knows to be right, the likeliest first; each is made as a whole.
        fixes: Changes that were tried and let the login arrive, or the reason why there is none; empty where nobody has
            looked.
        is_unknown: Whether what decides is in no file, so that no change of a setting is right.
    """

    check: str
    why: str
    cause: str = ""
    want: str = ""
    got: str = ""
    where: str = ""
    origins: tuple[Origin, ...] = ()
    fix: str = ""
    refusal: Refusal | None = None
    causes: tuple[Cause, ...] = ()
    settings: tuple[Setting, ...] = ()
    changes: tuple[tuple[Change, ...], ...] = ()
    fixes: tuple[Fix, ...] = ()
    is_unknown: bool = False

    def __repr__(self) -> str:
        return f"<Diagnosis of check {self.check}: {self.why}>"

    @classmethod
    def of_refusal(cls, refusal: Refusal, *, where: str = "") -> Diagnosis:
        """Returns what a refusal itself says."""
        return cls(
            refusal.check,
            refusal.explanation,
            want=refusal.expected,
            got=refusal.received,
            where=where or refusal.where,
            fix=refusal.fix,
            refusal=refusal,
        )

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The rows shown below the service's message: names and texts, in display order."""
        rows = (
            ("why", self.why),
            ("cause", self.cause),
            ("want", self.want),
            ("got", self.got),
            ("where", self.where),
            *(("and" if index else "from", str(origin)) for index, origin in enumerate(self.origins)),
            *(row for fix in self.fixes[:1] for row in fix.rows),
            ("fix", self.fix if self.fix not in [fix.title for fix in self.fixes[:1] if not fix.tried] else ""),
            ("spec", self.refusal.spec if self.refusal is not None else ""),
        )
        return tuple((name, text) for name, text in rows if text)

    @property
    def plain(self) -> Diagnosis:
        """The explanation, without what it was derived from."""
        refusal = self.refusal.plain if self.refusal is not None else None
        return replace(self, refusal=refusal, causes=(), settings=(), changes=())

    def as_json(self) -> dict[str, Any]:
        """The diagnosis as JSON data; empty parts are left out."""
        refusal = self.refusal
        said: dict[str, Any] = {}
        if refusal is not None:
            said = {
                "service": refusal.service,
                "code": refusal.code,
                "status": refusal.status,
                "message": refusal.message,
                "evidence": refusal.evidence,
                "spec": refusal.spec,
            }
        explained: dict[str, Any] = {
            "check": self.check,
            "why": self.why,
            "cause": self.cause,
            "want": self.want,
            "got": self.got,
            "where": self.where,
            "from": [origin.as_json() for origin in self.origins],
            "fix": self.fix,
            "fixes": [fix.as_json() for fix in self.fixes],
        }
        return {name: value for name, value in (said | explained).items() if value}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an explanation can be based on.

    Args:
        federation: The federation in which it happened.
        exchanges: Exchanges that hold the sender's record.
        saml_response: The form field that arrived; empty where none did.
        xml: The message in it, to find the line of a place.
        options: Where requested values come from, by name.
        digest: Digest of the message behind the current session, where the message itself is not available.
        is_one_login: Whether the exchanges belong to this login alone.
        supposed_sender: The probable sender of the message, where there is no record of it.
    """

    federation: Federation
    exchanges: Sequence[Exchange] = ()
    saml_response: str = ""
    xml: bytes = b""
    options: Mapping[str, Origin] = field(default_factory=dict)
    digest: str = ""
    is_one_login: bool = True
    supposed_sender: Derivation | None = None


def diagnose(refusal: Refusal, evidence: Evidence) -> Diagnosis:
    """Explains a refusal."""
    plain = Diagnosis.of_refusal(refusal, where=_place(refusal, evidence.xml))
    return _with_left_out(_explained(plain, refusal.causes, evidence), evidence)


def diagnose_shortfall(missing: Shortfall, evidence: Evidence) -> Diagnosis:
    """Explains why a login that was not refused is not where it should be."""
    plain = Diagnosis(missing.check, missing.why, want=missing.want, got=missing.got, fix=missing.fix)
    causes = missing.causes
    if missing.check == "host-not-emulated" and isinstance(next(iter(causes), None), Asked):
        meant = explain_unknown_host(missing.got, evidence.federation)
        if meant is not None:
            plain, causes = replace(plain, want=meant.want, fix=meant.fix), (*causes, *meant.causes)
    other = (
        explain_other_domain(missing.want, missing.got, evidence.federation) if missing.check == "lands-on" else None
    )
    if other is not None:
        plain = Diagnosis(missing.check, other.why, want=other.want, got=other.got, fix=other.fix)
        causes = other.causes
    return _with_left_out(_explained(plain, causes, evidence), evidence)


def _with_left_out(diagnosis: Diagnosis, evidence: Evidence) -> Diagnosis:
    """Returns a diagnosis with the reason why something was left out of a seed, where that is what the login lacks."""
    if any(origin.kind in {OriginKind.FAULT, OriginKind.CHANGED} for origin in diagnosis.origins):
        return diagnosis
    seeds = evidence.federation.world.seeds
    unknown = unknown_policy_behind(diagnosis.why, diagnosis.where, seeds)
    if unknown is not None:
        why = "What the role's policies allow is not known: one that is attached to it is in no file, and may deny it."
        origins = (Origin(OriginKind.SEED, unknown.location),)
        told = replace(diagnosis, why=why, cause=as_left_out(unknown), want="", fix=unknown.fix, origins=origins)
        return replace(told, settings=(), causes=(), changes=(), is_unknown=True)
    missed = left_out_behind(diagnosis.check, diagnosis.why, diagnosis.got, seeds)
    if missed is None:
        return diagnosis
    return replace(diagnosis, cause=as_left_out(missed), fix=missed.fix or diagnosis.fix)


def explain_note(text: str, causes: Sequence[Cause], evidence: Evidence) -> Diagnosis:
    """Explains a remark on a login that was not refused and did arrive."""
    return _explained(Diagnosis("note", text), causes, evidence)


def _explained(plain: Diagnosis, causes: Sequence[Cause], evidence: Evidence) -> Diagnosis:
    records = _records(evidence.exchanges)
    planted = next((cause for cause in causes if isinstance(cause, Planted)), None)
    if planted is not None:
        return replace(plain, origins=(Origin(OriginKind.FAULT, text=planted.text),))
    sender = _sender(evidence, records) or evidence.supposed_sender
    if sender is not None and sender.planted:
        true_cause = _cause_beside_faults(plain, sender, evidence)
        if true_cause is not None:
            return true_cause
        return replace(plain, origins=(origin_of_fault(sender.planted, evidence.options, by=sender.planted_by),))
    original = _original(evidence, records) if sender is None else None
    if original is not None:
        return _changed_on_the_way(plain, original, evidence)
    explanations = [_explanation(cause, sender, evidence.federation) for cause in causes]
    alone = next((i for i, each in enumerate(explanations) if each is not None and each.is_alone), None)
    if alone is not None:
        causes, explanations = causes[alone : alone + 1], explanations[alone : alone + 1]
    guessed = next((i for i, c in enumerate(causes) if isinstance(c, Sent) and c.is_guess and explanations[i]), None)
    if guessed is not None:
        # A guess that the sender can explain makes later guesses unnecessary.
        causes, explanations = causes[: guessed + 1], explanations[: guessed + 1]
    # Where the page should be changed first, a relay state that would fit it is only the second setting.
    of_page = bool(causes) and isinstance(causes[0], PageAround)
    spoken = [e for cause, e in zip(causes, explanations, strict=True) if not (of_page and isinstance(cause, Sent))]
    plain = replace(
        plain,
        causes=tuple(causes),
        settings=tuple(dict.fromkeys(_settings(causes, explanations))),
        changes=tuple(each.changes for each in spoken if each is not None and each.changes),
    )
    told = next((each for each in spoken if each is not None and (each.why or each.fix)), None)
    origins = tuple(dict.fromkeys(_origins(causes, explanations, evidence)))[:_MOST_ORIGINS]
    if told is None:
        return replace(plain, origins=origins)
    if isinstance(causes[0], Asked):
        # People who asked for a value may ask for another; where that one comes from is shown with it.
        return replace(plain, cause=told.why, origins=origins)
    return replace(
        plain,
        cause=told.why,
        want=told.want or plain.want,
        got=told.got or plain.got,
        fix=told.fix or plain.fix,
        origins=origins,
    )


def _cause_beside_faults(plain: Diagnosis, sender: Derivation, evidence: Evidence) -> Diagnosis | None:
    """Returns what made it so where it would be so without the planted faults; None where they made it."""
    from emulator.diagnosis.without_faults import without_faults  # few logins have faults and are refused

    again = without_faults(sender, evidence.exchanges, evidence.federation)
    if again is None or again.check != plain.check:
        return None
    same = replace(
        evidence,
        federation=again.federation,
        exchanges=(),
        saml_response=again.saml_response,
        digest="",
        supposed_sender=again.record,
    )
    refusal, shortfall = again.login.refusal, again.login.shortfall
    causes = refusal.causes if refusal is not None else shortfall.causes if shortfall is not None else ()
    return _explained(plain, causes, same)


def _records(exchanges: Iterable[Exchange]) -> list[Derivation]:
    return [note.derivation for e in exchanges for note in e.notes if note.derivation is not None]


def _sender(evidence: Evidence, records: Sequence[Derivation]) -> Derivation | None:
    """Returns the record of the message's sender, or None where nobody in this federation sent it."""
    if not evidence.saml_response and not evidence.digest:
        return records[-1] if records else None
    digest = evidence.digest or message_digest(evidence.saml_response)
    return next((record for record in reversed(records) if record.digest == digest), None)


def _original(evidence: Evidence, records: Sequence[Derivation]) -> Derivation | None:
    """Returns the record of the message that this one was made from: a login's only one, or the one with its ID."""
    if not evidence.saml_response or not records:
        return None
    if evidence.is_one_login:
        return records[-1]
    message_id = response_id(evidence.saml_response)
    same = (record for record in reversed(records) if message_id and response_id(record.saml_response) == message_id)
    return next(same, None)


def _changed_on_the_way(plain: Diagnosis, record: Derivation, evidence: Evidence) -> Diagnosis:
    """Names the first difference between what was issued and what arrived; no setting can be behind it."""
    difference = first_difference(record.saml_response, evidence.saml_response)
    origin = Origin(OriginKind.CHANGED, text="changed between the identity provider and AWS")
    return replace(
        plain,
        cause=f"What arrived is not what was issued: {difference.text}",
        want=difference.issued or plain.want,
        got=difference.arrived or plain.got,
        fix="Post the SAMLResponse as the identity provider wrote it.",
        origins=(origin,),
    )


def _explanation(cause: Cause, sender: Derivation | None, federation: Federation) -> Explanation | None:
    if isinstance(cause, PageAround | Tile):
        from emulator.diagnosis.custom_ccp.embedding import explain_embedding  # the code that reads pages is rarely
        # needed

        return explain_embedding(cause, federation)
    if not isinstance(cause, Sent):
        return None
    if sender is None and cause.place == RELAY_STATE and not cause.is_guess:
        # A page opened after a login: the last login led there.
        sender = next(reversed(_records(federation.gateway.exchanges)), None)
    return sender.explain(cause) if sender is not None else None


def _settings(causes: Sequence[Cause], explanations: Sequence[Explanation | None]) -> Iterator[Setting]:
    """Yields the settings behind causes: the first of each cause, then the others."""
    found = [
        [c for c in ((cause,) if explanation is None else explanation.causes) if isinstance(c, Setting)]
        for cause, explanation in zip(causes, explanations, strict=True)
    ]
    yield from (settings[0] for settings in found if settings)
    yield from (setting for settings in found for setting in settings[1:])


def _origins(
    causes: Sequence[Cause], explanations: Sequence[Explanation | None], evidence: Evidence
) -> Iterator[Origin]:
    """Yields where causes come from: the first origin of each cause, then the others."""
    found = [list(_origins_of(*each, evidence)) for each in zip(causes, explanations, strict=True)]
    yield from (origins[0] for origins in found if origins)
    yield from (origin for origins in found for origin in origins[1:])


def _origins_of(cause: Cause, explanation: Explanation | None, evidence: Evidence) -> Iterator[Origin]:
    if isinstance(cause, PageAround | Tile):
        from emulator.diagnosis.custom_ccp.embedding import origins_of_embedding

        yield from origins_of_embedding(cause, evidence.federation)
        return
    found: Sequence[Setting | Asked] = ()
    if isinstance(cause, Planted):
        yield Origin(OriginKind.FAULT, text=cause.text)
    elif not isinstance(cause, Sent):
        found = (cause,)
    elif explanation is not None:
        found = explanation.causes
    elif evidence.saml_response and not cause.is_guess:
        yield Origin(OriginKind.OUTSIDE, text="the identity provider that sent it, which is not in this world")
    for each in found:
        if isinstance(each, Setting):
            yield origin_of(each, evidence.federation)
        elif each.what == BROWSER and (delay := _planted_delay(evidence)) is not None:
            yield Origin(OriginKind.FAULT, text=delay.text)
        else:
            yield origin_of_asked(each, evidence.options)


def _planted_delay(evidence: Evidence) -> Planted | None:
    """Returns what delayed an answer of this login, or None where it was the person who waited."""
    notes = (note for each in evidence.exchanges for note in each.notes if note.service == OWN_SERVICE)
    planted = (cause for note in notes for cause in note.causes if isinstance(cause, Planted))
    return next(planted, None) if evidence.is_one_login else None


def _place(refusal: Refusal, xml: bytes) -> str:
    """Returns a refusal's path with its line in the indented message."""
    if not refusal.where.startswith("/") or not xml:
        return refusal.where
    line = line_of(xml, refusal.where)
    return f"assertion {refusal.where}:{line}" if line else f"assertion {refusal.where}"
