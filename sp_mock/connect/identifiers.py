"""Ids and ARNs of what an instance holds: ids derived from names, ARNs of users."""

from __future__ import annotations

import hashlib
from uuid import UUID

from sp_mock.accounts.connect_resources import ConnectUser
from sp_mock.accounts.model import Instance


def stable_id(instance: Instance, kind: str, name: str) -> str:
    """Returns the id of a resource that no call created; the same instance, kind and name always give the same id."""
    digest = hashlib.sha256(f"{instance.arn}/{kind}/{name}".encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))


def user_arn(instance: Instance, user: ConnectUser) -> str:
    """Returns a user's ARN."""
    return f"{instance.arn}/agent/{user.user_id}"
