"""The format of a world file: the shape of every mapping in it, and what its texts may be.

A shape refuses unknown keys and values of another type; ``emulator.world`` reads files and looks for what shapes cannot
see, such as names that nothing has.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_ACCOUNT_ID = re.compile(r"[0-9]{12}", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]", re.ASCII)
_URL = re.compile(r"https?://[^\s/?#\\@]+(?:[/?#]\S*)?", re.ASCII)
_ORIGIN = re.compile(r"(?:https://[A-Za-z0-9.-]+|http://localhost)(?::[0-9]{1,5})?", re.ASCII)
_PAGE_ORIGIN = re.compile(r"https://[a-z0-9.-]+", re.ASCII)
_PROVIDER_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:saml-provider/[\w.-]{1,128}", re.ASCII)
_PROVIDER_NAME = re.compile(r"[\w._-]{1,128}", re.ASCII)
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE_PATH = re.compile(r"/(?:[\x21-\x7e]{1,510}/)?", re.ASCII)
_POLICY_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_ACCESS_KEY_ID = re.compile(r"AKIA[A-Z0-9]{16}", re.ASCII)
_SECRET_ACCESS_KEY = re.compile(r"[A-Za-z0-9/+]{40}", re.ASCII)
_TAG_KEY = re.compile(r"(?!aws:)[\w .:/=+@-]{1,128}")
_ORGANIZATION_ID = re.compile(r"o-[a-z0-9]{10,32}", re.ASCII)
_ROOT_ID = re.compile(r"r-[0-9a-z]{4,32}", re.ASCII)
_UNIT_ID = re.compile(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}", re.ASCII)
_INSTANCE_ALIAS = re.compile(r"(?!d-)[\da-zA-Z]+(?:-*[\da-zA-Z])*", re.ASCII)


def _text(pattern: re.Pattern[str], description: str) -> Any:
    def matches(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"{value!r} is not {description}")
        return value

    return AfterValidator(matches)


def _well_formed(url: str) -> str:
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise ValueError(f"{url!r} is not an http(s) URL") from None
    return url


Label = Annotated[str, _text(_LABEL, "a host name label (lower-case letters, digits and hyphens)")]
Url = Annotated[str, _text(_URL, "an http(s) URL"), AfterValidator(_well_formed)]
Origin = Annotated[
    str, _text(_ORIGIN, "an origin such as https://connect.example.com (https unless localhost, no path)")
]
PageOrigin = Annotated[str, _text(_PAGE_ORIGIN, "the origin of a page such as https://connect.example.com (no port)")]
AccountId = Annotated[str, _text(_ACCOUNT_ID, "an AWS account id: 12 digits, in quotes")]
Region = Annotated[str, _text(_REGION, "an AWS region such as ap-northeast-1")]
ProviderArn = Annotated[str, _text(_PROVIDER_ARN, "an ARN such as arn:aws:iam::123456789012:saml-provider/okta")]
ProviderName = Annotated[str, _text(_PROVIDER_NAME, "a SAML provider name")]
RoleName = Annotated[str, _text(_ROLE_NAME, "an IAM role name")]
RolePath = Annotated[str, _text(_ROLE_PATH, "an IAM path such as /federation/")]
UserName = Annotated[str, _text(_ROLE_NAME, "an IAM user name")]
PolicyName = Annotated[str, _text(_POLICY_NAME, "an IAM policy name")]
AccessKeyId = Annotated[str, _text(_ACCESS_KEY_ID, "an access key id such as AKIAIOSFODNN7EXAMPLE")]
SecretAccessKey = Annotated[str, _text(_SECRET_ACCESS_KEY, "a secret access key of 40 characters")]
TagKey = Annotated[str, _text(_TAG_KEY, "a tag key")]
TagValue = Annotated[str, Field(max_length=256)]
InstanceAlias = Annotated[str, _text(_INSTANCE_ALIAS, "an Amazon Connect instance alias"), Field(max_length=45)]
PolicyJson = dict[str, Any] | str
OrganizationId = Annotated[str, _text(_ORGANIZATION_ID, "an organization's id such as o-a1b2c3d4e5")]
RootId = Annotated[str, _text(_ROOT_ID, "the id of an organization's root such as r-ab12")]
UnitId = Annotated[str, _text(_UNIT_ID, "the id of an organizational unit such as ou-ab12-11111111")]


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError(f"{text!r} is not an IP address such as 203.0.113.10") from None


IpAddress = Annotated[str, AfterValidator(_address)]


class Shape(BaseModel):
    """A mapping in the file: unknown keys and values of another type are mistakes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OktaFactor(Shape):
    """A person's second factor: one-time codes, a push with the person's answer to it, or a code by SMS."""

    type: Literal["totp", "push", "sms"]
    secret: str = Field(default="", repr=False)
    provider: Literal["OKTA", "GOOGLE"] = "OKTA"
    phone: str = ""
    answer: Literal["approve", "deny", "timeout"] = "approve"
    after_polls: int = Field(default=1, ge=1, le=100)

    @model_validator(mode="after")
    def has_what_it_needs(self) -> OktaFactor:
        """Refuses one-time codes without a secret, and an SMS without a number."""
        if self.type == "totp":
            text = self.secret.replace(" ", "").upper()
            try:
                base64.b32decode(text + "=" * (-len(text) % 8))
            except binascii.Error:
                text = ""
            if not text:
                raise ValueError("a factor of type totp needs a secret in base32")
        if self.type == "sms" and len(self.phone) < 6:
            raise ValueError("a factor of type sms needs a phone such as +81312345678")
        return self


