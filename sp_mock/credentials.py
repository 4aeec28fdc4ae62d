"""Temporary credentials and the role sessions they stand for, kept in a bounded store."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from emulator.clock import Clock, Ids
from sp_mock.arn import Arn

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+"  # noqa: S105


@dataclass(frozen=True, slots=True)
class RoleSession:
    """An assumed role with its name; ``expires_at`` ends the credentials made for it.

    ``saml_keys`` are the condition keys that later requests still see. A session is ``chained`` when its role was
    assumed with another role's credentials.
    """

    role_arn: Arn
    role_id: str
    session_name: str
    expires_at: datetime
    source_identity: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    saml_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chained: bool = False

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
class Credentials:
    """Temporary security credentials. The secret parts do not show in representations."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime

    @classmethod
    def make(cls, *, ids: Ids, expiration: datetime) -> Credentials:
        """Makes credentials of the shape STS gives."""
        return cls(
            access_key_id="ASIA" + ids.pick(_UPPER, 16),
            secret_access_key=ids.pick(_SECRET, 40),
            session_token="IQoJb3JpZ2luX2Vj" + ids.pick(_SECRET, 340),
            expiration=expiration,
        )


@dataclass(frozen=True, slots=True)
class IssuedCredentials:
    """Credentials with the session they stand for. They are kept beyond their end, so that expiry can be told."""

    credentials: Credentials
    session: RoleSession
    expires_at: datetime


class Expiring(Protocol):
    """Something that is over at an instant."""

    @property
    def expires_at(self) -> datetime:
        """When it is over."""
        ...


Kept = TypeVar("Kept", bound=Expiring)


class ExpiringStore(Generic[Kept]):
    """Keeps things by key until they expire; when it is full the oldest goes."""

    def __init__(self, *, clock: Clock, capacity: int = 10_000) -> None:
        self._clock = clock
        self._capacity = capacity
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def put(self, key: str, value: Kept) -> None:
        """Keeps ``value`` under ``key``."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)

    def get(self, key: str | None) -> Kept | None:
        """Returns what is kept under ``key`` and has not expired."""
        with self._lock:
            value = self._kept.get(key) if key else None
            if value is None or value.expires_at <= self._clock.now():
                return None
            return value

    def drop(self, key: str | None) -> None:
        """Forgets ``key``."""
        with self._lock:
            self._kept.pop(key or "", None)

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)


_REMEMBERED = timedelta(days=1)


class CredentialStore:
    """The temporary credentials that were given out, by access key id."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._kept: ExpiringStore[IssuedCredentials] = ExpiringStore(clock=clock)

    def keep(self, credentials: Credentials, session: RoleSession) -> None:
        """Remembers credentials until a day after their end."""
        issued = IssuedCredentials(credentials, session, credentials.expiration + _REMEMBERED)
        self._kept.put(credentials.access_key_id, issued)

    def find(self, access_key_id: str) -> IssuedCredentials | None:
        """Returns what was given out under an access key id, expired or not."""
        return self._kept.get(access_key_id)

    def is_over(self, issued: IssuedCredentials) -> bool:
        """Tells whether credentials have expired by AWS's clock."""
        return issued.credentials.expiration <= self._clock.now()


def earliest(start: datetime, seconds: int, limit: datetime | None) -> datetime:
    """Returns the end of a session of ``seconds``, or ``limit`` when that comes first."""
    end = start + timedelta(seconds=seconds)
    return end if limit is None else min(end, limit)
