"""The parts of the ARNs in seeds: the account, the service, and the resource's path and name.

Spec: AWS General Reference, "Amazon Resource Names (ARNs)"
Evidence: documented
"""

from __future__ import annotations

from emulator.kernel.records import dataclass


@dataclass(frozen=True, slots=True)
class SeedArn:
    """The parts of an ARN; ``resource`` is the part after the account: ``role/service/Agent``."""

    partition: str
    service: str
    region: str
    account_id: str
    resource: str

    @property
    def name(self) -> str:
        """The part after the last slash: the name of a role, a policy, a user or a provider."""
        return self.resource.rpartition("/")[2]

    @property
    def path(self) -> str:
        """The path of an IAM resource: ``/`` or ``/service/``."""
        _, _, rest = self.resource.partition("/")
        return f"/{rest[: len(rest) - len(self.name)]}"


def arn_of(text: object) -> SeedArn | None:
    """Returns the parts of an ARN; None if the value is not an ARN."""
    parts = text.split(":", 5) if isinstance(text, str) else []
    if len(parts) != 6 or parts[0] != "arn":
        return None
    return SeedArn(*parts[1:])