class OidcClient(Shape):
    """A native OIDC app; the key is its client id. Command-line clients get tokens with it by the device flow."""

    label: str = "AWS CLI"


class OktaUser(Shape):
    """A person in the Okta org; the key is the login."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    password: str = Field(default="fedemu", repr=False)
    groups: list[str] = []
    status: Literal["ACTIVE", "STAGED", "SUSPENDED", "LOCKED_OUT", "PASSWORD_EXPIRED", "DEPROVISIONED"] = "ACTIVE"
    profile: dict[str, str | bool | int | float | list[str]] = {}
    factors: list[OktaFactor] = []
    source_ip: IpAddress | None = None
    """The address that the person's requests come from, which policies see as ``aws:SourceIp``; ``127.0.0.1`` unless
    given. A login may choose another."""


class OktaGroup(Shape):
    """A group of the org. ``source`` is what the setting App Filter of an app looks at."""

    description: str = ""
    source: str = "okta"


class Assignment(Shape):
    """Who gets the app, and with which roles: a user or a group."""

    user: str | None = None
    group: str | None = None
    role: str | None = None
    saml_user_roles: list[str] = []

    @model_validator(mode="after")
    def one_of_user_and_group(self) -> Assignment:
        """Refuses an assignment to both or to nobody."""
        if (self.user is None) == (self.group is None):
            raise ValueError("an assignment names either a user or a group")
        return self


class KeyFiles(Shape):
    """PEM files of the app's signing key and certificate, relative to the world file."""

    private_key: str
    certificate: str


class AssertionEncryption(Shape):
    """How an app encrypts its assertions: for whose certificate (a PEM file), and with which algorithms."""

    certificate: str
    algorithm: Literal["AES128_GCM", "AES256_GCM", "AES128_CBC", "AES256_CBC"] = "AES256_GCM"
    key_transport: Literal["RSA_OAEP", "RSA_15"] = "RSA_OAEP"


class Provisioning(Shape):
    """The app's API integration: the access key of the IAM user with which Okta reads AWS's roles."""

    access_key: str
    secret_key: str = Field(repr=False)
    connected_accounts: list[AccountId] = []


class EventHook(Shape):
    """Who is told when something happens in the org. ``authorization`` goes along in that header."""

    url: Url
    events: list[str] = ["application.user_membership.add", "group.user_membership.add"]
    authorization: str = Field(default="", repr=False)
    headers: dict[str, str] = {}


