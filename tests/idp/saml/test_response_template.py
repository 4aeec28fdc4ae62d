"""A Response from a template is, to the last character, the one that is built, parsed and signed on its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Ids
from emulator.kernel.errors import FederationError
from idp.model import App, Layout
from idp.saml.assertion import IssueContext, build_response, make_particulars
from idp.saml.claims import Attribute, Claims
from idp.saml.issue import AuthnRequest, issue_claims
from idp.saml.keys import certificate_base64
from idp.saml.response_template import signed_from_template
from idp.saml.signing import sign
from idp.saml.styles import PRESETS
from tests.conftest import APP, NOW

CLAIMS = Claims(
    "hanako@example.com",
    (
        Attribute("https://aws.amazon.com/SAML/Attributes/Role", "urn:x", ("a,b", "c,d")),
        Attribute("no-format", "", ("3600",)),
        Attribute("without-values", "urn:x", ()),
    ),
)
# A value, and whether it is written alike in the text and in what is signed.
VALUES = {
    "hanako@example.com": True,
    "": True,
    "  two  blanks ": True,
    "100%s %(name_id)s 'quoted' {x} \\1": True,
    "⟦name_id⟧ ⟦digest_0⟧": True,
    "佐藤 花子 é": True,
    "R&D": False,
    "<b>": False,
    'say "x"': False,
    "a\tb": False,
    "a\nb": False,
    "a\r\nb": False,
    "\x85\u2028": False,
    "😀": False,
}


@pytest.fixture
def app(federation: Federation) -> App:
    """Returns the app whose settings the tests vary."""
    return federation.identity_providers["acme"].org.apps[APP]


def _context(app: App, **changes: Any) -> IssueContext:
    context = IssueContext(
        issuer=app.issuer,
        acs_url=app.acs_url,
        audience=app.audience,
        issued_at=NOW,
        authenticated_at=NOW - timedelta(minutes=1),
        style=app.style,
    )
    return replace(context, **changes)


def _both(app: App, claims: Claims, context: IssueContext) -> tuple[str | None, str]:
    """Returns the Response from the template, and the one that is made on its own."""
    certificate = certificate_base64(app.key_pair.certificate_pem)
    particulars = make_particulars(context, Ids(seed=3))
    for _ in range(2):  # the first Response of a setting has no template
        filled = signed_from_template(claims, context, particulars, certificate=certificate, key_pair=app.key_pair)
    return filled, sign(build_response(claims, context, particulars, certificate=certificate), app.key_pair)


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("request_id", ["", "_request-1"])
def test_every_style_has_a_template(app: App, preset: str, layout: Layout, request_id: str) -> None:
    """In both layouts, as an answer to a request and without one."""
    style = replace(PRESETS[preset].style, layout=layout)
    filled, signed = _both(app, CLAIMS, _context(app, style=style, in_response_to=request_id))
    assert filled == signed


@pytest.mark.parametrize("elements", [(), ("Response",), ("Assertion",), ("Response", "Assertion")])
def test_what_is_signed_varies(app: App, elements: tuple[str, ...]) -> None:
    """One signature, two or none."""
    filled, signed = _both(app, CLAIMS, _context(app, style=replace(app.style, signed=elements)))
    assert filled == signed


def test_settings_may_hold_what_values_may_not(app: App) -> None:
    """Markup and per cent signs in URLs are constants, so they are canonicalised with the template."""
    context = _context(app, audience='urn:a&b<c>"%s', acs_url="https://x.example/?a=1&b=%41", recipient="\tr&%%")
    filled, signed = _both(app, CLAIMS, context)
    assert filled == signed


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("place", ["name_id", "attribute", "in_response_to"])
def test_values_that_need_escaping_have_no_template(app: App, value: str, place: str) -> None:
    """The others are inserted as they are, marks and formats among them."""
    claims = replace(CLAIMS, name_id=value) if place == "name_id" else CLAIMS
    if place == "attribute":
        claims = replace(CLAIMS, attributes=(Attribute("a", "", ("x", value)),))
    filled, signed = _both(app, claims, _context(app, in_response_to=value if place == "in_response_to" else ""))
    assert filled == (signed if VALUES[value] else None)


def test_an_app_without_attributes(app: App) -> None:
    """There is no AttributeStatement at all."""
    filled, signed = _both(app, Claims("x", ()), _context(app))
    assert filled == signed


@pytest.mark.parametrize("setting", ["⟦name_id⟧", "⟦", "⟦digest_0⟧"])
def test_marks_in_settings_have_no_template(app: App, setting: str) -> None:
    """They would be replaced like the template's own."""
    assert _both(app, CLAIMS, _context(app, audience=setting))[0] is None
    attribute = Attribute(setting, "", ("x",))
    assert _both(app, Claims("x", (attribute,)), _context(app))[0] is None


def test_the_first_response_of_a_setting_has_no_template(app: App) -> None:
    """A federation that makes one login would make a template for it that nobody uses again."""
    context = _context(app, acs_url="https://first.example/acs")
    certificate = certificate_base64(app.key_pair.certificate_pem)
    particulars = make_particulars(context, Ids(seed=3))
    filled = [
        signed_from_template(claims, context, particulars, certificate=certificate, key_pair=app.key_pair)
        for claims in (CLAIMS, replace(CLAIMS, name_id="somebody.else@example.com"))
    ]
    assert filled[0] is None
    assert filled[1] is not None


def test_sha1_has_no_template(app: App) -> None:
    """Its algorithms are edited in the whole text."""
    assert _both(app, CLAIMS, _context(app, style=replace(app.style, sha1=True)))[0] is None


def test_a_setting_that_xml_cannot_hold_is_refused_by_the_signer(app: App, federation: Federation) -> None:
    """In its words, which name the place in the Response without marks."""
    unusable = replace(app, style=replace(app.style, authn_context="\x01"))
    with pytest.raises(FederationError, match="this Response cannot be signed: "):
        issue_claims(CLAIMS, unusable, authenticated_at=NOW, clock=federation.clock, ids=federation.ids)


def test_a_changed_setting_takes_effect_with_the_next_response(app: App, federation: Federation) -> None:
    """Templates belong to settings: each of these differs in one, and the first one comes back unchanged."""

    def issued(app: App, request: AuthnRequest | None = None) -> str:
        made = issue_claims(CLAIMS, app, authenticated_at=NOW, clock=federation.clock, ids=Ids(seed=1), request=request)
        return made.xml.decode()

    first = issued(app)
    other_style = replace(app.style, authn_context="urn:other")
    texts = {
        first,
        issued(replace(app, audience="urn:other")),
        issued(replace(app, style=other_style)),
        issued(app, AuthnRequest(acs_url="https://other.example/saml")),
        issued(app, AuthnRequest(request_id="_1")),
        issued(app, AuthnRequest(request_id="_2")),
    }
    assert len(texts) == 6
    assert issued(app) == first
