"""What the services noted while they answered, in a header of the answer: for fedemu's own clients over sockets.

A program that sends ``X-Fedemu-Notes`` gets the notes in a header of the same name, so that a login over sockets can be
judged like one in this process. Such a program knows the real names, so links in its answers are not turned into
aliases. Scripts of pages get no notes. What explanations are derived from is not sent: of the causes only what was sent
by the client, and of a message only that there was one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from emulator.kernel.errors import Refusal
from emulator.kernel.explanations import Explanation, Sent
from emulator.kernel.records import dataclass
from emulator.kernel.trace_notes import Facts, TraceNote
from emulator.network.trace import note_as_json, refusal_as_json

NOTES_HEADER = "X-Fedemu-Notes"
_ASKED = "HTTP_X_FEDEMU_NOTES"
_OF_A_PAGE = ("HTTP_ORIGIN", "HTTP_SEC_FETCH_MODE")
# Clients read at most 64 KiB of a header; a role chooser with a thousand roles is longer.
_LONGEST = 48_000
_LONGEST_TEXT = 500
_FACTS = frozenset(each.name for each in fields(Facts))
_REFUSAL_NAMES = {"message": "message", "why": "explanation", "want": "expected", "got": "received"}
_REFUSAL_NAMES |= {name: name for name in ("service", "code", "status", "check", "evidence", "where", "fix", "spec")}


@dataclass(frozen=True, slots=True)
class MessageElsewhere:
    """A message that was sent or received in another process, the only place where it can be explained."""

    digest: str
    saml_response: str = ""
    person: str = ""
    sent_by: str = ""
    asked_relay_state: str | None = None
    planted: tuple[str, ...] = ()
    planted_by: str = ""

    def without_faults(self, saml_response: str) -> MessageElsewhere:
        """Returns the record of the same message as it is without the planted faults."""
        return replace(self, saml_response=saml_response, planted=(), planted_by="")

    def explain(self, sent: Sent) -> Explanation | None:  # noqa: ARG002  another process could
        """Returns None."""
        return None


def wants_notes(environ: Mapping[str, Any]) -> bool:
    """Returns whether a request asks for the notes, and does not come from a page."""
    return _ASKED in environ and not any(name in environ for name in _OF_A_PAGE)


def notes_as_header(notes: Sequence[TraceNote]) -> str:
    """Returns notes as a header's text: JSON in ASCII. Notes that are too long are reduced to what decides."""
    text = _text(notes)
    return text if len(text) <= _LONGEST else _text([_short(note) for note in notes])


def notes_in_header(text: str) -> tuple[TraceNote, ...]:
    """Returns the notes in a header's text; none where it holds none."""
    try:
        return tuple(_note(each) for each in json.loads(text)) if text else ()
    except (ValueError, TypeError, KeyError, AttributeError):
        return ()


def _text(notes: Sequence[TraceNote]) -> str:
    return json.dumps([_as_json(note) for note in notes], separators=(",", ":"))


def _as_json(note: TraceNote) -> dict[str, Any]:
    data = note_as_json(note)
    causes = [{"place": each.place, "wanted": list(each.wanted)} for each in note.causes if isinstance(each, Sent)]
    dropped = {arn: refusal_as_json(refusal) for arn, refusal in note.dropped.items()}
    message = note.derivation.digest if note.derivation is not None else None
    more = {"causes": causes, "dropped": dropped, "message": message}
    return data | {name: value for name, value in more.items() if value or value == ""}


def _short(note: TraceNote) -> TraceNote:
    """Returns the part of a note that decides how a login ended."""
    facts = note.facts
    kept = Facts(
        role=facts.role,
        session=facts.session,
        instance=facts.instance,
        relay_state=_cut(facts.relay_state),
        note=_cut(facts.note),
    )
    refusal = note.refusal
    if refusal is not None:
        told = {name: getattr(refusal, name) for name in ("service", "code", "status", "check", "evidence")}
        refusal = Refusal(_cut(refusal.message) or "", **told)
    return replace(
        note, summary=_cut(note.summary) or "", facts=kept, refusal=refusal, causes=note.causes[:1], dropped={}
    )


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _note(data: Mapping[str, Any]) -> TraceNote:
    return TraceNote(
        str(data["service"]),
        str(data["summary"]),
        _facts(data.get("facts", {})),
        refusal=_refusal(data["refusal"]) if "refusal" in data else None,
        causes=tuple(Sent(str(each["place"]), tuple(each["wanted"])) for each in data.get("causes", ())),
        derivation=MessageElsewhere(data["message"]) if "message" in data else None,
        dropped={arn: _refusal(each) for arn, each in data.get("dropped", {}).items()},
    )


def _facts(data: Mapping[str, Any]) -> Facts:
    known: dict[str, Any] = {name: _value(value) for name, value in data.items() if name in _FACTS}
    for name in ("issued_at", "session_ends"):
        if name in known:
            known[name] = datetime.fromisoformat(known[name])
    return Facts(**known)


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return {name: _value(each) for name, each in value.items()} if isinstance(value, dict) else value


def _refusal(data: Mapping[str, Any]) -> Refusal:
    known = {_REFUSAL_NAMES[name]: value for name, value in data.items() if name in _REFUSAL_NAMES}
    return Refusal(known.pop("message", ""), **known)
