"""Faults on XML do what they say and nothing else, and the attacks among them are real ones."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xmlsec
from lxml import etree

from emulator.federation import Federation
from emulator.kernel.clock import Ids
from idp.saml.faults import parse_fault
from idp.saml.issue import Issued
from tests import judges
from tests.conftest import APP, USER

Mint = Callable[..., Issued]
NAMES = {
    "saml2": "urn:oasis:names:tc:SAML:2.0:assertion",
    "saml2p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}


@pytest.fixture
def mint(federation: Federation) -> Mint:
    """Returns a function that issues a Response with faults."""

    def make(*faults: dict[str, Any]) -> Issued:
        provider = federation.identity_providers["acme"]
        return provider.mint(USER, APP, faults=[parse_fault(fault) for fault in faults])

    return make


def _read(issued: Issued, path: str) -> list[str]:
    found: Any = etree.fromstring(issued.xml).xpath(path, namespaces=NAMES)
    return [each if isinstance(each, str) else "".join(each.itertext()) for each in found]


@pytest.mark.parametrize(
    ("fault", "path", "values"),
    [
        ({"element": "Response", "attribute_name": "InResponseTo", "set": "id1"}, "/*/@InResponseTo", ["id1"]),
        ({"element": "/Response", "attribute_name": "Destination", "remove": True}, "/*/@Destination", []),
        ({"element": "Response/Issuer", "set": "x"}, "/*/saml2:Issuer", ["x"]),
        ({"element": "Assertion/Conditions", "remove": True}, "//saml2:Conditions", []),
        ({"element": "Assertion/Subject/NameID", "duplicate": True}, "//saml2:NameID", [USER, USER]),
        ({"element": "Assertion/AttributeStatement/Attribute[2]/AttributeValue", "set": "x"}, "//*[text()='x']", ["x"]),
        (
            {"tamper": "Assertion/Subject/NameID", "comment": "here"},
            "//saml2:NameID/text()",
            ["hanako@ex", "ample.com"],
        ),
        ({"attribute": "PrincipalTag:Dept", "set": ["a", "b"]}, "//saml2:Attribute[last()]/*", ["a", "b"]),
        ({"attribute": "RoleSessionName", "rename": "RoleSessionName"}, "//*[@Name='RoleSessionName']", [USER]),
    ],
    ids=str,
)
def test_an_edit_lands_where_its_path_leads(mint: Mint, fault: dict[str, Any], path: str, values: list[str]) -> None:
    """The named element or attribute changes."""
    texts = [value.strip() for value in _read(mint(fault), path)]
    assert texts == values


@pytest.mark.judge
@pytest.mark.parametrize(
    ("fault", "signed"),
    [
        ({"element": "Assertion/Conditions", "remove": True}, True),
        ({"element": "Response", "attribute_name": "Destination", "set": "https://other.example/"}, True),
        ({"element": "Assertion/Signature/SignatureValue", "set": "x"}, True),
        ({"attribute": "RoleSessionName", "set": "a&b<c>\"d'花"}, True),
        ({"signature": "sha1"}, True),
        ({"tamper": "Assertion/Subject/NameID", "comment": " cut here "}, True),
        ({"tamper": "Assertion/Subject/NameID", "set": USER}, True),
        ({"tamper": "Assertion/Subject/NameID", "set": "mallory"}, False),
        ({"tamper": "Assertion/Conditions", "remove": True}, False),
        ({"signature": "foreign-key"}, False),
        ({"signature": "none"}, False),
    ],
    ids=str,
)
def test_only_what_happens_after_signing_breaks_the_signatures(
    federation: Federation, mint: Mint, tmp_path: Path, fault: dict[str, Any], signed: bool
) -> None:
    """A fault before signing is signed with the rest, so that a refusal is about the fault: xmlsec1 says so."""
    issued = mint(fault)
    certificate = federation.identity_providers["acme"].org.apps[APP].key_pair.certificate_pem
    for element in ("Response", "Assertion"):
        assert judges.xmlsec1_verifies(issued.xml, certificate, tmp_path, element=element) is signed


@pytest.mark.judge
@pytest.mark.parametrize(("kind", "signed"), [("response-only", "Response"), ("assertion-only", "Assertion")])
def test_one_signature_is_left_out(federation: Federation, mint: Mint, tmp_path: Path, kind: str, signed: str) -> None:
    """The other one is there and holds."""
    issued = mint({"signature": kind})
    certificate = federation.identity_providers["acme"].org.apps[APP].key_pair.certificate_pem
    verdicts = {
        element: judges.xmlsec1_verifies(issued.xml, certificate, tmp_path, element=element)
        for element in ("Response", "Assertion")
    }
    assert verdicts == {"Response": signed == "Response", "Assertion": signed == "Assertion"}


@pytest.mark.judge
def test_an_oversized_response_is_valid_but_for_its_size(federation: Federation, mint: Mint, tmp_path: Path) -> None:
    """It is the shortest base64 above 100,000 characters, and its signatures hold: the size alone is wrong."""
    issued = mint({"payload": "oversized"})
    assert len(issued.saml_response) == 100_004
    assert base64.b64decode(issued.saml_response, validate=True) == issued.xml
    assert judges.schema_errors(issued.xml) == []
    certificate = federation.identity_providers["acme"].org.apps[APP].key_pair.certificate_pem
    for element in ("Response", "Assertion"):
        assert judges.xmlsec1_verifies(issued.xml, certificate, tmp_path, element=element)


# A careless reader: it registers every ID, verifies the first signature it finds, and reads this NameID.
CARELESS = [
    ("xsw2", "response-only", "./saml2:Assertion//saml2:NameID"),
    ("xsw3", "", ".//saml2:NameID"),
    ("xsw4", "", ".//saml2:NameID"),
    ("xsw5", "", ".//saml2:NameID"),
    ("xsw7", "", ".//saml2:NameID"),
]


@pytest.mark.parametrize(("variant", "signature", "reads"), CARELESS, ids=[row[0] for row in CARELESS])
def test_wrapping_deceives_a_careless_reader(
    federation: Federation, mint: Mint, variant: str, signature: str, reads: str
) -> None:
    """The signature holds and the reader takes the forged name: only looking at what was signed helps.

    In variants 1, 6 and 8 the signed element lies inside its signature, which libxmlsec leaves out of the digest: there
    the signature does not hold.
    """
    issued = mint({"wrap": variant}, *([{"signature": signature}] if signature else []))
    root = etree.fromstring(issued.xml)
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(
        federation.identity_providers["acme"].org.apps[APP].key_pair.certificate_pem,
        xmlsec.constants.KeyDataFormatCertPem,
    )
    signature_element = root.find(".//ds:Signature", NAMES)
    assert signature_element is not None
    context.verify(signature_element)
    assert root.findtext(reads, namespaces=NAMES) == "attacker"


@pytest.mark.parametrize("number", range(1, 9))
def test_a_forged_assertion_claims_another_person_and_role(mint: Mint, number: int) -> None:
    """Beside the true assertion there is one with another NameID, session name and role."""
    issued = mint({"wrap": f"xsw{number}"})
    assert sorted(_read(issued, "//saml2:NameID")) == ["attacker", USER]
    roles = [value for value in _read(issued, "//saml2:AttributeValue") if ":role/" in value]
    assert sorted(role.rpartition("/")[2] for role in roles) == ["ConnectAgent", "attacker"]
    session_names = _read(issued, "//saml2:Attribute[contains(@Name, '/RoleSessionName')]/*")
    assert sorted(session_names) == ["attacker", USER]


def test_a_foreign_key_is_one_for_a_federation(mint: Mint) -> None:
    """Two Responses carry the same foreign certificate."""
    certificates = {tuple(_read(mint({"signature": "foreign-key"}), "//ds:X509Certificate")) for _ in range(2)}
    assert len(certificates) == 1


def test_without_faults_nothing_of_a_fault_is_left(federation: Federation) -> None:
    """The same random numbers give the same Response, with an empty list of faults and without one."""
    from idp.provider import IdentityProvider

    org = federation.identity_providers["acme"].org
    one, other = (IdentityProvider(org, clock=federation.clock, ids=Ids(seed=3)) for _ in range(2))
    assert one.mint(USER, APP).xml == other.mint(USER, APP, faults=[]).xml
