"""What the field holds in place of a Response: each with its own sentence and its own fix."""

from __future__ import annotations

import base64
import gzip
import zlib
from urllib.parse import quote

import pytest

from sp_mock.assertion.received import ReceivedResponse, UnreadableMessage, receive
from tests.sp_mock.conftest import Send

P = 'xmlns="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"'
XML = f'<Response {P} Version="2.0"><a:Assertion>{"&lt;~>~~?" * 9}</a:Assertion></Response>'.encode()
WHOLE = base64.b64encode(XML).decode()
PAGE = "<!DOCTYPE html><html><head><title>Sign in to\n Example</title></head><body>…</body></html>"
DEFLATED = zlib.compress(XML)[2:-4]


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


FIELDS: list[tuple[str, str, str]] = [
    (
        "   ",
        "The SAMLResponse is empty.",
        "Look at what the identity provider sent: its page has the value in a hidden",
    ),
    (
        "\ufeff" + WHOLE,
        "The SAMLResponse begins with a sign that nobody sees: a byte order mark or a zero",
        "Save the text",
    ),
    (PAGE, "The SAMLResponse is a whole web page, not the value of the field in it.", "Post the value of the page's"),
    ("<Response/>", "The SAMLResponse is XML text; the form field carries its base64 form.", "Encode the bytes of the"),
    (quote(quote(WHOLE + "+/=", safe=""), safe=""), "The SAMLResponse was URL-encoded twice", "Decode it twice"),
    (
        quote(WHOLE + "+/=", safe=""),
        "The SAMLResponse is still URL-encoded (it contains %2B, %2F or %3D).",
        "Decode it once",
    ),
    ('{"assertion": ""}', "The SAMLResponse is JSON text, such as the answer of an API", "Take the assertion out of"),
    (
        f"RelayState=x&SAMLResponse={WHOLE}&y",
        "The SAMLResponse is a whole form, with the field's name in it",
        "Post what",
    ),
    (
        f"data:text/xml;base64,{WHOLE}",
        "The SAMLResponse is a data URL; only what follows base64,",
        "Cut off everything",
    ),
    ("eyJhbGciOi.eyJzdWIi.c2ln", "The SAMLResponse is a JSON Web Token, as OpenID Connect has it", "Use the identity"),
    ("-----BEGIN CERTIFICATE-----\nMIIC", "The SAMLResponse is in PEM, with BEGIN and END lines", "Post the base64"),
    (
        f'"{WHOLE}"',
        "The SAMLResponse is in quotation marks, which are not a part of it.",
        "Take the quotation marks off.",
    ),
    (WHOLE.replace("+", "&#x2b;"), "The SAMLResponse is still escaped for HTML", "Read the field with an HTML parser"),
    (WHOLE[:20] + "\0" + WHOLE[20:], "The SAMLResponse has a NUL in it", "Write the base64 text in ASCII."),
    (
        WHOLE.replace("+", " "),
        "Each + of the SAMLResponse became a blank on the way",
        "Encode the form field; in curl use",
    ),
    (
        WHOLE.replace("+", "-").replace("/", "_"),
        "The SAMLResponse is base64url; SAML uses plain base64",
        "Encode with the",
    ),
    (WHOLE[:13] + "==" + WHOLE, "The SAMLResponse has padding (=) in the middle: two base64 texts", "Encode the whole"),
    (
        WHOLE.rstrip("=") + "====",
        "The SAMLResponse ends in 4 padding signs (=), more than base64 ever has.",
        "Let a library",
    ),
    (
        WHOLE[:-7],
        "The SAMLResponse is cut off: its base64 padding is wrong.",
        "Pass on the whole value; look for a variable",
    ),
    (
        "no such user",
        "The SAMLResponse is a text with blanks in it, an error message for example",
        "Read what the text",
    ),
    (
        "abc*",
        "The SAMLResponse has a character that base64 does not have: *, character 4 of 4.",
        "Send the base64 text alone",
    ),
]
DATA: list[tuple[bytes, str, str]] = [
    (
        PAGE.encode(),
        "The SAMLResponse is the base64 form of a web page (“Sign in to Example”), not of a Re",
        "Have the client",
    ),
    (
        DEFLATED,
        "The SAMLResponse is compressed with DEFLATE, as for the HTTP-Redirect binding; AWS takes",
        "Set the identity",
    ),
    (
        zlib.compress(XML),
        "The SAMLResponse is compressed with zlib; AWS takes the HTTP-POST binding only.",
        "Set the identity",
    ),
    (
        gzip.compress(XML),
        "The SAMLResponse is compressed with gzip; AWS takes the HTTP-POST binding only.",
        "Set the identity",
    ),
    (
        WHOLE.encode(),
        "The SAMLResponse holds base64 twice: what is inside is base64 again.",
        "Encode the Response once only.",
    ),
    (
        quote(XML).encode(),
        "The SAMLResponse holds URL-encoded XML: it begins with %3C.",
        "URL-decode the XML before it is",
    ),
    (
        b"&lt;Response&gt;",
        "The SAMLResponse holds XML that is escaped for HTML: it begins with &lt;.",
        "Encode the XML as it",
    ),
    (b'{"a": 1}', "The SAMLResponse holds JSON, not XML.", "Take the Response out of the JSON"),
    (
        b"RelayState=&SAMLResponse=PHg+",
        "The SAMLResponse holds a form with its fields' names.",
        "Encode the value of SAML",
    ),
    (
        b"eyJhbGciOi.eyJzdWIi.c2ln",
        "The SAMLResponse holds a JSON Web Token, as OpenID Connect has it.",
        "Use the identity",
    ),
    (
        b"hello",
        "The SAMLResponse is base64, but what is inside is not XML.",
        "Encode the bytes of the whole Response as",
    ),
    (
        XML[:-30],
        "The Response is cut off: elements are open at its end: Premature end",
        "Pass on the whole value; look for",
    ),
    (
        XML + b"<x/>",
        "Something follows the end of the Response: Extra content at the end of",
        "Send one Response, once",
    ),
    (
        XML.decode().encode("utf-16-le"),
        "The Response is in UTF-16, and does not say so: it is read as UTF-8.",
        "Write the",
    ),
    (
        XML.replace(b"~", b"\xe9", 1),
        "The Response has a byte that UTF-8 does not have: 0xE9, byte ",
        "Write the Response in",
    ),
    (
        b'<?xml version="1.0" encoding="x"?>' + XML,
        "The Response is in the encoding x, which cannot be read",
        "Write the",
    ),
    (
        XML.replace(b"a:A", b"b:A"),
        "The SAMLResponse uses a namespace prefix that it does not declare",
        "Keep the declara",
    ),
    (
        XML.replace(b"&lt;", b"&auml;"),
        "The SAMLResponse names an entity that XML does not have",
        "Write &amp; for & in",
    ),
    (
        XML.replace(b"</a:", b"</"),
        "The SAMLResponse cannot be read: it is not well-formed XML: Opening and",
        "Pass the Response",
    ),
]
ROOTS: list[tuple[str, str, str]] = [
    (
        f"<AuthnRequest {P}/>",
        "The message is an AuthnRequest: the request with which a service asks for a",
        "Send the identity",
    ),
    (
        f"<LogoutResponse {P}/>",
        "The message is a LogoutResponse: the answer to a logout, not to a login.",
        "Set the app's single",
    ),
    (
        f"<LogoutRequest {P}/>",
        "The message is a LogoutRequest: the request to log somebody out, not a login.",
        "Set the app's",
    ),
    (
        f"<ArtifactResponse {P}/>",
        "The message is an ArtifactResponse: the answer to an artifact, with the",
        "Set the identity",
    ),
    (
        f"<a:Assertion {P}/>",
        "The message is an Assertion alone, without the Response around it.",
        "Send the whole Response",
    ),
    (
        '<Response xmlns="urn:oasis:names:tc:SAML:1.0:protocol"/>',
        "The message is a Response of SAML 1.1.",
        "Set the identity",
    ),
    (
        '<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion"/>',
        "The message is an Assertion of SAML 1.1.",
        "Set the",
    ),
    (
        '<t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"/>',
        "The message is a RequestSecurityTokenResponse of WS-Trust, as WS-Federation sends it.",
        "Set the identity provider's app to SAML 2.0 with the HTTP-POST binding.",
    ),
    (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><Response {P}/></s:Envelope>',
        "The message is a SOAP envelope, with a Response inside.",
        "Take the Response out of the envelope",
    ),
    (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"/>',
        "The message is metadata, not a login.",
        "Upload metadata to the SAML provider in IAM",
    ),
    ("<Response/>", "The message is a Response without the namespace of SAML.", "Write xmlns:samlp and the prefix"),
    (
        '<Response xmlns="urn:x"/>',
        "The message is a Response of urn:x, not of SAML 2.0.",
        "Set the identity provider's app",
    ),
    (
        "<y/>",
        "The message is the element y, not a SAML 2.0 Response.",
        "Send the Response that the identity provider's",
    ),
]


