"""From a role session to a session in an Amazon Connect instance: GetFederationToken, and emergency access."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from emulator.kernel.client_connection import UNKNOWN_CLIENT, ClientConnection
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from sp_mock.accounts.connect_resources import ConnectUser
from sp_mock.accounts.model import SAML_IDENTITY_MANAGEMENT, Account, Aws, Instance
from sp_mock.connect.asked_instance import AddressMistake, AskedInstance, address_mistake
from sp_mock.connect.federation_refusals import (
    ACTION,
    EMERGENCY_ACTION,
    denied,
    instance_not_found,
    not_onboarded,
    not_saml,
    other_role,
)
from sp_mock.connect.federation_tokens import FederationToken
from sp_mock.connect.login_names import KnownLogins
from sp_mock.policies.evaluation import Verdict
from sp_mock.principals.callers import Authorizer, Caller, where_decided
from sp_mock.principals.credentials import FederatedSession

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ConnectSession:
    """A user who is signed in to an instance.

    Args:
        expires_at: End of the access token.
        session_ends_at: End of the session.
        emergency: Whether an administrator came in by emergency access, as none of the instance's users.
    """

    user: ConnectUser
    instance_id: str
    expires_at: datetime
    session_ends_at: datetime
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class FirstRole:
    """The role of a user's first login, remembered forever."""

    role_arn: str

    @property
    def expires_at(self) -> datetime:
        """None, because it never expires."""
        return _NEVER


