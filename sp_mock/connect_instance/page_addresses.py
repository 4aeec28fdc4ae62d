"""Addresses at which an instance has no page, or not the page that belongs in a frame."""

from __future__ import annotations

import difflib

from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.explanations import RELAY_STATE, Cause, PageAround, Sent

CCP_PATH = "/ccp-v2"
_EARLIER_CCP = "ccp"
_CCP_ADDRESS = ("ccpUrl",)
_APP_INTEGRATION = 'Amazon Connect Administrator Guide "app-integration"'


def no_page(path: str, *, base_url: str, known: tuple[str, ...], around: str) -> ConnectRefusal:
    """Returns the refusal of an address at which an instance has no page.

    Args:
        path: The requested path, without its leading slash.
        base_url: Base URL of the instance's pages.
        known: The first parts of all existing paths.
        around: Origin of the page that frames it; empty when it is not framed.

    Evidence: assumed (the words)
    """
    first, slash, rest = path.partition("/")
    near = difflib.get_close_matches(first.lower(), known, n=1, cutoff=0.6)
    right = f"{base_url}/{near[0]}{slash}{rest}" if near else f"{base_url}{CCP_PATH}"
    why = f"Amazon Connect has no page /{path}, or the emulator does not offer it."
    return _refused(
        "Not Found",
        404,
        why + (f" The nearest is /{near[0]}." if near else ""),
        want=right,
        got=f"{base_url}/{path}",
        fix=f"Set ccpUrl to {right}." if around else f"Open {right}.",
        around=around,
        otherwise=(Sent(RELAY_STATE, is_guess=True),),
    )


def without_prefix(path: str, *, base_url: str, around: str) -> ConnectRefusal:
    """Returns the refusal of an address of the old domain that lacks the prefix of its pages.

    Spec: Amazon Connect Administrator Guide "update-your-connect-domain"
    Evidence: documented (the prefix), assumed (the words)
    """
    right = f"{base_url}{path}"
    return _refused(
        "Not Found",
        404,
        f"At the old domain the pages are under /connect: {right}.",
        want=right,
        got=right.replace("/connect/", "/", 1),
        fix=f"Set ccpUrl to {right}." if around else f"Open {right}.",
        around=around,
    )


def refuse_in_frame(first: str, *, base_url: str, around: str) -> ConnectRefusal | None:
    """Returns the refusal of a page that a custom page frames instead of the CCP; None for the CCP's own pages.

    The browser shows such a page, but the page never answers the Streams library around it, which waits for the CCP.

    Spec: amazon-connect-streams, "Initialization", ccpUrl
    Evidence: assumed (that the home does not answer the library)
    """
    if not around or first not in {"home", ""}:
        return None
    right = f"{base_url}{CCP_PATH}"
    return _refused(
        "The page in the frame never answers the library around it (ACK_TIMEOUT).",
        200,
        f"{around} frames /{first}, which is not the Contact Control Panel.",
        want=right,
        got=f"{base_url}/{first}",
        fix=f"Set ccpUrl to {right}.",
        around=around,
    )


def note_in_frame(first: str, *, base_url: str, around: str) -> tuple[str | None, tuple[Cause, ...]]:
    """Returns the note on a page that is framed and works, with its cause; None where there is nothing to say."""
    if not around or first != _EARLIER_CCP:
        return None, ()
    right = f"{base_url}{CCP_PATH}"
    return (
        f"ccpUrl ends in /{first}, the address of the earlier CCP; {right} is the present one's",
        (PageAround(around, _CCP_ADDRESS),),
    )


def _refused(
    message: str,
    status: int,
    why: str,
    *,
    want: str,
    got: str,
    fix: str,
    around: str,
    otherwise: tuple[Cause, ...] = (),
) -> ConnectRefusal:
    """Returns a refusal whose cause is the page around the frame, or ``otherwise`` when there is none."""
    return ConnectRefusal(
        message,
        code="NotFound" if status == 404 else "NotTheCcp",
        status=status,
        check="connect-page",
        evidence="assumed",
        explanation=why,
        where="the address in the frame" if around else "the path of the address",
        expected=want,
        received=got,
        fix=fix,
        spec=_APP_INTEGRATION,
        causes=(PageAround(around, _CCP_ADDRESS),) if around else otherwise,
    )
