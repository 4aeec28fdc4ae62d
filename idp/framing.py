"""A page of the org that another site's page shows in a frame, which the org refuses."""

from __future__ import annotations

from emulator.kernel.errors import OktaRefusal
from emulator.kernel.explanations import PageAround
from emulator.kernel.framed_pages import origin_of


def refuse_frame(url: str, *, referer: str, base_url: str) -> OktaRefusal | None:
    """Returns the refusal of a frame; None for the org's own pages, which may frame it.

    Args:
        url: The URL that was asked for.
        referer: Referer of the request; empty when the browser sent none.
        base_url: Base URL of the org.

    Spec: help.okta.com, "Trusted Origins" (iframe embedding)
    Evidence: documented (that the pages refuse frames), assumed (the browser's words for Okta's host)
    """
    around = origin_of(referer)
    if around == base_url:
        return None
    return OktaRefusal(
        f"Refused to display '{base_url}/' in a frame because it set 'X-Frame-Options' to 'sameorigin'.",
        code="FrameRefused",
        status=200,
        check="framing",
        evidence="assumed",
        explanation=f"{around or 'The page'} frames a page of the identity provider, which refuses every frame: a "
        "login needs a window.",
        where="the address in the frame",
        expected="the address of the CCP, such as https://ALIAS.my.connect.aws/ccp-v2",
        received=url,
        fix="Set ccpUrl to the instance's CCP; the tile's link belongs into loginUrl, which is opened in a window.",
        causes=(PageAround(around, ("ccpUrl", "loginUrl")),),
    )
