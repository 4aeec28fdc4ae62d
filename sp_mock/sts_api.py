"""The STS endpoint, ``sts.amazonaws.com`` and its regional hosts: the Query API.

    POST /   Action=AssumeRoleWithSAML, unsigned, in the form
    POST /   Action=GetCallerIdentity, signed with credentials that AssumeRoleWithSAML gave
    GET  /   the same in the query string

Other actions are answered with InvalidAction.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from emulator.clock import Clock, Ids, instant
from emulator.decision import ASKED_HOST_KEY, Decision, tell
from emulator.errors import AwsRefusal, InvalidAction
from sp_mock.credentials import CredentialStore
from sp_mock.model import Aws
from sp_mock.pages import MAX_FORM_BYTES
from sp_mock.presentation import Front, Presentation
from sp_mock.sigv4 import SignedRequest, authenticate
from sp_mock.sts import AssumeRoleWithSamlParameters, assume_role_with_saml
from sp_mock.wire import assume_role_with_saml_result, get_caller_identity_result, sts_error

_VERSION = "2011-06-15"


def sts_site(aws: Aws, store: CredentialStore, *, clock: Clock, ids: Ids) -> Flask:
    """Builds the endpoint."""
    site = Flask("sp_mock.sts", static_folder=None)
    site.config.update(MAX_CONTENT_LENGTH=MAX_FORM_BYTES, MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES)

    @site.errorhandler(HTTPException)
    def malformed(error: HTTPException) -> Response:
        refusal = InvalidAction(error.name, service=Front.STS, check="request", status=error.code or 400)
        return _answer(sts_error(refusal, request_id=ids.uuid()), refusal.status)

    @site.route("/", methods=["GET", "POST"])
    def query() -> Response:
        request_id = ids.uuid()
        request.get_data(cache=True)  # before the form is read: signatures cover the body as it was sent
        try:
            action = _parameter("Action") or ""
            if action not in actions or _parameter("Version") not in {_VERSION, None}:
                raise _unknown_action(action, tuple(actions))
            body = actions[action](request_id)
        except AwsRefusal as refusal:
            tell(request.environ, Decision(Front.STS, f"refused by check {refusal.check}", refusal=refusal))
            return _answer(sts_error(refusal, request_id=request_id), refusal.status)
        return _answer(body, 200)

    def assume_role(request_id: str) -> str:
        parameters = AssumeRoleWithSamlParameters.read(
            role_arn=_parameter("RoleArn"),
            principal_arn=_parameter("PrincipalArn"),
            saml_assertion=_parameter("SAMLAssertion"),
            duration_seconds=_parameter("DurationSeconds"),
        )
        presented = Presentation(
            parameters.saml_assertion,
            front=Front.STS,
            aws=aws,
            now=clock.now(),
            role_arn=parameters.role_arn,
            provider_arn=parameters.principal_arn,
            duration_seconds=parameters.duration_seconds,
        )
        assumed = assume_role_with_saml(presented, ids=ids)
        store.keep(assumed.credentials, assumed.session)
        facts = {
            "role": parameters.role_arn,
            "session": assumed.session.arn,
            "session ends": instant(assumed.session.expires_at),
            "subject": assumed.subject,
            "audience": assumed.audience,
        }
        tell(request.environ, Decision(Front.STS, f"AssumeRoleWithSAML gave {assumed.session.arn}", facts))
        return assume_role_with_saml_result(assumed, request_id=request_id)

    def caller_identity(request_id: str) -> str:
        session = authenticate(_signed_request(), store)
        tell(request.environ, Decision(Front.STS, f"GetCallerIdentity: {session.arn}"))
        return get_caller_identity_result(session, request_id=request_id)

    actions: dict[str, Callable[[str], str]] = {
        "AssumeRoleWithSAML": assume_role,
        "GetCallerIdentity": caller_identity,
    }
    return site


def _signed_request() -> SignedRequest:
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers["host"] = request.environ.get(ASKED_HOST_KEY, request.host)
    return SignedRequest(
        method=request.method,
        path=request.path,
        query=request.query_string.decode("utf-8", "replace"),
        headers=headers,
        body=request.get_data(cache=True),
    )


def _parameter(name: str) -> str | None:
    return request.form.get(name, request.args.get(name))


def _answer(body: str, status: int) -> Response:
    return Response(body, status, content_type="text/xml")


def _unknown_action(action: str, known: tuple[str, ...]) -> InvalidAction:
    return InvalidAction(
        f"Could not find operation {action} for version {_parameter('Version') or _VERSION}",
        service=Front.STS,
        check="action",
        evidence="assumed",
        explanation=f"The emulator offers {' and '.join(known)} at this endpoint.",
        where="parameter Action",
        expected=" or ".join(known),
        received=action,
        spec="AWS STS API",
    )