class AttributeStatement(Shape):
    """One attribute that a custom app sends: expressions, or the groups that fit a filter."""

    name: str
    name_format: Literal["", "unspecified", "basic", "uri"] = "unspecified"
    values: list[str] = []
    groups: dict[Literal["starts_with", "equals", "contains", "regex"], str] | None = None

    @model_validator(mode="after")
    def one_of_values_and_groups(self) -> AttributeStatement:
        """Refuses an attribute with neither or with both."""
        if bool(self.values) == (self.groups is not None) or (self.groups is not None and len(self.groups) != 1):
            raise ValueError("an attribute has either values or groups, and groups has one filter")
        return self


class SamlSettings(Shape):
    """How an app's assertions look and what is known of its service provider; files are relative to the world file."""

    issuer: str = ""
    name_id: str = ""
    name_id_format: Literal["", "unspecified", "email", "persistent", "transient", "x509"] = ""
    attributes: list[AttributeStatement] = []
    signed: list[Literal["Response", "Assertion"]] | None = None
    signature_algorithm: Literal["RSA_SHA256", "RSA_SHA1"] = "RSA_SHA256"
    authn_context: str = ""
    recipient: str = ""
    destination: str = ""
    sp_metadata: str | None = None
    sp_entity_id: str = ""
    sp_certificate: str | None = None
    requires_signed_requests: bool = False
    other_acs_urls: list[Url] = []
    logout_url: str = ""


class OktaApp(Shape):
    """A SAML app with its sign-on settings: "AWS Account Federation", or a custom one. Durations are seconds.

    ``acs_url`` overrides the sign-in URL of the environment; a custom app needs one, and an audience. ``style`` writes
    assertions in the manner of another identity provider.
    """

    catalog: Literal["amazon_aws", "custom_saml"] = "amazon_aws"
    style: Literal[
        "okta", "entra", "google", "identity-center", "onelogin", "ping", "keycloak", "adfs", "auth0", "jumpcloud"
    ] = "okta"
    saml: SamlSettings = SamlSettings()
    label: str = "AWS Account Federation"
    login_url: Url = "https://console.aws.amazon.com/ec2/home"
    environment: Literal["aws.amazon", "aws.govcloud", "aws.china"] = "aws.amazon"
    acs_url: Url | None = None
    audience: str = "urn:amazon:webservices"
    identity_provider_arn: ProviderArn | None = None
    default_relay_state: str = ""
    session_duration: int = 3600
    join_all_roles: bool = False
    use_group_mapping: bool = False
    mfa: Literal["required", "off"] = "off"
    app_filter: str = "okta"
    group_filter: str = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)"
    role_value_pattern: str = "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}"
    username_format: Literal["okta_username", "email", "email_prefix"] = "okta_username"
    provisioning: Provisioning | None = None
    signing: KeyFiles | None = None
    assertion_encryption: AssertionEncryption | None = None
    assignments: list[Assignment] = []

    @model_validator(mode="after")
    def has_what_its_kind_needs(self) -> OktaApp:
        """Refuses an AWS app without a provider, and a custom one without a service provider."""
        if self.catalog == "amazon_aws" and self.identity_provider_arn is None:
            raise ValueError("identity_provider_arn is missing")
        if self.catalog == "custom_saml" and not self.saml.sp_metadata and self.acs_url is None:
            raise ValueError("a custom_saml app needs an acs_url, or sp_metadata")
        return self


class OktaOrg(Shape):
    """An Okta org; the key is its subdomain."""

    groups: list[str] | dict[str, OktaGroup] = []
    users: dict[str, OktaUser] = {}
    apps: dict[str, OktaApp] = {}
    api_tokens: dict[str, str] = Field(default={}, repr=False)
    event_hooks: dict[str, EventHook] = {}
    pipeline: Literal["idx", "v1"] = "idx"
    mfa: Literal["required", "off"] = "off"
    lockout_after: int = Field(default=10, ge=1, le=1000)
    show_lockout: bool = False
    oidc_clients: dict[str, OidcClient] = {}


