"""Custom SAML apps: what they send, what service providers may ask for, single logout, and other products' styles."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from emulator.browser import Browser, Page
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.model import KeyPair
from idp.saml.keys import make_key_pair
from idp.saml.styles import PRESETS
from sp_mock.assertion.received import parse_response
from tests import judges
from tests.conftest import APP, NOW, USER

ORG = "https://acme.okta.com"
ACS = "https://wiki.example.com/saml/acs"
ENTITY = "https://wiki.example.com"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
AT = "/okta/acme/apps/wiki"
Build = Callable[..., Federation]


@pytest.fixture(scope="module")
def sp_key() -> KeyPair:
    """Returns the service provider's key."""
    return make_key_pair(common_name="sp", clock=Clock(), ids=Ids(seed=3))


@pytest.fixture
def build(world: World, clock: Clock, keys: KeyFolder, sp_key: KeyPair, tmp_path: Path) -> Build:
    """Returns a function that builds the world with a custom app for a wiki."""
    (tmp_path / "sp.crt").write_bytes(sp_key.certificate_pem)

    def make(app: dict[str, Any] | None = None, *, attributes: Any = (), **saml: Any) -> Federation:
        wiki = {
            "catalog": "custom_saml",
            "label": "Wiki",
            "acs_url": ACS,
            "audience": ENTITY,
            "assignments": [{"user": USER}],
            "saml": {"sp_certificate": str(tmp_path / "sp.crt"), "attributes": list(attributes), **saml},
            **(app or {}),
        }
        profile = {"department": "Support", "skills": ["French", "German"]}
        changes = {AT: wiki, f"/okta/acme/users/{USER}/profile": profile}
        return Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)

    return make


def _sso(federation: Federation) -> str:
    provider = federation.identity_providers["acme"]
    return provider.org.sso_url(provider.org.apps["wiki"])


def _signed_in(federation: Federation) -> Browser:
    browser = federation.browser()
    page = browser.open(f"{ORG}/app/UserHome")
    browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    return browser


def _authn_request(request_id: str = "_r1", *, extra: str = "", inner: str = "", issuer: str = ENTITY) -> str:
    return (
        f'<samlp:AuthnRequest xmlns:samlp="{SAMLP}" ID="{request_id}" Version="2.0" '
        f'IssueInstant="2026-01-15T09:00:00Z"{extra}><saml:Issuer xmlns:saml="{SAML}">{issuer}</saml:Issuer>{inner}'
        "</samlp:AuthnRequest>"
    )


def _deflated(xml: str) -> str:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(engine.compress(xml.encode()) + engine.flush()).decode()


def _redirect(federation: Federation, xml: str, **more: str) -> str:
    return f"{_sso(federation)}?{urlencode({'SAMLRequest': _deflated(xml), **more})}"


