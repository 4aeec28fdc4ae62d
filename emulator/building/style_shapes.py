"""The shape of each identity provider's assertions, for whoever recognises a style by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from idp.saml.styles import PRESETS


@dataclass(frozen=True, slots=True)
class StyleShape:
    """How a style writes an assertion.

    Args:
        name: As the world's ``style`` calls it.
        product: Whose it is, for a person.
        issuer: The example in its issuer; empty for Okta's.
        issuer_format: The Format of Issuer; empty for none.
        name_id_format: The Format of NameID.
        attribute_formats: The NameFormat of Role, RoleSessionName and SessionDuration; empty for none.
        signed: Which elements are signed.
        authn_context: The AuthnContextClassRef.
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
    """Yields the shape of every style that a world may name."""
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