class MetadataSource(Shape):
    """Where a SAML provider's metadata comes from: an app of this world, a file, or the XML itself."""

    okta_app: str | None = None
    file: str | None = None
    xml: str | None = None

    @model_validator(mode="after")
    def one_source(self) -> MetadataSource:
        """Refuses two sources or none."""
        if [self.okta_app, self.file, self.xml].count(None) != 2:
            raise ValueError("metadata comes either from okta_app or from file or from xml")
        return self


class SamlProvider(Shape):
    """An IAM SAML provider; the key is its name.

    ``private_keys`` open encrypted assertions: at most two, PEM files relative to the world file. The provider's own
    sign-in URL ends in ``/saml/acs/`` and its id, which ``fedemu up`` prints.
    """

    metadata: MetadataSource
    assertion_encryption: Literal["Allowed", "Required"] | None = None
    private_keys: Annotated[list[str], Field(max_length=2)] = []

    @model_validator(mode="after")
    def keys_where_required(self) -> SamlProvider:
        """Refuses encryption without a key, as IAM does."""
        if self.assertion_encryption == "Required" and not self.private_keys:
            raise ValueError("assertion_encryption: Required needs a private key")
        return self


class Role(Shape):
    """An IAM role; the key is its name. ``max_session_duration`` is seconds.

    ``policies`` and ``permissions_boundary`` name managed policies of the account, or AWS's own by their ARN.
    """

    path: RolePath = "/"
    description: str = ""
    trust: PolicyJson
    policies: list[str] = []
    inline_policies: dict[PolicyName, PolicyJson] = {}
    permissions_boundary: str | None = None
    max_session_duration: Annotated[int, Field(ge=3600, le=43200)] = 3600
    tags: dict[TagKey, TagValue] = {}


class AccessKey(Shape):
    """A long-term access key of an IAM user, with which the emulated AWS APIs can be called."""

    id: AccessKeyId
    secret: SecretAccessKey = Field(repr=False)


class IamUser(Shape):
    """An IAM user, such as an administrator, or the one whose access key Okta holds to read the roles."""

    path: RolePath = "/"
    policies: list[str] = []
    inline_policies: dict[PolicyName, PolicyJson] = {}
    permissions_boundary: str | None = None
    access_keys: Annotated[list[AccessKey], Field(max_length=2)] = []
    tags: dict[TagKey, TagValue] = {}


class ConnectUser(Shape):
    """A user of an Amazon Connect instance; the key is the login. Profiles are names."""

    first_name: str = ""
    last_name: str = ""
    security_profiles: list[str] = ["Agent"]
    routing_profile: str = "Basic Routing Profile"


class SecurityProfile(Shape):
    """What users of an instance may do; without ``access_ccp`` the CCP says access_denied to the page around it."""

    access_ccp: bool = True


class AuthenticationProfile(Shape):
    """How long an instance's logins last, in minutes: the session, and the access token that is renewed within it.

    AWS allows 360 to 720 and 10 to 60; shorter times are for tests.
    """

    max_session_duration: Annotated[int, Field(ge=1, le=720)] = 720
    periodic_session_duration: Annotated[int, Field(ge=1, le=60)] = 60


_SECURITY_PROFILES = ("Admin", "Agent", "CallCenterManager", "QualityAnalyst")


class ConnectInstance(Shape):
    """An Amazon Connect instance; the key is its id. Its profiles come to those that every instance has.

    ``domain`` is ``awsapps.com`` for an instance that is still reached at the old domain too. With ``role_binding:
    strict`` a user belongs to the first role they came with, as Amazon Connect did until 2022. ``email: allowed`` lets
    CreateUser take an e-mail address, of which Amazon's reference says both. ``cookie_same_site``,
    ``origin_propagation_delay`` and ``load_delay`` (seconds) make what has gone wrong in the field go wrong here.
    """

    alias: InstanceAlias
    region: Region
    identity_management: Literal["SAML", "CONNECT_MANAGED", "EXISTING_DIRECTORY"] = "SAML"
    domain: Literal["my.connect.aws", "awsapps.com"] = "my.connect.aws"
    users: dict[str, ConnectUser] = {}
    security_profiles: dict[str, SecurityProfile] = {}
    routing_profiles: list[str] = []
    authentication_profile: AuthenticationProfile = AuthenticationProfile()
    approved_origins: list[Origin] = []
    role_binding: Literal["off", "strict"] = "off"
    email: Literal["refused", "allowed"] = "refused"
    cookie_same_site: Literal["None", "Lax", "Strict"] = "None"
    origin_propagation_delay: Annotated[int, Field(ge=0, le=86_400)] = 0
    load_delay: Annotated[float, Field(ge=0, le=60)] = 0

    @property
    def all_security_profiles(self) -> Mapping[str, SecurityProfile]:
        """Those that every instance has, and its own."""
        return {**dict.fromkeys(_SECURITY_PROFILES, SecurityProfile()), **self.security_profiles}

    @property
    def all_routing_profiles(self) -> tuple[str, ...]:
        """The one that every instance has, and its own."""
        return tuple(dict.fromkeys(("Basic Routing Profile", *self.routing_profiles)))


