"""``connect:GetFederationToken``: from a role session to a user's session with an Amazon Connect instance."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.clock import Clock, Ids
from emulator.errors import ConnectRefusal
from emulator.store import Store
from sp_mock.callers import Authorizer, Caller
from sp_mock.credentials import FederatedSession
from sp_mock.model import SAML_IDENTITY_MANAGEMENT, Aws, ConnectUser, Instance

ACTION = "connect:GetFederationToken"
ACCESS_TOKEN_LIFETIME = timedelta(minutes=60)
SESSION_LIFETIME = timedelta(hours=12)
NOT_ONBOARDED = "Access Denied. Your account has been authenticated, but has not been onboarded to this application."
BAD_REQUEST = "Bad Request. The request was not valid and could not be processed."
ACCESS_DENIED = "Access denied, Please contact your AWS account administrator for assistance."
_NEVER = datetime.max.replace(tzinfo=UTC)
_TROUBLESHOOT = 'Amazon Connect Administrator Guide "troubleshoot-saml"'


@dataclass(frozen=True, slots=True)
class ConnectSession:
    """A user signed in to an instance. ``expires_at`` ends the access token, ``session_ends_at`` the session."""

    user: ConnectUser
    instance_id: str
    expires_at: datetime
    session_ends_at: datetime


@dataclass(frozen=True, slots=True)
class FirstRole:
    """The role a user came with first, remembered for good."""

    role_arn: str

    @property
    def expires_at(self) -> datetime:
        """Never."""
        return _NEVER


@dataclass(frozen=True, slots=True)
class FederationToken:
    """The answer to GetFederationToken: the tokens the browser posts to the instance.

    Spec: Amazon Connect API "GetFederationToken"
    """

    user: ConnectUser
    instance: Instance
    access_token: str
    access_token_expiration: datetime
    refresh_token: str
    refresh_token_expiration: datetime

    @property
    def sign_in_url(self) -> str:
        """Where the tokens are posted."""
        return f"{self.instance.access_url}/auth/sign-in"

    def credentials_json(self) -> str:
        """The form field ``credentials``: expirations are milliseconds since 1970."""
        return json.dumps(
            {
                "AccessToken": self.access_token,
                "AccessTokenExpiration": _milliseconds(self.access_token_expiration),
                "RefreshToken": self.refresh_token,
                "RefreshTokenExpiration": _milliseconds(self.refresh_token_expiration),
            }
        )


class ConnectFederation:
    """Gives federation tokens and keeps the sessions they open."""

    def __init__(self, aws: Aws, store: Store, *, clock: Clock, ids: Ids) -> None:
        self._aws = aws
        self._clock = clock
        self._ids = ids
        self._authorizer = Authorizer(aws, clock=clock)
        self._access = store.table("connect-access-tokens", ConnectSession)
        self._refresh = store.table("connect-refresh-tokens", ConnectSession)
        self._lock = store.lock
        self._first_roles = store.table("connect-first-roles", FirstRole)

    def get_federation_token(self, session: FederatedSession, *, instance_id: str, region: str) -> FederationToken:
        """Gives tokens for the user whose login is exactly the role session's name.

        Args:
            session: The caller.
            instance_id: The instance, which has to be in the caller's account and in ``region``.
            region: The region whose console was asked.

        Raises:
            ConnectRefusal: AccessDeniedException, ResourceNotFoundException, InvalidRequestException,
                UserNotFoundException or DuplicateResourceException.

        Spec: Amazon Connect API "GetFederationToken"; Amazon Connect Administrator Guide "troubleshoot-saml"
        Evidence: documented (denied and not onboarded), assumed (the words for unknown and other instances)
        """
        self._require_permission(session, instance_id=instance_id, region=region)
        instance = self._require_instance(session, instance_id=instance_id, region=region)
        user = instance.users.get(session.session_name)
        if user is None:
            raise _not_onboarded(session, instance)
        if instance.binds_roles:
            self._require_first_role(session, instance)
        now = self._clock.now()
        token = FederationToken(
            user=user,
            instance=instance,
            access_token=self._ids.token(64),
            access_token_expiration=now + ACCESS_TOKEN_LIFETIME,
            refresh_token=self._ids.token(64),
            refresh_token_expiration=now + SESSION_LIFETIME,
        )
        end = token.refresh_token_expiration
        self._access.put(
            token.access_token, ConnectSession(user, instance_id, token.access_token_expiration, session_ends_at=end)
        )
        self._refresh.put(token.refresh_token, ConnectSession(user, instance_id, end, session_ends_at=end))
        return token

    def session(self, access_token: str | None, *, instance: Instance) -> ConnectSession | None:
        """Returns the session of an access token, if it belongs to this instance and is not over."""
        return _of_instance(self._access.get(access_token), instance)

    def refresh(self, refresh_token: str | None, *, instance: Instance) -> tuple[str, ConnectSession] | None:
        """Returns a new access token with its session while the refresh token is good, else None."""
        session = _of_instance(self._refresh.get(refresh_token), instance)
        if session is None:
            return None
        access_token = self._ids.token(64)
        expires_at = min(self._clock.now() + ACCESS_TOKEN_LIFETIME, session.session_ends_at)
        renewed = ConnectSession(session.user, session.instance_id, expires_at, session.session_ends_at)
        self._access.put(access_token, renewed)
        return access_token, renewed

    def end(self, *, access_token: str | None, refresh_token: str | None) -> None:
        """Ends a session."""
        self._access.drop(access_token)
        self._refresh.drop(refresh_token)

    def _require_permission(self, session: FederatedSession, *, instance_id: str, region: str) -> None:
        partition, account = session.partition, session.account_id
        resource = f"arn:{partition}:connect:{region}:{account}:instance/{instance_id}/user/{session.user_id}"
        caller = Caller.of_session(session)
        context = {**self._authorizer.context(caller, region=region), "connect:instanceid": (instance_id,)}
        verdict = self._authorizer.decide(caller, ACTION, resource, context=context)
        if not verdict.allowed:
            role = session.user_name.partition("/")[0]
            raise ConnectRefusal(
                ACCESS_DENIED,
                code="AccessDeniedException",
                status=403,
                check="get-federation-token",
                explanation=f"The role {role} may not call {ACTION}: {verdict.explanation}.",
                where=f"the policies of {session.principal_arn}",
                expected=f"Allow {ACTION} on {resource}",
                received=verdict.reason,
                fix=f"Allow {ACTION} on arn:{partition}:connect:{region}:{account}:instance/{instance_id}"
                "/user/${aws:userid}.",
                spec=_TROUBLESHOOT,
            )

    def _require_instance(self, session: FederatedSession, *, instance_id: str, region: str) -> Instance:
        instance = self._aws.instance(instance_id)
        account = session.account_id
        if instance is None or instance.arn.region != region or instance.arn.account_id != account:
            raise ConnectRefusal(
                "The Amazon Connect instance was not found.",
                code="ResourceNotFoundException",
                status=404,
                check="instance",
                evidence="assumed",
                explanation=_instance_mistake(instance, instance_id=instance_id, region=region, account=account),
                where="RelayState, the part after /connect/federate/",
                expected=" or ".join(
                    f"https://{known.arn.region}.console.aws.amazon.com/connect/federate/{known.instance_id}"
                    for known in self._aws.instances
                ),
                received=f"https://{region}.console.aws.amazon.com/connect/federate/{instance_id}",
                fix="Use the region of the instance and the part of its ARN after instance/.",
                spec='Amazon Connect Administrator Guide "configure-saml"',
            )
        if instance.identity_management != SAML_IDENTITY_MANAGEMENT:
            raise ConnectRefusal(
                "The Amazon Connect instance does not use SAML 2.0 authentication.",
                code="InvalidRequestException",
                status=400,
                check="identity-management",
                evidence="assumed",
                explanation=f"The instance's identity management is {instance.identity_management}; "
                "it is chosen when the instance is created and cannot be changed.",
                where=str(instance.arn),
                expected=SAML_IDENTITY_MANAGEMENT,
                received=instance.identity_management,
                fix="Create an instance with identity management SAML 2.0.",
                spec='Amazon Connect Administrator Guide "configure-saml"',
            )
        return instance

    def _require_first_role(self, session: FederatedSession, instance: Instance) -> None:
        """Ties a user to a role on the first login.

        Spec: Amazon Connect Administrator Guide "troubleshoot-saml" of 2022
        Evidence: documented (the words, in editions until 2022), observed (the API error's name)
        """
        with self._lock:
            key = f"{instance.instance_id}/{session.session_name}"
            known = self._first_roles.get(key) or FirstRole(session.principal_arn)
            self._first_roles.put(key, known)
        first = known.role_arn
        if first != session.principal_arn:
            raise ConnectRefusal(
                BAD_REQUEST,
                code="DuplicateResourceException",
                status=409,
                check="role-binding",
                explanation=f"{session.session_name} first came with {first}; the instance binds users to one role.",
                where="the role of the session",
                expected=first,
                received=session.principal_arn,
                fix="Use one role for all of the instance's users, or delete and create the user again.",
                spec=_TROUBLESHOOT,
            )


def _instance_mistake(instance: Instance | None, *, instance_id: str, region: str, account: str) -> str:
    if instance is None:
        return f"No instance has the id {instance_id}."
    if instance.arn.region != region:
        return f"The instance {instance_id} is in {instance.arn.region}, but the {region} console was asked."
    return f"The instance {instance_id} belongs to account {instance.arn.account_id}, the session to {account}."


def _not_onboarded(session: FederatedSession, instance: Instance) -> ConnectRefusal:
    name = session.session_name
    near = next((login for login in instance.users if login.lower() == name.lower()), None)
    if near:
        explanation = f"The instance knows {near}, the session is {name}: they differ in case, and case counts."
    elif set(name) & set("+=,"):
        explanation = f"{name} contains + = or , which no Amazon Connect login can have."
    else:
        explanation = f"The instance {instance.alias} has no user with the login {name}."
    return ConnectRefusal(
        NOT_ONBOARDED,
        code="UserNotFoundException",
        status=404,
        check="connect-user",
        explanation=explanation,
        where="/Response/Assertion/AttributeStatement/Attribute"
        "[@Name='https://aws.amazon.com/SAML/Attributes/RoleSessionName']/AttributeValue",
        expected=near or "the login of a user of the instance",
        received=name,
        fix=f"Send RoleSessionName {near}." if near else f"Add the user {name} to the instance.",
        spec=_TROUBLESHOOT,
    )


def _of_instance(session: ConnectSession | None, instance: Instance) -> ConnectSession | None:
    return session if session is not None and session.instance_id == instance.instance_id else None


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def read_credentials(text: str) -> tuple[str, str] | None:
    """Returns access and refresh token of a posted ``credentials`` field, or None when it is malformed."""
    try:
        fields: Any = json.loads(text)
        access, refresh = fields["AccessToken"], fields["RefreshToken"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return (access, refresh) if isinstance(access, str) and isinstance(refresh, str) else None
