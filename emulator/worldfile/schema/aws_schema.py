"""The AWS part of a world file: accounts, with what IAM holds in them.

Their Amazon Connect instances are in ``connect_schema``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from emulator.worldfile.schema.connect_schema import ConnectInstance
from emulator.worldfile.schema.seed_schema import Seed
from emulator.worldfile.schema.settings import (
    AccessKeyId,
    Label,
    OrganizationId,
    PolicyJson,
    PolicyName,
    ProviderName,
    Region,
    RoleName,
    RolePath,
    RootId,
    SecretAccessKey,
    Settings,
    TagKey,
    TagValue,
    UnitId,
    UserName,
)


class MetadataSource(Settings):
    """Where a SAML provider's metadata comes from: an app of this world, a file, or the XML itself."""

    okta_app: str | None = None
    """An app of this world, as ``org/app``, whose metadata is uploaded; one of the three is given. AWS: IAM > Identity
    providers > provider > Upload metadata."""
    file: str | None = None
    """A metadata file that Okta or another identity provider wrote, relative to the world file. AWS: IAM > Identity
    providers > provider > Upload metadata."""
    xml: str | None = None
    """The metadata itself, as XML text. AWS: IAM > Identity providers > provider > Upload metadata."""
    entity_id: str | None = None
    """The entity ID of the one identity provider that is taken out of an aggregate, an ``EntitiesDescriptor`` of a
    federation in ``file`` or ``xml``, since AWS takes no aggregate; the document is taken as it is unless given. AWS:
    IAM > Identity providers > provider > Upload metadata."""

    @model_validator(mode="after")
    def one_source(self) -> MetadataSource:
        """Refuses two sources or none, and an entity of what has one only."""
        if [self.okta_app, self.file, self.xml].count(None) != 2:
            raise ValueError("metadata comes either from okta_app or from file or from xml")
        if self.entity_id is not None and self.okta_app is not None:
            raise ValueError("entity_id names one entity of file or xml, and okta_app has its own alone")
        return self


class SamlProvider(Settings):
    """An IAM SAML provider; the key is its name.

    The provider's own sign-in URL ends in ``/saml/acs/`` and its id, which ``fedemu up`` prints.
    """

    metadata: MetadataSource
    """The identity provider's metadata, with the certificates that verify its signatures. AWS: IAM > Identity providers
    > Add provider > Metadata document."""
    assertion_encryption: Literal["Allowed", "Required"] | None = None
    """Whether assertions may or must be encrypted; unless given, they are opened where there is a private key. AWS: IAM
    > Identity providers > provider > SAML encryption."""
    private_keys: Annotated[list[str], Field(max_length=2, repr=False)] = []
    """At most two private keys that open encrypted assertions, each a PEM file relative to the world file, or the PEM
    text itself; none unless given. AWS: IAM > Identity providers > provider > SAML encryption > Private key."""
    provider_id: Annotated[str, Field(pattern=r"^SAMLSP[A-Z0-9]{10,122}$")] | None = None
    """The unique id at the end of the provider's own sign-in URL; made from the ARN unless given. AWS: IAM > Identity
    providers > provider > SAML encryption > Sign-in URL."""
    accept_sha1: bool = False
    """Whether signatures and digests with SHA-1 are taken, for an old identity provider; unless given they are refused,
    since nothing public says that AWS takes them."""


