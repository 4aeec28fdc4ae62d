"""From a role session to a session with an Amazon Connect instance: GetFederationToken, and emergency access."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.kernel.client_connection import UNKNOWN_CLIENT, ClientConnection
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.partitions import AWS, GOVCLOUD, PARTITIONS
from emulator.kernel.store import Store
from sp_mock.accounts.connect_resources import ConnectUser
from sp_mock.accounts.model import SAML_IDENTITY_MANAGEMENT, Aws, Instance
from sp_mock.endpoints import Endpoint
from sp_mock.instants import milliseconds
from sp_mock.principals.callers import Authorizer, Caller, expected_of
from sp_mock.principals.credentials import FederatedSession
from sp_mock.principals.organization_limits import fix_of, place_of

ACTION = "connect:GetFederationToken"
EMERGENCY_ACTION = "connect:AdminGetEmergencyAccessToken"
NOT_ONBOARDED = "Access Denied. Your account has been authenticated, but has not been onboarded to this application."
BAD_REQUEST = "Bad Request. The request was not valid and could not be processed."
ACCESS_DENIED = "Access denied, Please contact your AWS account administrator for assistance."
_NEVER = datetime.max.replace(tzinfo=UTC)
_TROUBLESHOOT = 'Amazon Connect Administrator Guide "troubleshoot-saml"'
_EMERGENCY = 'Amazon Connect Administrator Guide "emergency-admin-login"'


@dataclass(frozen=True, slots=True)
class ConnectSession:
    """A user signed in to an instance.

    Args:
        user: Who.
        instance_id: Where.
        expires_at: The end of the access token.
        session_ends_at: The end of the session.
        emergency: Whether an administrator came in by emergency access, as nobody of the instance's users.
    """

    user: ConnectUser
    instance_id: str
    expires_at: datetime
    session_ends_at: datetime
    emergency: bool = False


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
        return sign_in_url(self.instance.access_url)

    def credentials_json(self) -> str:
        """The form field ``credentials``: expirations are milliseconds since 1970."""
        return json.dumps(
            {
                "AccessToken": self.access_token,
                "AccessTokenExpiration": milliseconds(self.access_token_expiration),
                "RefreshToken": self.refresh_token,
                "RefreshTokenExpiration": milliseconds(self.refresh_token_expiration),
            }
        )


def federate_url(instance: Instance) -> str:
    """Returns the URL that signs people in to an instance: what the relay state has to be.

    Spec: Amazon Connect Administrator Guide "configure-saml"
    Evidence: documented (AWS and GovCloud)
    """
    return f"{_console_url(instance.arn.partition, instance.arn.region)}/connect/federate/{instance.instance_id}"


def _console_url(partition: str, region: str) -> str:
    known = PARTITIONS.get(partition, AWS)
    return Endpoint(known, "" if known is GOVCLOUD else region).console_url


def sign_in_url(base_url: str) -> str:
    """Returns where the pages at a base URL take federation tokens.

    Evidence: observed (the path)
    """
    return f"{base_url}/auth/sign-in"


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

    def get_federation_token(
        self,
        session: FederatedSession,
        *,
        instance_id: str,
        region: str,
        client: ClientConnection = UNKNOWN_CLIENT,
    ) -> FederationToken:
        """Gives tokens for the user whose login is exactly the role session's name.

        Args:
            session: The caller.
            instance_id: The instance, which has to be in the caller's account and in ``region``.
            region: The region whose console was asked.
            client: How the request came.

        Raises:
            ConnectRefusal: AccessDeniedException, ResourceNotFoundException, InvalidRequestException,
                UserNotFoundException or DuplicateResourceException.

        Spec: Amazon Connect API "GetFederationToken"; Amazon Connect Administrator Guide "troubleshoot-saml"
        Evidence: documented (denied and not onboarded), assumed (the words for unknown and other instances)
        """
        where = f"arn:{session.partition}:connect:{region}:{session.account_id}:instance/{instance_id}"
        self._require_permission(
            session, ACTION, f"{where}/user/{session.user_id}", instance_id=instance_id, region=region, client=client
        )
        instance = self._require_instance(session, instance_id=instance_id, region=region)
        _require_saml(instance)
        user = instance.users.get(session.session_name)
        if user is None:
            raise _not_onboarded(session, instance)
        if instance.binds_roles:
            self._require_first_role(session, instance)
        return self._open(user, instance)

    def get_emergency_access_token(
        self,
        session: FederatedSession,
        *,
        instance_id: str,
        region: str,
        client: ClientConnection = UNKNOWN_CLIENT,
    ) -> FederationToken:
        """Gives tokens to an administrator whose identity provider or whose user is out of order.

        Nobody of the instance's users signs in: neither identity management nor user is asked for.

        Raises:
            ConnectRefusal: AccessDeniedException or ResourceNotFoundException.

        Spec: Amazon Connect Administrator Guide "emergency-admin-login"; "security_iam_awsmanpol" (the action's name)
        Evidence: documented (the action), assumed (whom the instance takes the administrator for)
        """
        resource = f"arn:{session.partition}:connect:{region}:{session.account_id}:instance/{instance_id}"
        self._require_permission(
            session, EMERGENCY_ACTION, resource, instance_id=instance_id, region=region, client=client
        )
        instance = self._require_instance(session, instance_id=instance_id, region=region)
        user = ConnectUser(session.session_name, "emergency-access", security_profiles=("Admin",))
        return self._open(user, instance, emergency=True)

    def _open(self, user: ConnectUser, instance: Instance, *, emergency: bool = False) -> FederationToken:
        """Opens a session as long as the instance's authentication profile says.

        Spec: Amazon Connect API "AuthenticationProfile"
        Evidence: documented
        """
        now, profile = self._clock.now(), instance.authentication_profile
        end = now + timedelta(minutes=profile.max_session_minutes)
        token = FederationToken(
            user=user,
            instance=instance,
            access_token=self._ids.token(64),
            access_token_expiration=min(now + timedelta(minutes=profile.periodic_session_minutes), end),
            refresh_token=self._ids.token(64),
            refresh_token_expiration=end,
        )
        session = ConnectSession(user, instance.instance_id, token.access_token_expiration, end, emergency)
        self._access.put(token.access_token, session)
        self._refresh.put(token.refresh_token, replace(session, expires_at=end))
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
        lifetime = timedelta(minutes=instance.authentication_profile.periodic_session_minutes)
        renewed = replace(session, expires_at=min(self._clock.now() + lifetime, session.session_ends_at))
        self._access.put(access_token, renewed)
        return access_token, renewed

    def end(self, *, access_token: str | None, refresh_token: str | None) -> None:
        """Ends a session."""
        self._access.drop(access_token)
        self._refresh.drop(refresh_token)

    def _require_permission(
        self,
        session: FederatedSession,
        action: str,
        resource: str,
        *,
        instance_id: str,
        region: str,
        client: ClientConnection,
    ) -> None:
        caller = Caller.of_session(session)
        own = self._authorizer.context(caller, region=region, client=client)
        context = {**own, "connect:instanceid": (instance_id,)}
        verdict = self._authorizer.decide(caller, action, resource, context=context)
        if not verdict.allowed:
            role = session.user_name.partition("/")[0]
            raise ConnectRefusal(
                ACCESS_DENIED,
                code="AccessDeniedException",
                status=403,
                check="get-federation-token" if action == ACTION else "emergency-access",
                evidence="documented" if action == ACTION else "assumed",
                explanation=f"The role {role} may not call {action}: {verdict.explanation}.",
                where=place_of(verdict, session.account_id) or f"the policies of {session.principal_arn}",
                expected=expected_of(verdict, action, resource),
                received=verdict.reason,
                fix=fix_of(verdict) or f"Allow {action} on {resource.replace(session.user_id, '${aws:userid}')}.",
                spec=_TROUBLESHOOT if action == ACTION else _EMERGENCY,
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
                expected=" or ".join(map(federate_url, self._aws.instances)),
                received=f"{_console_url(session.partition, region)}/connect/federate/{instance_id}",
                fix="Use the region of the instance and the part of its ARN after instance/.",
                spec='Amazon Connect Administrator Guide "configure-saml"',
            )
        return instance

    def _require_first_role(self, session: FederatedSession, instance: Instance) -> None:
        """Ties a user to a role on the first login.

        Spec: Amazon Connect Administrator Guide "troubleshoot-saml" of 2022
        Evidence: documented (the words, in editions until 2022), observed (the API error's name)
        """
        with self._lock:
            key = f"{instance.instance_id}/{instance.users[session.session_name].user_id}"
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


def _require_saml(instance: Instance) -> None:
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
    """Returns a session that is this instance's, with its user as they are now; a deleted user has none."""
    if session is None or session.instance_id != instance.instance_id:
        return None
    if session.emergency:
        return session
    user = instance.users.get(session.user.login)
    if user is None or user.user_id != session.user.user_id:
        return None
    return session if user is session.user else replace(session, user=user)


def read_credentials(text: str) -> tuple[str, str] | None:
    """Returns access and refresh token of a posted ``credentials`` field, or None when it is malformed."""
    try:
        fields: Any = json.loads(text)
        access, refresh = fields["AccessToken"], fields["RefreshToken"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return (access, refresh) if isinstance(access, str) and isinstance(refresh, str) else None
