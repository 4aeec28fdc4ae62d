"""What arrived is not what was issued: the first difference is named."""

from __future__ import annotations

import base64

import pytest

from emulator.diagnosis.wire import first_difference, response_id

ISSUED = '<r:Response xmlns:r="urn:r" ID="_1"><Issuer>okta</Issuer><A Name="Role">x</A></r:Response>'


def _form(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("arrived", "text", "issued_value", "arrived_value"),
    [
        (_form(ISSUED.replace(">x<", ">y<")), "/Response/A was changed.", "x", "y"),
        (_form(ISSUED.replace('"Role"', '"role"')), "/Response/A/@Name was changed.", "Role", "role"),
        (_form(ISSUED.replace("<Issuer>okta</Issuer>", "")), "/Response/Issuer became /Response/A.", "Issuer", "A"),
        (_form(ISSUED.replace('<A Name="Role">x</A>', "")), "/Response/A was taken out.", "A", ""),
        (_form(ISSUED.replace("</r:Response>", "<B/></r:Response>")), "/Response/B was added.", "", "B"),
        (_form(ISSUED[:40]), "its end is missing: 40 of 90 bytes arrived.", "", ""),
        ("", "the form field arrived empty.", "", ""),
        ("%%%", "it is not base64 any more; it begins '%%%'.", _form(ISSUED)[:60], "%%%"),
        (_form("hello"), "it is not XML any more; it begins 'hello'.", ISSUED[:60], "hello"),
        (_form(ISSUED.replace('"Role"', "'Role'")), "they differ in the way the same XML is written.", "", ""),
    ],
)
def test_the_first_difference_is_named(arrived: str, text: str, issued_value: str, arrived_value: str) -> None:
    """An element, an attribute, a text, or the form field as a whole."""
    difference = first_difference(_form(ISSUED), arrived)
    assert (difference.text, difference.issued, difference.arrived) == (text, issued_value, arrived_value)


def test_a_message_is_known_by_its_id() -> None:
    """A text that cannot be read has none."""
    assert (response_id(_form(ISSUED)), response_id("%%%"), response_id("")) == ("_1", "", "")
