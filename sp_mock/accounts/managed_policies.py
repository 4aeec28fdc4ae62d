"""Managed policies: the accounts' own, with their versions, and the ones that AWS provides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

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
    """A managed policy: up to five versions, one of which counts.

    ``newest_version`` is the highest number that a version ever had, where a version of that number was deleted.
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


def _aws_managed(name: str, *statements: Mapping[str, object]) -> ManagedPolicy:
    document = PolicyDocument.parse({"Version": "2012-10-17", "Statement": list(statements)}, kind="identity")
    arn = Arn("aws", "iam", "", "aws", f"policy/{name}")
    return ManagedPolicy(arn, "ANPA" + name.upper()[:17].ljust(17, "A"), (PolicyVersion("v1", document),))


# The ones that an administrator of these services attaches, each with the statements that concern IAM, STS and Amazon
# Connect. AWS's larger ones (ReadOnlyAccess and the like) list thousands of actions and change weekly; they are not
# offered.
AWS_MANAGED_POLICIES: Mapping[str, ManagedPolicy] = {
    str(policy.arn): policy
    for policy in (
        _aws_managed("AdministratorAccess", {"Effect": "Allow", "Action": "*", "Resource": "*"}),
        _aws_managed("IAMFullAccess", {"Effect": "Allow", "Action": ["iam:*"], "Resource": "*"}),
        _aws_managed(
            "IAMReadOnlyAccess",
            {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"},
        ),
        _aws_managed("AmazonConnect_FullAccess", {"Effect": "Allow", "Action": ["connect:*"], "Resource": "*"}),
    )
}
