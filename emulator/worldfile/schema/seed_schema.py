"""The files that a world names to be filled from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from emulator.worldfile.schema.settings import Region, Settings


class Seed(Settings):
    """A file that an account or an org is filled from: a template, Terraform's JSON, an answer of AWS's or Okta's."""

    file: str
    """The file, relative to the world file."""
    parameters: dict[str, str] = Field(default={}, repr=False)
    """The values of a template's parameters by name; the template's defaults unless given. AWS: CloudFormation > Stacks
    > Create stack > Parameters."""
    region: Region = "us-east-1"
    """The region that a template is for, the value of ``AWS::Region``; ``us-east-1`` unless given."""
    stack_name: str | None = None
    """The name of a template's stack, from which the names of unnamed resources are made; the file's name unless given.
    AWS: CloudFormation > Stacks > Create stack > Stack name."""
    imports: dict[str, str] = {}
    """The values that a template imports with ``Fn::ImportValue``, by export name, where no other seed exports them;
    none unless given. AWS: CloudFormation > Exports."""
    values: dict[str, str] = {}
    """Values that only the creator of a template's resource knows, such as a custom resource's ARN, by logical id or
    ``LogicalId.Attribute``; none unless given. AWS: CloudFormation > Stacks > stack > Resources > Physical ID."""
    moment: Literal["before", "after"] = "after"
    """Whether a Terraform plan describes the state ``before`` it is applied, or ``after`` (the default)."""
