"""Managed policies of accounts, with their versions."""

from __future__ import annotations

from datetime import UTC, datetime

from emulator.kernel.records import dataclass
from sp_mock.arn import Arn
from sp_mock.policies.documents import PolicyDocument

Tags = tuple[tuple[str, str], ...]

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a managed policy; ``version_id`` is ``v1``, ``v2`` and so on."""

    version_id: str
    document: PolicyDocument
    created_at: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A managed policy: up to five versions, one of which is in effect.

    ``newest_version`` is the highest version number ever given out, kept when that version has been deleted.
    """

    arn: Arn
    policy_id: str
    versions: tuple[PolicyVersion, ...]
    default_version_id: str = "v1"
    description: str = ""
    created_at: datetime = BEGINNING
    updated_at: datetime = BEGINNING
    tags: Tags = ()
    newest_version: int = 0

    @property
    def name(self) -> str:
        """The policy's name without its path."""
        return self.arn.name

    @property
    def document(self) -> PolicyDocument:
        """The default version's document."""
        return next(v.document for v in self.versions if v.version_id == self.default_version_id)
