"""Judging a message: every check's verdict with its place, and one verdict over all of them."""

from __future__ import annotations

from datetime import timedelta

from emulator.building.faults import read_faults
from emulator.federation import Federation
from emulator.inspection.judging import inspect
from emulator.inspection.verdicts import Outcome, Verdict
from tests.conftest import APP, USER


def _mint(federation: Federation, fault: str = "") -> str:
    provider = federation.identity_providers["acme"]
    return provider.mint(USER, APP, faults=read_faults([fault] if fault else [])).saml_response


def test_with_a_world_everything_is_judged(federation: Federation) -> None:
    """All checks are asked, and a valid message passes them all."""
    inspection = inspect(_mint(federation), federation=federation, now=federation.clock.now())
    assert {finding.verdict for finding in inspection.findings} == {Verdict.PASSED}
    assert inspection.outcome is Outcome.ACCEPTED
    assert inspection.facts["RoleSessionName"] == USER
    assert inspection.facts["Audience"] == "urn:amazon:webservices"


def test_without_a_world_what_needs_one_is_not_asked(federation: Federation) -> None:
    """Provider, issuer, trust policy and the role's maximum are left out, and it says so."""
    inspection = inspect(_mint(federation), federation=None, now=None)
    left_out = {f.check: f.text for f in inspection.not_asked}
    assert left_out == {
        **dict.fromkeys(
            ("provider", "assertion-encryption", "issuer", "trust-policy", "max-session-duration"),
            "this needs a world: give one with --world, or --metadata and --role",
        ),
        "signature": "Response and Assertion whole and signed with the certificate inside; whether AWS knows that one "
        "is open: give its metadata with --metadata, or a world with --world",
    }
    assert inspection.outcome is Outcome.UNDECIDED


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
    later = federation.clock.now() + timedelta(minutes=6)
    failed = inspect(saml_response, federation=None, now=later).failed
    assert [finding.check for finding in failed] == ["redeemed-in-time", "time-window"]
    assert inspect(saml_response, federation=None, now=None).failed == ()
