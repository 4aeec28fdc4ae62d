"""The lines of a refusal itself: the service, its code and its words. It needs nothing but the refusal."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.kernel.errors import NetworkFailure, Refusal


def refusal_head(refusal: Refusal) -> list[str]:
    """Returns the first two lines of a refusal's block."""
    said = refusal.message + ("" if refusal.evidence != "assumed" else "   (the emulator's wording)")
    status = f" ({refusal.status})" if refusal.status else ""
    verb = "failed" if isinstance(refusal, NetworkFailure) else "refused"
    return [f"{refusal.service} {verb}: {refusal.code}{status}, check {refusal.check}", f"  said   {said}"]


def rows_block(head: Iterable[str], rows: Iterable[tuple[str, str]]) -> str:
    """Returns a block: its first lines, and below them each row that has a text."""
    return "\n".join([*head, *(f"  {name:<6} {value}" for name, value in rows if value)])


def plain_refusal_block(refusal: Refusal, *, place: str) -> str:
    """Returns the block of a refusal about which nothing else is known.

    Args:
        place: Place to show.
    """
    rows = (
        ("why", refusal.explanation),
        ("want", refusal.expected),
        ("got", refusal.received),
        ("where", place),
        ("fix", refusal.fix),
        ("spec", refusal.spec),
    )
    return rows_block(refusal_head(refusal), rows)
