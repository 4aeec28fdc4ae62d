"""The Response is Okta's, to the order of its attributes, and third parties accept it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.saml.issue import Issued, issue
from idp.saml.keys import certificate_base64
from tests import judges
from tests.conftest import APP, NOW, TWO_ROLES_USER, USER

DATA = Path(__file__).parents[2] / "data"
SAMPLES = {"2018": "okta-aws-response-2018.xml", "2020": "okta-aws-response-2023.xml"}
_TAG = re.compile(r"<(/?[\w:]+)((?:\s+[\w:]+=\"[^\"]*\")*)\s*(/?)>")


def skeleton(xml: str) -> list[tuple[str, ...]]:
    """Returns every tag as written: its name with prefix, and its attributes' names in order."""
    return [
        (match[1] + match[3], *re.findall(r"([\w:]+)=", re.sub(r'"[^"]*"', "", match[2])))
        for match in _TAG.finditer(xml)
    ]


def without_repeated_values(tags: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Returns the tags with runs of attribute values counted once: the sample has five roles."""
    result: list[tuple[str, ...]] = []
    for tag in tags:
        if tag[0].endswith("saml2:AttributeValue") and tag in result[-2:]:
            continue
        result.append(tag)
    return result


def with_layout(world: World, layout: str) -> World:
    """Returns the world with its app in one of Okta's two layouts."""
    return change_world(world, {f"/okta/acme/apps/{APP}/saml": {"layout": layout}})


@pytest.fixture
def issued(federation: Federation) -> Issued:
    """Returns a Response about the user with one role."""
    return federation.identity_providers["acme"].mint(USER, APP)


def _issued(world: World, layout: str, clock: Clock, keys: KeyFolder) -> Issued:
    federation = Federation(with_layout(world, layout), clock=clock, ids=Ids(seed=7), keys=keys)
    return federation.identity_providers["acme"].mint(USER, APP)


@pytest.mark.parametrize("layout", SAMPLES)
def test_the_response_is_spelled_as_a_real_one(world: World, clock: Clock, keys: KeyFolder, layout: str) -> None:
    """Tags, prefixes, namespace declarations and the order of attributes are those of Okta's Response of those years.

    The sample of 2023 was laid out by whoever published it; the Response itself is one line but for its certificates.
    """
    sample = (DATA / SAMPLES[layout]).read_text(encoding="utf-8").strip()
    xml = _issued(world, layout, clock, keys).xml.decode()
    assert without_repeated_values(skeleton(xml)) == without_repeated_values(skeleton(sample))
    assert xml.startswith('<?xml version="1.0" encoding="UTF-8"?><saml2p:Response ')
    assert "\n" not in re.sub(r"<ds:X509Certificate>[^<]*", "", xml)


@pytest.mark.parametrize(("layout", "longest"), [("2018", 1276), ("2020", 76)])
def test_the_certificate_has_line_breaks_since_2020(
    world: World, clock: Clock, keys: KeyFolder, layout: str, longest: int
) -> None:
    """Both certificates are one line until 2019, and lines of 76 characters since 2020."""
    xml = _issued(world, layout, clock, keys).xml.decode()
    certificates = re.findall(r"<ds:X509Certificate>([^<]*)<", xml)
    assert len(certificates) == 2
    lines = certificates[0].split("\n")
    assert max(map(len, lines)) == (longest if layout == "2020" else len(certificates[0]))
    assert {len(line) for line in lines[:-1]} <= {longest}


@pytest.mark.parametrize(
    ("layout", "window", "signed_in"),
    [
        ("2018", ("2026-01-15T08:55:00.250Z", "2026-01-15T09:05:00.250Z"), "2026-01-15T08:50:00.125Z"),
        ("2020", ("2026-01-15T08:55:00.251Z", "2026-01-15T09:05:00.251Z"), "2026-01-15T08:50:00.000Z"),
    ],
)
def test_instants_of_both_layouts(
    world: World, clock: Clock, keys: KeyFolder, layout: str, window: tuple[str, str], signed_in: str
) -> None:
    """Since 2020 each window is a millisecond later than IssueInstant, and AuthnInstant is in whole seconds."""
    federation = Federation(with_layout(world, layout), clock=clock, ids=Ids(seed=7), keys=keys)
    clock.advance(timedelta(milliseconds=250))
    org = federation.identity_providers["acme"].org
    at = NOW - timedelta(minutes=10) + timedelta(milliseconds=125)
    xml = issue(org, org.apps[APP], org.users[USER], authenticated_at=at, clock=clock, ids=Ids(seed=7)).xml.decode()
    assert set(re.findall(r'IssueInstant="([^"]*)"', xml)) == {"2026-01-15T09:00:00.250Z"}
    assert re.findall(r'Conditions NotBefore="([^"]*)" NotOnOrAfter="([^"]*)"', xml) == [window]
    assert re.findall(r'SubjectConfirmationData NotOnOrAfter="([^"]*)"', xml) == [window[1]]
    assert re.findall(r'AuthnInstant="([^"]*)"', xml) == [signed_in]


def test_identifiers_and_instants_have_oktas_form(issued: Issued) -> None:
    """IDs are id and 26 to 29 digits; instants have milliseconds and Z; the windows are five minutes each way."""
    xml = issued.xml.decode()
    ids = re.findall(r' ID="([^"]*)"', xml)
    assert len(ids) == 2
    assert all(re.fullmatch(r"id[1-9]\d{25,28}", each) for each in ids)
    assert [f"#{each}" for each in ids] == re.findall(r'Reference URI="([^"]*)"', xml)
    assert set(re.findall(r'IssueInstant="([^"]*)"', xml)) == {"2026-01-15T09:00:00.000Z"}
    assert re.findall(r'Conditions NotBefore="([^"]*)" NotOnOrAfter="([^"]*)"', xml) == [
        ("2026-01-15T08:55:00.001Z", "2026-01-15T09:05:00.001Z")
    ]
    assert re.search(r'SubjectConfirmationData NotOnOrAfter="2026-01-15T09:05:00.001Z" Recipient="([^"]*)"', xml)
    assert re.search(r'SessionIndex="id1768467600000\.\d+"', xml)


def test_the_algorithms_are_oktas(issued: Issued) -> None:
    """RSA-SHA256 over SHA-256 digests, exclusive canonicalisation with the prefix list xs, twice."""
    xml = issued.xml.decode()
    assert xml.count('SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"') == 2
    assert xml.count('DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"') == 2
    assert xml.count('PrefixList="xs"') == 2
    assert "InResponseTo" not in xml
    assert "KeyName" not in xml


@pytest.mark.judge
@pytest.mark.parametrize("user", [USER, TWO_ROLES_USER])
@pytest.mark.parametrize("layout", SAMPLES)
def test_every_judge_accepts_the_response(
    world: World, clock: Clock, keys: KeyFolder, tmp_path: Path, user: str, layout: str
) -> None:
    """The OASIS schemas, xmlsec1 on both signatures, pysaml2's and python3-saml's service providers accept it."""
    federation = Federation(with_layout(world, layout), clock=clock, ids=Ids(seed=7), keys=keys)
    provider = federation.identity_providers["acme"]
    app = provider.org.apps[APP]
    issued = provider.mint(user, APP)
    assert judges.schema_errors(issued.xml) == []
    for element in ("Response", "Assertion"):
        assert judges.xmlsec1_verifies(issued.xml, app.key_pair.certificate_pem, tmp_path, element=element)
    assert (
        judges.pysaml2_errors(issued.saml_response, metadata=provider.metadata(APP), acs_url=app.acs_url, at=NOW) == ""
    )
    certificate = certificate_base64(app.key_pair.certificate_pem)
    said = judges.python3_saml_errors(
        issued.saml_response, certificate=certificate, issuer=app.issuer, acs_url=app.acs_url, at=NOW
    )
    assert said == ""


@pytest.mark.judge
def test_no_judge_accepts_a_tampered_response(federation: Federation, tmp_path: Path) -> None:
    """One changed letter inside the assertion, and xmlsec1, pysaml2 and python3-saml all refuse."""
    provider = federation.identity_providers["acme"]
    app = provider.org.apps[APP]
    tampered = provider.mint(USER, APP).xml.replace(b">hanako@example.com<", b">Hanako@example.com<", 1)
    saml_response = judges.base64_of(tampered)
    for element in ("Response", "Assertion"):
        assert not judges.xmlsec1_verifies(tampered, app.key_pair.certificate_pem, tmp_path, element=element)
    assert judges.pysaml2_errors(saml_response, metadata=provider.metadata(APP), acs_url=app.acs_url, at=NOW) != ""
    certificate = certificate_base64(app.key_pair.certificate_pem)
    said = judges.python3_saml_errors(
        saml_response, certificate=certificate, issuer=app.issuer, acs_url=app.acs_url, at=NOW
    )
    assert "Signature validation failed" in said


def test_markup_in_a_name_is_escaped_and_survives(federation: Federation) -> None:
    """Characters with a meaning in XML arrive as they were, in text and in attributes."""
    from idp.saml.faults import parse_fault
    from sp_mock.assertion.received import decode, parse_response
    from sp_mock.assertion.values import ROLE_SESSION_NAME

    name = "a&b<c>\"d'e"
    fault = parse_fault({"attribute": "RoleSessionName", "set": name})
    issued = federation.identity_providers["acme"].mint(USER, APP, faults=[fault])
    assert parse_response(decode(issued.saml_response)).unverified.value(ROLE_SESSION_NAME) == name
