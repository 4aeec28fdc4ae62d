"""``connect:GetFederationToken`` of the service API: the tokens that the console's page also gets, as a call's answer.

Spec: Amazon Connect API "GetFederationToken"
"""

from __future__ import annotations

from emulator.kernel.errors import AwsRefusal, ConnectRefusal
from sp_mock.apis.operations import Result, SignedCall
from sp_mock.connect.api_errors import refused
from sp_mock.connect.federation import ConnectFederation
from sp_mock.connect.identifiers import user_arn
from sp_mock.connect.instance_lookup import condition_keys, id_in, instance_resource
from sp_mock.principals.callers import Caller
from sp_mock.principals.credentials import RoleSession

ALREADY_ASSOCIATED = "The user {login} is already associated with the Amazon Connect instance {instance_id}"


def get_federation_token(call: SignedCall) -> Result:
    """Returns tokens for the user whose login is the role session's name.

    Raises:
        AwsRefusal: InvalidRequestException (400), the caller is not a role session.
        AccessDenied: the caller's policies do not allow it.
        ConnectRefusal: as ``ConnectFederation.get_federation_token`` raises.

    Spec: Amazon Connect API "GetFederationToken"
    Evidence: documented
    """
    session = call.caller.session
    if not isinstance(session, RoleSession):
        raise _cannot_federate(call.caller)
    resource = f"{instance_resource(call)}/user/{call.caller.user_id}"
    call.authorize(resource, condition_keys=condition_keys(call))
    instance_id, region = id_in(str(call.parameters["InstanceId"])), call.endpoint.region
    try:
        federation = call.services.get(ConnectFederation)
        token = federation.get_federation_token(session, instance_id=instance_id, region=region, client=call.client)
    except ConnectRefusal as refusal:
        raise _in_the_apis_words(refusal, login=session.session_name, instance_id=instance_id) from None
    return Result(
        {
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
    )


def _in_the_apis_words(refusal: ConnectRefusal, *, login: str, instance_id: str) -> ConnectRefusal:
    """Returns a refusal worded as the API words it, where that is known, instead of as the console's page does.

    Spec: amazon-connect/video-call-escalation#3, amazon-connect-streams#235
    Evidence: observed (a user of another role), assumed (that the others are the page's sentences)
    """
    refusal.evidence = "assumed"
    if refusal.code == "DuplicateResourceException":
        refusal.message = ALREADY_ASSOCIATED.format(login=login, instance_id=instance_id)
        refusal.evidence = "observed"
    return refusal


def _cannot_federate(caller: Caller) -> AwsRefusal:
    """Returns the refusal of a caller without a role session, who has no session name that could be a login.

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
