"""Temporary credentials and their sessions, kept in a bounded store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from sp_mock.accounts.managed_policies import BEGINNING
from sp_mock.accounts.model import NamedDocument
from sp_mock.arn import Arn

UNIQUE_ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+"  # noqa: S105  an alphabet


def new_access_key_id(prefix: str, *, ids: Ids) -> str:
    """Returns a new access key id.

    Args:
        prefix: ``AKIA`` for a long-term key, ``ASIA`` for a temporary one.

    Spec: AWS IAM UG "reference_identifiers", unique ID prefixes
    Evidence: documented (the prefixes), observed (length and characters)
    """
    return prefix + ids.pick(UNIQUE_ID_CHARACTERS, 16)


def new_secret_access_key(*, ids: Ids) -> str:
    """Returns a new secret access key.

    Evidence: observed (length and characters)
    """
    return ids.pick(_SECRET_CHARACTERS, 40)


class _OwnedSession(ABC):
    """A session of a role or of an IAM user; account and partition are its owner's."""

    __slots__ = ()

    @property
    @abstractmethod
    def owner_arn(self) -> Arn:
        """The role, or the IAM user who asked for the session."""

    @property
    def account_id(self) -> str:
        """The owner's account."""
        return self.owner_arn.account_id

    @property
    def partition(self) -> str:
        """The owner's partition."""
        return self.owner_arn.partition


@dataclass(frozen=True, slots=True)
class RoleSession(_OwnedSession):
    """A session of an assumed role; its credentials end at ``expires_at``.

    Args:
        saml_keys: Condition keys of the assertion that later requests still have.
        chained: Whether another role session assumed the role.
        policies: Session policies, which can only restrict; None when there are none.
        transitive_tag_keys: Tags that are passed on when the session assumes another role.
        issued_at: When the session began.
    """

    role_arn: Arn
    role_id: str
    session_name: str
    expires_at: datetime
    source_identity: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    saml_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chained: bool = False
    policies: tuple[NamedDocument, ...] | None = None
    transitive_tag_keys: tuple[str, ...] = ()
    issued_at: datetime = BEGINNING

    @property
    def owner_arn(self) -> Arn:
        """The role."""
        return self.role_arn

    @property
    def principal_arn(self) -> str:
        """``aws:PrincipalArn``: the role's ARN."""
        return str(self.role_arn)

    @property
    def user_name(self) -> str:
        """How the console names the user who is signed in."""
        return f"{self.role_arn.name}/{self.session_name}"

    @property
    def user_id(self) -> str:
        """``aws:userid``, also the AssumedRoleId: ``AROA…:RoleSessionName``."""
        return f"{self.role_id}:{self.session_name}"

    @property
    def arn(self) -> str:
        """The assumed-role ARN, without the role's path."""
        role = self.role_arn
        return f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/{self.session_name}"


@dataclass(frozen=True, slots=True)
class UserSession(_OwnedSession):
    """An IAM user's session from GetSessionToken, with the user's permissions except for IAM and most of STS."""

    user_arn: Arn
    user_id: str
    expires_at: datetime
    issued_at: datetime = BEGINNING

    @property
    def owner_arn(self) -> Arn:
        """The user."""
        return self.user_arn

    @property
    def arn(self) -> str:
        """The user's own ARN."""
        return str(self.user_arn)


@dataclass(frozen=True, slots=True)
class FederatedUserSession(_OwnedSession):
    """A federated user, from GetFederationToken: what the IAM user and the session policies both allow."""

    user_arn: Arn
    session_name: str
    expires_at: datetime
    policies: tuple[NamedDocument, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    issued_at: datetime = BEGINNING

    @property
    def source_identity(self) -> None:
        """Always empty, because federated users have no source identity."""
        return

    @property
    def principal_arn(self) -> str:
        """``aws:PrincipalArn``: the federated user's ARN."""
        return self.arn

    @property
    def user_name(self) -> str:
        """How the console names the user who is signed in."""
        return self.session_name

    @property
    def owner_arn(self) -> Arn:
        """The IAM user who called GetFederationToken."""
        return self.user_arn

    @property
    def user_id(self) -> str:
        """``aws:userid``: ``123456789012:session_name``."""
        return f"{self.account_id}:{self.session_name}"

    @property
    def arn(self) -> str:
        """The federated user's ARN."""
        return f"arn:{self.partition}:sts::{self.account_id}:federated-user/{self.session_name}"


Session = RoleSession | UserSession | FederatedUserSession
FederatedSession = RoleSession | FederatedUserSession


@dataclass(frozen=True, slots=True)
class Credentials:
    """Temporary security credentials. The secret parts are left out of ``repr``."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime

    @classmethod
    def make(cls, *, ids: Ids, expiration: datetime) -> Credentials:
        """Makes credentials in the form that STS issues."""
        return cls(
            access_key_id=new_access_key_id("ASIA", ids=ids),
            secret_access_key=new_secret_access_key(ids=ids),
            session_token="IQoJb3JpZ2luX2Vj" + ids.pick(_SECRET_CHARACTERS, 340),
            expiration=expiration,
        )


@dataclass(frozen=True, slots=True)
class IssuedCredentials:
    """Credentials with their session, kept beyond their expiry, so that a late call learns that they expired."""

    credentials: Credentials
    session: Session
    expires_at: datetime


_REMEMBERED = timedelta(days=1)


class CredentialStore:
    """The temporary credentials that were issued, by access key id."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._clock = clock
        self._kept = store.table("credentials", IssuedCredentials)

    def keep(self, credentials: Credentials, session: Session) -> None:
        """Remembers credentials until a day after their expiry."""
        issued = IssuedCredentials(credentials, session, credentials.expiration + _REMEMBERED)
        self._kept.put(credentials.access_key_id, issued)

    def find(self, access_key_id: str) -> IssuedCredentials | None:
        """Returns what was issued under an access key id, expired or not."""
        return self._kept.get(access_key_id)

    def is_over(self, issued: IssuedCredentials) -> bool:
        """Returns whether credentials have expired by AWS's clock."""
        return issued.credentials.expiration <= self._clock.now()


def earliest(start: datetime, seconds: int, limit: datetime | None) -> datetime:
    """Returns the end of a session of ``seconds``, or ``limit`` when that comes first."""
    end = start + timedelta(seconds=seconds)
    return end if limit is None else min(end, limit)
