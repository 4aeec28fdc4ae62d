"""The JSON protocol: a header names the operation, a body that cannot be read is refused, errors are JSON."""

from __future__ import annotations

import json

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import AwsRefusal
from emulator.network.wsgi import Answer, call, make_environ
from sp_mock.apis.json_protocol import JsonProtocol
from sp_mock.apis.wire_protocol import HttpRequest, RequestedOperation
from sp_mock.cloudtrail_api.api import CLOUDTRAIL_API

PROTOCOL = JsonProtocol(CLOUDTRAIL_API, exceptions={})
TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
HOST = "cloudtrail.us-east-1.amazonaws.com"


def _ask(federation: Federation, target: str, *, method: str = "POST") -> Answer:
    headers = [("Host", HOST), ("X-Amz-Target", target), ("Content-Type", "application/x-amz-json-1.1")]
    return call(federation.gateway, make_environ(method, "/", headers, b"{}", scheme="https"))


@pytest.mark.parametrize("target", [TARGET, "CloudTrail_20131101.LookupEvents"])
def test_the_operation_is_known_by_both_forms_of_its_target(federation: Federation, target: str) -> None:
    """Some SDKs leave the service's package out; unsigned, the call goes no further."""
    answer = _ask(federation, target)
    assert (answer.code, json.loads(answer.body)["__type"]) == (403, "MissingAuthenticationTokenException")


@pytest.mark.parametrize("target", ["", "LookupEvents", "Other_20131101.LookupEvents", TARGET + "s"])
def test_another_target_is_no_operation(federation: Federation, target: str) -> None:
    """The code is in the body, and nothing was looked up."""
    answer = _ask(federation, target)
    assert (answer.code, json.loads(answer.body)) == (400, {"__type": "UnknownOperationException", "message": ""})


def test_only_post_reaches_an_operation(federation: Federation) -> None:
    """Any other method is refused in the protocol's form."""
    answer = _ask(federation, TARGET, method="GET")
    assert (answer.code, json.loads(answer.body)["__type"]) == (405, "UnknownOperationException")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "The request's body is no JSON."),
        (b"[]", "The request's body is no JSON object."),
        (b'{"MaxResults": "five"}', "LookupEvents.MaxResults is not of type integer."),
        (b'{"LookupAttributes": {}}', "LookupEvents.LookupAttributes is no list."),
        (b'{"LookupAttributes": [1]}', "LookupEvents.LookupAttributes is no object."),
    ],
)
def test_a_body_that_cannot_be_read(body: bytes, words: str) -> None:
    """SerializationException, with the place."""
    request = HttpRequest(method="POST", path="/", query="", headers={}, body=body)
    with pytest.raises(AwsRefusal) as caught:
        PROTOCOL.read_parameters(RequestedOperation("LookupEvents"), request)
    refusal = caught.value
    assert (refusal.code, refusal.status, refusal.message) == ("SerializationException", 400, words)


def test_members_that_the_model_does_not_have_are_left_out() -> None:
    """What is read is the model's; null is nothing."""
    body = json.dumps({"MaxResults": 5, "Colour": "red", "NextToken": None}).encode()
    request = HttpRequest(method="POST", path="/", query="", headers={}, body=body)
    assert PROTOCOL.read_parameters(RequestedOperation("LookupEvents"), request) == {"MaxResults": 5}
