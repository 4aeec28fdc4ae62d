"""Attributes that nearly have the name that AWS looks for."""

from __future__ import annotations

import pytest

from emulator.kernel.explanations import Sent
from sp_mock.assertion.mistakes.attribute_names import name_mistake, names_received, near_name
from sp_mock.assertion.values import ROLE, ROLE_SESSION_NAME, AssertionValues, attribute_path, read_assertion
from tests.sp_mock.assertion.mistakes.assertions import assertion_with
from tests.sp_mock.conftest import Send


def _values(*names: str) -> AssertionValues:
    return read_assertion(assertion_with({name: ["x"] for name in names}))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("http://aws.amazon.com/SAML/Attributes/Role", ROLE),
        (f"{ROLE} ", ROLE),
        (f" {ROLE}", ROLE),
        (f"{ROLE}\u200b", ROLE),
        ("https://aws.amazon.com/SAML/Attribute/Role", ROLE),
        ("https://aws.amazon.com/SAML/Attributes/Roles", ROLE),
        ("https://aws.amazon.com/SAML/Attributes/role", ROLE),
        ("https://aws.amazon.com/saml/attributes/role", ROLE),
        ("https://aws.amazon.com/SAML/Attributes/Role/", ROLE),
        ("https://aws.amazon.com/SAML/Attributes/R\u043ele", ROLE),
        ("https://aws.amazon.com/SAML/AttributesRole", ROLE),
        ("aws.amazon.com/SAML/Attributes/Role", ROLE),
        ("Role", ROLE),
        ("http://schemas.microsoft.com/ws/2008/06/identity/claims/role", ROLE),
        ("urn:oid:1.3.6.1.4.1.99.1:Role", ROLE),
        ("https://www.example.com/SAML/Attributes/Role", ROLE),
        ("https://aws.amazon.com/SAML/Attributes/RoleSessioName", ROLE_SESSION_NAME),
        ("https://aws.amazon.com/SAML/Attributes/RoleSessionname", ROLE_SESSION_NAME),
        ("https://aws.amazon.com/SAML/Attributes/Role-Session-Name", ROLE_SESSION_NAME),
        ("https://aws.amazon.com/SAML/Attributes/SessionName", ROLE_SESSION_NAME),
        ("RoleSessionName", ROLE_SESSION_NAME),
    ],
)
def test_a_name_is_near_to_the_one_that_was_meant_and_to_no_other(name: str, wanted: str) -> None:
    """A misspelt RoleSessionName is not taken for Role, nor a misspelt Role for RoleSessionName."""
    other = ROLE_SESSION_NAME if wanted == ROLE else ROLE
    values = _values(name, "email")
    assert (near_name(values, wanted), near_name(values, other)) == (name, None)


@pytest.mark.parametrize("name", ["email", "groups", "https://aws.amazon.com/SAML/Attributes/PrincipalTag:Role"])
def test_other_attributes_are_near_to_nothing(name: str) -> None:
    """Not every attribute was meant for AWS, and a session tag is what it says."""
    assert near_name(_values(name), ROLE) is None
    assert name_mistake(_values(name), ROLE) is None


def test_the_exact_name_of_another_attribute_is_not_taken_for_a_slip() -> None:
    """RoleSessionName alone does not look like a misspelt Role."""
    assert near_name(_values(ROLE_SESSION_NAME), ROLE) is None


def test_the_attributes_that_did_arrive_are_listed() -> None:
    """AWS's by their last part, and no more than a line takes."""
    assert names_received(_values()) == "no attributes"
    assert names_received(_values(ROLE, "email")) == "the attributes Role, email"
    assert names_received(_values(*"abcdefghij")) == "the attributes a, b, c, d, e, f, g, h and 2 more"


@pytest.mark.parametrize(
    ("fault", "explanation", "fix"),
    [
        (
            {"attribute": "Role", "rename": "Role"},
            f"The attribute is called Role; AWS looks for {ROLE}, and compares names exactly: they differ: "
            "[|https://aws.amazon.com/SAML/Attributes/]Role.",
            "Change the attribute's name from Role to https://aws.amazon.com/SAML/Attributes/Role.",
        ),
        (
            {"attribute": "RoleSessionName", "rename": f"{ROLE_SESSION_NAME} "},
            f"The attribute is called {ROLE_SESSION_NAME}␠; AWS looks for {ROLE_SESSION_NAME}, and compares names "
            "exactly: a blank too many at the end: …RoleSessionName[␠|].",
            f"Change the attribute's name from {ROLE_SESSION_NAME}␠ to {ROLE_SESSION_NAME}.",
        ),
    ],
)
def test_the_refusal_says_what_the_attribute_is_called(
    send: Send, fault: dict[str, str], explanation: str, fix: str
) -> None:
    """With the difference, and the attribute that did arrive as the place."""
    check, wanted = (
        ("role-attribute", ROLE) if fault["attribute"] == "Role" else ("role-session-name", ROLE_SESSION_NAME)
    )
    refusal = send(fault).refusals()[check]
    name = fault["rename"]
    assert (refusal.explanation, refusal.fix) == (explanation, fix)
    assert (refusal.expected, refusal.received, refusal.where) == (wanted, name, attribute_path(name))
    assert refusal.causes == (Sent(attribute_path(wanted)),)
