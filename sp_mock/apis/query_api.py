"""The front of STS and IAM: who calls, which action, with which parameters; then the answer or the refusal as XML.

POST /   Action=… in the form
GET  /   the same in the query string
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import AwsRefusal, InvalidAction, InvalidClientTokenId, ValidationError
from emulator.kernel.trace_notes import NO_FACTS, Facts, TraceNote, record
from sp_mock.apis.api_endpoints import ApiEndpoint, endpoint_of
from sp_mock.apis.query_protocol import Answer, QueryService
from sp_mock.apis.service_model import Parameters
from sp_mock.apis.signed_calls import the_caller
from sp_mock.pages import MAX_FORM_BYTES
from sp_mock.principals.callers import Caller, Keyring


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is well-formed and, where it has to be, signed.

    Args:
        action: Such as ``AssumeRole``.
        parameters: By their names in the service's model.
        endpoint: Which endpoint was asked.
        caller: Who signed; None for an action that takes no signature.
    """

    action: str
    parameters: Parameters
    endpoint: ApiEndpoint
    caller: Caller | None = None

    @property
    def signed_by(self) -> Caller:
        """The caller of an action that has to be signed."""
        if self.caller is None:
            raise LookupError(f"{self.action} takes no signature")
        return self.caller


@dataclass(frozen=True, slots=True)
class Done:
    """A call that went through: the answer's members, and what the trace tells about it."""

    answer: Answer = field(default_factory=dict)
    summary: str = ""
    facts: Facts = NO_FACTS


Handler = Callable[[Call], Done]


@dataclass(frozen=True, slots=True)
class Api:
    """A service behind the Query protocol.

    Args:
        name: As people know it: ``AWS STS``.
        scope: As signatures name it: ``sts``.
        service: Its model.
        handlers: What is offered, by action.
        unsigned: The actions that take no signature.
    """

    name: str
    scope: str
    service: QueryService
    handlers: Mapping[str, Handler]
    unsigned: frozenset[str] = frozenset()


def query_site(api: Api, *, keyring: Keyring, clock: Clock, ids: Ids) -> Flask:
    """Builds a service's endpoint."""
    site = Flask(f"sp_mock.{api.scope}", static_folder=None)
    site.config.update(MAX_CONTENT_LENGTH=MAX_FORM_BYTES, MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES)

    @site.errorhandler(HTTPException)
    def malformed(error: HTTPException) -> Response:
        refusal = InvalidAction(error.name, service=api.name, check="request", status=error.code or 400)
        return _answer(api.service.error(refusal, request_id=ids.uuid()), refusal.status)

    @site.route("/", methods=["GET", "POST"])
    def query() -> Response:
        request_id = ids.uuid()
        request.get_data(cache=True)  # before the form is read: signatures cover the body as it was sent
        try:
            call = _read_call(api, keyring=keyring, clock=clock)
            done = api.handlers[call.action](call)
        except AwsRefusal as refusal:
            record(request.environ, TraceNote(api.name, f"refused by check {refusal.check}", refusal=refusal))
            return _answer(api.service.error(refusal, request_id=request_id), refusal.status)
        record(request.environ, TraceNote(api.name, done.summary or call.action, done.facts))
        return _answer(api.service.answer(call.action, done.answer, request_id=request_id), 200)

    return site


def _read_call(api: Api, *, keyring: Keyring, clock: Clock) -> Call:
    fields = {**request.args.to_dict(), **request.form.to_dict()}
    action, version = fields.get("Action", ""), fields.get("Version", api.service.version)
    if action not in api.handlers or version != api.service.version:
        raise _unknown_action(api, action, version)
    endpoint = endpoint_of(request.host)
    caller = None
    if action not in api.unsigned:
        caller = the_caller(keyring, service=api.scope, endpoint=endpoint, clock=clock)
        if caller.partition != endpoint.partition:
            raise _other_partition(api, caller, endpoint)
    parameters = api.service.parameters(action, fields)
    violations = api.service.violations(action, parameters)
    if violations:
        count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected: "
        raise ValidationError(
            count + "; ".join(violations),
            service=api.name,
            check="parameters",
            evidence="observed",
            explanation="The call's parameters are not well-formed; nothing was looked up.",
            where="the call's parameters",
            fix=f"See {action}'s parameters in the {api.name} API reference.",
            spec=f"{api.name} API {action}",
        )
    return Call(action, parameters, endpoint, caller)


def _answer(body: str, status: int) -> Response:
    return Response(body, status, content_type="text/xml")


def _unknown_action(api: Api, action: str, version: str) -> InvalidAction:
    real = version == api.service.version and api.service.knows(action)
    return InvalidAction(
        f"Could not find operation {action} for version {version}",
        service=api.name,
        check="action",
        evidence="assumed",
        explanation=f"{api.name} has this action, but the emulator does not offer it."
        if real
        else f"{api.name} has no such action.",
        where="parameter Action",
        expected=", ".join(api.handlers),
        received=action,
        spec=f"{api.name} API",
    )


def _other_partition(api: Api, caller: Caller, endpoint: ApiEndpoint) -> InvalidClientTokenId:
    return InvalidClientTokenId(
        "The security token included in the request is invalid.",
        service=api.name,
        check="partition",
        evidence="assumed",
        explanation=f"The credentials belong to partition {caller.partition}, the endpoint to {endpoint.partition}.",
        where="the endpoint's host",
        expected=f"an endpoint of {caller.partition}",
        received=endpoint.host,
        fix="Set the region: each partition has endpoints of its own.",
        spec='AWS General Reference "AWS service endpoints"',
    )
