"""The apps in the Okta part of a world file: how a person is assigned, and what the assertion says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from emulator.worldfile.schema.settings import AccountId, ProviderArn, Settings, Url, number_as_text


class Assignment(Settings):
    """A user or a group that gets an app, and the roles that come with it."""

    user: str | None = None
    """The login of the person who gets the app; either this or ``group`` is given. Okta: app > Assignments > Assign to
    People."""
    group: str | None = None
    """The name of the group whose members get the app; either this or ``user`` is given. Okta: app > Assignments >
    Assign to Groups."""
    role: str | None = None
    """The name of one AWS role, which is used where ``saml_user_roles`` is empty. Okta: app > Assignments > assignment
    > Role."""
    saml_user_roles: list[str] = []
    """The names of the AWS roles that a person may choose from; none unless given. Okta: app > Assignments > assignment
    > SAML User Roles."""

    @model_validator(mode="after")
    def one_of_user_and_group(self) -> Assignment:
        """Refuses an assignment to both or to nobody."""
        if (self.user is None) == (self.group is None):
            raise ValueError("an assignment names either a user or a group")
        return self


class KeyFiles(Settings):
    """An app's signing key and its certificate, in two files."""

    private_key: str
    """The file of the private key in PEM, relative to the world file."""
    certificate: str
    """The file of the X.509 certificate in PEM, relative to the world file. Okta: app > Sign On > SAML Signing
    Certificates."""


class AssertionEncryption(Settings):
    """How an app encrypts its assertions, and for whom."""

    certificate: str
    """The service provider's certificate: a PEM file relative to the world file, or the PEM text itself. Okta: app >
    General > SAML Settings > Encryption Certificate."""
    algorithm: Literal["AES128_GCM", "AES256_GCM", "AES128_CBC", "AES256_CBC"] = "AES256_GCM"
    """The algorithm that encrypts the assertion; AES256-GCM unless given. Okta: app > General > SAML Settings >
    Encryption Algorithm."""
    key_transport: Literal["RSA_OAEP", "RSA_15"] = "RSA_OAEP"
    """The algorithm that encrypts the assertion's key; RSA-OAEP unless given. Okta: app > General > SAML Settings > Key
    Transport Algorithm."""


class Provisioning(Settings):
    """The app's API integration: the access key of the IAM user with which Okta reads AWS's roles."""

    access_key: str
    """The IAM user's access key id. Okta: app > Provisioning > Integration > Access Key."""
    secret_key: str = Field(repr=False)
    """The IAM user's secret access key. Okta: app > Provisioning > Integration > Secret Key."""
    connected_accounts: list[AccountId] = []
    """The ids of more AWS accounts whose roles are read; none unless given. Okta: app > Provisioning > Integration >
    Connected Accounts IDs."""


class AttributeStatement(Settings):
    """One attribute that a custom app sends: expressions, or the groups that fit a filter."""

    name: str
    """The attribute's Name in the assertion. Okta: app > General > SAML Settings > Attribute Statements > Name."""
    name_format: Literal["", "unspecified", "basic", "uri"] = "unspecified"
    """The attribute's NameFormat, by its last word; ``unspecified`` unless given, and none if it is empty. Okta: app >
    General > SAML Settings > Attribute Statements > Name format."""
    values: list[str] = []
    """The attribute's values, as expressions in the Okta Expression Language such as ``user.email``. Okta: app >
    General > SAML Settings > Attribute Statements > Value."""
    groups: dict[Literal["starts_with", "equals", "contains", "regex"], str] | None = None
    """One filter with its text, instead of ``values``: the names of the person's groups that fit are sent. Okta: app >
    General > SAML Settings > Group Attribute Statements > Filter."""

    @model_validator(mode="after")
    def one_of_values_and_groups(self) -> AttributeStatement:
        """Refuses an attribute with neither or with both."""
        if bool(self.values) == (self.groups is not None) or (self.groups is not None and len(self.groups) != 1):
            raise ValueError("an attribute has either values or groups, and groups has one filter")
        return self


