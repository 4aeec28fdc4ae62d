"""The fields of a message are changed one by one, and nothing else of it is."""

from __future__ import annotations

import base64

import pytest

from emulator.federation import Federation
from emulator.inspection.edited_fields import Field, fields_of, with_fields
from emulator.kernel.errors import FederationError
from tests.conftest import APP, USER

_ACS = "https://signin.aws.amazon.com/saml"


@pytest.fixture
def xml(federation: Federation) -> str:
    """Returns a message."""
    return base64.b64decode(federation.identity_providers["acme"].mint(USER, APP).saml_response).decode()


def _field(xml: str, name: str) -> Field:
    return next(each for each in fields_of(xml) if each.name == name)


def _changed(xml: str, name: str, value: str, *, was: str | None = None) -> str:
    field = _field(xml, name)
    before = field.value if was is None else was
    form = {f"field-{each.number}-{part}": each.value for each in fields_of(xml) for part in ("value", "was")}
    return with_fields(xml, {**form, f"field-{field.number}-value": value, f"field-{field.number}-was": before})


def test_fields_say_what_is_in_the_message(xml: str) -> None:
    """In SAML's words; what may be there and is not is named, too."""
    fields = {each.name: each for each in fields_of(xml)}
    assert fields["NameID"].value == USER
    assert fields["Audience"].value == "urn:amazon:webservices"
    assert (fields["Recipient"].value, fields["Destination"].value) == (_ACS, _ACS)
    assert fields["StatusCode"].value == "urn:oasis:names:tc:SAML:2.0:status:Success"
    assert (fields["InResponseTo"].is_there, fields["InResponseTo"].value) == (False, "")
    assert [name for name, each in fields.items() if each.is_instant and each.is_there] == [
        "Response IssueInstant",
        "IssueInstant",
        "SubjectConfirmationData NotOnOrAfter",
        "Conditions NotBefore",
        "Conditions NotOnOrAfter",
        "AuthnInstant",
    ]


def test_nothing_is_changed_that_nobody_changes(xml: str) -> None:
    """It does not differ from the original in a single byte."""
    assert _changed(xml, "NameID", USER) == xml


@pytest.mark.parametrize("name", ["NameID", "Audience", "Recipient", "NameID Format", "InResponseTo", "Issuer"])
def test_a_field_is_changed_alone(xml: str, name: str) -> None:
    """Markup in a value is text; what was not there is added."""
    changed = _changed(xml, name, "a <b> & 'c'")
    assert _field(changed, name).value == "a <b> & 'c'"
    others = [(each.name, each.value) for each in fields_of(xml) if each.name != name]
    assert [(each.name, each.value) for each in fields_of(changed) if each.name != name] == others


def test_an_attribute_that_is_made_empty_is_taken_away(xml: str) -> None:
    """An element stays, and is empty."""
    assert not _field(_changed(xml, "Recipient", ""), "Recipient").is_there
    empty = _field(_changed(xml, "Audience", ""), "Audience")
    assert (empty.is_there, empty.value) == (True, "")


@pytest.mark.parametrize(
    ("by", "moved"), [("+10m", "2026-01-15T09:15:00.001Z"), ("-1h", "2026-01-15T08:05:00.001Z"), ("+10", "+10")]
)
def test_an_instant_is_moved(xml: str, by: str, moved: str) -> None:
    """By a length of time; what is none is written as it is."""
    assert _field(xml, "Conditions NotOnOrAfter").value == "2026-01-15T09:05:00.001Z"
    assert _field(_changed(xml, "Conditions NotOnOrAfter", by), "Conditions NotOnOrAfter").value == moved


def test_an_instant_keeps_its_form(xml: str) -> None:
    """Without milliseconds where it had none; and nothing cannot be moved."""
    short = _changed(xml, "Conditions NotOnOrAfter", "2026-01-15T09:05:00Z")
    moved = _changed(short, "Conditions NotOnOrAfter", "+90s")
    assert _field(moved, "Conditions NotOnOrAfter").value == "2026-01-15T09:06:30Z"
    with pytest.raises(FederationError, match="Nothing cannot be moved by \\+1h"):
        _changed(xml, "SessionNotOnOrAfter", "+1h")
    with pytest.raises(FederationError, match="cannot be moved by \\+999999999d"):
        _changed(xml, "AuthnInstant", "+999999999d")


def test_several_of_a_kind_are_numbered(xml: str) -> None:
    """Two audiences, for example, are numbered 1 and 2."""
    audience = xml[xml.index("<saml2:Audience>") : xml.index("</saml2:AudienceRestriction>")]
    both = xml.replace(audience, audience + audience.replace("urn:amazon:webservices", "urn:other"))
    assert [(each.name, each.value) for each in fields_of(both) if each.name.startswith("Audience")] == [
        ("Audience (1)", "urn:amazon:webservices"),
        ("Audience (2)", "urn:other"),
    ]
    assert _field(_changed(both, "Audience (2)", "urn:mine"), "Audience (2)").value == "urn:mine"


def test_a_change_of_both_is_no_guess(xml: str) -> None:
    """What is not XML has no fields; and what cannot be in XML is refused."""
    with pytest.raises(FederationError, match="The field NameID was changed both in its row and in the XML"):
        _changed(xml, "NameID", "a", was="b")
    assert fields_of("<broken") == ()
    with pytest.raises(FederationError, match="The XML cannot be read"):
        with_fields("<broken", {"field-0-value": "a", "field-0-was": "b"})
    with pytest.raises(FederationError, match="This cannot be in XML"):
        _changed(xml, "NameID", "\0")
