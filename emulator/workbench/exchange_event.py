"""The event about an exchange: request, answer, decisions, and the login it belongs to."""

from __future__ import annotations

from typing import Any, Final

from emulator.diagnosis.steps import step_name
from emulator.federation import Federation
from emulator.journeys.journey import Journey
from emulator.journeys.journeys import journeys_of
from emulator.kernel.clock import instant
from emulator.kernel.trace_notes import TraceNote
from emulator.network.trace import Exchange
from emulator.reports.text import fact_rows

_LONGEST_TEXT: Final = 2_000
_MOST_DECISIONS: Final = 20
_MOST_FACTS: Final = 100


def exchange_event(exchange: Exchange, federation: Federation) -> dict[str, Any]:
    """Returns an exchange as JSON data, without bodies and headers; empty parts are left out."""
    journey = journeys_of(federation).holding(exchange)
    data: dict[str, Any] = {
        "at": instant(exchange.started_at),
        "method": exchange.method,
        "url": _cut(exchange.url),
        "fields": _cut(", ".join(name for name, _ in exchange.form)),
        "status": exchange.status,
        "location": _cut(exchange.location),
        "decisions": [_decision(note) for note in exchange.notes[:_MOST_DECISIONS]],
        "login": _login(journey, exchange, federation) if journey is not None else {},
    }
    return {name: value for name, value in data.items() if value not in ("", [], {})}


def _decision(note: TraceNote) -> dict[str, Any]:
    data: dict[str, Any] = {
        "service": note.service,
        "summary": _cut(note.summary),
        "facts": [[name, _cut(text)] for name, text in fact_rows(note)][:_MOST_FACTS],
    }
    if note.refusal is not None:
        data["refusal"] = {
            "code": note.refusal.code,
            "check": note.refusal.check,
            "message": _cut(note.refusal.message),
            "evidence": note.refusal.evidence,
            "why": _cut(note.refusal.explanation),
        }
    return {name: value for name, value in data.items() if value != []}


def _login(journey: Journey, exchange: Exchange, federation: Federation) -> dict[str, Any]:
    """Returns which login an exchange is a part of, its step in it, and the outcome so far."""
    number = next(number for number, each in enumerate(journey.exchanges, 1) if each is exchange)
    told = {name: value for name, value in journey.as_json().items() if name != "started_at"}
    return {**told, "hop": number, "step": step_name(exchange, federation.hosts)}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