class SamlSettings(Settings):
    """How an app's assertions are written, and what the app knows of its service provider."""

    issuer: str = ""
    """The entity ID in Issuer; Okta's ``http://www.okta.com/exk…`` or the style's unless given. Okta: app > General >
    SAML Settings > SAML Issuer ID."""
    name_id: str = ""
    """An expression in the Okta Expression Language that makes NameID; the application username unless given. Okta: app
    > General > SAML Settings > Application username > Custom."""
    name_id_format: Literal["", "unspecified", "email", "persistent", "transient", "x509"] = ""
    """The Format of NameID; the style's unless given. Okta: app > General > SAML Settings > Name ID format."""
    attributes: list[AttributeStatement] = []
    """The attributes that are sent beside those of AWS; none unless given. Okta: app > General > SAML Settings >
    Attribute Statements."""
    signed: list[Literal["Response", "Assertion"]] | None = None
    """The elements that are signed; the style's unless given, which are both for Okta. Okta: app > General > SAML
    Settings > Response and Assertion Signature."""
    signature_algorithm: Literal["RSA_SHA256", "RSA_SHA1"] = "RSA_SHA256"
    """The algorithm of signatures; RSA-SHA256 unless given. Okta: app > General > SAML Settings > Signature
    Algorithm."""
    authn_context: str = ""
    """The URI in AuthnContextClassRef; the style's unless given, which is PasswordProtectedTransport for Okta. Okta:
    app > General > SAML Settings > Authentication context class."""
    layout: Annotated[Literal["2020", "2018"], BeforeValidator(number_as_text)] = "2020"
    """The order of attributes and namespace declarations in the Response: as Okta has written them since 2020, or as it
    did until 2019 (``2018``)."""
    recipient: str = ""
    """The URL in Recipient; the ACS URL unless given. Okta: app > General > SAML Settings > Recipient URL."""
    destination: str = ""
    """The URL in the Response's Destination; the ACS URL unless given. Okta: app > General > SAML Settings >
    Destination URL."""
    sp_metadata: str | None = None
    """The file of the service provider's metadata, relative to the world file, from which ACS URLs, entity ID,
    certificate and logout URL are taken where they are not given; none unless given."""
    sp_entity_id: str = ""
    """The entity ID that must be the Issuer of the service provider's requests; any is taken where neither this nor
    metadata says it. Okta: app > General > SAML Settings > SP Issuer."""
    sp_certificate: str | None = None
    """The file of the certificate in PEM that verifies the service provider's requests, relative to the world file;
    none unless given. Okta: app > General > SAML Settings > Signature Certificate."""
    requires_signed_requests: bool = False
    """Whether a request without a signature is refused; ``false`` unless given. Okta: app > General > SAML Settings >
    Signed Requests."""
    other_acs_urls: list[Url] = []
    """More ACS URLs that a request may ask for, by index; none unless given. Okta: app > General > SAML Settings >
    Other Requestable SSO URLs."""
    logout_url: str = ""
    """The URL of the service provider that logout responses go to; none unless given, and then there is no single
    logout. Okta: app > General > SAML Settings > Single Logout URL."""


