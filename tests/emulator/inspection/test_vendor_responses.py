"""Responses of many products, good and broken: each gets the right one of the three verdicts, or is none at all."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import xmlsec

from emulator.inspection.judge import Judge
from emulator.inspection.login_inspection import LoginInspection
from emulator.inspection.own_files import OwnFiles
from emulator.kernel.errors import FederationError
from emulator.recordings.recording import read_recording
from sp_mock.accounts.provider_metadata import parse_metadata
from sp_mock.policies.documents import PolicyDocument
from tests.emulator.inspection import vendor_responses as vendors
from tests.emulator.inspection.vendor_responses import GOOD, ISSUED, ROLE_ARN, SHAPES, Shape, response, with_shape
from tests.sp_mock.accounts.test_provider_metadata import WEAK

_AWS = "https://aws.amazon.com/SAML/Attributes"
_SHA1 = xmlsec.constants.TransformRsaSha1
_NO_TAGS = {"Action": ["sts:AssumeRoleWithSAML"]}
_TAGS = (f"{_AWS}/PrincipalTag:team", "support")


@dataclass(frozen=True)
class Case:
    """A message, and what is to be said of it.

    Args:
        name: What it is.
        message: Makes it.
        alone: By itself: the verdict, and the first check that fails.
        judged: With the identity provider's metadata and the role.
        shape: Whose it is.
        after: How long after the issue it is judged; at its issue when None.
        trust: What the role's trust policy has in other words.
        key: The number of the key in the metadata.
    """

    name: str
    message: Callable[[Shape], bytes]
    alone: tuple[str, str]
    judged: tuple[str, str]
    shape: str = "okta 2023"
    after: timedelta | None = None
    trust: Any = None
    key: int = 0


OPEN, GOOD_ONE = ("undecided", ""), ("accepted", "")


def _bad(check: str) -> tuple[str, str]:
    return ("refused", check)


def _says(**content: Any) -> Callable[[Shape], bytes]:
    """Returns a maker of a signed message that says something else."""
    return lambda shape: response(shape, replace(GOOD, **content))


def _edited(old: str, new: str) -> Callable[[Shape], bytes]:
    """Returns a maker of a message that was changed after it was signed."""
    return lambda shape: vendors.changed(response(shape), old, new)


def _signs(**shape: Any) -> Callable[[Shape], bytes]:
    return lambda own: response(replace(own, **shape))


def _without_assertion(status: str) -> Callable[[Shape], bytes]:
    def make(shape: Shape) -> bytes:
        text = vendors.unsigned(shape, replace(GOOD, status=f"urn:oasis:names:tc:SAML:2.0:status:{status}"))
        start, end = text.index("<saml:Assertion"), text.index("</samlp:Response>")
        return (text[:start] + text[end:]).encode()

    return make


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data)


def _deflated(shape: Shape) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return _base64(compressor.compress(response(shape)) + compressor.flush())


def _with_weak_key(shape: Shape) -> bytes:
    certificate = b"\\g<1>" + base64.b64encode(WEAK) + b"</"
    return re.sub(rb"(<X509Certificate>)[^<]*</", certificate, response(shape))


def _bare(shape: Shape) -> bytes:
    text = vendors.unsigned(shape)
    return text[text.index("<saml2:Assertion") : text.index("</saml2:Assertion>") + 18].encode()


SAML = "urn:oasis:names:tc:SAML"
CASES = (
    *(Case(f"{name}, good", response, OPEN, GOOD_ONE, shape=name) for name in SHAPES),
    Case("okta, base64", lambda s: _base64(response(s)), OPEN, GOOD_ONE),
    Case(
        "okta, URL-encoded twice",
        lambda s: quote(quote(_base64(response(s)), safe=""), safe="").encode(),
        OPEN,
        GOOD_ONE,
    ),
    Case("shibboleth, DEFLATE", _deflated, OPEN, GOOD_ONE, shape="shibboleth"),
    Case("entra, four minutes old", response, OPEN, GOOD_ONE, shape="entra id", after=timedelta(minutes=4)),
    Case("okta, expired", response, _bad("redeemed-in-time"), _bad("redeemed-in-time"), after=timedelta(minutes=10)),
    Case(
        "keycloak, over after a minute",
        response,
        _bad("time-window"),
        _bad("time-window"),
        shape="keycloak",
        after=timedelta(minutes=2),
    ),
    Case(
        "adfs, a clock that is fast",
        response,
        _bad("time-window"),
        _bad("time-window"),
        shape="adfs",
        after=timedelta(minutes=-9),
    ),
    Case("okta, the session is over", _says(session_end=ISSUED), _bad("session-end"), _bad("session-end")),
    Case("entra, unsigned", _signs(signs=()), _bad("signature"), _bad("signature"), shape="entra id"),
    Case("adfs, SHA-1", _signs(method=_SHA1), _bad("signature"), _bad("signature"), shape="adfs"),
    Case(
        "google, SHA-1 without a certificate",
        _signs(method=_SHA1, has_certificate=False),
        _bad("signature"),
        _bad("signature"),
        shape="google workspace",
    ),
    Case(
        "onelogin, changed on the way",
        _edited("rin.mori", "kai.mori"),
        _bad("signature"),
        _bad("signature"),
        shape="onelogin",
    ),
    Case(
        "ping, changed, and without a certificate",
        lambda s: vendors.changed(response(replace(s, has_certificate=False)), "role/Support", "role/Admin00"),
        _bad("signature"),
        _bad("requested-role"),
        shape="pingfederate",
    ),
    Case(
        "simplesamlphp, a template",
        lambda s: vendors.changed(
            vendors.changed(response(s), "<ds:SignatureValue>", "<ds:SignatureValue><!--"),
            "</ds:SignatureValue>",
            "--></ds:SignatureValue>",
        ),
        _bad("signature"),
        _bad("signature"),
        shape="simplesamlphp",
    ),
    Case(
        "cyberark, a key of 512 bits",
        _with_weak_key,
        _bad("signature"),
        GOOD_ONE,
        shape="cyberark",
    ),
    Case("okta, wrapped", vendors.wrapped, _bad("response"), _bad("response")),
    Case("jumpcloud, signed by another key", response, OPEN, _bad("signature"), shape="jumpcloud", key=1),
    Case(
        "okta, another identity provider's",
        lambda _: response(with_shape("okta 2023", issuer="http://www.okta.com/exk9")),
        OPEN,
        _bad("issuer"),
    ),
    Case(
        "keycloak, wrong audience",
        _says(audience="urn:amazon:webservice"),
        _bad("audience"),
        _bad("audience"),
        shape="keycloak",
    ),
    Case("auth0, no audience", _says(audience=""), _bad("audience"), _bad("audience"), shape="auth0"),
    Case(
        "entra, GovCloud's audience",
        _says(audience="urn:amazon:webservices:govcloud"),
        _bad("audience"),
        _bad("audience"),
        shape="entra id",
    ),
    Case("google, no Role", _says(role=None), _bad("role-attribute"), _bad("role-attribute"), shape="google workspace"),
    Case(
        "okta, an expression in Role",
        _says(role="appuser.idpRolePairs"),
        _bad("role-attribute"),
        _bad("role-attribute"),
    ),
    Case(
        "jumpcloud, no RoleSessionName",
        _says(session_name=None),
        _bad("role-session-name"),
        _bad("role-session-name"),
        shape="jumpcloud",
    ),
    Case(
        "auth0, a blank in RoleSessionName",
        _says(session_name="Rin Mori"),
        _bad("role-session-name"),
        _bad("role-session-name"),
        shape="auth0",
    ),
    Case(
        "adfs, SessionDuration in words",
        _says(attributes=((f"{_AWS}/SessionDuration", "one hour"),)),
        _bad("session-duration"),
        _bad("session-duration"),
        shape="adfs",
    ),
    Case(
        "onelogin, a SourceIdentity of AWS's",
        _says(attributes=((f"{_AWS}/SourceIdentity", "aws:rin"),)),
        _bad("source-identity"),
        _bad("source-identity"),
        shape="onelogin",
    ),
    Case("entra, no NameID", _says(person=None), _bad("name-id"), _bad("name-id"), shape="entra id"),
    Case(
        "ping, another Recipient",
        _says(recipient="https://sso.example.com/acs"),
        _bad("recipient"),
        _bad("trust-policy"),
        shape="pingone",
    ),
    Case(
        "okta, another Destination",
        _says(destination="https://console.aws.amazon.com/"),
        _bad("response-destination"),
        _bad("response-destination"),
    ),
    Case(
        "adfs, an instant that is none",
        _says(not_on_or_after="04.03.2026 05:11"),
        _bad("instants"),
        _bad("instants"),
        shape="adfs",
    ),
    Case("ping, version 1.1", _says(version="1.1"), _bad("version"), _bad("version"), shape="pingone"),
    Case("authentik, the answer to a request", _says(in_response_to="_q1"), OPEN, GOOD_ONE, shape="authentik"),
    Case(
        "keycloak, a tag without TagSession", _says(attributes=(_TAGS,)), OPEN, _bad("trust-policy"), shape="keycloak"
    ),
    Case(
        "okta, a role that trusts another provider",
        response,
        OPEN,
        _bad("trust-policy"),
        trust={"Principal": {"Federated": "arn:aws:iam::210987654321:saml-provider/old"}},
    ),
    Case(
        "google, a role that wants another URL",
        response,
        OPEN,
        _bad("trust-policy"),
        shape="google workspace",
        trust={"Condition": {"StringEquals": {"SAML:aud": "https://eu-west-1.signin.aws.amazon.com/saml"}}},
    ),
    Case(
        "onelogin, a role that is not in it",
        _says(role="arn:aws:iam::210987654321:role/Other,arn:aws:iam::210987654321:saml-provider/example"),
        OPEN,
        _bad("requested-role"),
        shape="onelogin",
    ),
    Case("shibboleth, encrypted", vendors.encrypted, OPEN, OPEN, shape="shibboleth"),
    Case(
        "shibboleth, encrypted with Triple DES",
        lambda s: vendors.encrypted(s, algorithm="http://www.w3.org/2001/04/xmlenc#tripledes-cbc"),
        _bad("response"),
        _bad("response"),
        shape="shibboleth",
    ),
    Case(
        "an encrypted assertion with nothing in it",
        lambda _: (
            f'<p:Response xmlns:p="{SAML}:2.0:protocol" Version="2.0"><a:EncryptedAssertion '
            f'xmlns:a="{SAML}:2.0:assertion">secret</a:EncryptedAssertion></p:Response>'
        ).encode(),
        _bad("response"),
        _bad("response"),
    ),
    Case(
        "shibboleth, encrypted, with SHA-1 around it",
        lambda s: vendors.encrypted(replace(s, method=_SHA1)),
        _bad("signature"),
        _bad("signature"),
        shape="shibboleth",
    ),
    Case(
        "shibboleth, encrypted, changed around it",
        lambda s: vendors.changed(vendors.encrypted(s), 'Version="2.0"', 'Version="2.1"'),
        _bad("signature"),
        _bad("signature"),
        shape="shibboleth",
    ),
    Case("entra, encrypted", vendors.encrypted, OPEN, OPEN, shape="entra id"),
    Case(
        "keycloak, the login failed",
        _says(status=f"{SAML}:2.0:status:Responder"),
        _bad("status"),
        _bad("status"),
        shape="keycloak",
    ),
    Case(
        "simplesamlphp, AuthnFailed",
        _without_assertion("AuthnFailed"),
        _bad("response"),
        _bad("response"),
        shape="simplesamlphp",
    ),
    Case(
        "keycloak, nothing in it", _without_assertion("Success"), _bad("response"), _bad("response"), shape="keycloak"
    ),
    Case("okta, XML cut off", lambda s: response(s)[:-200], _bad("response"), _bad("response")),
    Case("okta, base64 cut off", lambda s: _base64(response(s))[:-304], _bad("response"), _bad("response")),
    Case(
        "okta, base64 with a letter too many",
        lambda s: _base64(response(s)).rstrip(b"=")[:4001],
        _bad("base64"),
        _bad("base64"),
    ),
    Case(
        "okta, a DOCTYPE",
        lambda s: response(s).replace(b"<saml2p:Response", b"<!DOCTYPE x []><saml2p:Response", 1),
        _bad("response"),
        _bad("response"),
    ),
    Case("a bare assertion", _bare, _bad("response"), _bad("response"), shape="shibboleth"),
    Case(
        "SAML 1.1",
        lambda _: f'<samlp:Response xmlns:samlp="{SAML}:1.0:protocol" MajorVersion="1" MinorVersion="1"/>'.encode(),
        _bad("response"),
        _bad("response"),
    ),
    Case(
        "an assertion of SAML 1.1",
        lambda _: f'<saml:Assertion xmlns:saml="{SAML}:1.0:assertion" MajorVersion="1"/>'.encode(),
        _bad("response"),
        _bad("response"),
    ),
    Case(
        "a LogoutResponse",
        lambda _: f'<p:LogoutResponse xmlns:p="{SAML}:2.0:protocol" ID="_1" Version="2.0"/>'.encode(),
        _bad("response"),
        _bad("response"),
    ),
    Case(
        "an AuthnRequest",
        lambda _: f'<p:AuthnRequest xmlns:p="{SAML}:2.0:protocol" ID="_1" Version="2.0"/>'.encode(),
        _bad("response"),
        _bad("response"),
    ),
    Case(
        "WS-Federation's",
        lambda _: b'<t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"/>',
        _bad("response"),
        _bad("response"),
    ),
)


def _inspected(case: Case, files: OwnFiles | None) -> LoginInspection:
    recording = read_recording(case.message(SHAPES[case.shape]))
    now = ISSUED + case.after if case.after is not None else None
    return Judge(files=files, now=now).inspect_login(recording.logins, 1)


def _verdict(inspected: LoginInspection) -> tuple[str, str]:
    assert inspected.inspection is not None
    failed = inspected.inspection.failed
    return inspected.outcome.value, failed[0].check if failed else ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_by_itself_a_message_is_refused_or_undecided(case: Case) -> None:
    """Nobody says yes to what was not asked; what is wrong for every certificate is said without one."""
    assert _verdict(_inspected(case, None)) == case.alone


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_with_metadata_and_role_a_message_is_accepted_or_refused(case: Case) -> None:
    """Without a world; an assertion that nobody here can open stays undecided."""
    shape = SHAPES[case.shape]
    trust = PolicyDocument.parse(vendors.trust_policy(**(case.trust or {})), kind="trust")
    files = OwnFiles(parse_metadata(vendors.metadata(shape, key=case.key).encode()), trust, ROLE_ARN)
    assert _verdict(_inspected(case, files)) == case.judged


NO_RESPONSES = (
    ("garbage with the word", b"EncryptedAssertion " * 20, "This is not a SAMLResponse"),
    ("base64 garbage with the word", base64.b64encode(b"EncryptedAssertion " * 20), "This is not a SAMLResponse"),
    (
        "other XML with the word",
        b"<note>EncryptedAssertion</note>",
        "This is not a SAMLResponse: it is XML with the root note",
    ),
    (
        "a sign-in page",
        b"<!DOCTYPE html><html><body><form><input name=username></form></body></html>",
        "This page has no SAMLResponse",
    ),
    (
        "metadata",
        vendors.metadata(SHAPES["onelogin"]).encode(),
        "This is not a SAMLResponse: it is the metadata of an identity provider",
    ),
    (
        "a token",
        b"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyaW4ifQ.c2ln",
        "This is not a SAMLResponse: it is a JSON Web Token, of OpenID Connect",
    ),
    ("an address", b"https://example.okta.com/app/UserHome", "This is not a SAMLResponse: it is an address"),
    (
        "a request",
        b"https://idp.example.com/sso?SAMLRequest=fZJNb4MwDIb&RelayState=x",
        "This is not a SAMLResponse: it is a form or an address with a SAMLRequest",
    ),
    (
        "a certificate",
        b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "This is not a SAMLResponse: it is a PEM file (certificate)",
    ),
    (
        "words",
        b"Your request included an invalid SAML response",
        "This is not a SAMLResponse: it is what AWS sign-in says",
    ),
    ("nothing", b" \n", "There is nothing to inspect"),
    ("a picture", b"\x89PNG\r\n\x1a\n\xff\xfe\xfd", "This is not text"),
    (
        "JSON cut off",
        b'{"log": {"entries": [',
        "This looks like JSON but is not: Expecting value: line 1 column 22 (char 21)",
    ),
    ("a role", b'{"Role": {"Arn": "arn:x"}}', "This is not a SAMLResponse: it is a role or a policy"),
    ("other JSON", b'{"a": 1}', "There is no SAMLResponse in this file"),
    ("a world", b"version: 1\nokta:\n  acme: {}\n", "This is not a SAMLResponse: it is a world file"),
)


@pytest.mark.parametrize(("data", "said"), [row[1:] for row in NO_RESPONSES], ids=[row[0] for row in NO_RESPONSES])
def test_what_is_no_response_is_no_input(data: bytes, said: str) -> None:
    """It is a usage error that says what the text is, and what to give in its place."""
    with pytest.raises(FederationError) as caught:
        read_recording(data)
    assert caught.value.message == said
    assert type(caught.value) is FederationError
    assert caught.value.expected


def test_there_are_as_many_as_ever() -> None:
    """The tables above are not empty by mistake."""
    assert len(CASES) + len(NO_RESPONSES) > 80
