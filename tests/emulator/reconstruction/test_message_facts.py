"""What is read of a message, also of one that AWS could not read."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest

from emulator.reconstruction.message_facts import MessageFacts, read_message
from tests.emulator.inspection.vendor_responses import (
    GOOD,
    ISSUED,
    PERSON,
    PROVIDER_ARN,
    ROLE_ARN,
    SHAPES,
    encrypted,
    response,
)

XML = response(SHAPES["okta 2023"])
DATA = Path(__file__).parents[2] / "data"


def _read(xml: bytes) -> MessageFacts:
    return read_message(base64.b64encode(xml).decode())


def test_everything_that_a_message_says_is_read() -> None:
    """Issuer, person, attributes, addresses, instants, signatures, status and versions."""
    facts = _read(XML)
    assert (facts.issuer, facts.response_issuer) == (SHAPES["okta 2023"].issuer,) * 2
    assert (facts.name_id, facts.name_id_format) == (PERSON, SHAPES["okta 2023"].name_id_format)
    assert facts.values("Role") == (f"{PROVIDER_ARN},{ROLE_ARN}",)
    assert facts.values("RoleSessionName") == (PERSON,)
    assert (facts.audiences, facts.recipient, facts.destination) == (
        ("urn:amazon:webservices",),
        GOOD.recipient,
        GOOD.destination,
    )
    assert (facts.signed, facts.uses_sha1, facts.issued_at) == (("Response", "Assertion"), False, ISSUED)
    assert (facts.versions, facts.status) == (("2.0", "2.0"), "urn:oasis:names:tc:SAML:2.0:status:Success")
    assert (facts.assertions, facts.is_readable, facts.payload) == (1, True, "")


@pytest.mark.parametrize(
    ("file", "layout"), [("okta-aws-response-2018.xml", "2018"), ("okta-aws-response-2023.xml", "2020")]
)
def test_the_order_of_oktas_xml_is_seen(file: str, layout: str) -> None:
    """Until 2019 namespaces came first, since 2020 attributes do."""
    assert _read((DATA / file).read_bytes()).layout == layout


@pytest.mark.parametrize(
    ("field", "payload"),
    [
        ("", "empty"),
        ("***", "not-base64"),
        (base64.b64encode(b"hello").decode(), "not-xml"),
        (base64.b64encode(b"<html><body>Sign in</body></html>").decode(), "html"),
        (base64.b64encode(XML).decode()[:1200], "truncated"),
        (base64.b64encode(XML).decode().replace("=", "%3D") + "%3D", "url-encoded"),
        (base64.b64encode(zlib.compress(XML)[2:-4]).decode(), "deflated"),
        (base64.b64encode(b"<!DOCTYPE Response>" + XML.partition(b"?>")[2]).decode(), "doctype"),
        (base64.b64encode(XML + b"<!--" + b"x" * 80_000 + b"-->").decode(), "oversized"),
    ],
)
def test_a_field_that_is_no_message_is_named_by_its_fault(field: str, payload: str) -> None:
    """So that the scenario posts one of the same kind."""
    assert read_message(field).payload == payload


def test_an_encrypted_assertion_is_not_readable() -> None:
    """Only what is around it is known."""
    facts = _read(encrypted(SHAPES["okta 2023"]))
    assert (facts.is_encrypted, facts.is_readable, facts.attributes) == (True, False, ())
    assert facts.issuer == SHAPES["okta 2023"].issuer


def test_a_broken_message_is_read_as_far_as_it_goes() -> None:
    """What came before the place where it was cut off is known."""
    cut = XML[: XML.index(b"AttributeStatement") - 200]
    facts = _read(cut)
    assert (facts.payload, facts.issuer, facts.name_id) == ("truncated", SHAPES["okta 2023"].issuer, PERSON)


def test_every_value_is_read() -> None:
    """However many there are, and however long they are."""
    pair = f"<saml2:AttributeValue>{PROVIDER_ARN},{ROLE_ARN}</saml2:AttributeValue>".encode()
    pairs = [f"{PROVIDER_ARN},{ROLE_ARN}{number}" for number in range(300)]
    many = "".join(f"<saml2:AttributeValue>{each}</saml2:AttributeValue>" for each in pairs).encode()
    assert _read(XML.replace(pair, many)).values("Role") == tuple(pairs)
    others = "".join(f'<saml2:Attribute Name="a{number}"/>' for number in range(300)).encode()
    end = b"</saml2:AttributeStatement>"
    assert _read(XML.replace(end, others + end)).attributes[-1].name == "a299"
    assert _read(
        XML.replace(f">{PERSON}</saml2:NameID>".encode(), b">" + b"x" * 5_000 + b"</saml2:NameID>")
    ).name_id == ("x" * 5_000)
