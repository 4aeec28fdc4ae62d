"""What IAM keeps beside roles and users: groups, instance profiles and OpenID Connect providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from emulator.kernel.records import dataclass
from sp_mock.accounts.managed_policies import BEGINNING, Tags
from sp_mock.arn import Arn
from sp_mock.policies.documents import PolicyDocument


@dataclass(frozen=True, slots=True)
class Group:
    """A group of IAM users, who may do what its policies allow; ``members`` are the users' unique ids."""

    arn: Arn
    group_id: str
    inline_policies: Mapping[str, PolicyDocument] = field(default_factory=dict)
    attached_policies: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    created_at: datetime = BEGINNING

    @property
    def name(self) -> str:
        """The group's name without its path."""
        return self.arn.name

    @property
    def entity_id(self) -> str:
        """The unique id, under the attribute name that roles and users share."""
        return self.group_id


@dataclass(frozen=True, slots=True)
class InstanceProfile:
    """The container that gives an EC2 instance its role; ``role`` is the role's ARN."""

    arn: Arn
    profile_id: str
    role: str | None = None
    created_at: datetime = BEGINNING
    tags: Tags = ()

    @property
    def name(self) -> str:
        """The profile's name without its path."""
        return self.arn.name


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An identity provider that hands out OpenID Connect tokens; ``url`` begins with ``https://``."""

    arn: Arn
    url: str
    client_ids: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()
    created_at: datetime = BEGINNING
    tags: Tags = ()