class ConnectFederation:
    """Issues federation tokens and keeps the sessions they open."""

    def __init__(self, aws: Aws, store: Store, *, clock: Clock, ids: Ids) -> None:
        self._aws = aws
        self._clock = clock
        self._ids = ids
        self._authorizer = Authorizer(aws, clock=clock)
        self._access = store.table("connect-access-tokens", ConnectSession)
        self._refresh = store.table("connect-refresh-tokens", ConnectSession)
        self._lock = store.lock
        self._denials: dict[tuple[object, ...], ConnectRefusal] | None = None
        self._logins: dict[str, tuple[Mapping[str, ConnectUser], KnownLogins]] = {}
        self._first_roles = store.table("connect-first-roles", FirstRole)

    def at(self, clock: Clock) -> ConnectFederation:
        """Returns the same service with another clock, sharing the sessions and the first roles.

        It is for deciding about many people at once: when the same statement denies the same thing to several of them,
        only the first denial is explained.
        """
        other = copy.copy(self)
        other._clock = clock  # noqa: SLF001  its own kind
        other._authorizer = Authorizer(self._aws, clock=clock)  # noqa: SLF001  its own kind
        other._denials = {}  # noqa: SLF001  its own kind
        return other

    def get_federation_token(
        self,
        session: FederatedSession,
        *,
        instance_id: str,
        region: str,
        client: ClientConnection = UNKNOWN_CLIENT,
        address: str = "",
    ) -> FederationToken:
        """Issues tokens for the user whose login is exactly the role session's name.

        Args:
            session: Session of the caller.
            instance_id: Id of the instance, which has to be in the caller's account and in ``region``.
            region: Region of the console that was asked.
            client: How the request reached AWS.
            address: The federate URL that was opened; empty for a call of the API.

        Raises:
            ConnectRefusal: AccessDeniedException, ResourceNotFoundException, InvalidRequestException,
                UserNotFoundException or DuplicateResourceException.

        Spec: Amazon Connect API "GetFederationToken"; Amazon Connect Administrator Guide "troubleshoot-saml"
        Evidence: documented (the words for denied and not onboarded), assumed (the words for others)
        """
        asked = AskedInstance(instance_id, region, session.account_id, address)
        user, instance = self.require_federation(session, asked, client=client)
        if instance.binds_roles:
            self._bind_role(session, instance)
        return self._open(user, instance)

    def require_federation(
        self, session: FederatedSession, asked: AskedInstance, *, client: ClientConnection = UNKNOWN_CLIENT
    ) -> tuple[ConnectUser, Instance]:
        """Requires that a session may federate into an instance, and returns as which user; nothing is opened.

        Args:
            session: Session of the caller.
            asked: The instance as it was asked for.
            client: How the request reached AWS.

        Raises:
            ConnectRefusal: as ``get_federation_token``.
        """
        self._require_permission(session, ACTION, asked, client=client)
        account, instance = self._require_instance(session, asked)
        if instance.identity_management != SAML_IDENTITY_MANAGEMENT:
            raise not_saml(account, instance)
        user = instance.users.get(session.session_name)
        if user is None:
            raise not_onboarded(
                account,
                instance,
                session,
                known=self._known_logins(instance),
                open_instances=self.instances_open_to(session, client=client),
            )
        if instance.binds_roles:
            self._require_first_role(session, account, instance)
        return user, instance

    def instances_open_to(
        self, session: FederatedSession, *, client: ClientConnection = UNKNOWN_CLIENT
    ) -> tuple[Instance, ...]:
        """Returns the SAML instances that a session's policies allow it to federate into, without federating.

        Args:
            client: How the session's requests reach AWS.
        """
        account = self._aws.accounts.get(session.account_id)
        return tuple(
            instance
            for instance in (account.instances.values() if account is not None else ())
            if instance.identity_management == SAML_IDENTITY_MANAGEMENT
            and self._verdict(
                session,
                ACTION,
                AskedInstance(instance.instance_id, instance.arn.region, session.account_id),
                client=client,
            ).allowed
        )

    def get_emergency_access_token(
        self,
        session: FederatedSession,
        *,
        instance_id: str,
        region: str,
        client: ClientConnection = UNKNOWN_CLIENT,
    ) -> FederationToken:
        """Issues tokens to an administrator when the identity provider or the administrator's user does not work.

        None of the instance's users signs in, so neither the identity management nor a user is checked.

        Raises:
            ConnectRefusal: AccessDeniedException or ResourceNotFoundException.

        Spec: Amazon Connect Administrator Guide "emergency-admin-login"; "security_iam_awsmanpol" (the action's name)
        Evidence: documented (the action), assumed (whom the instance takes the administrator for)
        """
        asked = AskedInstance(instance_id, region, session.account_id)
        self._require_permission(session, EMERGENCY_ACTION, asked, client=client)
        _, instance = self._require_instance(session, asked)
        user = ConnectUser(session.session_name, "emergency-access", security_profiles=("Admin",))
        return self._open(user, instance, emergency=True)

    def _open(self, user: ConnectUser, instance: Instance, *, emergency: bool = False) -> FederationToken:
        """Opens a session for as long as the instance's authentication profile says.

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
        opened = partial(ConnectSession, user, instance.instance_id, session_ends_at=end, emergency=emergency)
        self._access.put(token.access_token, opened(expires_at=token.access_token_expiration))
        self._refresh.put(token.refresh_token, opened(expires_at=end))
        return token

    def session(self, access_token: str | None, *, instance: Instance) -> ConnectSession | None:
        """Returns the session of an access token, if it belongs to this instance and has not ended."""
        return _of_instance(self._access.get(access_token), instance)

    def refresh(self, refresh_token: str | None, *, instance: Instance) -> tuple[str, ConnectSession] | None:
        """Returns a new access token with its session while the refresh token is valid, otherwise None."""
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

    def _verdict(
        self, session: FederatedSession, action: str, asked: AskedInstance, *, client: ClientConnection
    ) -> Verdict:
        """Returns what the policies say about federation into an instance, whether or not it exists.

        Spec: Amazon Connect Administrator Guide "security_iam_id-based-policy-examples"
        Evidence: documented
        """
        caller = Caller.of_session(session)
        own = self._authorizer.context(caller, region=asked.region, client=client)
        context = {**own, "connect:instanceid": (asked.instance_id,)}
        return self._authorizer.decide(caller, action, resource_of(session, action, asked), context=context)

    def _require_permission(
        self, session: FederatedSession, action: str, asked: AskedInstance, *, client: ClientConnection
    ) -> None:
        verdict = self._verdict(session, action, asked, client=client)
        if verdict.allowed:
            return
        alike = (session.principal_arn, action, asked, verdict.reason, verdict.layer, verdict.policy, verdict.place)
        refusal = self._denials.get(alike) if self._denials is not None else None
        if refusal is None:
            refusal = self._denied(session, action, asked, verdict, client=client)
        if self._denials is not None:
            self._denials[alike] = refusal
        raise refusal

    def _denied(
        self,
        session: FederatedSession,
        action: str,
        asked: AskedInstance,
        verdict: Verdict,
        *,
        client: ClientConnection,
    ) -> ConnectRefusal:
        caller = Caller.of_session(session)
        return denied(
            action,
            self._authorizer.why_not(caller, verdict),
            where=where_decided(verdict, caller, resource_of(session, action, asked)),
            asked=asked,
            mistake=self.mistake_in(session, asked, client=client),
            open_instances=self.instances_open_to(session, client=client),
        )

    def mistake_in(
        self, session: FederatedSession, asked: AskedInstance, *, client: ClientConnection = UNKNOWN_CLIENT
    ) -> AddressMistake | None:
        """Returns what is wrong with an address or a call, or None where the instance exists as it was asked for."""
        return address_mistake(asked, aws=self._aws, open_to=lambda: self.instances_open_to(session, client=client))

    def _require_instance(self, session: FederatedSession, asked: AskedInstance) -> tuple[Account, Instance]:
        """Requires an instance of the session's account, in the region that was asked.

        Spec: Amazon Connect Administrator Guide "configure-saml"
        Evidence: documented (that the region has to be the instance's), assumed (what is said otherwise)
        """
        mistake = self.mistake_in(session, asked) if not self._exists(asked) else None
        if mistake is not None:
            raise instance_not_found(asked, mistake)
        account = self._aws.accounts[asked.account_id]
        return account, account.instances[asked.instance_id]

    def _exists(self, asked: AskedInstance) -> bool:
        account = self._aws.accounts.get(asked.account_id)
        instance = account.instances.get(asked.instance_id) if account is not None else None
        return instance is not None and instance.arn.region == asked.region

    def _known_logins(self, instance: Instance) -> KnownLogins:
        """Returns the logins of an instance's users; they are indexed again when the users change."""
        users, known = self._logins.get(instance.instance_id, (None, None))
        if known is None or users is not instance.users:
            known = KnownLogins(instance.users.values())
            self._logins[instance.instance_id] = instance.users, known
        return known

    def _require_first_role(self, session: FederatedSession, account: Account, instance: Instance) -> None:
        """Requires the role of the user's first login.

        Spec: Amazon Connect Administrator Guide "troubleshoot-saml" of 2022
        Evidence: documented (the words, in editions until 2022), observed (the API error's name)
        """
        known = self._first_roles.get(_binding(session, instance))
        if known is not None and known.role_arn != session.principal_arn:
            raise other_role(account, instance, session, first=known.role_arn)

    def _bind_role(self, session: FederatedSession, instance: Instance) -> None:
        """Ties a user to the role of their first login.

        Raises:
            ConnectRefusal: another login came first, with another role.
        """
        with self._lock:
            self._require_first_role(session, self._aws.accounts[session.account_id], instance)
            self._first_roles.put(_binding(session, instance), FirstRole(session.principal_arn))


def _binding(session: FederatedSession, instance: Instance) -> str:
    return f"{instance.instance_id}/{instance.users[session.session_name].user_id}"


def resource_of(session: FederatedSession, action: str, asked: AskedInstance) -> str:
    """Returns the ARN that policies are evaluated against: the instance's user with the federated user's id."""
    instance = f"arn:{session.partition}:connect:{asked.region}:{asked.account_id}:instance/{asked.instance_id}"
    return f"{instance}/user/{session.user_id}" if action == ACTION else instance


def _of_instance(session: ConnectSession | None, instance: Instance) -> ConnectSession | None:
    """Returns a session if it is this instance's, with its user as they are now; a deleted user's session is gone."""
    if session is None or session.instance_id != instance.instance_id:
        return None
    if session.emergency:
        return session
    user = instance.users.get(session.user.login)
    if user is None or user.user_id != session.user.user_id:
        return None
    return session if user is session.user else replace(session, user=user)
