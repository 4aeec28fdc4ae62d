"""The site of an AWS service's API: from an HTTP request to an operation, and from its result or refusal to the answer.

A site is built once per process and answers from the services of the federation that each request is bound to.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, Request, Response
from werkzeug.exceptions import HTTPException, InternalServerError

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import AwsRefusal
from emulator.kernel.failures import REQUEST_ID_KEY
from emulator.kernel.services import services_of
from emulator.kernel.trace_notes import ASKED_HOST_KEY, TraceNote, record
from sp_mock.apis.api_endpoints import endpoint_of
from sp_mock.apis.call_events import CallEntry
from sp_mock.apis.operations import ApiCall, ServiceApi, UnsignedOperation, run_operation, trace_note
from sp_mock.apis.signed_calls import authenticated_caller
from sp_mock.apis.wire_protocol import HttpRequest, WireProtocol
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.pages import bound_site, client_connection, flask_request, service
from sp_mock.principals.callers import Keyring

_INTERNAL_FAILURES = {"iam": "ServiceFailure", "connect": "InternalServiceException"}


def api_site(api: ServiceApi, protocol: WireProtocol) -> Flask:
    """Builds the site of a service's API."""
    site = bound_site(api.prefix, max_form_bytes=api.max_form_bytes)

    @site.errorhandler(HTTPException)
    def malformed(error: HTTPException) -> Response:
        refusal = protocol.malformed(error.name, status=error.code or 400)
        return _error(refusal, api, protocol, request_id=_request_id())

    @site.errorhandler(InternalServerError)
    def failed(_error: InternalServerError) -> Response:
        return _worded(internal_failure(api), protocol, request_id=_request_id())

    @site.after_request
    def name_request(response: Response) -> Response:
        response.headers["x-amzn-RequestId"] = _request_id()
        return response

    def answer(**_path: str) -> Response:
        request, request_id = flask_request(), _request_id()
        history = services_of(request.environ).get(EventHistory)
        entry = CallEntry(protocol, endpoint_of(request.host), client_connection(request_id))
        try:
            call = _read_call(_request_as_sent(), api, protocol, entry)
            result = run_operation(call)
        except AwsRefusal as refusal:
            entry.refused(refusal, history, request_id=request_id)
            return _error(refusal, api, protocol, request_id=request_id)
        entry.answered(result, history)
        record(request.environ, trace_note(call, result))
        body = protocol.answer(call.operation, result.elements, request_id=request_id)
        return Response(body, 200, content_type=protocol.content_type)

    for path in protocol.paths:
        site.add_url_rule(path, "answer", answer, methods=protocol.methods)
    return site


def _request_id() -> str:
    """Returns the id of the request in hand, which its answer carries.

    Evidence: observed (a UUID in the header x-amzn-RequestId of every answer)
    """
    environ = flask_request().environ
    request_id: str = environ.get(REQUEST_ID_KEY) or services_of(environ).get(Ids).uuid()
    environ[REQUEST_ID_KEY] = request_id
    return request_id


def internal_failure(api: ServiceApi) -> AwsRefusal:
    """Returns what a service answers where the emulator has a mistake.

    Spec: AWS STS API "CommonErrors" InternalFailure; botocore's models: IAM's ServiceFailureException, Amazon Connect's
        InternalServiceException
    Evidence: documented
    """
    return AwsRefusal(
        "The request processing has failed because of an unknown error, exception or failure.",
        service=api.name,
        code=_INTERNAL_FAILURES.get(api.prefix, "InternalFailure"),
        status=500,
        check="request",
    )


def _read_call(sent: HttpRequest, api: ServiceApi, protocol: WireProtocol, entry: CallEntry) -> ApiCall:
    """Reads a call, and adds what is learned on the way to the entry of the event history."""
    requested = protocol.requested_operation(sent)
    operation = api.operations.get(requested.name)
    endpoint, clock = entry.endpoint, service(Clock)
    caller = None
    if not isinstance(operation, UnsignedOperation):
        caller = authenticated_caller(sent, api=api, endpoint=endpoint, keyring=service(Keyring), clock=clock)
        entry.operation, entry.caller = requested.name, caller
    if operation is None:
        raise protocol.not_offered(requested.name)
    entry.parameters = parameters = protocol.read_parameters(requested, sent)
    violations = protocol.violations(requested.name, parameters)
    if violations:
        count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected: "
        raise protocol.invalid_parameters(requested.name, count + "; ".join(violations))
    call = ApiCall(
        api=api,
        operation=requested.name,
        parameters=parameters,
        endpoint=endpoint,
        now=clock.now(),
        services=services_of(flask_request().environ),
        client=entry.client,
    )
    return call if caller is None else call.signed_by(caller)


def _error(refusal: AwsRefusal, api: ServiceApi, protocol: WireProtocol, *, request_id: str) -> Response:
    record(flask_request().environ, TraceNote(api.name, f"refused by check {refusal.check}", refusal=refusal))
    return _worded(refusal, protocol, request_id=request_id)


def _worded(refusal: AwsRefusal, protocol: WireProtocol, *, request_id: str) -> Response:
    body = protocol.error(refusal, request_id=request_id)
    response = Response(body, refusal.status, content_type=protocol.content_type)
    response.headers.update(protocol.error_headers(refusal))
    return response


def _request_as_sent() -> HttpRequest:
    request = flask_request()
    body = request.get_data(cache=True)  # before the form is read: signatures cover the body as it was sent
    asked = request.environ.get(ASKED_HOST_KEY, request.host)
    return HttpRequest(
        method=request.method,
        path=_path_as_sent(request),
        query=request.query_string.decode("utf-8", "replace"),
        headers={**{name.lower(): value for name, value in request.headers}, "host": asked},
        body=body,
        fields={**request.args.to_dict(), **request.form.to_dict()},
    )


def _path_as_sent(request: Request) -> str:
    """Returns the path with its percent-encoding, because the slashes in an encoded ARN are not separators."""
    sent = str(request.environ.get("REQUEST_URI", "")).partition("?")[0]
    if "://" in sent:
        sent = "/" + sent.split("://", 1)[1].partition("/")[2]
    return sent or quote(request.path, safe="/-_.~")
