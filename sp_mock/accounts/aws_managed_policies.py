"""AWS's own managed policies, as they were in September 2026: found by ARN, and listed.

``aws_managed_policies.zip`` holds them in many small files, so that one policy costs no reading of all. ``NOTICE`` in
it says where they come from: the data of moto (Apache-2.0); the documents are AWS's. They are renewed by
``python -m tests.renewal.managed_policies``.

Spec: AWS Managed Policy Reference Guide
Evidence: observed (the policies and their default versions), assumed (their ids, and that every partition has them all)
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from emulator.kernel.records import dataclass
from sp_mock.accounts.managed_policies import PolicyVersion, Tags
from sp_mock.arn import Arn
from sp_mock.policies.documents import PolicyDocument

FILE = Path(__file__).with_suffix(".zip")
SHARDS = 64


@dataclass(frozen=True, slots=True)
class AwsManagedPolicy:
    """One of AWS's policies, of which the default version is known; its document is read when it is asked for."""

    arn: Arn
    default_version_id: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    tags: Tags = ()

    @property
    def name(self) -> str:
        """The policy's name without its path."""
        return self.arn.name

    @property
    def policy_id(self) -> str:
        """Returns a unique id, which is not AWS's own."""
        digest = base64.b32encode(hashlib.sha256(self.name.encode()).digest())
        return "ANPA" + digest.decode()[:17]

    @property
    def document(self) -> PolicyDocument:
        """The document of the default version."""
        return _document(self.name)

    @property
    def versions(self) -> tuple[PolicyVersion, ...]:
        """The default version alone, because the contents of earlier versions are not known."""
        return (PolicyVersion(self.default_version_id, self.document, self.updated_at),)


def shard_of(name: str) -> str:
    """Returns the name of the small file that has a policy."""
    return f"{zlib.crc32(name.encode()) % SHARDS:02}.json"


def aws_managed_policy(arn: str) -> AwsManagedPolicy | None:
    """Returns AWS's policy with this ARN, or None when there is no such policy."""
    parsed = Arn.parse(arn)
    if parsed is None or (parsed.service, parsed.account_id) != ("iam", "aws"):
        return None
    row = _shard(shard_of(parsed.name)).get(parsed.name)
    policy = row and _policy(parsed.partition, parsed.name, row)
    return policy if policy and str(policy.arn) == arn else None


@lru_cache(maxsize=4)
def aws_managed_policies(partition: str) -> tuple[AwsManagedPolicy, ...]:
    """Returns AWS's policies in a partition, by name."""
    rows = {name: row for shard in range(SHARDS) for name, row in _read(f"{shard:02}.json").items()}
    return tuple(_policy(partition, name, rows[name]) for name in sorted(rows))


def _policy(partition: str, name: str, row: Mapping[str, Any]) -> AwsManagedPolicy:
    return AwsManagedPolicy(
        arn=Arn(partition, "iam", "", "aws", f"policy{row['Path']}{name}"),
        default_version_id=row["DefaultVersionId"],
        created_at=datetime.fromisoformat(row["CreateDate"]),
        updated_at=datetime.fromisoformat(row["UpdateDate"]),
    )


@lru_cache(maxsize=256)
def _document(name: str) -> PolicyDocument:
    return PolicyDocument.parse(_shard(shard_of(name))[name]["Document"], kind="identity")


@cache
def _shard(member: str) -> Mapping[str, Any]:
    return _read(member)


def _read(member: str) -> Mapping[str, Any]:
    with zipfile.ZipFile(FILE) as file:
        rows: Mapping[str, Any] = json.loads(file.read(member))
    return rows