@pytest.mark.parametrize(
    ("field", "explanation", "fix"),
    [
        *FIELDS,
        *((_encoded(data), *rest) for data, *rest in DATA),
        *((_encoded(x.encode()), *rest) for x, *rest in ROOTS),
    ],
    ids=[text[:60] for rows in (FIELDS, DATA, ROOTS) for _, text, _ in rows],
)
def test_each_mix_up_is_told(field: str, explanation: str, fix: str) -> None:
    """By its own words, and with what to do about it."""
    message = receive(field)
    assert isinstance(message, UnreadableMessage)
    assert message.mistake.explanation.startswith(explanation)
    assert message.mistake.fix.startswith(fix)


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + XML, XML.decode().encode("utf-16")])
def test_a_byte_order_mark_inside_is_no_mistake(data: bytes) -> None:
    """XML may begin with one; what cannot is base64."""
    assert isinstance(receive(_encoded(data)), ReceivedResponse)


def test_a_login_that_failed_at_the_identity_provider() -> None:
    """It has no assertion because of that, and the Status gives the reason."""
    status = (
        '<Status><StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><StatusCode '
        'Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/></StatusCode><StatusMessage>No access to this app'
        "</StatusMessage></Status>"
    )
    message = receive(_encoded(f"<Response {P}>{status}</Response>".encode()))
    assert isinstance(message, UnreadableMessage)
    assert message.mistake.explanation == (
        "The Response has no assertion, because the login failed at the identity provider: Responder, AuthnFailed (No "
        "access to this app)."
    )
    assert message.mistake.where == "/Response/Status/StatusCode/@Value"


