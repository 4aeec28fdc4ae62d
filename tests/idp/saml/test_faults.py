"""Faults are read strictly, and each does what it says."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import FederationError
from idp.saml.faults import PAYLOADS, SIGNATURES, WRAPPINGS, parse_fault
from tests.conftest import APP, USER

MISTAKES: list[tuple[Any, str]] = [
    ("text", "a fault is a mapping"),
    ({}, "this is no fault: {}"),
    ({"atribute": "Role"}, "did you mean attribute?"),
    ({"attribute": "Role", "wrap": "xsw1"}, "this is no fault"),
    ({"attribute": "Role"}, "a fault does exactly one thing"),
    ({"attribute": "Role", "set": "a", "remove": True}, "a fault does exactly one thing"),
    ({"attribute": "Role", "duplicate": True}, "a fault of kind attribute has no duplicate"),
    ({"attribute": "Role", "remove": "yes"}, "remove is said with true"),
    ({"signature": "maybe"}, "there is no signature maybe"),
    ({"wrap": "xsw9"}, "there is no wrap xsw9"),
    ({"payload": "zip"}, "there is no payload zip"),
    ({"issue": "soon"}, "soon is no length of time"),
    ({"issue": "-99999d"}, "-99999d is too far away"),
    ({"issue": "999999999999d"}, "999999999999d is too far away"),
    ({"attribute": "Role", "set": None}, "set takes text, in quotes if need be"),
    ({"attribute": "Role", "set": True}, "set takes text, in quotes if need be"),
    ({"attribute": "Role", "set": {"a": "b"}}, "set takes text, in quotes if need be"),
    ({"attribute": None, "remove": True}, "attribute takes text, in quotes if need be"),
    ({"attribute": "Role", "set": []}, "set needs a text"),
    ({"attribute": "Role", "rename": ["a", "b"]}, "rename takes one text here"),
    ({"attribute": "Role", "set": "a\x01"}, "set holds the character U+0001, which XML cannot hold"),
    ({"attribute": "Role", "set": "\ud800"}, "set holds the character U+D800, which XML cannot hold"),
    ({"attribute": "Role", "comment": "x"}, "a fault of kind attribute has no comment"),
    ({"element": "Assertion/Issuer", "comment": "x"}, "a fault of kind element has no comment"),
    ({"element": "Assertion/Issuer", "set": ["a", "b"]}, "set takes one text here"),
    ({"element": "", "remove": True}, " is no path"),
    ({"element": "Assertion//Issuer", "remove": True}, "Assertion//Issuer is no path"),
    ({"element": "Assertion[0]", "remove": True}, "Assertion[0] is no path"),
    ({"element": "saml2:Assertion", "remove": True}, "saml2:Assertion is no path"),
    ({"element": "Assertion", "attribute_name": "a b", "set": "x"}, "a b is no name of an XML attribute"),
    ({"element": "Assertion", "attribute_name": "ID", "duplicate": True}, "duplicate is for elements"),
]


@pytest.mark.parametrize(("data", "said"), MISTAKES, ids=[str(row[0]) for row in MISTAKES])
def test_what_is_no_fault_is_told(data: Any, said: str) -> None:
    """The message says what is wrong, the expectation what would be right."""
    with pytest.raises(FederationError) as caught:
        parse_fault(data)
    assert said in caught.value.message
    assert caught.value.expected


@pytest.mark.parametrize(
    "fault",
    [
        *({"signature": each} for each in SIGNATURES),
        *({"wrap": each} for each in WRAPPINGS),
        *({"payload": each} for each in PAYLOADS),
        {"attribute": "Role", "add": ["x"]},
        {"element": "Assertion/Conditions", "remove": True},
        {"tamper": "Assertion/Subject/NameID", "set": "x"},
    ],
    ids=str,
)
def test_every_fault_changes_the_message(federation: Federation, fault: dict[str, Any]) -> None:
    """A planted fault gives another form field than a valid login made with the same random numbers."""
    from emulator.kernel.clock import Ids
    from idp.provider import IdentityProvider

    org = federation.identity_providers["acme"].org
    valid, faulty = (
        IdentityProvider(org, clock=federation.clock, ids=Ids(seed=3)).mint(USER, APP, faults=faults).saml_response
        for faults in ([], [parse_fault(fault)])
    )
    assert valid != faulty


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"element": "Assertion/Nothing", "remove": True}, "the Response has no Assertion/Nothing"),
        ({"element": "Assertion[2]", "remove": True}, "the Response has no Assertion[2]"),
        ({"element": "Response", "remove": True}, "the Response itself cannot be removed or doubled"),
        ({"element": "Assertion", "attribute_name": "id", "remove": True}, "Assertion has no id"),
        ({"attribute": "RoleSesionName", "remove": True}, "there is no attribute RoleSesionName to remove"),
        ({"attribute": "role", "rename": "x"}, "there is no attribute role to rename"),
        ({"tamper": "Assertion/Issuer", "comment": "--"}, "a comment holds no -- and ends without -"),
    ],
    ids=str,
)
def test_a_fault_that_would_change_nothing_is_told(federation: Federation, fault: dict[str, Any], said: str) -> None:
    """A misspelt name does not become a valid login."""
    with pytest.raises(FederationError) as caught:
        federation.identity_providers["acme"].mint(USER, APP, faults=[parse_fault(fault)])
    assert caught.value.message == said