def _signed_query(xml: str, key: KeyPair, relay_state: str = "") -> str:
    fields = {"SAMLRequest": _deflated(xml), **({"RelayState": relay_state} if relay_state else {})}
    query = urlencode({**fields, "SigAlg": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"})
    private: Any = load_pem_private_key(key.private_key_pem, None)
    signature = base64.b64encode(private.sign(query.encode(), PKCS1v15(), hashes.SHA256())).decode()
    return f"{query}&{urlencode({'Signature': signature})}"


def _response(page: Page) -> etree._Element:
    return etree.fromstring(base64.b64decode(page.forms[0].fields["SAMLResponse"]))


def test_what_a_custom_app_sends(build: Build) -> None:
    """Expressions, an array, groups, a NameID made of a name; an attribute without a value is left out."""
    federation = build(
        name_id='String.substringBefore(user.email, "@")',
        name_id_format="persistent",
        attributes=[
            {"name": "name", "values": ['user.firstName + " " + user.lastName']},
            {"name": "skills", "name_format": "basic", "values": ["user.skills"]},
            {"name": "urn:department", "name_format": "uri", "values": ["user.department"]},
            {"name": "missing", "values": ["user.nothing"]},
            {"name": "teams", "groups": {"starts_with": "Ag"}},
            {"name": "none", "groups": {"regex": "Sup.*x"}},
        ],
    )
    issued = federation.identity_providers["acme"].mint(USER, "wiki")
    values = parse_response(issued.xml).unverified
    assert (values.name_id, values.name_id_format) == (
        "hanako",
        "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    )
    assert [(attribute.name, attribute.values) for attribute in values.attributes] == [
        ("name", ("Hanako Sato",)),
        ("skills", ("French", "German")),
        ("urn:department", ("Support",)),
        ("teams", ("Agents",)),
    ]
    formats = [a.get("NameFormat") for a in etree.fromstring(issued.xml).iter(f"{{{SAML}}}Attribute")]
    assert [(text or "").rpartition(":")[2] for text in formats] == ["unspecified", "basic", "uri", "unspecified"]
    assert judges.schema_errors(issued.xml) == []


def test_the_tile_leads_to_a_page_that_shows_what_it_got(build: Build) -> None:
    """Attribute by attribute, with the verdict on the signature, and everything escaped."""
    federation = build(attributes=[{"name": "<b>", "values": ['"<script>x</script>"']}])
    page = _signed_in(federation).open(
        federation.identity_providers["acme"].org.embed_link(federation.find_app("wiki")[1])
    )
    assert page.url == ACS
    assert "Response and Assertion whole, by the certificate inside" in page.visible_text
    assert "<script>x</script>" in page.visible_text
    assert "<script>x" not in page.text
    garbage = federation.browser().post(ACS, {"SAMLResponse": "***"})
    assert (garbage.status, "Received, and not readable" in garbage.visible_text) == (400, True)


@pytest.mark.parametrize(
    ("signed", "algorithm"),
    [
        (["Response"], "RSA_SHA256"),
        (["Assertion"], "RSA_SHA256"),
        (["Response", "Assertion"], "RSA_SHA1"),
        ([], "RSA_SHA256"),
    ],
)
def test_what_is_signed(build: Build, tmp_path: Path, signed: list[str], algorithm: str) -> None:
    """One, the other, both or none, with SHA-256 or SHA-1, by xmlsec1's verdict."""
    federation = build(signed=signed, signature_algorithm=algorithm)
    provider = federation.identity_providers["acme"]
    xml = provider.mint(USER, "wiki").xml
    certificate = provider.org.apps["wiki"].key_pair.certificate_pem
    verdicts = [judges.xmlsec1_verifies(xml, certificate, tmp_path, element=e) for e in ("Response", "Assertion")]
    assert verdicts == [element in signed for element in ("Response", "Assertion")]
    assert (b"rsa-sha1" in xml) is (algorithm == "RSA_SHA1")


@pytest.mark.parametrize("binding", ["redirect", "post"])
def test_a_service_provider_asks(build: Build, binding: str) -> None:
    """The person signs in on the way; the answer names the request, and the relay state comes back."""
    federation = build()
    browser = federation.browser()
    if binding == "redirect":
        page = browser.open(_redirect(federation, _authn_request(), RelayState="/start"))
    else:
        form = {"SAMLRequest": base64.b64encode(_authn_request().encode()).decode(), "RelayState": "/start"}
        page = browser.post(_sso(federation), form)
    posted: list[str] = []
    page = browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    posted += [e.form[0][1] for e in browser.exchanges if e.url == ACS]
    assert "/start" in page.visible_text
    response = etree.fromstring(base64.b64decode(posted[-1]))
    data = next(response.iter(f"{{{SAML}}}SubjectConfirmationData"))
    assert (response.get("InResponseTo"), data.get("InResponseTo")) == ("_r1", "_r1")
    assert judges.schema_errors(base64.b64decode(posted[-1])) == []


def test_another_acs_url_of_the_app(build: Build) -> None:
    """By URL or by index, if the app has it; the answer is made for that URL."""
    other = "https://wiki.example.com/second"
    federation = build(other_acs_urls=[other])
    browser = _signed_in(federation)
    for extra in (f' AssertionConsumerServiceURL="{other}"', ' AssertionConsumerServiceIndex="1"'):
        page = browser.look(_redirect(federation, _authn_request(extra=extra)))
        response = _response(page)
        assert page.forms[0].action == other
        assert response.get("Destination") == other
        assert next(response.iter(f"{{{SAML}}}SubjectConfirmationData")).get("Recipient") == other


def test_the_name_id_format_that_is_asked_for(build: Build) -> None:
    """NameIDPolicy decides; unspecified leaves it to the app."""
    federation = build()
    browser = _signed_in(federation)
    for asked, told in (
        ("1.1:nameid-format:emailAddress", "emailAddress"),
        ("1.1:nameid-format:unspecified", "unspecified"),
    ):
        inner = f'<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:{asked}"/>'
        page = browser.look(_redirect(federation, _authn_request(inner=inner)))
        name_id = next(_response(page).iter(f"{{{SAML}}}NameID"))
        assert (name_id.get("Format") or "").rpartition(":")[2] == told


def test_force_and_passive(build: Build, tmp_path: Path) -> None:
    """ForceAuthn asks for the password again; IsPassive asks for nothing and says NoPassive, signed."""
    federation = build()
    forced = _redirect(federation, _authn_request(extra=' ForceAuthn="true"'))
    browser = _signed_in(federation)
    federation.clock.advance(timedelta(minutes=1))
    page = browser.look(forced)
    assert "Sign In" in page.visible_text
    assert browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"}).url == ACS
    page = federation.browser().look(_redirect(federation, _authn_request(extra=' IsPassive="true"')))
    response = _response(page)
    codes = [(code.get("Value") or "").rpartition(":")[2] for code in response.iter(f"{{{SAMLP}}}StatusCode")]
    assert (codes, response.get("InResponseTo")) == (["Responder", "NoPassive"], "_r1")
    certificate = federation.find_app("wiki")[1].key_pair.certificate_pem
    xml = base64.b64decode(page.forms[0].fields["SAMLResponse"])
    assert judges.xmlsec1_verifies(xml, certificate, tmp_path, element="Response")
    assert judges.schema_errors(xml) == []


def test_signed_requests(build: Build, sp_key: KeyPair) -> None:
    """A right signature is taken; none, another key's and a changed relay state are refused."""
    federation = build(requires_signed_requests=True)
    browser = _signed_in(federation)
    good = _signed_query(_authn_request(), sp_key, "/a")
    assert browser.open(f"{_sso(federation)}?{good}").url == ACS
    foreign = make_key_pair(common_name="x", clock=federation.clock, ids=federation.ids)
    for query, why in (
        (urlencode({"SAMLRequest": _deflated(_authn_request())}), "The request has to be signed."),
        (
            _signed_query(_authn_request(), foreign),
            "The request's signature does not fit the service provider's certificate.",
        ),
        (
            good.replace("RelayState=%2Fa", "RelayState=%2Fb"),
            "The request's signature does not fit the service provider's certificate.",
        ),
        (
            good.replace("rsa-sha256", "rsa-md5"),
            "The request's signature does not fit the service provider's certificate.",
        ),
    ):
        page = browser.open(f"{_sso(federation)}?{query}")
        assert (page.status, "Bad SAML request." in page.visible_text) == (400, True)
        refusal = federation.gateway.exchanges[-1].refusal
        assert refusal is not None
        assert refusal.explanation == why


_BOMB = base64.b64encode(zlib.compress(b"<a>" + b" " * 5_000_000)[2:-4]).decode()
BAD_REQUESTS: list[tuple[str, str, str]] = [
    ("no base64", "***", "The SAMLRequest is not base64."),
    ("not deflated", base64.b64encode(b"\xff<x/>").decode(), "The SAMLRequest of a redirect has to be deflated."),
    ("a bomb", _BOMB, "The SAMLRequest has more than 64000 bytes when it is inflated."),
    ("no XML", _deflated("x"), "The SAMLRequest is no XML: Start tag expected, '<' not found"),
    ("a DOCTYPE", _deflated(f"<!DOCTYPE x>{_authn_request()}"), "The SAMLRequest has a DOCTYPE."),
    ("something else", _deflated("<x/>"), "The SAMLRequest is x."),
    ("no ID", _deflated(_authn_request("")), "The SAMLRequest has no ID, or is not of version 2.0."),
    (
        "another ACS URL",
        _deflated(_authn_request(extra=' AssertionConsumerServiceURL="https://evil.example.com/"')),
        "The AssertionConsumerServiceURL is not one of the app's.",
    ),
    (
        "another index",
        _deflated(_authn_request(extra=' AssertionConsumerServiceIndex="7"')),
        "The app has no ACS URL of the index 7.",
    ),
    (
        "another index with noughts before it",
        _deflated(_authn_request(extra=' AssertionConsumerServiceIndex="00007"')),
        "The app has no ACS URL of the index 00007.",
    ),
    (
        "another issuer",
        _deflated(_authn_request(issuer="https://x.example")),
        "The Issuer is another service provider.",
    ),
    (
        "another destination",
        _deflated(_authn_request(extra=' Destination="https://acme.okta.com/elsewhere"')),
        "The Destination is another URL.",
    ),
    (
        "a destination that is no URL",
        _deflated(_authn_request(extra=' Destination="https://["')),
        "The Destination is another URL.",
    ),
]


@pytest.mark.parametrize(("text", "why"), [row[1:] for row in BAD_REQUESTS], ids=[row[0] for row in BAD_REQUESTS])
def test_requests_that_are_refused(build: Build, text: str, why: str) -> None:
    """Each is noted in the trace; the page says the same sentence."""
    federation = build(sp_entity_id=ENTITY)
    page = _signed_in(federation).open(f"{_sso(federation)}?{urlencode({'SAMLRequest': text})}")
    assert (page.status, "Bad SAML request." in page.visible_text) == (400, True)
    refusal = federation.gateway.exchanges[-1].refusal
    assert refusal is not None
    assert refusal.explanation.startswith(why)


@pytest.mark.parametrize("way", ["redirect", "form"])
def test_a_relay_state_is_returned_whole_or_refused(build: Build, way: str) -> None:
    """A part of it would lead the person somewhere else."""
    federation = build()
    browser = _signed_in(federation)

    def asked(relay_state: str) -> int:
        if way == "redirect":
            return browser.open(_redirect(federation, _authn_request(), RelayState=relay_state)).status
        message = base64.b64encode(_authn_request().encode()).decode()
        return browser.post(_sso(federation), {"SAMLRequest": message, "RelayState": relay_state}).status

    asked("r" * 10_000)
    posted = [dict(each.form) for each in federation.gateway.exchanges]
    assert [len(each["RelayState"]) for each in posted if "SAMLResponse" in each] == [10_000]
    assert asked("r" * 10_001) == 400
    refusal = federation.gateway.exchanges[-1].refusal
    assert refusal is not None
    assert (refusal.explanation, refusal.expected, refusal.received) == (
        "The RelayState beside the SAMLRequest is too long.",
        "at most 10,000 characters; SAML allows 80 bytes",
        "10,001 characters",
    )


def _logout_request(name_id: str = USER) -> str:
    return (
        f'<samlp:LogoutRequest xmlns:samlp="{SAMLP}" ID="_l1" Version="2.0" IssueInstant="2026-01-15T09:00:00Z">'
        f'<saml:Issuer xmlns:saml="{SAML}">{ENTITY}</saml:Issuer>'
        f'<saml:NameID xmlns:saml="{SAML}">{name_id}</saml:NameID>'
        "</samlp:LogoutRequest>"
    )


def test_single_logout(build: Build, sp_key: KeyPair, tmp_path: Path) -> None:
    """A signed LogoutRequest ends the session, and a signed LogoutResponse comes back; an unsigned one does nothing."""
    federation = build(logout_url="https://wiki.example.com/saml/slo")
    provider = federation.identity_providers["acme"]
    url = provider.org.slo_url(provider.org.apps["wiki"])
    assert f'<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{url}"/>' in (
        provider.metadata("wiki").decode()
    )
    browser = _signed_in(federation)
    assert browser.open(f"{url}?{urlencode({'SAMLRequest': _deflated(_logout_request())})}").status == 400
    assert "My Apps" in browser.open(f"{ORG}/app/UserHome").visible_text
    page = browser.look(f"{url}?{_signed_query(_logout_request(), sp_key, '/bye')}")
    form = page.forms[0]
    assert (form.action, form.fields["RelayState"]) == ("https://wiki.example.com/saml/slo", "/bye")
    answer = _response(page)
    assert (etree.QName(answer).localname, answer.get("InResponseTo")) == ("LogoutResponse", "_l1")
    assert "Sign In" in browser.open(f"{ORG}/app/UserHome").visible_text
    assert judges.schema_errors(base64.b64decode(form.fields["SAMLResponse"])) == []


def test_a_service_providers_metadata_is_imported(build: Build, tmp_path: Path, sp_key: KeyPair) -> None:
    """ACS URLs, entity id, certificate and logout URL come from python3-saml's own metadata."""
    settings = OneLogin_Saml2_Settings(
        {
            "sp": {
                "entityId": ENTITY,
                "assertionConsumerService": {"url": ACS},
                "singleLogoutService": {"url": "https://wiki.example.com/saml/slo"},
                "x509cert": "".join(sp_key.certificate_pem.decode().splitlines()[1:-1]),
                "privateKey": "".join(sp_key.private_key_pem.decode().splitlines()[1:-1]),
            },
            "security": {"authnRequestsSigned": True},
        },
        sp_validation_only=True,
    )
    (tmp_path / "sp.xml").write_bytes(settings.get_sp_metadata())
    federation = build(
        {"acs_url": None, "audience": "urn:amazon:webservices"},
        sp_metadata=str(tmp_path / "sp.xml"),
        sp_certificate=None,
    )
    app = federation.find_app("wiki")[1]
    assert (app.acs_url, app.service_provider.entity_id) == (ACS, ENTITY)
    assert app.service_provider.requires_signed_requests
    assert app.service_provider.certificate_pem == sp_key.certificate_pem


@pytest.mark.parametrize(
    ("saml", "key", "message"),
    [
        (
            {"name_id": "user.firstName +"},
            "saml.name_id",
            "the expression cannot be read: it ends too early, at character 17",
        ),
        (
            {"attributes": [{"name": "a", "values": ["user.a", "user.b +"]}]},
            "saml.attributes[0].values[1]",
            "the expression cannot be read: it ends too early, at character 9",
        ),
        (
            {"attributes": [{"name": "a", "groups": {"regex": "["}}]},
            "saml.attributes[0].groups",
            "the filter does not compile: unterminated character set at position 0",
        ),
        ({"sp_metadata": "nothing.xml"}, "saml.sp_metadata", "nothing.xml: No such file or directory"),
    ],
)
def test_settings_that_do_not_compile(build: Build, saml: dict[str, Any], key: str, message: str) -> None:
    """They are refused when the world is loaded, at their place."""
    with pytest.raises(WorldError) as caught:
        build(**saml)
    (problem,) = caught.value.problems
    assert problem.message == message
    assert problem.location.key.endswith(key)


@pytest.mark.parametrize("style", sorted(PRESETS))
def test_other_products_log_in_to_amazon_connect(
    world: World, clock: Clock, keys: KeyFolder, tmp_path: Path, style: str
) -> None:
    """Whatever the manner, AWS's side takes it; what is signed is signed by xmlsec1's verdict as well."""
    changed = change_world(world, {f"/okta/acme/apps/{APP}/style": style})
    federation = Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)
    login = log_in(federation, user=USER, app=APP)
    assert login.lands_on == "https://acme.my.connect.aws/home", login.refusal
    app = federation.find_app(APP)[1]
    preset = PRESETS[style].style
    xml = base64.b64decode(login.saml_response)
    values = parse_response(xml).unverified
    assert values.issuer == (preset.issuer or f"http://www.okta.com/{app.external_key}")
    assert values.name_id_format == preset.name_id_format
    formats = [a.get("NameFormat") or "" for a in etree.fromstring(xml).iter(f"{{{SAML}}}Attribute")]
    assert tuple(formats) == preset.attribute_formats
    verdicts = [
        judges.xmlsec1_verifies(xml, app.key_pair.certificate_pem, tmp_path, element=element)
        for element in ("Response", "Assertion")
    ]
    assert verdicts == [element in preset.signed for element in ("Response", "Assertion")]
    assert judges.schema_errors(xml) == []


def test_python3_saml_asks_and_is_answered(build: Build) -> None:
    """A real service provider's request, signed, and its own verdict on the answer."""
    federation = build(attributes=[{"name": "name", "values": ["user.firstName"]}])
    provider, app = federation.find_app("wiki")
    certificate = "".join(app.key_pair.certificate_pem.decode().splitlines()[1:-1])
    settings = {
        "strict": True,
        "sp": {"entityId": ENTITY, "assertionConsumerService": {"url": ACS}},
        "idp": {
            "entityId": app.issuer,
            "singleSignOnService": {"url": _sso(federation)},
            "x509cert": certificate,
        },
        "security": {
            "wantAssertionsSigned": True,
            "wantMessagesSigned": True,
            "rejectUnsolicitedResponsesWithInResponseTo": True,
        },
    }
    request = {
        "https": "on",
        "http_host": "wiki.example.com",
        "script_name": "/saml/acs",
        "get_data": {},
        "post_data": {},
    }
    auth = OneLogin_Saml2_Auth(request, settings)
    url = auth.login(return_to="/start")
    page = _signed_in(federation).look(url)
    answered = OneLogin_Saml2_Auth({**request, "post_data": dict(page.forms[0].fields)}, settings)
    with mock.patch.object(OneLogin_Saml2_Utils, "now", staticmethod(lambda: int(NOW.timestamp()))):
        answered.process_response(request_id=auth.get_last_request_id())
    assert answered.get_errors() == [], answered.get_last_error_reason()
    assert answered.get_nameid() == USER
    assert provider.org.apps["wiki"] == app


def test_a_custom_app_brings_session_tags_to_aws(world: World, clock: Clock, keys: KeyFolder) -> None:
    """A custom app may send AWS's attributes itself, principal tags among them."""
    role = "arn:aws:iam::123456789012:saml-provider/okta,arn:aws:iam::123456789012:role/ConnectAgent"
    base = "https://aws.amazon.com/SAML/Attributes/"
    app = {
        "catalog": "custom_saml",
        "label": "AWS with tags",
        "acs_url": "https://signin.aws.amazon.com/saml",
        "audience": "urn:amazon:webservices",
        "assignments": [{"user": USER}],
        "saml": {
            "attributes": [
                {"name": base + "Role", "values": [f'"{role}"']},
                {"name": base + "RoleSessionName", "values": ["user.email"]},
                {"name": base + "PrincipalTag:Team", "values": ["user.department"]},
            ]
        },
    }
    trust = "/aws/123456789012/roles/ConnectAgent/trust/Statement/0/Action"
    changed = change_world(
        world,
        {
            "/okta/acme/apps/tagged": app,
            f"/okta/acme/users/{USER}/profile": {"department": "Support"},
            "/aws/123456789012/saml_providers/okta/metadata": {"okta_app": "acme/tagged"},
            trust: ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        },
    )
    federation = Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)
    login = log_in(federation, user=USER, app="tagged")
    assert login.outcome.value == "elsewhere", login.refusal  # no relay state leads into the instance
    told = [note.facts.tags["Team"] for e in login.exchanges for note in e.notes if note.facts.tags]
    assert told == ["Support"]


def test_urls_of_this_machine_are_nobodys_page(build: Build) -> None:
    """An ACS URL on loopback is a real program's: the emulator does not answer for it."""
    federation = build({"acs_url": "http://127.0.0.1:9/acs"})
    assert "127.0.0.1" not in federation.hosts.known
