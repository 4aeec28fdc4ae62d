"""Faults are read strictly, and each row of their table does what it says."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from emulator.building.faults import faults_as_data
from emulator.federation import Federation
from emulator.kernel.clock import Ids
from emulator.kernel.errors import FederationError
from idp.model import AssertionEncryption, Org
from idp.provider import IdentityProvider
from idp.saml import fault_edits
from idp.saml.claims import AWS_ATTRIBUTES, BASIC_NAME_FORMAT, Attribute, Claims
from idp.saml.draft import FaultForm, Stage
from idp.saml.faults import FAULTS, parse_fault, written
from tests.conftest import APP, USER

MISTAKES: list[tuple[Any, str]] = [
    ("text", "a fault is a mapping"),
    ({}, "this is not a fault: {}"),
    ({"atribute": "Role"}, "did you mean attribute?"),
    ({"attribute": "Role", "wrap": "xsw1"}, "this is not a fault"),
    ({"attribute": "Role"}, "a fault does exactly one thing"),
    ({"attribute": "Role", "set": "a", "remove": True}, "a fault does exactly one thing"),
    ({"attribute": "Role", "duplicate": True}, "a fault of kind attribute has no duplicate"),
    ({"attribute": "Role", "remove": "yes"}, "remove is said with true"),
    ({"signature": "maybe"}, "there is no signature maybe"),
    ({"wrap": "xsw9"}, "there is no wrap xsw9"),
    ({"payload": "zip"}, "there is no payload zip"),
    ({"issue": "soon"}, "soon is not a length of time"),
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
    ({"element": "", "remove": True}, " is not a path"),
    ({"element": "Assertion//Issuer", "remove": True}, "Assertion//Issuer is not a path"),
    ({"element": "Assertion[0]", "remove": True}, "Assertion[0] is not a path"),
    ({"element": "saml2:Assertion", "remove": True}, "saml2:Assertion is not a path"),
    ({"element": "Assertion", "attribute_name": "a b", "set": "x"}, "a b is not the name of an XML attribute"),
    ({"element": "Assertion", "attribute_name": "ID", "duplicate": True}, "duplicate is for elements"),
    ({"transit": "Assertion/Issuer", "comment": "x"}, "a fault of kind transit has no comment"),
    ({"encryption": "weak"}, "there is no encryption weak"),
]


@pytest.mark.parametrize(("data", "said"), MISTAKES, ids=[str(row[0]) for row in MISTAKES])
def test_what_is_no_fault_is_refused(data: Any, said: str) -> None:
    """The message says what is wrong, the expectation what would be right."""
    with pytest.raises(FederationError) as caught:
        parse_fault(data)
    assert said in caught.value.message
    assert caught.value.expected


def _filled_in(form: FaultForm) -> dict[str, Any]:
    """Returns a fault of this form, with something that fits for each word in capitals."""
    words: dict[str, Any] = {"PATH": "Assertion/Subject/NameID", "TIME": "-6m", "TEXT": "x", "TEXTS": ["x"]}
    words |= {"NAME": "Format" if "attribute_name" in form.parts else "Role", "true": True}
    return {key: words.get(value, value) for key, value in form.parts.items()}


def _encrypting(org: Org) -> Org:
    app = org.apps[APP]
    encryption = AssertionEncryption(app.key_pair.certificate_pem)
    return replace(org, apps={**org.apps, APP: replace(app, encryption=encryption)})


@pytest.mark.parametrize("form", FAULTS, ids=lambda form: form.form)
def test_every_fault_changes_the_message(federation: Federation, form: FaultForm) -> None:
    """A fault of each form gives another form field than a valid login made with the same random numbers."""
    org = federation.identity_providers["acme"].org
    org = _encrypting(org) if form.kind == "encryption" else org
    fault = parse_fault(_filled_in(form))
    assert fault.form is form
    valid, faulty = (
        IdentityProvider(org, clock=federation.clock, ids=Ids(seed=3)).mint(USER, APP, faults=faults)
        for faults in ([], [fault])
    )
    assert valid.saml_response != faulty.saml_response
    assert (valid.claims == faulty.claims) is (form.stage is not Stage.CLAIMS)
    assert (valid.xml == faulty.xml) is (form.stage is Stage.TRANSPORT)


@pytest.mark.parametrize("form", FAULTS, ids=lambda form: form.form)
def test_every_fault_is_described_for_people(form: FaultForm) -> None:
    """A row says what the fault does, as a phrase that begins with a verb."""
    assert form.description[0].islower()
    assert form.description.split()[0].endswith("s")
    assert not form.description.endswith(".")


def test_no_form_is_given_twice() -> None:
    """A fault has one row."""
    assert len({form.form for form in FAULTS}) == len(FAULTS)


def test_an_app_without_encryption_has_no_fault_of_it(federation: Federation) -> None:
    """What is not encrypted cannot be left plain."""
    with pytest.raises(FederationError) as caught:
        federation.identity_providers["acme"].mint(USER, APP, faults=[parse_fault({"encryption": "none"})])
    assert caught.value.message == "the app does not encrypt its assertions"


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
def test_a_fault_that_would_change_nothing_is_refused(federation: Federation, fault: dict[str, Any], said: str) -> None:
    """A misspelt name does not become a valid login."""
    with pytest.raises(FederationError) as caught:
        federation.identity_providers["acme"].mint(USER, APP, faults=[parse_fault(fault)])
    assert caught.value.message == said


@pytest.mark.parametrize(
    ("attributes", "target", "names"),
    [
        (("mail", "team"), "mail", ["mail", "team"]),
        (("mail",), "phone", ["mail", "phone"]),
        (("mail",), "urn:x//phone", ["mail", "urn:x//phone"]),
        ((f"{AWS_ATTRIBUTES}Role", "mail"), "mail", [f"{AWS_ATTRIBUTES}Role", "mail"]),
        ((f"{AWS_ATTRIBUTES}Role",), "Email", [f"{AWS_ATTRIBUTES}Role", f"{AWS_ATTRIBUTES}Email"]),
        ((), "Role", [f"{AWS_ATTRIBUTES}Role"]),
    ],
)
def test_a_short_name_is_the_apps_own_or_one_of_aws(attributes: tuple[str, ...], target: str, names: list[str]) -> None:
    """What the app sends by that name; else AWS's, unless the app sends nothing of AWS's."""
    claims = Claims("x", tuple(Attribute(name, BASIC_NAME_FORMAT, ("x",)) for name in attributes))
    draft: Any = SimpleNamespace(claims=claims)
    fault = parse_fault({"attribute": target, "set": "y"})
    name = fault_edits.full_attribute_name(draft, fault)
    assert [*attributes, *([] if name in attributes else [name])] == names


QUOTED = (
    "a,b",
    "a: b",
    "x:  y",
    "x:",
    "true",
    "10",
    "0123",
    "-5",
    "1e5",
    '"><script>',
    "{",
    "'",
    "a\nb",
    " a",
    "",
    "a #b",
)
PLAIN = ("-6m", "hanako sato", "花子 佐藤", "arn:aws:iam::123456789012:role/ConnectAgent", True, 10)


@pytest.mark.parametrize("value", [*QUOTED, *PLAIN, ["a", "b,c"]])
def test_a_fault_is_written_as_it_is_read(value: object) -> None:
    """Whatever its value is: YAML gives the same one back."""
    fault = {"attribute": "Role", "set": value}
    assert faults_as_data(written(fault)) == [fault]