class Role(Settings):
    """An IAM role; the key is its name."""

    path: RolePath = "/"
    """The path in the role's ARN, with slashes at both ends; ``/`` unless given."""
    description: str = ""
    """What the role is for; empty unless given. AWS: IAM > Roles > role > Summary > Edit > Description."""
    trust: PolicyJson
    """The policy document that says who may assume the role, written here or in a JSON file. AWS: IAM > Roles > role >
    Trust relationships."""
    policies: list[str] = []
    """The managed policies that are attached, as names from ``policies`` of this account or ARNs of AWS's own; none
    unless given. AWS: IAM > Roles > role > Permissions > Add permissions > Attach policies."""
    inline_policies: dict[PolicyName, PolicyJson] = {}
    """Policy documents of the role alone, by name, each written here or in a JSON file; none unless given. AWS: IAM >
    Roles > role > Permissions > Add permissions > Create inline policy."""
    permissions_boundary: str | None = None
    """The managed policy beyond which nothing is allowed: a name from ``policies`` of this account, or an ARN; none
    unless given. AWS: IAM > Roles > role > Permissions > Permissions boundary."""
    max_session_duration: Annotated[int, Field(ge=3600, le=43200)] = 3600
    """The longest session that AssumeRoleWithSAML and AssumeRole give, in seconds from 3600 (the default) to 43200.
    AWS: IAM > Roles > role > Summary > Edit > Maximum session duration."""
    tags: dict[TagKey, TagValue] = {}
    """The role's tags, which policies see as ``aws:ResourceTag`` and sessions as ``aws:PrincipalTag``; none unless
    given. AWS: IAM > Roles > role > Tags."""


class AccessKey(Settings):
    """A long-term access key of an IAM user, with which the emulated AWS APIs can be called."""

    id: AccessKeyId
    """The access key id: ``AKIA`` and 16 capital letters and digits. AWS: IAM > Users > user > Security credentials >
    Access keys."""
    secret: SecretAccessKey = Field(repr=False)
    """The secret access key, of 40 characters. AWS: IAM > Users > user > Security credentials > Create access key."""


class IamUser(Settings):
    """An IAM user; the key is its name. One may be an administrator, and one Okta's, which reads the roles."""

    path: RolePath = "/"
    """The path in the user's ARN, with slashes at both ends; ``/`` unless given."""
    policies: list[str] = []
    """The managed policies that are attached, as names from ``policies`` of this account or ARNs of AWS's own; none
    unless given. AWS: IAM > Users > user > Permissions > Add permissions > Attach policies directly."""
    inline_policies: dict[PolicyName, PolicyJson] = {}
    """Policy documents of the user alone, by name, each written here or in a JSON file; none unless given. AWS: IAM >
    Users > user > Permissions > Add permissions > Create inline policy."""
    permissions_boundary: str | None = None
    """The managed policy beyond which nothing is allowed: a name from ``policies`` of this account, or an ARN; none
    unless given. AWS: IAM > Users > user > Permissions > Permissions boundary."""
    access_keys: Annotated[list[AccessKey], Field(max_length=2)] = []
    """The user's access keys, at most two; none unless given. AWS: IAM > Users > user > Security credentials > Access
    keys."""
    tags: dict[TagKey, TagValue] = {}
    """The user's tags, which policies see as ``aws:PrincipalTag``; none unless given. AWS: IAM > Users > user >
    Tags."""


class IamGroup(Settings):
    """A group of IAM users; the key is its name. Its members may do what its policies allow."""

    path: RolePath = "/"
    """The path in the group's ARN, with slashes at both ends; ``/`` unless given."""
    users: list[UserName] = []
    """The members, as names from ``users`` of this account; none unless given. AWS: IAM > User groups > group > Users >
    Add users."""
    policies: list[str] = []
    """The managed policies that are attached, as names from ``policies`` of this account or ARNs of AWS's own; none
    unless given. AWS: IAM > User groups > group > Permissions > Add permissions > Attach policies."""
    inline_policies: dict[PolicyName, PolicyJson] = {}
    """Policy documents of the group alone, by name, each written here or in a JSON file; none unless given. AWS: IAM >
    User groups > group > Permissions > Add permissions > Create inline policy."""


class OrganizationLevel(Settings):
    """What is attached to the organization's root or to an organizational unit; the key is its id."""

    scps: dict[PolicyName, PolicyJson] = {}
    """The service control policies attached there, by name, each a policy document written here or in a JSON file; none
    unless given. AWS: AWS Organizations > AWS accounts > Root or organizational unit > Policies > Service control
    policies."""
    full_aws_access: bool = True
    """Whether AWS's service control policy ``FullAWSAccess`` is attached there as well, as it is by default; without it
    the level's ``scps`` must allow what is called. AWS: AWS Organizations > AWS accounts > Root or organizational unit
    > Policies > FullAWSAccess."""


