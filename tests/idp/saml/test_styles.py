"""Styles of identity providers: what a world may say, what there is, and what the documentation lists are the same."""

from __future__ import annotations

from typing import get_args

import pytest

from emulator.worldfile.schema.okta_app_schema import OktaApp
from idp.saml.styles import PRESETS
from tests import fidelity

STYLES = get_args(OktaApp.model_fields["style"].annotation)
OKTA_PAGE = (fidelity.ROOT / "docs" / "okta.md").read_text(encoding="utf-8")


def test_a_world_may_name_every_style_and_no_other() -> None:
    """The values of ``style`` are the names of the presets."""
    assert PRESETS.keys() - set(STYLES) == set(), "a world cannot name them: they are missing from OktaApp.style"
    assert set(STYLES) - PRESETS.keys() == set(), "they are not in PRESETS"


@pytest.mark.parametrize("style", sorted(PRESETS.keys() - {"okta"}))
def test_the_documentation_names_every_other_products_style(style: str) -> None:
    """docs/okta.md lists them where ``style`` is explained."""
    assert f"`{style}`" in OKTA_PAGE or f"`style: {style}`" in OKTA_PAGE
