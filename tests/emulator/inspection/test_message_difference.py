"""What differs between two messages: values, not what differs from login to login."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from emulator.federation import Federation
from emulator.inspection.message_difference import Difference, differences
from emulator.kernel.errors import FederationError
from tests.conftest import APP, USER
from tests.emulator.inspection.vendor_responses import GOOD, ISSUED, SHAPES, encrypted, response, with_shape

_ROLE = "/Response/Assertion/AttributeStatement/Attribute[https://aws.amazon.com/SAML/Attributes/RoleSessionName]"


def _text(message: bytes) -> str:
    return base64.b64encode(message).decode()


GOOD_ONE = _text(response(SHAPES["keycloak"]))


def test_two_logins_of_the_same_person_do_not_differ(federation: Federation) -> None:
    """Ids, instants, digests and signatures are other ones each time."""
    provider = federation.identity_providers["acme"]
    one = provider.mint(USER, APP).saml_response
    federation.clock.advance(timedelta(hours=5))
    assert differences(one, provider.mint(USER, APP).saml_response) == ()
    other_key = _text(response(SHAPES["keycloak"], replace(GOOD, issued=ISSUED + timedelta(days=1)), key=1))
    assert differences(GOOD_ONE, other_key) == ()


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (
            response(SHAPES["keycloak"], replace(GOOD, session_name="Rin Mori")),
            Difference(f"{_ROLE}/AttributeValue", ("rin.mori@example.com",), ("Rin Mori",)),
        ),
        (
            response(SHAPES["keycloak"], replace(GOOD, audience="urn:x")),
            Difference(
                "/Response/Assertion/Conditions/AudienceRestriction/Audience",
                ("urn:amazon:webservices",),
                ("urn:x",),
            ),
        ),
        (
            response(with_shape("keycloak", lifetime=timedelta(seconds=30))),
            Difference("Conditions/@NotOnOrAfter, counted from IssueInstant", ("+60 s",), ("+30 s",)),
        ),
        (
            response(with_shape("keycloak", signs=("Assertion",))),
            Difference("how it is signed", ("Response and Assertion, rsa-sha256",), ("Assertion, rsa-sha256",)),
        ),
        (
            response(with_shape("keycloak", signs=())),
            Difference("how it is signed", ("Response and Assertion, rsa-sha256",), ("not at all",)),
        ),
        (
            response(SHAPES["keycloak"], replace(GOOD, in_response_to="_q")),
            Difference("answers a request (InResponseTo)", (), ("yes",)),
        ),
        (
            response(SHAPES["keycloak"], replace(GOOD, destination="https://x.example.com")),
            Difference("/Response/@Destination", ("https://signin.aws.amazon.com/saml",), ("https://x.example.com",)),
        ),
        (
            response(with_shape("keycloak", protocol="p", assertion="", signature="")),
            None,
        ),
    ],
    ids=["value", "text", "lifetime", "signed", "unsigned", "request", "attribute", "prefixes"],
)
def test_what_differs_is_told_with_its_place(bad: bytes, expected: Difference | None) -> None:
    """The first of the differences, which is the only one of its kind."""
    found = differences(GOOD_ONE, _text(bad))
    assert (found[0] if found else None) == expected


def test_the_values_of_an_attribute_are_a_set() -> None:
    """Their order does not count; what is missing and what is new does."""
    names = ("https://aws.amazon.com/SAML/Attributes/PrincipalTag:a", "x")
    one, other = (
        _text(response(SHAPES["keycloak"], replace(GOOD, attributes=each)))
        for each in ((names, ("b", "1"), ("b", "2")), (("b", "2"), ("b", "1"), names))
    )
    assert differences(one, other) == ()


def test_an_encrypted_message_can_be_compared() -> None:
    """As far as it can be read: that the assertion is encrypted is a difference."""
    found = differences(GOOD_ONE, _text(encrypted(SHAPES["keycloak"])))
    assert Difference("the assertion", (), ("encrypted",)) in found


def test_what_is_no_xml_cannot_be_compared() -> None:
    """The difference says which of the two it is."""
    with pytest.raises(FederationError, match="The second message cannot be compared"):
        differences(GOOD_ONE, "*")
