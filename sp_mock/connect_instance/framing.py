"""Which pages may show an instance's pages in a frame: decided by each request's Referer and the approved origins.

A browser that refuses a frame reports it in its own console only; the message here is Chromium's. The trace explains
why.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.explanations import Cause, PageAround
from emulator.kernel.framed_pages import origin_of
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Account, Instance
from sp_mock.connect_instance.approved_origins import NotApproved, why_not_approved
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


def decide_framing(
    instance: Instance,
    *,
    account: Account,
    host: str,
    referer: str,
    framed: bool,
    now: datetime,
    around: tuple[str, ...] = (),
) -> Framing:
    """Decides who may frame a page.

    Args:
        instance: The instance that the page belongs to.
        account: Account of the instance, in its current state.
        host: The one of the instance's hosts that was asked.
        referer: Referer of the request; empty when the browser sent none.
        framed: Whether the browser says that the page is for a frame.
        now: The current instant, which decides which approved origins are in effect.
        around: Origins of the pages that frame the page of the Referer, as far as they are known.

    Evidence: observed (by the Referer: 'none' without one, 'self' for an origin that is not approved; that the federate
        URL works in a frame), assumed (that an approved origin's page gets all approved origins, so that a page in a
        page works when both are approved, and so does what follows a page of the instance or of the console)
    """
    if not referer:
        return Framing("'none'", _no_referer(instance, host) if framed else None)
    origin = origin_of(referer)
    in_force = instance.origins_in_force(now)
    if origin in instance.origins or is_console_host(urlsplit(origin).hostname or ""):
        return Framing(" ".join(("'self'", *in_force)))
    if origin not in in_force:
        why = why_not_approved(instance, origin, account=account, now=now)
        return Framing("'self'", _refused(host, "'self'", origin, why, instance) if framed else None)
    ancestors = " ".join(dict.fromkeys(("'self'", origin, *in_force)))
    outer = next((each for each in around if each not in in_force and each not in instance.origins), None)
    if outer is None or not framed:
        return Framing(ancestors)
    return Framing(ancestors, _outer_frame(instance, host, ancestors, origin, outer, account=account, now=now))


def _outer_frame(
    instance: Instance, host: str, ancestors: str, origin: str, outer: str, *, account: Account, now: datetime
) -> ConnectRefusal:
    """Returns the refusal of a page in nested frames: frame-ancestors applies to every page around the frame.

    Spec: W3C CSP 3 "frame-ancestors"
    """
    found = why_not_approved(instance, outer, account=account, now=now)
    reason = found.why.replace("The origin", "the origin", 1)
    why = f"The page {origin} is approved, but it is itself in a frame of {outer}, which is not: {reason}"
    fix = f"{found.fix} Or open {origin} in a window of its own: every page around the CCP has to be approved."
    return _refused(host, ancestors, outer, replace(found, why=why, fix=fix), instance)


def _no_referer(instance: Instance, host: str) -> ConnectRefusal:
    """Returns the refusal of a framing page that sends no Referer.

    Spec: amazon-connect-streams#1026
    """
    return _said(
        host,
        "'none'",
        instance,
        explanation="The page around the frame sent no Referer, because of its Referrer-Policy: Amazon Connect cannot "
        "tell its origin.",
        expected="the page's origin as Referer",
        received="(no Referer)",
        fix="Send Referrer-Policy: strict-origin-when-cross-origin with the page that embeds the CCP.",
        causes=(PageAround("", ("referrer",)),),
    )


def _refused(host: str, ancestors: str, origin: str, why: NotApproved, instance: Instance) -> ConnectRefusal:
    return _said(
        host,
        ancestors,
        instance,
        explanation=why.why,
        expected=why.want,
        received=f"{origin}; approved: {', '.join(instance.approved_origins) or 'none'}",
        fix=why.fix,
        causes=why.causes,
    )


def _said(
    host: str,
    ancestors: str,
    instance: Instance,
    *,
    explanation: str,
    expected: str,
    received: str,
    fix: str,
    causes: tuple[Cause, ...],
) -> ConnectRefusal:
    return ConnectRefusal(
        f"Framing 'https://{host}/' violates the following Content Security Policy directive: "
        f'"frame-ancestors {ancestors}". The request has been blocked.',
        code="FrameAncestors",
        status=200,
        check="approved-origin",
        evidence="observed",
        explanation=explanation,
        where=f"the pages around the frame of {instance.alias}; the browser's console",
        expected=expected,
        received=received,
        fix=fix,
        spec=_APP_INTEGRATION,
        causes=causes,
    )