def test_the_refusal_has_the_words_and_the_fix_of_the_mistake(send: Send) -> None:
    """At sign-in and at STS, whose own sentence is the same for all of them."""
    refusal = send({"payload": "deflated"}).refusals()["response"]
    assert refusal.message == "Your request included an invalid SAML response. To logout, click here."
    assert refusal.fix == (
        "Set the identity provider to the HTTP-POST binding, where a Response is base64 alone, not compressed."
    )


@pytest.mark.parametrize(
    ("field", "explanation"),
    [
        ("=" * 99_999, "The SAMLResponse ends in 99999 padding signs (=), more than base64 ever has."),
        (_encoded(b" " * 74_000 + b"*"), "The SAMLResponse is base64, but what is inside is not XML."),
        ("<!-- -->" * 12_000, "The SAMLResponse is XML text; the form field carries its base64 form."),
        (
            _encoded(f"<Response {P}>{'<a:Assertion/>' * 4000}</Response>".encode()),
            "The Response has 4000 assertions, and a signature covers none of them: /Response/Assertion[1], "
            "/Response/Assertion[2], /Response/Assertion[3], /Response/Assertion[4] and 3996 more.",
        ),
    ],
    ids=["padding", "blanks", "comments", "assertions"],
)
def test_a_long_field_is_told_like_a_short_one(field: str, explanation: str) -> None:
    """What anybody may send costs no more than its length: no rule goes over it again and again."""
    message = receive(field)
    assert isinstance(message, UnreadableMessage)
    assert message.mistake.explanation == explanation
