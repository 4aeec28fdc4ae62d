"""The condition keys that every request has, and what is said of a value that the emulator chose."""

from __future__ import annotations

import pytest

from emulator.kernel.client_connection import DEFAULT_ADDRESS, ClientConnection
from sp_mock.policies.documents import PolicyDocument
from sp_mock.policies.evaluation import Principal, Request, evaluate
from sp_mock.policies.request_context import environment_keys, note_on
from tests.conftest import NOW

EVERYWHERE = {
    "aws:currenttime": ("2026-01-15T09:00:00Z",),
    "aws:epochtime": ("1768467600",),
    "aws:requestedregion": ("eu-west-1",),
    "aws:securetransport": ("true",),
    "aws:sourceip": ("127.0.0.1",),
    "aws:viaawsservice": ("false",),
}


def test_what_every_request_has() -> None:
    """Instant, region, transport, address; the program where it names itself, and no key of a VPC."""
    assert environment_keys(ClientConnection(), region="eu-west-1", now=NOW, names=()) == EVERYWHERE
    client = ClientConnection("203.0.113.9", "aws-cli/2", is_secure=False)
    assert environment_keys(client, region="eu-west-1", now=NOW, names=("hanako",)) == {
        **EVERYWHERE,
        "aws:securetransport": ("false",),
        "aws:sourceip": ("203.0.113.9",),
        "aws:useragent": ("aws-cli/2",),
    }


def test_the_default_address_is_told() -> None:
    """It is the emulator's, and so is what changes it; other keys and other addresses say nothing."""
    assert note_on("aws:sourceip", ("127.0.0.1",)) == DEFAULT_ADDRESS
    assert note_on("aws:sourceip", ("203.0.113.9",)) == ""
    assert note_on("aws:useragent", ("127.0.0.1",)) == ""


@pytest.mark.parametrize(
    ("effect", "operator", "explanation"),
    [
        (
            "Allow",
            "IpAddress",
            "p, Statement[0]: Condition IpAddress aws:sourceip expects 203.0.113.0/24, the request has 127.0.0.1 "
            f"({DEFAULT_ADDRESS})",
        ),
        ("Deny", "NotIpAddress", f"p, Statement[0] denies it explicitly ({DEFAULT_ADDRESS})"),
    ],
)
def test_a_refusal_by_the_default_address_says_so(effect: str, operator: str, explanation: str) -> None:
    """An Allow for a network that this machine is not in, and a Deny of every other network."""
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": effect,
                "Action": "*",
                "Resource": "*",
                "Condition": {operator: {"aws:SourceIp": "203.0.113.0/24"}},
            }
        ],
    }
    request = Request("s3:GetObject", "*", Principal("AWS", "arn"), EVERYWHERE)
    assert evaluate([("p", PolicyDocument.parse(document, kind="identity"))], request).explanation == explanation
