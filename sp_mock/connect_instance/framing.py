"""Which pages may show an instance's pages in a frame: by the Referer of each request, and the approved origins.

A browser that refuses says so in its own console only; the words are Chromium's. The trace says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from emulator.kernel.clock import instant
from emulator.kernel.errors import ConnectRefusal
from sp_mock.accounts.model import Instance
from sp_mock.endpoints import is_console_host

_APP_INTEGRATION = 'Amazon Connect Administrator Guide "app-integration"'


@dataclass(frozen=True, slots=True)
class Framing:
    """The answer's ``frame-ancestors``, and why a page that frames it is refused, if it is."""

    ancestors: str
    refusal: ConnectRefusal | None = None

    @property
    def policy(self) -> str:
        """The Content-Security-Policy header."""
        return f"frame-ancestors {self.ancestors}"


def decide_framing(instance: Instance, *, host: str, referer: str, framed: bool, now: datetime) -> Framing:
    """Decides who may frame a page.

    Args:
        instance: Whose page.
        host: At which of its hosts.
        referer: The request's Referer, empty when the browser sent none.
        framed: Whether the browser says that the page is for a frame.
        now: Decides which approved origins have an effect by now.

    Evidence: observed (by the Referer: 'none' without one, 'self' for an origin that is not approved; that the federate
        URL works in a frame), assumed (that what follows a page of the instance or of the console may be framed by
        approved origins)
    """
    if not referer:
        ancestors = "'none'"
        why = "The browser sent no Referer, so that Amazon Connect cannot tell which page frames the CCP."
        fix = "Send Referrer-Policy: strict-origin-when-cross-origin with the page that embeds the CCP."
        return Framing(ancestors, _refused(instance, host, "(no Referer)", ancestors, why, fix) if framed else None)
    origin = _origin(referer)
    in_force = instance.origins_in_force(now)
    if origin in instance.origins or is_console_host(urlsplit(origin).hostname or ""):
        return Framing(" ".join(("'self'", *in_force)))
    if origin in in_force:
        return Framing(f"'self' {origin}")
    if not framed:
        return Framing("'self'")
    return Framing("'self'", _refused(instance, host, origin, "'self'", *_why_not(instance, origin)))


def _why_not(instance: Instance, origin: str) -> tuple[str, str]:
    """Returns why an origin may not frame the instance, and what to do."""
    approved = next((each for each in instance.approved_origins if each.lower().rstrip("/") == origin), None)
    if approved is not None:
        since = instant(instance.origins_approved_at[approved])
        delay = instance.timing.origin_propagation_seconds
        why = f"The origin {origin} was approved at {since}; it has no effect until {delay} seconds later."
        return why, "Wait: a new approved origin takes some minutes to spread."
    wanted = urlsplit(origin).hostname
    near = next((each for each in instance.approved_origins if urlsplit(each).hostname == wanted), None)
    if near is not None and origin == near.lower().replace("https://", "http://"):
        return f"{near} is approved, the page is at {origin}.", f"Serve the page at {near}."
    if near is not None:
        why = f"{near} is approved, {origin} is not: scheme, host and port have to be the same."
    else:
        why = f"The origin {origin} is not among the instance's approved origins."
    return why, f"Add {origin} to the instance's approved_origins."


def _refused(
    instance: Instance, host: str, received: str, ancestors: str, explanation: str, fix: str
) -> ConnectRefusal:
    return ConnectRefusal(
        f"Framing 'https://{host}/' violates the following Content Security Policy directive: "
        f'"frame-ancestors {ancestors}". The request has been blocked.',
        code="FrameAncestors",
        status=200,
        check="approved-origin",
        evidence="observed",
        explanation=explanation,
        where="header Referer; the browser's console",
        expected=" or ".join(instance.approved_origins) or "an approved origin",
        received=received,
        fix=fix,
        spec=_APP_INTEGRATION,
    )


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower()
