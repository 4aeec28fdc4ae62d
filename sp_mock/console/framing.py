"""A console or sign-in page that another page shows in a frame: both refuse to be framed at all."""

from __future__ import annotations

from urllib.parse import urlsplit

from emulator.kernel.errors import SignInRefusal
from emulator.kernel.explanations import PageAround
from emulator.kernel.framed_pages import origin_of


def refuse_frame(url: str, *, shown: str, referer: str) -> SignInRefusal:
    """Returns the refusal of a frame.

    Args:
        url: The URL that was asked for.
        shown: Host of the page that the frame was to show.
        referer: Referer of the request; empty when the browser sent none.

    Spec: amazon-connect-streams#1026
    Evidence: observed (the words), assumed (that the console's own pages are refused as sign-in's are)
    """
    around = origin_of(referer)
    federates = "/connect/federate/" in urlsplit(url).path
    what = "the federate URL" if federates else "a page of the AWS console"
    because = ", and there is no console session" if federates else ""
    return SignInRefusal(
        f"Refused to display 'https://{shown}/' in a frame because it set 'X-Frame-Options' to 'deny'.",
        status=200,
        check="framing",
        evidence="observed",
        explanation=f"{around or 'The page'} frames {what}{because}: the console and AWS sign-in refuse every frame.",
        where="the address in the frame",
        expected="the address of the CCP, such as https://ALIAS.my.connect.aws/ccp-v2",
        received=url,
        fix="Set ccpUrl to the instance's CCP; a login belongs into loginUrl, which is opened in a window.",
        spec='Amazon Connect Administrator Guide "app-integration"',
        causes=(PageAround(around, ("ccpUrl",)),),
    )