class OktaApp(Settings):
    """A SAML app with its sign-on settings: the catalog's "AWS Account Federation", or a custom one. An AWS app needs
    ``identity_provider_arn``; a custom one needs ``acs_url`` and ``audience``, or ``saml.sp_metadata``."""

    catalog: Literal["amazon_aws", "custom_saml"] = "amazon_aws"
    """What kind of app it is: ``amazon_aws`` for "AWS Account Federation" (the default), or ``custom_saml`` for one
    that is made with Create App Integration. Okta: Applications > Browse App Catalog."""
    style: Literal[
        "okta", "entra", "google", "identity-center", "onelogin", "ping", "keycloak", "adfs", "auth0", "jumpcloud"
    ] = "okta"
    """The identity provider whose manner of writing assertions is imitated: issuer, formats, and what is signed; Okta's
    unless given."""
    saml: SamlSettings = SamlSettings()
    """How the app's assertions are written beyond what its other settings say; as Okta does unless given. Okta: app >
    General > SAML Settings."""
    label: str = "AWS Account Federation"
    """The app's name on the dashboard; ``AWS Account Federation`` unless given. Okta: app > General > Application
    label."""
    login_url: Url = "https://console.aws.amazon.com/ec2/home"
    """The URL of AWS's console that the app is set up with, which has no effect on logins; the EC2 console's unless
    given. Okta: app > General > Your AWS Login URL."""
    environment: Literal["aws.amazon", "aws.govcloud", "aws.china"] = "aws.amazon"
    """The part of AWS whose sign-in URL is used: commercial (the default), GovCloud (US) or China. Okta: app > Sign On
    > AWS Environment."""
    acs_url: Url | None = None
    """The URL that the response is posted to, instead of the environment's; a custom app needs one. Okta: app > Sign On
    > ACS URL, or General > SAML Settings > Single sign-on URL."""
    audience: str = "urn:amazon:webservices"
    """The Audience of the assertion; AWS's, unless given or taken from ``saml.sp_metadata``. Okta: app > General > SAML
    Settings > Audience URI (SP Entity ID)."""
    identity_provider_arn: ProviderArn | None = None
    """The ARN of the IAM SAML provider, which an AWS app needs. Okta: app > Sign On > Identity Provider ARN."""
    default_relay_state: str = ""
    """The URL that a login leads to when it asks for no other, such as a federate URL of Amazon Connect; none unless
    given, which leads to the AWS console. Okta: app > Sign On > Default Relay State, or General > SAML Settings >
    Default RelayState."""
    session_duration: int = 3600
    """How long the AWS console session lasts, in seconds; AWS takes 900 to 43200, and the default is one hour. Okta:
    app > Sign On > Session Duration."""
    join_all_roles: bool = False
    """Whether a person has the roles of all their assignments, instead of only the first one's (a direct assignment
    comes before a group's); ``false`` unless given. Okta: app > Sign On > Join all roles."""
    use_group_mapping: bool = False
    """Whether roles are made from the names of the person's groups instead of the assignments' roles; ``false`` unless
    given. Okta: app > Sign On > Use Group Mapping."""
    mfa: Literal["required", "off"] = "off"
    """Whether this app asks for a second factor; ``off`` unless given. Okta: app > Sign On > User authentication >
    Authentication policy."""
    app_filter: str = "okta"
    """Which groups are mapped to roles, by where they come from, as a list with commas such as
    ``okta,active_directory``; ``okta`` unless given. Okta: app > Sign On > App Filter."""
    group_filter: str = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)"
    """The pattern that finds role and account in a group's name, with named groups in Okta's spelling ``(?{{role}}…)``
    and ``(?{{accountid}}…)``; names such as ``aws_123456789012_Agent`` fit unless it is given. Okta: app > Sign On >
    Group Filter."""
    role_value_pattern: str = "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}"
    """The pair of ARNs that a group becomes, with ``${accountid}`` and ``${role}`` from the group filter; the provider
    is called OKTA unless it is given. Okta: app > Sign On > Role Value Pattern."""
    username_format: str = "okta_username"
    """What the person is called at the service provider, and so in NameID and RoleSessionName: ``okta_username`` (the
    login, the default), ``okta_username_prefix``, ``email``, ``email_prefix``, or an Okta expression such as
    ``String.substringBefore(user.email, "@")``. Okta: app > Sign On > Application username format."""
    provisioning: Provisioning | None = None
    """The API integration that reads AWS's roles; off unless given. Okta: app > Provisioning > Integration > Enable API
    integration."""
    signing: KeyFiles | None = None
    """The key that signs this app's assertions; unless given, one is made and kept in the data folder. Okta: app > Sign
    On > SAML Signing Certificates."""
    assertion_encryption: AssertionEncryption | None = None
    """How assertions are encrypted; they are not unless it is given. Okta: app > General > SAML Settings > Assertion
    Encryption."""
    assignments: list[Assignment] = []
    """Who has the app, and with which roles; nobody unless given. Okta: app > Assignments."""

    @model_validator(mode="after")
    def has_what_its_kind_needs(self) -> OktaApp:
        """Refuses an AWS app without a provider, and a custom one without a service provider."""
        if self.catalog == "amazon_aws" and self.identity_provider_arn is None:
            raise ValueError("identity_provider_arn is missing")
        if self.catalog == "custom_saml" and not self.saml.sp_metadata and self.acs_url is None:
            raise ValueError("a custom_saml app needs an acs_url, or sp_metadata")
        return self
