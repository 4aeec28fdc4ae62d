"""The caller of an AWS API, and whether their policies allow the call.

A caller is an IAM user with a long-term access key, or one of the sessions that STS opens. Permissions are looked up at
each call, so that a changed policy applies to running sessions at once.

Spec: AWS IAM UG "reference_policies_evaluation-logic"
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime

from emulator.kernel.client_connection import UNKNOWN_CLIENT, ClientConnection
from emulator.kernel.clock import Clock
from emulator.kernel.errors import AccessDenied
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Aws, NamedDocument, Role, User
from sp_mock.policies.evaluation import Layer, Principal, Request, Verdict, authorize
from sp_mock.policies.request_context import (
    MULTIVALUED_KEYS,
    environment_keys,
    token_issue_time,
)
from sp_mock.principals.credentials import CredentialStore, FederatedUserSession, RoleSession, Session, UserSession
from sp_mock.principals.organization_limits import (
    RESOURCE_CONTROL,
    place_of,
    resource_account_keys,
    resource_control,
    service_control,
)
from sp_mock.principals.policy_reasons import policy_reason
from sp_mock.principals.policy_settings import BOUNDARY, IDENTITY, SESSION, PolicyReason

Context = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of an API.

    Args:
        arn: ARN as GetCallerIdentity returns it.
        user_id: ``aws:userid``.
        partition: Such as ``aws-cn``.
        principal_arn: ``aws:PrincipalArn``: ARN of the role or user, without the session.
        session: The temporary session; None for a user with a long-term key.
        access_key_id: The key that signed the call.
    """

    arn: str
    user_id: str
    account_id: str
    partition: str
    principal_arn: str
    session: Session | None = None
    access_key_id: str = ""

    @classmethod
    def of_user(cls, user: User, *, access_key_id: str = "") -> Caller:
        """Returns the caller for an IAM user with a long-term access key."""
        arn = str(user.arn)
        return cls(arn, user.user_id, user.arn.account_id, user.arn.partition, arn, access_key_id=access_key_id)

    @classmethod
    def of_session(cls, session: Session, *, access_key_id: str = "") -> Caller:
        """Returns the caller for a session's temporary credentials."""
        principal_arn = session.arn if isinstance(session, UserSession) else session.principal_arn
        owner = (session.arn, session.user_id, session.account_id, session.partition, principal_arn)
        return cls(*owner, session, access_key_id)

    @property
    def name(self) -> str:
        """The session's name, or the IAM user's."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def role_session(self) -> RoleSession | None:
        """The role session, when the caller is one."""
        return self.session if isinstance(self.session, RoleSession) else None


@dataclass(frozen=True, slots=True)
class KnownKey:
    """An access key that AWS knows: its secrets, when it expires, and its principal."""

    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    caller: Caller
    expires_at: datetime | None = None


class Keyring:
    """All access keys: the users' long-term ones and the temporary ones that STS issued."""

    def __init__(self, aws: Aws, store: CredentialStore) -> None:
        self._aws = aws
        self._store = store

    def find(self, access_key_id: str) -> KnownKey | None:
        """Returns the active key with this id, or None when there is none."""
        issued = self._store.find(access_key_id)
        if issued is not None:
            credentials = issued.credentials
            caller = Caller.of_session(issued.session, access_key_id=access_key_id)
            return KnownKey(credentials.secret_access_key, credentials.session_token, caller, credentials.expiration)
        found = self._aws.access_key(access_key_id)
        if found is None or not found[1].active:
            return None
        user, key = found
        return KnownKey(key.secret_access_key, "", Caller.of_user(user, access_key_id=access_key_id))