class Seed(Shape):
    """A CloudFormation template or an answer of ``aws iam get-…``, relative to the world file.

    ``parameters``, ``region`` and ``stack_name`` are a template's.
    """

    file: str
    parameters: dict[str, str] = {}
    region: Region = "us-east-1"
    stack_name: str | None = None


class Organization(Shape):
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
    """The service control policies that reach the account, by name, each a policy document written here or in a JSON
    file; none unless given. AWS: AWS Organizations > AWS accounts > account > Policies > Service control policies."""
    rcps: dict[PolicyName, PolicyJson] = {}
    """The resource control policies that reach the account, by name, each a policy document written here or in a JSON
    file; none unless given. AWS: AWS Organizations > AWS accounts > account > Policies > Resource control policies."""
    full_aws_access: bool = True
    """Whether AWS's service control policy ``FullAWSAccess`` is attached as well, as it is by default; without it
    ``scps`` have to allow what is called. AWS: AWS Organizations > Policies > Service control policies >
    FullAWSAccess."""
    management_account: bool = False
    """Whether the account is the organization's management account, which its policies do not reach; it is not unless
    given. AWS: AWS Organizations > AWS accounts > management account."""


class Account(Shape):
    """An AWS account; the key is its id, in quotes. ``seed`` fills it from files; what stands here goes before them.

    ``partition`` is ``aws-us-gov`` for GovCloud and ``aws-cn`` for China. ``disabled_sts_regions`` are the regions in
    which STS is switched off.
    """

    partition: Literal["aws", "aws-us-gov", "aws-cn"] = "aws"
    alias: Label | None = None
    saml_providers: dict[ProviderName, SamlProvider] = {}
    policies: dict[PolicyName, PolicyJson] = {}
    roles: dict[RoleName, Role] = {}
    users: dict[UserName, IamUser] = {}
    disabled_sts_regions: list[Region] = []
    organization: Organization | None = None
    """The organization that the account is a member of; none unless given. AWS: AWS Organizations > AWS accounts."""
    seed: list[str | Seed] = []
    connect: dict[str, ConnectInstance] = {}


def _year_as_text(value: Any) -> Any:
    return "2023" if value == 2023 and not isinstance(value, bool) else value


class SignIn(Shape):
    """How AWS's sign-in pages behave.

    ``role_chooser`` is the page that asks which role to take: legacy is AWS's until August 2023, 2023 the one since,
    and combined both on one page, for programs that read either. With ``multi_session`` a browser may be signed in to
    up to five roles at once without opting in; otherwise to one account.
    """

    role_chooser: Annotated[Literal["combined", "legacy", "2023"], BeforeValidator(_year_as_text)] = "combined"
    multi_session: bool = False


class WorldShape(Shape):
    """A world file.

    ``pages`` are folders with pages of one's own, by the origin they are served at: a custom CCP. They are relative to
    the world file, and the first one that has a file gives it.
    """

    version: Literal[1]
    sign_in: SignIn = SignIn()
    okta: dict[Label, OktaOrg] = {}
    aws: dict[AccountId, Account] = {}
    pages: dict[PageOrigin, list[str]] = {}