class Organization(Settings):
    """The AWS organization that an account is a member of, and the policies that reach the account in it."""

    id: OrganizationId
    """The organization's id, which policies see as ``aws:PrincipalOrgID`` and ``aws:ResourceOrgID``. AWS: AWS
    Organizations > AWS accounts > Organization ID."""
    root: RootId | None = None
    """The id of the organization's root, the first part of ``aws:PrincipalOrgPaths`` after the organization's id;
    ``r-root`` unless given. AWS: AWS Organizations > AWS accounts > Root."""
    organizational_units: list[UnitId] = []
    """The ids of the organizational units from the root down to the account; none unless given, which attaches the
    account to the root. AWS: AWS Organizations > AWS accounts."""
    scps: dict[PolicyName, PolicyJson] = {}
    """The service control policies attached to the account, by name, each a policy document written here or in a JSON
    file; none unless given. AWS: AWS Organizations > AWS accounts > account > Policies > Service control policies."""
    rcps: dict[PolicyName, PolicyJson] = {}
    """The resource control policies that reach the account, by name, each a policy document written here or in a JSON
    file; none unless given. AWS: AWS Organizations > AWS accounts > account > Policies > Resource control policies."""
    full_aws_access: bool = True
    """Whether AWS's service control policy ``FullAWSAccess`` is attached as well, as it is by default; without it
    ``scps`` must allow what is called. AWS: AWS Organizations > Policies > Service control policies > FullAWSAccess."""
    levels: dict[RootId | UnitId, OrganizationLevel] = {}
    """The service control policies of the root and of the organizational units, by id, each of which must allow what is
    called; FullAWSAccess alone is attached where nothing is given. AWS: AWS Organizations > AWS accounts."""
    management_account: bool = False
    """Whether the account is the organization's management account, to which its policies do not apply; ``false``
    unless given. AWS: AWS Organizations > AWS accounts > management account."""

    @model_validator(mode="after")
    def _levels_are_above_the_account(self) -> Organization:
        above = (self.root, *self.organizational_units)
        for level in self.levels:
            if level not in above:
                raise ValueError(f"levels: {level} is neither the root nor one of the organizational_units")
        return self


class Account(Settings):
    """An AWS account; the key is its id, in quotes."""

    partition: Literal["aws", "aws-us-gov", "aws-cn"] = "aws"
    """The part of AWS that the account belongs to: commercial (the default), ``aws-us-gov`` for GovCloud (US), or
    ``aws-cn`` for China."""
    alias: Label | None = None
    """The account's alias, which the role chooser shows; none unless given. AWS: IAM > Dashboard > Account Alias."""
    saml_providers: dict[ProviderName, SamlProvider] = {}
    """The account's SAML identity providers by name; none unless given. AWS: IAM > Identity providers."""
    policies: dict[PolicyName, PolicyJson] = {}
    """The account's managed policies by name, each a policy document written here or in a JSON file; none unless given.
    AWS: IAM > Policies."""
    roles: dict[RoleName, Role] = {}
    """The account's roles by name; none unless given. AWS: IAM > Roles."""
    users: dict[UserName, IamUser] = {}
    """The account's IAM users by name; none unless given. AWS: IAM > Users."""
    groups: dict[PolicyName, IamGroup] = {}
    """The account's groups of IAM users by name; none unless given. AWS: IAM > User groups."""
    disabled_sts_regions: list[Region] = []
    """The regions in which STS is not activated; none unless given. AWS: IAM > Account settings > Security Token
    Service (STS) > Endpoints."""
    organization: Organization | None = None
    """The organization that the account is a member of; none unless given. AWS: AWS Organizations > AWS accounts."""
    seed: list[str | Seed] = []
    """Files that the account is filled from, as names or with settings; what this file itself says takes precedence;
    none unless given."""
    connect: dict[str, ConnectInstance] = {}
    """The account's Amazon Connect instances by id; none unless given. AWS: Amazon Connect > Instances."""
