"""A mistake of the emulator's own: one traceback in the log, under the id that the client's answer has."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from botocore.parsers import create_parser
from botocore.session import Session

from emulator.federation import Federation
from emulator.kernel.failures import RAISE_KEY, Failure
from emulator.network.aliases import Localiser
from emulator.network.failure_answers import secrets_of
from emulator.network.trace import Exchange
from emulator.network.wsgi import Answer, Environ, call, make_environ
from emulator.running.start import open_to_clients

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
_OKTA_ID = r"[A-Za-z0-9_-]{27}"
_CCP = "acme.my.connect.aws"


def environ_of(host: str, path: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> Environ:
    """Returns a request to a host."""
    given = [("Host", host), *((name.replace("_", "-"), value) for name, value in headers.items())]
    return make_environ(method, path, given, body, scheme="https")


def broken(federation: Federation, environ: Environ) -> Answer:
    """Returns the answer to a request at which the site raises what nobody expects."""
    return federation.gateway.answer({**environ, RAISE_KEY: LookupError("the sessions are gone")})


def header(answer: Answer, name: str) -> str:
    """Returns a header of an answer; empty when it is not there."""
    return next((value for each, value in answer.headers if each.lower() == name.lower()), "")


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Returns the only thing that was logged."""
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("fedemu", logging.ERROR)
    return record.getMessage()


