"""Notes as a header: what went in comes out, in one line of ASCII, and never for a page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from emulator.kernel.errors import InvalidIdentityToken
from emulator.kernel.explanations import RELAY_STATE, Asked, Sent
from emulator.kernel.trace_notes import Facts, TraceNote
from emulator.network.note_header import MessageElsewhere, notes_as_header, notes_in_header, wants_notes

FACTS = Facts(
    issuer="http://www.okta.com/exk1",
    roles=("arn:1,arn:2",),
    issued_at=datetime(2026, 1, 15, 9, 0, tzinfo=UTC),
    tags={"チーム": "営業"},
    offered_roles={"acme (1)": ("arn:a", "arn:b")},
    emergency_access=False,
)
REFUSAL = InvalidIdentityToken(
    "Response does not contain the required audience.\nTwice.",
    service="AWS sign-in",
    check="audience",
    evidence="observed",
    explanation="The Audience is another.",
    expected="urn:amazon:webservices",
    received="urn:example",
)


def test_notes_come_out_as_they_went_in() -> None:
    """Facts of every kind, a refusal's words, what was sent, what was left out, and that there was a message."""
    note = TraceNote(
        "AWS sign-in",
        "refused\r\nSet-Cookie: a=b",
        FACTS,
        REFUSAL,
        causes=(Sent(RELAY_STATE, wanted=("https://a/",)), Asked("role")),
        derivation=MessageElsewhere("digest"),
        dropped={"arn:c": REFUSAL},
    )
    text = notes_as_header([note, TraceNote("Okta", "shows the dashboard")])
    assert text.isascii()
    assert text.isprintable()
    first, second = notes_in_header(text)
    assert (first.service, first.summary, first.facts) == (note.service, note.summary, FACTS)
    assert first.refusal is not None
    told = ("message", "service", "code", "status", "check", "evidence", "explanation", "expected", "received")
    for refusal in (first.refusal, first.dropped["arn:c"]):
        assert [getattr(refusal, name) for name in told] == [getattr(REFUSAL, name) for name in told]
    assert first.causes == (Sent(RELAY_STATE, wanted=("https://a/",)),)
    assert first.derivation is not None
    assert (first.derivation.digest, first.derivation.explain(Sent("x"))) == ("digest", None)
    assert second == TraceNote("Okta", "shows the dashboard")


def test_what_is_too_long_for_a_header_is_cut_to_what_decides() -> None:
    """A chooser of ten thousand roles stays below what clients read of a header, with check, role and instance."""
    roles = {"acme": tuple(f"arn:aws:iam::123456789012:role/Role{number}" for number in range(10_000))}
    facts = Facts(role="arn:r", session="arn:s/x", instance="arn:i", relay_state="s" * 90_000, offered_roles=roles)
    (note,) = notes_in_header(notes_as_header([TraceNote("AWS sign-in", "x" * 90_000, facts, REFUSAL)]))
    assert (note.facts.role, note.facts.session, note.facts.instance) == ("arn:r", "arn:s/x", "arn:i")
    assert note.facts.relay_state == "s" * 499 + "…"
    assert note.summary == "x" * 499 + "…"
    assert note.facts.offered_roles is None
    assert note.refusal is not None
    assert (note.refusal.check, note.refusal.message) == ("audience", REFUSAL.message)


@pytest.mark.parametrize(
    "text", ["", "[", "{}", '[{"service": 1}]', '[{"service": "a", "summary": "b", "facts": 1}]', "7"]
)
def test_what_holds_no_notes_gives_none(text: str) -> None:
    """An emulator of another version is not a reason to fall over."""
    assert notes_in_header(text) == ()


def test_a_pages_script_gets_no_notes() -> None:
    """Browsers name their pages; our own clients do not."""
    asked = {"HTTP_X_FEDEMU_NOTES": "1"}
    assert wants_notes(asked)
    assert not wants_notes({})
    assert not wants_notes({**asked, "HTTP_ORIGIN": "https://evil.example"})
    assert not wants_notes({**asked, "HTTP_SEC_FETCH_MODE": "cors"})
