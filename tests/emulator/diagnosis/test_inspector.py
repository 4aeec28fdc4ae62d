"""The inspector: whatever people paste, every check's verdict with its place."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from emulator.building.faults import read_faults
from emulator.diagnosis.inspector import Verdict, inspect, read_saml_response
from emulator.diagnosis.login_result import result_of
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import FederationError
from emulator.network.trace import to_har
from tests.conftest import APP, USER


def _mint(federation: Federation, fault: str = "") -> str:
    provider = federation.identity_providers["acme"]
    return provider.mint(USER, APP, faults=read_faults([fault] if fault else [])).saml_response


def test_every_form_people_have_at_hand_is_read(federation: Federation) -> None:
    """Base64, URL-encoded, a form body, XML, a page, a HAR and a trace give the same message."""
    login = log_in(federation, user=USER, app=APP)
    saml_response = login.saml_response
    forms = [
        saml_response,
        f"\ufeff{saml_response}\n",
        quote(saml_response, safe=""),
        f"RelayState=&SAMLResponse={quote(saml_response, safe='')}",
        f'<html><form><input name="SAMLResponse" type="hidden" value="{saml_response}"/></form></html>',
        json.dumps(to_har(login.exchanges, version="1")),
        json.dumps(result_of(login, federation).as_json()),
        json.dumps({"request": {"postData": {"text": f"RelayState=&SAMLResponse={quote(saml_response, safe='')}"}}}),
        json.dumps({"response": {"content": {"text": login.exchanges[3].body}}}),
    ]
    assert {read_saml_response(form) for form in forms} == {saml_response}


def test_with_a_world_everything_is_judged(federation: Federation) -> None:
    """All checks are asked, and a valid message passes them all."""
    inspection = inspect(_mint(federation), federation=federation, now=federation.clock.now())
    assert {finding.verdict for finding in inspection.findings} == {Verdict.PASSED}
    assert inspection.facts["RoleSessionName"] == USER
    assert inspection.facts["Audience"] == "urn:amazon:webservices"


def test_without_a_world_what_needs_one_is_not_asked(federation: Federation) -> None:
    """Provider, issuer, trust policy and the role's maximum are left out, and it says so."""
    inspection = inspect(_mint(federation), federation=None, now=None)
    left_out = {f.check: f.text for f in inspection.findings if f.verdict is Verdict.NOT_ASKED}
    assert left_out == dict.fromkeys(
        ("provider", "assertion-encryption", "issuer", "trust-policy", "max-session-duration"),
        "this needs a world: give one with --world",
    )


def test_one_mistake_does_not_hide_the_next(federation: Federation) -> None:
    """Two faults give two failures; AWS would answer with the first."""
    provider = federation.identity_providers["acme"]
    faults = read_faults(
        [
            "{element: Assertion/Conditions/AudienceRestriction/Audience, set: urn:example}",
            "{attribute: RoleSessionName, set: hanako sato}",
        ]
    )
    saml_response = provider.mint(USER, APP, faults=faults).saml_response
    inspection = inspect(saml_response, federation=federation, now=federation.clock.now())
    assert [finding.check for finding in inspection.failed] == ["audience", "role-session-name"]
    audience = inspection.failed[0]
    assert inspection.laid_out.splitlines()[audience.line - 1].strip() == "<saml2:Audience>urn:example</saml2:Audience>"


def test_a_wrong_signature_does_not_hide_what_comes_after_it(federation: Federation) -> None:
    """The later checks are asked as if the signature were right."""
    provider = federation.identity_providers["acme"]
    faults = read_faults(["{signature: foreign-key}", "{attribute: RoleSessionName, set: hanako sato}"])
    saml_response = provider.mint(USER, APP, faults=faults).saml_response
    inspection = inspect(saml_response, federation=federation, now=federation.clock.now())
    assert [finding.check for finding in inspection.failed] == ["signature", "role-session-name"]


def test_a_tampered_message_fails_without_a_world_too(federation: Federation) -> None:
    """The certificate inside shows at least whether the message is whole."""
    inspection = inspect(_mint(federation, "{tamper: Assertion/Subject/NameID, set: x}"), federation=None, now=None)
    assert [finding.check for finding in inspection.failed] == ["signature"]


def test_a_message_that_cannot_be_read_leaves_the_rest_unasked(federation: Federation) -> None:
    """The checks that cannot be asked say which one failed."""
    inspection = inspect("*", federation=None, now=None)
    assert [finding.check for finding in inspection.failed] == ["base64"]
    assert (
        next(f.text for f in inspection.findings if f.check == "name-id") == "cannot be asked: the check base64 failed"
    )


def test_the_instant_decides_about_age(federation: Federation) -> None:
    """Judged at its own instant a message is fresh, judged now it is old."""
    saml_response = _mint(federation)
    from datetime import timedelta

    later = federation.clock.now() + timedelta(minutes=6)
    failed = inspect(saml_response, federation=None, now=later).failed
    assert [finding.check for finding in failed] == ["redeemed-in-time", "time-window"]
    assert inspect(saml_response, federation=None, now=None).failed == ()


@pytest.mark.parametrize("text", ["", "   ", "{}", "{", '{"a": [', "<html></html>"])
def test_text_without_a_response_is_refused(text: str) -> None:
    """The error says what was expected."""
    with pytest.raises(FederationError) as caught:
        read_saml_response(text)
    assert caught.value.expected
