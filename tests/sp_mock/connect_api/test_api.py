"""Amazon Connect's service API as no SDK would call it: what is malformed gets an answer of the service's kind."""

from __future__ import annotations

import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator.federation import Federation
from emulator.network.wsgi import Answer, call, make_environ
from tests.conftest import INSTANCE_ID
from tests.sdk import ADMINISTRATOR

HOST = "connect.ap-northeast-1.amazonaws.com"


def _call(
    federation: Federation, method: str, target: str, body: bytes = b"", *, signed: bool = True, host: str = HOST
) -> Answer:
    region = host.split(".")[1]
    request = AWSRequest(method, f"https://{host}{target}", data=body, headers={"Host": host})
    if signed:
        credentials = Credentials(ADMINISTRATOR["aws_access_key_id"], ADMINISTRATOR["aws_secret_access_key"])
        SigV4Auth(credentials, "connect", region).add_auth(request)
    environ = make_environ(method, target, list(request.headers.items()), body, scheme="https")
    return call(federation.gateway, environ)


def _said(answer: Answer) -> tuple[int, str, str]:
    code = next(value for name, value in answer.headers if name.lower() == "x-amzn-errortype")
    return answer.code, code, json.loads(answer.body)["Message"]


BODIES: list[tuple[bytes, str, str]] = [
    (b"nonsense", "InvalidRequestException", "The request's body is no JSON."),
    (b"[]", "InvalidRequestException", "The request's body is no JSON object."),
    (b"[" * 5_000, "InvalidRequestException", "The request's body is no JSON."),
    (b'{"a": NaN}', "InvalidRequestException", "The request's body is no JSON."),
    (b"\xff\xfe", "InvalidRequestException", "The request's body is no JSON."),
    (b'{"SearchCriteria": []}', "InvalidRequestException", "SearchCriteria is no object."),
    (
        b'{"InstanceId": "x", "SearchCriteria": ' + b'{"AndConditions": [' * 40 + b"]}" * 40 + b"}",
        "InvalidRequestException",
        "The request's body is nested too deeply.",
    ),
    (b'{"InstanceId": 5}', "InvalidRequestException", "InstanceId is not of type string."),
    (
        b"{}",
        "InvalidParameterException",
        "1 validation error detected: Value null at 'instanceId' failed to satisfy constraint: Member must not be null",
    ),
]


@pytest.mark.parametrize(("body", "code", "words"), BODIES)
def test_a_body_that_is_none(federation: Federation, body: bytes, code: str, words: str) -> None:
    """Refused with 400 and the reason, never a traceback."""
    answer = _call(federation, "POST", "/search-users", body)
    assert _said(answer) == (400, code, words)


def test_calls_without_a_signature(federation: Federation) -> None:
    """The code that REST services have for it."""
    answer = _call(federation, "GET", "/instance", signed=False)
    assert _said(answer) == (403, "MissingAuthenticationTokenException", "Request is missing Authentication Token")


@pytest.mark.parametrize("target", ["/", "/nothing", "/instance/a/b/c/d", "/%2e%2e/instance", "/users-summary/"])
def test_a_path_that_is_no_operations(federation: Federation, target: str) -> None:
    """Named with its method, as a client sent it."""
    code, kind, words = _said(_call(federation, "GET", target))
    assert (code, kind) == (404, "UnknownOperationException")
    assert words == f"Unable to determine service/operation name to be authorized: GET {target}"


def test_a_body_that_was_changed_after_signing(federation: Federation) -> None:
    """The signature covers it; a header that claims another digest does not help."""
    body = json.dumps({"InstanceId": INSTANCE_ID}).encode()
    request = AWSRequest("POST", f"https://{HOST}/search-users", data=body, headers={"Host": HOST})
    credentials = Credentials(ADMINISTRATOR["aws_access_key_id"], ADMINISTRATOR["aws_secret_access_key"])
    SigV4Auth(credentials, "connect", "ap-northeast-1").add_auth(request)
    changed = body.replace(b"{", b'{"MaxResults": 1, ')
    environ = make_environ("POST", "/search-users", list(request.headers.items()), changed, scheme="https")
    assert _said(call(federation.gateway, environ))[:2] == (403, "InvalidSignatureException")
    environ = make_environ("POST", "/search-users", list(request.headers.items()), body, scheme="https")
    assert call(federation.gateway, environ).code == 200


def test_another_partitions_endpoint(federation: Federation) -> None:
    """Keys of one partition open nothing in another."""
    answer = _call(federation, "GET", "/instance", host="connect.us-gov-west-1.amazonaws.com")
    assert _said(answer) == (
        403,
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
