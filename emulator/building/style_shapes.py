"""The shape of each identity provider's assertions, by which a style can be recognised."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.kernel.records import dataclass
from idp.saml.styles import PRESETS


@dataclass(frozen=True, slots=True)
class StyleShape:
    """How a style writes an assertion.

    Args:
        name: Name of the style in the world.
        product: Name of the product for people.
        issuer: Example issuer; empty for Okta's.
        issuer_format: Format of Issuer; empty for none.
        name_id_format: Format of NameID.
        attribute_formats: NameFormat of Role, RoleSessionName and SessionDuration; empty for none.
        signed: Elements that are signed.
        authn_context: URI in AuthnContextClassRef.
    """

    name: str
    product: str
    issuer: str
    issuer_format: str
    name_id_format: str
    attribute_formats: tuple[str, str, str]
    signed: tuple[str, ...]
    authn_context: str


def style_shapes() -> Iterator[StyleShape]:
    """Yields the shape of every style that a world can name."""
    for name, preset in PRESETS.items():
        style = preset.style
        yield StyleShape(
            name,
            preset.product,
            style.issuer,
            style.issuer_format,
            style.name_id_format,
            style.attribute_formats,
            style.signed,
            style.authn_context,
        )
