"""Calls of AWS's APIs as no SDK makes them: any method, path and body, signed or not."""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import unescape

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator.federation import Federation
from emulator.network.wsgi import Answer, Environ, call, make_environ
from tests.sdk import ADMINISTRATOR

FORM = "application/x-www-form-urlencoded"
_HOSTS = {
    "sts": "sts.amazonaws.com",
    "iam": "iam.amazonaws.com",
    "connect": "connect.ap-northeast-1.amazonaws.com",
}
_REGIONS = {"connect": "ap-northeast-1"}


def call_environ(service: str, method: str, target: str, body: bytes = b"", *, signed: bool = True) -> Environ:
    """Returns the environment of a call.

    Args:
        service: ``sts``, ``iam`` or ``connect``.
        method: The HTTP method.
        target: Path and query.
        body: Fields of a form for STS and IAM, JSON for Amazon Connect.
        signed: Whether the administrator signs it.
    """
    headers = {"Host": _HOSTS[service], **({"Content-Type": FORM} if body and service != "connect" else {})}
    request = AWSRequest(method, f"https://{_HOSTS[service]}{target}", data=body, headers=headers)
    if signed:
        key = Credentials(ADMINISTRATOR["aws_access_key_id"], ADMINISTRATOR["aws_secret_access_key"])
        SigV4Auth(key, service, _REGIONS.get(service, "us-east-1")).add_auth(request)
    return make_environ(method, target, list(request.headers.items()), body, scheme="https")


def call_api(
    federation: Federation, service: str, method: str, target: str, body: bytes = b"", *, signed: bool = True
) -> Answer:
    """Returns a federation's answer to a call."""
    return call(federation.gateway, call_environ(service, method, target, body, signed=signed))


def error_of(answer: Answer) -> tuple[int, str, str]:
    """Returns status, code and message of an error, from XML or from JSON and its header."""
    text = answer.body.decode()
    headers = {name.lower(): value for name, value in answer.headers}
    if headers["content-type"] == "application/json":
        return answer.code, headers["x-amzn-errortype"], json.loads(text)["Message"]
    found = re.search("<Code>(.*)</Code>\n    <Message>(.*)</Message>", text, re.DOTALL)
    assert found is not None
    return answer.code, found[1], unescape(found[2])
