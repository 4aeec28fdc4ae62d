"""Remarks: what decides nothing, and is worth knowing."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from emulator.inspection.judging import inspect
from emulator.recordings.logins import RecordedLogin
from tests.emulator.inspection.vendor_responses import (
    AWS_URL,
    GOOD,
    PROVIDER_ARN,
    ROLE_ARN,
    SHAPES,
    Shape,
    response,
    with_shape,
)

REGIONAL = "https://eu-west-1.signin.aws.amazon.com/saml"


def _remarks(shape: Shape, *, login: RecordedLogin | None = None, **content: Any) -> tuple[str, ...]:
    message = base64.b64encode(response(shape, replace(GOOD, **content))).decode()
    return inspect(message, login=login).remarks


def test_a_message_as_aws_wants_it_has_none() -> None:
    """Not even where it was posted."""
    assert _remarks(SHAPES["onelogin"]) == ()
    assert _remarks(SHAPES["onelogin"], login=RecordedLogin("", posted_to=AWS_URL)) == ()


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        (
            {"recipient": REGIONAL},
            f"Destination: {AWS_URL} is another address than the Recipient, {REGIONAL}. Trust policies see the "
            "Recipient, as SAML:aud; programs such as saml2aws post to the Destination.",
        ),
        (
            {"version": "2.1"},
            "Version: 2.0 and 2.1. SAML 2.0 is what AWS takes; whether it asks for this attribute is not public.",
        ),
        (
            {"in_response_to": "_q7"},
            "InResponseTo: _q7. The message answers a request, and AWS sends none: a program or the identity provider "
            "made it in AWS's name. AWS is known to take such answers.",
        ),
    ],
)
def test_what_is_unusual_is_told(content: dict[str, Any], remark: str) -> None:
    """With what is known of AWS, and what is not."""
    assert _remarks(SHAPES["onelogin"], **content) == (remark,)


def test_no_destination_is_told() -> None:
    """SAML wants one on a signed message."""
    assert _remarks(with_shape("onelogin", has_destination=False)) == (
        "Destination: none. SAML wants one on a signed message that is posted; AWS is not known to ask for it.",
    )


def test_another_address_of_the_post_is_told() -> None:
    """The global address and us-east-1's are the same one."""
    assert _remarks(SHAPES["onelogin"], login=RecordedLogin("", posted_to=REGIONAL)) == (
        f"Destination: {AWS_URL}, but the message was posted to {REGIONAL}.",
    )
    same = RecordedLogin("", posted_to="https://us-east-1.signin.aws.amazon.com/saml")
    assert _remarks(SHAPES["onelogin"], login=same) == ()


def test_of_several_roles_the_first_is_judged() -> None:
    """Unless one was chosen."""
    other = f"arn:aws:iam::210987654321:role/Other,{PROVIDER_ARN}"
    attribute = ("https://aws.amazon.com/SAML/Attributes/Role", other)
    message = response(SHAPES["onelogin"], replace(GOOD, attributes=(attribute,)))
    text = message.decode()
    # Two attributes of one name are two Role attributes; the second value goes into the first.
    start = text.index("</saml:AttributeValue></saml:Attribute>")
    both = f"{text[:start]}</saml:AttributeValue><saml:AttributeValue>{other}{text[start:]}"
    saml_response = base64.b64encode(both.encode()).decode()
    assert inspect(saml_response).remarks == (
        "Role: the message offers 2 roles, and the first was judged. Ask about another one with --role "
        "arn:aws:iam::210987654321:role/Other.",
    )
    chosen = RecordedLogin("", role_arn=ROLE_ARN)
    assert inspect(saml_response, login=chosen).remarks == ()


@pytest.mark.parametrize(
    ("undone", "remark"),
    [
        (
            ("DEFLATE",),
            "The message was compressed (DEFLATE), as the HTTP-Redirect binding has it. AWS takes the HTTP-POST "
            "binding only, where it is base64 alone.",
        ),
        (
            ("URL encoding", "URL encoding"),
            "Undone before it was judged: URL encoding. AWS takes plain base64 only.",
        ),
    ],
)
def test_what_was_undone_is_told(undone: tuple[str, ...], remark: str) -> None:
    """A copy is read as it can be; AWS is not so patient."""
    assert _remarks(SHAPES["onelogin"], login=RecordedLogin("", undone=undone)) == (remark,)
