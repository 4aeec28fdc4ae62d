"""From the form field to an assertion that can be read."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from sp_mock.arn import Arn
from sp_mock.assertion.login_request import RolePair, role_pair
from sp_mock.assertion.received import UnusableResponse, decode, parse_response
from sp_mock.instants import parse_instant

ROLE = "arn:aws:iam::123456789012:role/path/Agent"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/okta"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "The SAMLResponse is empty."),
        (" \r\n\t", "The SAMLResponse is empty."),
        ("PHg+\nPC9!", "The SAMLResponse has a character that base64 does not have: !, character 9 of 9."),
        ("PHg%2BPC9", "The SAMLResponse is still URL-encoded (it contains %2B, %2F or %3D)."),
        ("<saml2p:Response/>", "The SAMLResponse is XML text; the form field carries its base64 form."),
        ("PHg-PC9_", "The SAMLResponse is base64url; SAML uses plain base64 with + and /."),
        ("PHg+!C94", "The SAMLResponse has a character that base64 does not have: !, character 5 of 8."),
        ("PHg+P/", "The SAMLResponse is cut off: its base64 padding is wrong."),
        ("A" * 100_001, "The SAMLResponse has 100001 characters; AWS takes 100000 at most."),
    ],
)
def test_a_field_that_is_no_base64_is_told_apart(text: str, why: str) -> None:
    """The usual mistakes have their own sentence."""
    with pytest.raises(UnusableResponse) as caught:
        decode(text)
    assert caught.value.explanation == why
    assert caught.value.where == "form field SAMLResponse"


def test_line_breaks_in_base64_are_allowed() -> None:
    """Encoders that break lines are in use."""
    assert decode(base64.encodebytes(b"<x/>" * 40).decode()) == b"<x/>" * 40
    assert decode(" PHg v\r\nPg = =\u2003") == b"<x/>"


P = 'xmlns="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"'


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        ("<x", "The Response is cut off: elements are open at its end: Couldn't find end of Start Tag x line 1"),
        ("<!DOCTYPE x><x/>", "The SAMLResponse cannot be read: it has a document type declaration (DOCTYPE)"),
        ("<x><?y z?></x>", "The SAMLResponse cannot be read: it holds a processing instruction"),
        ("<x/>", "The message is the element x, not a SAML 2.0 Response."),
        (f"<LogoutResponse {P}/>", "The message is a LogoutResponse: the answer to a logout, not to a login."),
        (f"<Response {P}/>", "The Response reports success, and holds no assertion."),
        (
            f"<Response {P}><a:Assertion/><a:Assertion ID='b'/></Response>",
            "The Response has 2 assertions, and a signature covers none of them: /Response/Assertion[1], ",
        ),
        (
            f"<Response {P}><x><a:Assertion/></x></Response>",
            "The only assertion is not a child of the Response: it is at /Response/x/Assertion.",
        ),
        (
            f"<Response {P}><a:EncryptedAssertion/></Response>",
            "The assertion is encrypted, and there is no key to open it here.",
        ),
        ("<x>" * 40 + "</x>" * 40, "The SAMLResponse cannot be read: its elements are nested deeper than 32."),
        ("<x>" + "<y/>" * 500_000 + "</x>", "The SAMLResponse cannot be read: it holds more than 500,000 tags."),
        (
            "<x " + " ".join(f'a{i}=""' for i in range(17)) + "/>",
            "The SAMLResponse cannot be read: an element has more than 16",
        ),
    ],
)
def test_xml_of_another_kind_is_refused(xml: str, why: str) -> None:
    """Only a Response with one plain assertion is read."""
    with pytest.raises(UnusableResponse) as caught:
        parse_response(xml.encode())
    assert caught.value.explanation.startswith(why)


def test_bounds_are_those_of_what_is_inside_the_root() -> None:
    """A processing instruction beside the root, 16 attributes and 32 levels are read."""
    attributes = " ".join(f'a{number}=""' for number in range(16))
    levels = "<x>" * 30 + f"<y {attributes}/>" + "</x>" * 30
    response = parse_response(f"<?x y?><Response {P}>{levels}<a:Assertion/></Response><?x y?>".encode())
    assert response.root.tag.endswith("}Response")
    with pytest.raises(UnusableResponse, match="nested deeper than 32"):
        parse_response(f"<Response {P}><x>{levels}</x><x>{'<x>' * 33}{'</x>' * 33}</x></Response>".encode())
    with pytest.raises(UnusableResponse, match="an element has more than 16"):
        parse_response(f"<Response {P}><y {attributes} b=''/><a:Assertion/></Response>".encode())
    with pytest.raises(UnusableResponse, match="it holds a processing instruction"):
        parse_response(f"<Response {P}><a:Assertion/><?x y?></Response>".encode())


@pytest.mark.parametrize(
    ("value", "pair"),
    [
        (f"{ROLE},{PROVIDER}", RolePair(ROLE, PROVIDER)),
        (f"{PROVIDER},{ROLE}", RolePair(ROLE, PROVIDER)),
        (f" {PROVIDER} , {ROLE}\n", RolePair(ROLE, PROVIDER)),
        (ROLE, None),
        (f"{ROLE};{PROVIDER}", None),
        (f"{ROLE},{ROLE}", None),
        (f"{ROLE},{PROVIDER},{ROLE}", None),
        (f"{ROLE},arn:aws:iam::12345:saml-provider/okta", None),
        (f"arn:aws:iam::123456789012:user/x,{PROVIDER}", None),
        ("", None),
    ],
)
def test_a_role_value_is_a_pair_of_arns_in_either_order(value: str, pair: RolePair | None) -> None:
    """Anything else is not a usable value."""
    assert role_pair(value) == pair


def test_an_arn_knows_its_parts() -> None:
    """A path does not belong to the name."""
    arn = Arn.parse(ROLE)
    assert arn is not None
    assert (arn.account_id, arn.name, arn.is_role, arn.is_saml_provider, str(arn)) == (
        "123456789012",
        "Agent",
        True,
        False,
        ROLE,
    )
    assert Arn.parse("arn:aws:iam") is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-15T09:00:00Z", datetime(2026, 1, 15, 9, tzinfo=UTC)),
        ("2026-01-15T09:00:00.123Z", datetime(2026, 1, 15, 9, 0, 0, 123_000, tzinfo=UTC)),
        ("2026-01-15T09:00:00.123456789Z", datetime(2026, 1, 15, 9, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-01-15T18:00:00+09:00", datetime(2026, 1, 15, 9, tzinfo=UTC)),
        ("2026-01-15T09:00:00", datetime(2026, 1, 15, 9, tzinfo=UTC)),
        ("2026-01-15", None),
        ("2026-13-15T09:00:00Z", None),
        ("2026-01-15T24:00:00Z", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("2026-01-15T09:00:00+99:99", None),
        ("٢٠٢٦-01-15T09:00:00Z", None),
        ("", None),
    ],
)
def test_instants_are_read_or_none(text: str, moment: datetime | None) -> None:
    """Zones are honoured, a missing one is UTC, nonsense is none."""
    assert parse_instant(text) == moment
