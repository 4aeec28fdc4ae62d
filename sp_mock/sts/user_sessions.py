"""``sts:GetSessionToken`` and ``sts:GetFederationToken``: for IAM users only, never for a SAML session.

Spec: AWS STS API "GetSessionToken", "GetFederationToken"
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from emulator.kernel.clock import Clock
from emulator.kernel.errors import AccessDenied
from sp_mock.accounts.model import Aws
from sp_mock.arn import Arn
from sp_mock.principals.callers import Authorizer, Caller
from sp_mock.principals.credentials import FederatedUserSession, UserSession
from sp_mock.principals.session_policies import SessionPolicies, session_policies

_DEFAULT_SECONDS = 43_200


def get_session_token(caller: Caller, parameters: Mapping[str, Any], *, clock: Clock) -> UserSession:
    """Opens a temporary session of the calling IAM user; the call needs no permission.

    Raises:
        AccessDenied: the caller is a session already.

    Spec: AWS STS API "GetSessionToken"
    Evidence: documented (the rule), observed (the words)
    """
    user_arn = _require_user(caller, "GetSessionToken")
    now = clock.now()
    seconds = int(parameters.get("DurationSeconds") or _DEFAULT_SECONDS)
    return UserSession(user_arn, caller.user_id, now + timedelta(seconds=seconds), issued_at=now)


def get_federation_token(
    caller: Caller, parameters: Mapping[str, Any], *, aws: Aws, authorizer: Authorizer, clock: Clock
) -> tuple[FederatedUserSession, SessionPolicies]:
    """Opens a session of a federated user, who may do what the IAM user and the session policies both allow.

    Raises:
        AccessDenied: the caller is a session already, or may not call this.
        AwsRefusal: the session policies cannot be used.

    Spec: AWS STS API "GetFederationToken"
    Evidence: documented (the rule), observed (the words)
    """
    user_arn = _require_user(caller, "GetFederationToken")
    name = parameters["Name"]
    resource = f"arn:{caller.partition}:sts::{caller.account_id}:federated-user/{name}"
    authorizer.require(caller, "sts:GetFederationToken", resource, service="AWS STS")
    tags = tuple((tag["Key"], tag.get("Value", "")) for tag in parameters.get("Tags") or ())
    limits = session_policies(parameters, account=aws.account_of(str(user_arn)), tags=tags)
    now = clock.now()
    seconds = int(parameters.get("DurationSeconds") or _DEFAULT_SECONDS)
    session = FederatedUserSession(
        user_arn, name, now + timedelta(seconds=seconds), policies=limits.policies or (), tags=tags, issued_at=now
    )
    return session, limits


def _require_user(caller: Caller, action: str) -> Arn:
    arn = Arn.parse(caller.arn)
    if caller.session is not None or arn is None:
        raise AccessDenied(
            f"Cannot call {action} with session credentials",
            service="AWS STS",
            check="session-credentials",
            evidence="observed",
            explanation="The call is signed with temporary credentials; it is for the long-term keys of IAM users.",
            where="X-Amz-Security-Token",
            received=caller.arn,
            fix="Use the credentials of AssumeRoleWithSAML as they are, or assume another role with them.",
            spec=f'AWS STS API "{action}"',
        )
    return arn
