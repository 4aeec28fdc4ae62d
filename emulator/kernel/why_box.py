"""The box below a refusal on a page: why it was refused. The refusing side knows one half, ``emulator`` both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.kernel.errors import Refusal
from emulator.kernel.services import services_of
from emulator.kernel.trace_notes import ENVIRON_KEY

Rows = tuple[tuple[str, str], ...]
Explain = Callable[[Refusal, Mapping[str, Any]], Rows]
Links = Callable[[Refusal | None], Rows]


def own_rows(refusal: Refusal, _environ: Mapping[str, Any]) -> Rows:
    """Returns what a refusal itself says: names and texts, in display order."""
    rows = (
        ("check", refusal.check),
        ("why", refusal.explanation),
        ("want", refusal.expected),
        ("got", refusal.received),
        ("where", refusal.where),
        ("fix", refusal.fix),
        ("spec", refusal.spec),
    )
    return tuple((name, text) for name, text in rows if text)


def no_links(_refusal: Refusal | None) -> Rows:
    """Returns no links."""
    return ()


class WhyBox:
    """What pages show below a refusal.

    Args:
        explain: Returns the rows for a refusal and the WSGI environment of the request; by default the refusal's own.
        links: Returns the links for a refusal, or for a page without one: words and addresses; by default none.
    """

    def __init__(self, explain: Explain = own_rows, links: Links = no_links) -> None:
        self.explain = explain
        self.links = links


def why_links(environ: Mapping[str, Any]) -> Rows:
    """Returns the links in the box: words and addresses."""
    return services_of(environ).get(WhyBox).links(refusal_noted(environ))


def why_rows(environ: Mapping[str, Any]) -> Rows:
    """Returns the rows about the last refusal noted for a request; none where there was none."""
    refusal = refusal_noted(environ)
    return services_of(environ).get(WhyBox).explain(refusal, environ) if refusal is not None else ()


def refusal_noted(environ: Mapping[str, Any]) -> Refusal | None:
    """Returns the last refusal noted for a request."""
    return next((n.refusal for n in reversed(environ.get(ENVIRON_KEY, ())) if n.refusal is not None), None)