class Authorizer:
    """Decides what callers may do."""

    def __init__(self, aws: Aws, *, clock: Clock) -> None:
        self._aws = aws
        self._clock = clock

    def context(
        self, caller: Caller, *, region: str, client: ClientConnection = UNKNOWN_CLIENT
    ) -> dict[str, tuple[str, ...]]:
        """Returns the condition keys that every call of this caller carries.

        No session here begins with a second factor of AWS's, so ``aws:MultiFactorAuthPresent`` is false where it
        exists, and ``aws:MultiFactorAuthAge`` is absent.

        Args:
            region: The endpoint's region; for a global endpoint, its partition's first.
            client: How the call reached AWS.

        Spec: AWS IAM UG "reference_policies_condition-keys"
        Evidence: documented
        """
        context: dict[str, tuple[str, ...]] = {
            **environment_keys(client, region=region, now=self._clock.now(), names=(caller.name,)),
            "aws:userid": (caller.user_id,),
            "aws:principalarn": (caller.principal_arn,),
            "aws:principalaccount": (caller.account_id,),
            "aws:principaltype": (_principal_type(caller),),
            "aws:principalisawsservice": ("false",),
            **{f"aws:principaltag/{key.lower()}": (value,) for key, value in self._tags(caller)},
        }
        account = self._aws.accounts.get(caller.account_id)
        if account is not None and account.organization is not None:
            context.update(account.organization.principal_keys)
        session = caller.session
        if session is None or isinstance(session, UserSession):
            context["aws:username"] = (caller.name,)
        if session is not None:
            context["aws:tokenissuetime"] = token_issue_time(session.issued_at)
            context["aws:multifactorauthpresent"] = ("false",)
        if isinstance(session, RoleSession):
            context.update(session.saml_keys)
            if session.source_identity is not None:
                context["aws:sourceidentity"] = (session.source_identity,)
        return context

    def decide(self, caller: Caller, action: str, resource: str, *, context: Context) -> Verdict:
        """Decides a call by the policies of the organization and the caller's own.

        Service control policies limit the principals of the caller's account, resource control policies the resources
        of the account that owns them. Neither ever grants anything.

        Spec: AWS IAM UG "reference_policies_evaluation-logic_policy-eval-denyallow"; AWS Organizations User Guide
            "orgs_manage_policies_scps", "orgs_manage_policies_rcps"
        Evidence: documented (the order, and which services have resource control policies), assumed (a call about
            nothing in particular is about the caller's account)
        """
        account = self._aws.accounts.get(caller.account_id)
        owner = self._aws.account_of(resource) or account
        context = {**resource_account_keys(owner), **context}
        request = Request(action, resource, Principal("AWS", caller.arn), context, MULTIVALUED_KEYS)
        limits = [*resource_control(owner, action), *service_control(account, caller.principal_arn)]
        return authorize([*limits, *self._layers(caller)], request)

    def require(
        self,
        caller: Caller,
        action: str,
        resource: str,
        *,
        service: str,
        region: str,
        client: ClientConnection = UNKNOWN_CLIENT,
        context: Context | None = None,
        names_policies: bool = True,
    ) -> None:
        """Requires that the caller's policies allow a call.

        Args:
            action: Such as ``iam:CreateRole``.
            resource: ARN of the resource that the call concerns.
            service: Name of the refusing service for people.
            region: The endpoint's region.
            client: How the call reached AWS.
            context: Condition keys that the service adds to those of every call.
            names_policies: Whether the service's message ends with the kind of policy that decided.

        Raises:
            AccessDenied: ``User: … is not authorized to perform: …``.

        Spec: AWS IAM UG "troubleshoot_access-denied"
        Evidence: documented
        """
        own = self.context(caller, region=region, client=client)
        verdict = self.decide(caller, action, resource, context={**own, **(context or {})})
        if not verdict.allowed:
            because = denied_because(action, verdict) if names_policies else ""
            raise self.not_authorized(caller, action, resource, service=service, verdict=verdict, because=because)

    def not_authorized(
        self, caller: Caller, action: str, resource: str, *, service: str, verdict: Verdict, because: str = ""
    ) -> AccessDenied:
        """Returns the refusal of a call that no policy allows, or that one denies.

        Args:
            action: Such as ``iam:CreateRole``.
            resource: ARN of the resource that the call concerns.
            service: Name of the refusing service for people.
            verdict: The denial.
            because: The end of the message, where the service says which kind of policy decided.
        """
        reason = self.why_not(caller, verdict)
        return AccessDenied(
            f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource}{because}",
            service=service,
            check="authorization",
            explanation=reason.why,
            where=where_decided(verdict, caller, resource),
            expected=reason.want,
            received=reason.got,
            fix=reason.fix,
            spec='AWS IAM UG "troubleshoot_access-denied"',
            causes=reason.causes,
        )

    def why_not(self, caller: Caller, verdict: Verdict) -> PolicyReason:
        """Returns why policies do not allow a call: the statement, what to write there, and who owns the policy."""
        return policy_reason(verdict, aws=self._aws, asker=caller)

    def _layers(self, caller: Caller) -> Sequence[Layer]:
        session = caller.session
        owner_arn = caller.principal_arn if session is None else str(session.owner_arn)
        session_policies: tuple[NamedDocument, ...] | None = None
        if isinstance(session, (RoleSession, FederatedUserSession)):
            session_policies = session.policies
        account = self._aws.account_of(owner_arn)
        owner: Role | User | None = None
        if account is not None:
            owner = account.roles.get(owner_arn) or account.users.get(owner_arn)
        if account is None or owner is None:
            return (Layer(IDENTITY, ()),)
        layers = [Layer(IDENTITY, account.identity_policies(owner))]
        boundary = account.boundary(owner)
        if boundary is not None:
            layers.append(Layer(BOUNDARY, boundary))
        if session_policies is not None:
            layers.append(Layer(SESSION, session_policies))
        return layers

    def _tags(self, caller: Caller) -> tuple[tuple[str, str], ...]:
        """Returns a session's tags and, for keys it lacks, those of its role or user; keys are case-insensitive."""
        session = caller.session
        own = session.tags if isinstance(session, (RoleSession, FederatedUserSession)) else ()
        if isinstance(session, FederatedUserSession):
            return own
        owner = self._aws.role(caller.principal_arn) or self._aws.user(caller.principal_arn)
        taken = {key.lower() for key, _ in own}
        inherited = owner.tags if owner is not None else ()
        return (*own, *((key, value) for key, value in inherited if key.lower() not in taken))


def denied_because(action: str, verdict: Verdict) -> str:
    """Returns the end of AWS's message: which kind of policy denied, or that none allowed.

    Spec: AWS IAM UG "troubleshoot_access-denied"
    Evidence: documented
    """
    layer = verdict.layer or IDENTITY
    if verdict.reason == "explicit-deny":
        return f" with an explicit deny in {'an' if layer[0] in 'aeiou' else 'a'} {layer}"
    return f" because no {layer} allows the {action} action"


def where_decided(verdict: Verdict, caller: Caller, resource: str) -> str:
    """Returns whose policies decided about a call: the organization's, or the caller's."""
    place = place_of(verdict, _limited_account(verdict, caller, resource))
    return place or f"the policies of {caller.principal_arn}"


def _limited_account(verdict: Verdict, caller: Caller, resource: str) -> str:
    """Returns the account whose organization's policies decided: the resource's, or the caller's."""
    owner = resource.split(":")[4] if verdict.layer == RESOURCE_CONTROL and resource.count(":") > 4 else ""
    return owner or caller.account_id


def _principal_type(caller: Caller) -> str:
    if isinstance(caller.session, RoleSession):
        return "AssumedRole"
    return "FederatedUser" if isinstance(caller.session, FederatedUserSession) else "User"
