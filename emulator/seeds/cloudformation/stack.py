"""The stack that a template is deployed as, with the names and ids that CloudFormation and AWS would generate."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any
from uuid import UUID

from emulator.kernel.partitions import AWS, PARTITIONS
from emulator.kernel.records import dataclass
from emulator.seeds.cloudformation.values import NO_VALUE
from emulator.seeds.seed_text import SeedSettings

_NOT_IN_STACK_NAMES = re.compile(r"[^A-Za-z0-9-]+", re.ASCII)
_RANDOM_END = 13
_SHORTEST_STACK = 26
_ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class Stack:
    """The stack that a template is deployed as.

    Args:
        account_id: The id of the stack's account.
        partition: The account's partition.
        region: The stack's region.
        name: The stack's name.
        parameters: Values of parameters, which override the template's defaults.
        imports: Values of exports that are not in any other template.
        values: Values that only deployed resources have, by logical id or by ``LogicalId.Attribute``.
    """

    account_id: str
    partition: str = "aws"
    region: str = "us-east-1"
    name: str = "stack"
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    imports: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """The stack's ARN."""
        return f"{self.arn('cloudformation')}:stack/{self.name}/{self.made_uuid('AWS::StackId')}"

    def arn(self, service: str) -> str:
        """Returns the beginning of a service's ARNs in the stack's region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}"

    @property
    def pseudo_parameters(self) -> Mapping[str, Any]:
        """The values of CloudFormation's pseudo parameters.

        Spec: AWS CloudFormation User Guide, "Pseudo parameters reference"
        Evidence: documented
        """
        return {
            "AWS::AccountId": self.account_id,
            "AWS::NoValue": NO_VALUE,
            "AWS::NotificationARNs": [],
            "AWS::Partition": self.partition,
            "AWS::Region": self.region,
            "AWS::StackId": self.id,
            "AWS::StackName": self.name,
            "AWS::URLSuffix": PARTITIONS.get(self.partition, AWS).api_domain,
        }

    def generated_name(self, logical_id: str, *, longest: int = 64) -> str:
        """Returns the name of a resource without one, except for the random suffix that CloudFormation adds.

        Args:
            logical_id: The resource's logical id.
            longest: Maximum number of characters in such a name.

        Spec: AWS CloudFormation User Guide, "Name type"
        Evidence: documented (stack, logical id, random suffix), assumed (which part is cut if the name is too long)
        """
        room = longest - _RANDOM_END - 1
        own = logical_id[: room - min(len(self.name), _SHORTEST_STACK)]
        return f"{self.name[: room - len(own)]}-{own}"

    def made_uuid(self, name: str) -> str:
        """Returns an id of the form that AWS generates, always the same for a name."""
        return str(UUID(bytes=self._digest(name)[:16], version=4))

    def made_id(self, name: str, *, length: int) -> str:
        """Returns an id of capital letters and digits, always the same for a name."""
        return "".join(_ID_CHARACTERS[byte % 32] for byte in self._digest(name))[:length]

    def _digest(self, name: str) -> bytes:
        whole = "/".join((self.partition, self.account_id, self.region, self.name, name))
        return hashlib.sha256(whole.encode()).digest()


def stack_of(settings: SeedSettings) -> Stack:
    """Returns the stack that a seed's settings describe."""
    # cdk.out/Login.template.json belongs to the stack Login; stack names consist of letters, digits and hyphens.
    name = _NOT_IN_STACK_NAMES.sub("-", settings.stem.removesuffix(".template")).strip("-")
    return Stack(
        account_id=settings.account_id,
        partition=settings.partition,
        region=settings.region,
        name=settings.stack_name or name or "stack",
        parameters=settings.parameters,
        imports=settings.imports,
        values=settings.values,
    )
