"""Faults are read strictly, and each does what it says."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.errors import FederationError
from emulator.federation import Federation
from idp.faults import PAYLOADS, SIGNATURES, WRAPPINGS, parse_fault
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
    from emulator.clock import Ids
    from idp.provider import IdentityProvider

    org = federation.identity_providers["acme"].org
    valid, faulty = (
        IdentityProvider(org, clock=federation.clock, ids=Ids(seed=3)).mint(USER, APP, faults=faults).saml_response
        for faults in ([], [parse_fault(fault)])
    )
    assert valid != faulty


def test_a_path_that_leads_nowhere_is_told(federation: Federation) -> None:
    """The path is named."""
    with pytest.raises(FederationError, match="the Response has no Assertion/Nothing"):
        federation.identity_providers["acme"].mint(
            USER, APP, faults=[parse_fault({"element": "Assertion/Nothing", "remove": True})]
        )
