"""Which product's style a recorded message has: recognised by its issuer, the hosts, or else its shape."""

from __future__ import annotations

import re

from emulator.building.style_shapes import StyleShape, style_shapes
from emulator.kernel.records import dataclass
from emulator.reconstruction.message_facts import MessageFacts

# The first that fits decides; what a vendor writes into every issuer or host comes before what products may have.
_SIGNS = (
    ("okta", r"http://www\.okta\.com/|\.okta(?:preview|-emea|-gov|-gov-emea)?\.com\b"),
    ("entra", r"sts\.windows\.net|login\.microsoftonline\.|sts\.chinacloudapi\.cn|login\.partner\.microsoftonline"),
    ("google", r"accounts\.google\.com"),
    ("identity-center", r"portal\.sso\.[a-z0-9-]+\.amazonaws\.com|\.awsapps\.com/start|identitycenter"),
    ("onelogin", r"\.onelogin\.com"),
    ("jumpcloud", r"\bjumpcloud\b"),
    ("auth0", r"\.auth0\.com|\burn:[\w-]+(?:\.[a-z]{2})?\.auth0\.com"),
    ("ping", r"\.pingone\.|\.ping-eng\.|\bping(?:one|federate|identity)\b|startSSO\.ping"),
    ("keycloak", r"/realms/"),
    ("adfs", r"/adfs(?:/|\b)"),
)


@dataclass(frozen=True, slots=True)
class RecognisedStyle:
    """A style, and how it was recognised.

    Args:
        shape: The style.
        because: What it was recognised by, as a phrase.
        is_certain: Whether issuer or host name the vendor.
    """

    shape: StyleShape
    because: str
    is_certain: bool


def recognise(message: MessageFacts, *, addresses: tuple[str, ...]) -> RecognisedStyle:
    """Returns the style that a message is written in.

    Args:
        message: The message.
        addresses: Of the identity provider's pages.
    """
    shapes = {each.name: each for each in style_shapes()}
    for text, because in ((message.issuer, "the issuer"), *((each, "the address of its pages") for each in addresses)):
        for name, sign in _SIGNS:
            if text and re.search(sign, text, re.IGNORECASE):
                return RecognisedStyle(shapes[name], because, is_certain=True)
    best = max(shapes.values(), key=lambda each: _likeness(each, message))
    return RecognisedStyle(best, "the shape of its message", is_certain=False)


def _likeness(shape: StyleShape, message: MessageFacts) -> int:
    """Returns how many details of a message match a style."""
    formats = [
        each.name_format for name in ("Role", "RoleSessionName") if (each := message.attribute(name)) is not None
    ]
    return (
        (shape.issuer_format == message.issuer_format)
        + (shape.name_id_format == message.name_id_format)
        + (tuple(shape.signed) == message.signed)
        + (shape.authn_context == message.authn_context)
        + 2 * (list(shape.attribute_formats[: len(formats)]) == formats)
    )