@pytest.mark.parametrize(
    ("host", "service", "operation", "code"),
    [
        ("sts.amazonaws.com", "sts", "GetCallerIdentity", "InternalFailure"),
        ("iam.amazonaws.com", "iam", "GetRole", "ServiceFailure"),
        ("connect.us-east-1.amazonaws.com", "connect", "ListUsers", "InternalServiceException"),
        ("cloudtrail.us-east-1.amazonaws.com", "cloudtrail", "LookupEvents", "InternalFailure"),
    ],
)
def test_an_api_of_aws_answers_in_its_own_format(
    federation: Federation, caplog: pytest.LogCaptureFixture, host: str, service: str, operation: str, code: str
) -> None:
    """botocore reads code, message and request id out of it; the log has the traceback under that id, once."""
    answer = broken(federation, environ_of(host, "/"))
    model = Session().get_service_model(service)
    parsed: Any = create_parser(model.metadata["protocol"]).parse(
        {"status_code": answer.code, "headers": {k.lower(): v for k, v in answer.headers}, "body": answer.body},
        model.operation_model(operation).output_shape,
    )
    assert answer.code == 500
    assert parsed["Error"]["Code"] == code
    assert parsed["Error"]["Message"] == (
        "The request processing has failed because of an unknown error, exception or failure."
    )
    request_id = parsed["ResponseMetadata"]["RequestId"]
    assert re.fullmatch(_UUID, request_id)
    assert header(answer, "x-amzn-RequestId") == request_id
    text = logged(caplog)
    assert text.startswith(
        f"fedemu: an unexpected error while answering GET https://{host}/ (request id {request_id})\n"
    )
    assert text.count("Traceback (most recent call last):") == 1
    assert text.endswith("LookupError: the sessions are gone")


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v1/authn", "/api/nothing"])
def test_oktas_apis_answer_with_an_error_code(
    federation: Federation, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """The id is that of the header X-Okta-Request-Id, as long as Okta's."""
    answer = broken(federation, environ_of("acme.okta.com", path))
    request_id = header(answer, "X-Okta-Request-Id")
    assert re.fullmatch(_OKTA_ID, request_id)
    assert (answer.code, json.loads(answer.body)) == (
        500,
        {
            "errorCode": "E0000009",
            "errorSummary": "Internal Server Error",
            "errorLink": "E0000009",
            "errorId": request_id,
            "errorCauses": [],
        },
    )
    assert f"(request id {request_id})" in logged(caplog)


def test_oktas_token_endpoint_answers_as_oauth_does(federation: Federation, caplog: pytest.LogCaptureFixture) -> None:
    """A client finds error and error_description."""
    answer = broken(federation, environ_of("acme.okta.com", "/oauth2/v1/token", method="POST"))
    request_id = header(answer, "X-Okta-Request-Id")
    assert json.loads(answer.body) == {"error": "server_error", "error_description": f"Request ID: {request_id}"}
    assert request_id in logged(caplog)


@pytest.mark.parametrize(
    ("host", "path", "name"),
    [
        ("acme.okta.com", "/app/UserHome", "X-Okta-Request-Id"),
        ("acme.okta.com", "/oauth2/v1/authorize", "X-Okta-Request-Id"),
        ("signin.aws.amazon.com", "/saml", "x-amzn-RequestId"),
        ("console.aws.amazon.com", "/", "x-amzn-RequestId"),
        (_CCP, "/ccp-v2", "x-amzn-RequestId"),
        (_CCP, "/connect/ccp-v2", "x-amzn-RequestId"),
        ("127.0.0.1:7080", "/", "X-Request-Id"),
        ("127.0.0.1:7080", "/workbench/people", "X-Request-Id"),
    ],
)
def test_a_browser_gets_a_page_with_the_id(
    federation: Federation, caplog: pytest.LogCaptureFixture, host: str, path: str, name: str
) -> None:
    """People read it on the page, programs in the header."""
    open_to_clients(federation)
    answer = broken(federation, environ_of(host, path))
    request_id = header(answer, name)
    assert answer.code == 500
    assert header(answer, "Content-Type").startswith("text/html")
    assert f"Request ID: {request_id}" in answer.body.decode()
    assert f"(request id {request_id})" in logged(caplog)


def test_the_control_api_answers_with_json(federation: Federation, caplog: pytest.LogCaptureFixture) -> None:
    """The form of its errors, with the id."""
    open_to_clients(federation)
    answer = broken(federation, environ_of("127.0.0.1:7080", "/fedemu/clock"))
    request_id = header(answer, "X-Request-Id")
    assert (answer.code, json.loads(answer.body)) == (
        500,
        {
            "format": 2,
            "error": {
                "message": f"Something went wrong in fedemu. Request ID: {request_id}",
                "fix": "The log has its traceback under this ID.",
                "request_id": request_id,
            },
            "text": f"Something went wrong in fedemu. Request ID: {request_id}",
            "exit_code": 1,
        },
    )
    assert f"(request id {request_id})" in logged(caplog)


def test_an_error_after_the_site_is_worded_by_the_site(
    federation: Federation, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever part of the gateway fails: the client of an API reads its format, and the log has it once."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no exchange")

    monkeypatch.setattr("emulator.network.gateway.exchange_of", fail)
    answer = federation.gateway.answer(environ_of("sts.amazonaws.com", "/?Action=GetCallerIdentity"))
    request_id = header(answer, "x-amzn-RequestId")
    assert b"<Code>InternalFailure</Code>" in answer.body
    assert logged(caplog).count("RuntimeError: no exchange") == 1
    assert f"(request id {request_id})" in logged(caplog)


@pytest.mark.parametrize("accept", ["*/*", "text/html,application/xhtml+xml"])
def test_an_error_before_any_site_is_answered_plainly(
    federation: Federation, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, accept: str
) -> None:
    """A page for a browser, text for everybody else."""

    def fail(_address: str) -> None:
        raise SystemExit("a page ends the process")

    monkeypatch.setattr(federation.gateway.hosts, "address", fail)
    answer = federation.gateway.answer(environ_of("acme.okta.com", "/", Accept=accept))
    request_id = header(answer, "X-Request-Id")
    assert answer.code == 500
    assert header(answer, "Content-Type").startswith("text/html" if "html" in accept else "text/plain")
    said = f"Something went wrong in fedemu. Request ID: {request_id}. The log has its traceback under this ID."
    assert said in answer.body.decode()
    assert "SystemExit: a page ends the process" in logged(caplog)


def test_a_header_that_cannot_be_sent_is_a_mistake_and_no_silence(
    federation: Federation, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would end the line that it is in, or is not Latin-1."""
    for value in ("a\r\nSet-Cookie: b", "日本"):
        caplog.clear()

        def localise(_self: Localiser, answer: Answer, value: str = value) -> Answer:
            return Answer(answer.status, (("X-Name", value),), b"")

        monkeypatch.setattr(Localiser, "localise", localise)
        answer = federation.gateway.answer(environ_of("acme.okta.com.localhost:7080", "/login/login.htm"))
        assert answer.code == 500
        assert f"(request id {header(answer, 'X-Okta-Request-Id')})" in logged(caplog)


def test_a_listener_that_fails_keeps_no_answer_back(federation: Federation, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the listeners after it hear of the exchange."""
    heard: list[Exchange] = []

    def fail(_exchange: Exchange) -> None:
        raise OSError("the disk is full")

    federation.gateway.listen(fail)
    federation.gateway.listen(heard.append)
    assert federation.browser().open("https://acme.okta.com/login/login.htm").status == 200
    assert [each.status for each in heard] == [200]
    assert logged(caplog).startswith(
        "fedemu: an unexpected error while telling a listener of GET https://acme.okta.com/"
    )


def test_whoever_listens_gets_the_failure_and_the_log_does_not(
    federation: Federation, caplog: pytest.LogCaptureFixture
) -> None:
    """A test that watches the federation has the traceback; what was being done and the id come with it."""
    heard: list[Failure] = []
    federation.failures.listen(heard.append)
    answer = broken(federation, environ_of("sts.amazonaws.com", "/"))
    (failure,) = heard
    assert (failure.during, str(failure.error)) == (
        "answering GET https://sts.amazonaws.com/",
        "the sessions are gone",
    )
    assert failure.request_id == header(answer, "x-amzn-RequestId")
    assert caplog.records == []


def test_a_listener_of_failures_that_fails_loses_none(caplog: pytest.LogCaptureFixture, federation: Federation) -> None:
    """Both errors are in the log, and the client has its answer."""

    def fail(_failure: Failure) -> None:
        raise ValueError("no room")

    federation.failures.listen(fail)
    assert broken(federation, environ_of("sts.amazonaws.com", "/")).code == 500
    texts = [record.getMessage() for record in caplog.records]
    assert [text.rpartition("\n")[2] for text in texts] == ["ValueError: no room", "LookupError: the sessions are gone"]


def test_secrets_of_the_request_are_in_no_log(federation: Federation, caplog: pytest.LogCaptureFixture) -> None:
    """An exception may quote a password, a cookie or a token of the request: neither log nor trace has them."""
    environ = environ_of(
        "acme.okta.com",
        "/login?sessionToken=s3ss10n",
        method="POST",
        body=b"username=hanako&password=tr0ub4dor%263",
        Content_Type="application/x-www-form-urlencoded",
        Cookie="sid=c00k1e-value; other=x",
        Authorization="SSWS 00api-token",
    )
    error = LookupError("not in s3ss10n, tr0ub4dor&3, c00k1e-value, SSWS 00api-token\x1b[31m")
    federation.gateway.answer({**environ, RAISE_KEY: error})
    shown = "LookupError: not in (redacted), (redacted), (redacted), (redacted)"
    assert logged(caplog).endswith(f"{shown}\N{REPLACEMENT CHARACTER}[31m")
    (exchange,) = federation.gateway.exchanges
    assert exchange.failure == f"{shown}\x1b[31m"


def test_secrets_are_found_in_json_too() -> None:
    """At any depth; numbers and other names stay."""
    body = json.dumps(
        {"username": "hanako", "credentials": {"password": {"value": "x"}}, "list": [{"passCode": "123456"}]}
    )
    assert secrets_of(environ_of("acme.okta.com", "/", method="POST", body=body.encode())) == ("123456",)
    assert secrets_of(environ_of("acme.okta.com", "/", method="POST", body=b"{" * 100_000)) == ()


def test_a_very_long_message_is_cut(federation: Federation, caplog: pytest.LogCaptureFixture) -> None:
    """A megabyte in an exception is not a megabyte in the log."""
    federation.gateway.answer({**environ_of("acme.okta.com", "/"), RAISE_KEY: LookupError("x" * 1_000_000)})
    assert len(logged(caplog)) < 51_000


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_the_end_of_the_process_is_no_mistake(
    federation: Federation,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[BaseException],
) -> None:
    """A signal that arrives while a browser of this process is answered ends it without a traceback in the log."""

    def fail(_address: str) -> None:
        raise kind

    monkeypatch.setattr(federation.gateway.hosts, "address", fail)
    with pytest.raises(kind):
        call(federation.gateway, environ_of("acme.okta.com", "/"))
    assert caplog.records == []
