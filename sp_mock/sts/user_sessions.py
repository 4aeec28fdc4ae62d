"""``sts:GetSessionToken`` and ``sts:GetFederationToken``: for IAM users only, never for a SAML session.

Spec: AWS STS API "GetSessionToken", "GetFederationToken"
"""

from __future__ import annotations

from datetime import datetime, timedelta

from emulator.kernel.errors import AccessDenied
from sp_mock.apis.operations import Result, SignedCall
from sp_mock.apis.tags import requested_tags
from sp_mock.arn import Arn
from sp_mock.principals.credentials import Credentials, CredentialStore, FederatedUserSession, UserSession
from sp_mock.principals.session_policies import session_policies
from sp_mock.sts.response_elements import credentials_elements

_DEFAULT_SECONDS = 43_200


def get_session_token(call: SignedCall) -> Result:
    """Opens a temporary session of the calling IAM user; the call needs no permission.

    Raises:
        AccessDenied: the caller is a session already.

    Spec: AWS STS API "GetSessionToken"
    Evidence: documented (the rule), observed (the words)
    """
    user_arn = _require_user(call)
    session = UserSession(user_arn, call.caller.user_id, _end(call), issued_at=call.now)
    credentials = _keep(call, session)
    return Result({"Credentials": credentials_elements(credentials)}, summary=f"GetSessionToken for {session.arn}")


def get_federation_token(call: SignedCall) -> Result:
    """Opens a session of a federated user, with what the IAM user and the session policies both allow.

    Raises:
        AccessDenied: the caller is a session already, or may not call this.
        AwsRefusal: the session policies cannot be used.

    Spec: AWS STS API "GetFederationToken"
    Evidence: documented (the rule), observed (the words, and that there is always a packed size)
    """
    user_arn = _require_user(call)
    caller, name = call.caller, call.parameters["Name"]
    call.authorize(f"arn:{caller.partition}:sts::{caller.account_id}:federated-user/{name}")
    tags = requested_tags(call.parameters)
    limits = session_policies(call.parameters, account=call.aws.account_of(str(user_arn)), tags=tags)
    session = FederatedUserSession(
        user_arn, name, _end(call), policies=limits.policies or (), tags=tags, issued_at=call.now
    )
    credentials = _keep(call, session)
    elements = {
        "Credentials": credentials_elements(credentials),
        "FederatedUser": {"FederatedUserId": session.user_id, "Arn": session.arn},
        "PackedPolicySize": limits.packed_size or 0,
    }
    return Result(elements, summary=f"GetFederationToken gave {session.arn}")


def _keep(call: SignedCall, session: UserSession | FederatedUserSession) -> Credentials:
    credentials = Credentials.make(ids=call.ids, expiration=session.expires_at)
    call.services.get(CredentialStore).keep(credentials, session)
    return credentials


def _end(call: SignedCall) -> datetime:
    return call.now + timedelta(seconds=int(call.parameters.get("DurationSeconds") or _DEFAULT_SECONDS))


def _require_user(call: SignedCall) -> Arn:
    """Requires that the caller is an IAM user with a long-term key, and returns the user's ARN."""
    arn = Arn.parse(call.caller.arn)
    if call.caller.session is not None or arn is None:
        raise AccessDenied(
            f"Cannot call {call.operation} with session credentials",
            service=call.api.name,
            check="session-credentials",
            evidence="observed",
            explanation="The call is signed with temporary credentials; it is for the long-term keys of IAM users.",
            where="X-Amz-Security-Token",
            received=call.caller.arn,
            fix="Use the credentials of AssumeRoleWithSAML as they are, or assume another role with them.",
            spec=f'AWS STS API "{call.operation}"',
        )
    return arn
