"""Amazon Connect's service API, ``connect.{region}.amazonaws.com``: who may call what, the account before and after.

Each operation is in the module of what it is about: instances, users. GetFederationToken, which changes no account, is
here.

Spec: Amazon Connect API Reference; Service Authorization Reference, Amazon Connect
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import AwsRefusal, ConnectRefusal
from emulator.kernel.trace_notes import TraceNote, record
from sp_mock.accounts.model import Account, Aws
from sp_mock.apis.api_endpoints import ApiEndpoint, endpoint_of
from sp_mock.apis.rest_json import Answer, MalformedRequest, RestJsonService
from sp_mock.apis.service_model import Parameters
from sp_mock.apis.signed_calls import path_as_sent, the_caller
from sp_mock.connect import instances, users
from sp_mock.connect.federation import ACTION, ConnectFederation
from sp_mock.connect.identifiers import user_arn
from sp_mock.connect.operations import CONNECT_API, Operation, Work, of_instance, refused
from sp_mock.pages import MAX_FORM_BYTES
from sp_mock.principals.callers import Authorizer, Caller, Keyring
from sp_mock.principals.credentials import CredentialStore, RoleSession

OPERATIONS: Mapping[str, Operation] = {**instances.OPERATIONS, **users.OPERATIONS}
_FEDERATE = "GetFederationToken"
# A REST service names its common errors otherwise than STS and IAM do.
_CODES = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "IncompleteSignature": "IncompleteSignatureException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}


def service_api_site(
    aws: Aws, store: CredentialStore, federation: ConnectFederation, *, clock: Clock, ids: Ids
) -> Flask:
    """Builds the endpoint."""
    service = RestJsonService("connect")
    keyring, authorizer = Keyring(aws, store), Authorizer(aws, clock=clock)
    site = Flask("sp_mock.connect.service_api", static_folder=None)
    site.config.update(MAX_CONTENT_LENGTH=MAX_FORM_BYTES)

    @site.errorhandler(HTTPException)
    def malformed(error: HTTPException) -> Response:
        refusal = refused("InvalidRequestException", error.name, explanation=error.name, where="request", fix="")
        return _refusal(service, refusal, error.code or 400)

    @site.route("/", defaults={"path": ""}, methods=["GET", "PUT", "POST", "DELETE"])
    @site.route("/<path:path>", methods=["GET", "PUT", "POST", "DELETE"])
    def call(path: str) -> Response:  # noqa: ARG001 (read as it was sent)
        try:
            action, labels = _route(service, path_as_sent())
            endpoint = endpoint_of(request.host)
            caller = the_caller(keyring, service="connect", endpoint=endpoint, clock=clock)
            _require_partition(caller, endpoint)
            _require_offered(action)
            parameters = _parameters(service, action, labels)
            if action == _FEDERATE:
                answer = get_federation_token(caller, endpoint, parameters)
            else:
                answer = work_on(action, caller, endpoint, parameters)
        except AwsRefusal as refusal:
            return _refusal(service, refusal, service.status(refusal.code, refusal.status))
        record(request.environ, TraceNote(CONNECT_API, f"{action} by {caller.arn}"))
        return Response(service.answer(action, answer), 200, content_type="application/json")

    def work_on(action: str, caller: Caller, endpoint: ApiEndpoint, parameters: Parameters) -> Answer:
        operation = OPERATIONS[action]
        if action == "CreateInstance":
            _require_free_alias(aws, str(parameters.get("InstanceAlias") or ""))

        def run(before: Account) -> tuple[Account, Answer]:
            work = Work(before, parameters, caller, endpoint.region, clock.now(), ids)
            authorizer.require(
                caller,
                f"connect:{action}",
                operation.resource(work),
                service=CONNECT_API,
                region=endpoint.region,
                context=_context(work),
            )
            outcome = operation.run(work)
            return outcome.account, outcome.answer

        return aws.change(caller.account_id, run)

    def get_federation_token(caller: Caller, endpoint: ApiEndpoint, parameters: Parameters) -> Answer:
        instance_id = str(parameters["InstanceId"]).rpartition("/")[2]
        session = caller.session
        if not isinstance(session, RoleSession):
            raise _cannot_federate(caller)
        account = aws.accounts[caller.account_id]
        work = Work(account, {"InstanceId": instance_id}, caller, endpoint.region, clock.now(), ids)
        resource = f"{of_instance(work)}/user/{caller.user_id}"
        authorizer.require(
            caller, ACTION, resource, service=CONNECT_API, region=endpoint.region, context=_context(work)
        )
        try:
            token = federation.get_federation_token(session, instance_id=instance_id, region=endpoint.region)
        except ConnectRefusal as refusal:
            refusal.evidence = "assumed"  # the page's sentence; what the API says beside the code is not public
            raise
        return {
            "UserId": token.user.user_id,
            "UserArn": user_arn(token.instance, token.user),
            "SignInUrl": token.sign_in_url,
            "Credentials": {
                "AccessToken": token.access_token,
                "AccessTokenExpiration": token.access_token_expiration,
                "RefreshToken": token.refresh_token,
                "RefreshTokenExpiration": token.refresh_token_expiration,
            },
        }

    return site


def _route(service: RestJsonService, path: str) -> tuple[str, Mapping[str, str]]:
    found = service.match(request.method, path)
    if found is None:
        raise refused(
            "UnknownOperationException",
            f"Unable to determine service/operation name to be authorized: {request.method} {path}",
            explanation="Amazon Connect has no operation at this method and path.",
            where="the request line",
            received=f"{request.method} {path}",
            fix="Compare with the operation's request syntax in the API reference.",
            status=404,
        )
    return found


def _require_offered(action: str) -> None:
    if action != _FEDERATE and action not in OPERATIONS:
        raise refused(
            "UnknownOperationException",
            f"{action} is not offered",
            explanation=f"Amazon Connect has the operation {action}, but the emulator does not offer it.",
            where=action,
            expected=", ".join(sorted((*OPERATIONS, _FEDERATE))),
            received=action,
            fix="Only what logins need is offered.",
            status=404,
        )


def _require_partition(caller: Caller, endpoint: ApiEndpoint) -> None:
    if caller.partition != endpoint.partition:
        raise refused(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            explanation=f"The credentials belong to partition {caller.partition}, "
            f"the endpoint to {endpoint.partition}.",
            where="the endpoint's host",
            expected=f"an endpoint of {caller.partition}",
            received=endpoint.host,
            fix="Set the region: each partition has endpoints of its own.",
            status=403,
        )


def _require_free_alias(aws: Aws, alias: str) -> None:
    """An alias is part of a host name, so that no two instances of any account have the same.

    Spec: Amazon Connect API "CreateInstance"
    Evidence: documented (the rule), assumed (code and words)
    """
    if alias and any(instance.alias.lower() == alias.lower() for instance in aws.instances):
        raise refused(
            "InvalidRequestException",
            f"The instance alias {alias} is already in use",
            explanation="Another instance of this world has the alias; case does not count in host names.",
            where="InstanceAlias",
            received=alias,
            fix="Choose another alias.",
        )


def _parameters(service: RestJsonService, action: str, labels: Mapping[str, str]) -> Parameters:
    query = parse_qs(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
    try:
        parameters = service.parameters(action, labels, query, request.get_data(cache=True))
    except MalformedRequest as error:
        raise refused(
            "InvalidRequestException",
            str(error),
            explanation="The request's body does not have the operation's form.",
            where="the request's body",
            fix=f"See {action}'s request syntax in the API reference.",
        ) from None
    violations = service.violations(action, parameters)
    if violations:
        count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected: "
        raise refused(
            "InvalidParameterException",
            count + "; ".join(violations),
            explanation="The call's parameters are not well-formed; nothing was looked up.",
            where="the call's parameters",
            fix=f"See {action}'s parameters in the API reference.",
        )
    return parameters


def _context(work: Work) -> Mapping[str, tuple[str, ...]]:
    """Returns the condition keys that Amazon Connect adds to a call.

    Spec: Service Authorization Reference, Amazon Connect
    Evidence: documented
    """
    context: dict[str, tuple[str, ...]] = {}
    if work.parameters.get("InstanceId"):
        context["connect:instanceid"] = (str(work.parameters["InstanceId"]).rpartition("/")[2],)
    tags: Mapping[str, str] = work.parameters.get("Tags") or {}
    context.update({f"aws:requesttag/{key.lower()}": (value,) for key, value in tags.items()})
    if tags:
        context["aws:tagkeys"] = tuple(tags)
    return context


def _cannot_federate(caller: Caller) -> AwsRefusal:
    """Words a caller who is no role session, and so has no session name to be matched with a login.

    Spec: Amazon Connect API "GetFederationToken"
    Evidence: documented (the sentence, for root), assumed (that it is said of IAM users too)
    """
    return refused(
        "InvalidRequestException",
        f"Provided identity: Principal: {caller.arn}. User: {caller.user_id} "
        "cannot be used for federation with Connect Customer",
        explanation="The caller is no role session; its session name would be the user's login.",
        where="the request's credentials",
        expected="credentials of AssumeRoleWithSAML or AssumeRole",
        received=caller.arn,
        fix="Assume a role with the login as RoleSessionName.",
    )


def _refusal(service: RestJsonService, refusal: AwsRefusal, status: int) -> Response:
    record(request.environ, TraceNote(CONNECT_API, f"refused by check {refusal.check}", refusal=refusal))
    code = _CODES.get(refusal.code, refusal.code)
    response = Response(service.error(refusal), status, content_type="application/json")
    response.headers["x-amzn-ErrorType"] = code
    return response
