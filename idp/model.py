"""What an Okta org holds: people, apps, and who may use them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from emulator.kernel.records import dataclass

if TYPE_CHECKING:
    from cryptography import x509

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
AWS_CATALOG = "amazon_aws"
ProfileValue = str | bool | int | float | tuple[str, ...]
_ID_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An app's signing key and certificate, both PEM."""

    private_key_pem: bytes = field(repr=False)
    certificate_pem: bytes

    @property
    def key_id(self) -> str:
        """The key's id, as in ``kid``: 43 characters derived from the certificate."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.certificate_pem).digest()).decode().rstrip("=")

    @property
    def created_at(self) -> datetime:
        """When the certificate's validity begins."""
        return self._certificate.not_valid_before_utc

    @property
    def expires_at(self) -> datetime:
        """When the certificate's validity ends."""
        return self._certificate.not_valid_after_utc

    @property
    def _certificate(self) -> x509.Certificate:
        from cryptography.x509 import load_pem_x509_certificate

        return load_pem_x509_certificate(self.certificate_pem)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people. ``source`` says where it is managed: ``okta``, ``active_directory``, or an app's name.

    Spec: developer.okta.com, Groups API
    """

    group_id: str
    name: str
    description: str = ""
    source: str = "okta"
    created_at: datetime = BEGINNING
    changed_at: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor of a person.

    Args:
        kind: ``totp``, ``push`` or ``sms``.
        secret: Secret of one-time codes, in base32.
        provider: ``OKTA`` or ``GOOGLE``: the authenticator app that makes the codes.
        phone: Number to which an SMS is sent.
        answer: How the person responds to a push: ``approve``, ``deny`` or ``timeout``.
        after_polls: How many times a client has to poll before they respond.

    Spec: developer.okta.com, Factors API
    """

    factor_id: str
    kind: str
    secret: str = field(default="", repr=False)
    provider: str = "OKTA"
    phone: str = ""
    answer: str = "approve"
    after_polls: int = 1


@dataclass(frozen=True, slots=True)
class OidcClient:
    """An OIDC app, by its client id: what it may ask for, and where answers may be sent.

    Args:
        label: Name that people see.
        secret: Secret of a confidential client; empty for a public one, which has to use PKCE.
        redirect_uris: URIs to which codes may be sent, compared exactly.
        post_logout_redirect_uris: URIs to which people may be sent after signing out.
        grant_types: Grants with which it may ask for tokens.
        users: Logins of the people who have the app; with neither users nor groups everybody has it.
        groups: Groups that have the app.

    Spec: help.okta.com, "Create OIDC app integrations"
    """

    client_id: str
    label: str = "AWS CLI"
    secret: str = field(default="", repr=False)
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class User:
    """A person. ``status`` is Okta's; only ACTIVE users can sign in. ``profile`` holds fields without an attribute.

    Spec: developer.okta.com, Users API
    """

    user_id: str
    login: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    password: str = field(default="", repr=False)
    groups: tuple[str, ...] = ()
    status: str = "ACTIVE"
    factors: tuple[Factor, ...] = ()
    profile: Mapping[str, ProfileValue] = field(default_factory=dict)
    created_at: datetime = BEGINNING
    changed_at: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class Assignment:
    """An app given to a user or to a group, with roles. ``saml_user_roles`` take precedence over ``role``."""

    user: str | None = None
    group: str | None = None
    role: str | None = None
    saml_user_roles: tuple[str, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that this assignment gives."""
        return self.saml_user_roles or ((self.role,) if self.role else ())


@dataclass(frozen=True, slots=True)
class AssertionEncryption:
    """An app's settings for encrypted assertions: the service provider's certificate in PEM, and the algorithms.

    Spec: help.okta.com, "Assertion Encryption" of an app's SAML settings
    Evidence: documented (the choices)
    """

    certificate_pem: bytes
    algorithm: str = "AES256_GCM"
    key_transport: str = "RSA_OAEP"


@dataclass(frozen=True, slots=True)
class AttributeStatement:
    """One attribute of a custom app's assertions: expressions, or the person's groups whose names match a filter.

    Args:
        name_format: NameFormat of the attribute; empty for none.
        expressions: Values in the Okta Expression Language.
        group_filter: How groups are selected: ``starts_with``, ``equals``, ``contains`` or ``regex``; empty for none.
        group_text: Text or regular expression that group names are compared with.

    Spec: help.okta.com, "Define attribute statements", "Define group attribute statements"
    """

    name: str
    name_format: str = ""
    expressions: tuple[str, ...] = ()
    group_filter: str = ""
    group_text: str = ""


class Layout(Enum):
    """The order in which Okta writes attributes and namespace declarations, which changed between 2019 and 2020.

    Spec: Okta Responses of 2017-12, 2018-03, 2020-09 and 2023-03
    Evidence: observed
    """

    UNTIL_2019 = "2018"
    SINCE_2020 = "2020"


@dataclass(frozen=True, slots=True)
class SamlStyle:
    """How an identity provider writes its assertions. The defaults are Okta's for AWS.

    Args:
        issuer: EntityID of the issuer; empty for Okta's, ``http://www.okta.com/exk…``.
        issuer_format: Format of Issuer; empty for none.
        name_id_format: Format of NameID.
        name_id: Expression for NameID; empty for the application user name.
        attribute_formats: NameFormat of Role, RoleSessionName and SessionDuration; empty for none.
        signed: Elements that are signed.
        sha1: Whether to sign with SHA-1 instead of SHA-256.
        authn_context: URI in AuthnContextClassRef.
        layout: Order of attributes and namespace declarations, and how instants are rounded.

    Spec: help.okta.com, "SAML app integration settings"
    """

    issuer: str = ""
    issuer_format: str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
    name_id_format: str = "urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified"
    name_id: str = ""
    attribute_formats: tuple[str, str, str] = (
        "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
        "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
        "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
    )
    signed: tuple[str, ...] = ("Response", "Assertion")
    sha1: bool = False
    authn_context: str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    layout: Layout = Layout.SINCE_2020


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """What an app knows about its service provider besides one ACS URL.

    Args:
        entity_id: Issuer of its requests; empty when any issuer is accepted.
        acs_urls: ACS URLs that a request may ask for, by index.
        certificate_pem: Certificate that verifies its requests.
        requires_signed_requests: Whether unsigned requests are refused.
        logout_url: URL to which LogoutResponses are posted; empty without single logout.

    Spec: help.okta.com, "SAML app integration settings"; SAML Metadata §2.4.4
    """

    entity_id: str = ""
    acs_urls: tuple[str, ...] = ()
    certificate_pem: bytes = b""
    requires_signed_requests: bool = False
    logout_url: str = ""


@dataclass(frozen=True, slots=True)
class Provisioning:
    """An app's API integration: the access key with which the org reads AWS's roles, and the roles it found.

    Args:
        access_key_id: Id of the IAM user's access key.
        connected_accounts: Ids of further accounts whose roles are read, through a role of a fixed name.
        roles: Roles that were found: ``rolename``, or ``[alias] -- rolename`` where accounts are connected.
        accounts: Account ids by alias.

    Spec: help.okta.com "aws-enable-role-based", "connect-okta-multiple-aws"
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    connected_accounts: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventHook:
    """A URL to which events of some types are sent. ``authorization`` is the secret that is sent along in a header.

    Spec: developer.okta.com, Event Hooks API
    """

    hook_id: str
    name: str
    url: str
    events: tuple[str, ...]
    authorization: str = field(default="", repr=False)
    authorization_header: str = "Authorization"
    headers: Mapping[str, str] = field(default_factory=dict)
    status: str = "ACTIVE"
    verified: bool = False
    created_at: datetime = BEGINNING
    changed_at: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class App:
    """A SAML app: the catalogue's "AWS Account Federation", or a custom one, with its sign-on settings.

    Spec: help.okta.com "aws-configure-aws-app"
    Evidence: documented
    """

    name: str
    label: str
    app_id: str
    external_key: str
    identity_provider_arn: str
    key_pair: KeyPair
    catalog: str = "amazon_aws"
    login_url: str = "https://console.aws.amazon.com/ec2/home"
    acs_url: str = "https://signin.aws.amazon.com/saml"
    audience: str = "urn:amazon:webservices"
    default_relay_state: str = ""
    session_duration_seconds: int = 3600
    join_all_roles: bool = False
    use_group_mapping: bool = False
    group_filter: str = ""
    role_value_pattern: str = ""
    username_format: str = "okta_username"
    link_number: int = 272
    encryption: AssertionEncryption | None = None
    assignments: tuple[Assignment, ...] = ()
    requires_mfa: bool = False
    style: SamlStyle = SamlStyle()
    attributes: tuple[AttributeStatement, ...] = ()
    recipient: str = ""
    destination: str = ""
    service_provider: ServiceProvider = ServiceProvider()
    app_filter: str = "okta"
    environment: str = "aws.amazon"
    status: str = "ACTIVE"
    other_keys: tuple[KeyPair, ...] = ()
    provisioning: Provisioning | None = None
    created_at: datetime = BEGINNING
    changed_at: datetime = BEGINNING

    @property
    def issuer(self) -> str:
        """The app's entityID as an identity provider."""
        return self.style.issuer or f"http://www.okta.com/{self.external_key}"

    @property
    def is_aws(self) -> bool:
        """Whether this is the catalogue's app, which adds AWS's attributes by itself."""
        return self.catalog == AWS_CATALOG


@dataclass(frozen=True, slots=True)
class Org:
    """An Okta org: users by login, groups and apps by name, API tokens with their owners, hooks by id.

    ``rate_limit`` is how many calls an API accepts per minute; 0 means any number.
    """

    name: str
    host: str
    users: Mapping[str, User]
    groups: Mapping[str, Group]
    apps: Mapping[str, App]
    api_tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    event_hooks: Mapping[str, EventHook] = field(default_factory=dict)
    pipeline: str = "idx"
    requires_mfa: bool = False
    lockout_after: int = 10
    shows_lockout: bool = False
    rate_limit: int = 0
    oidc_clients: Mapping[str, OidcClient] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        """The org's URL, without a trailing slash."""
        return f"https://{self.host}"

    def sso_url(self, app: App) -> str:
        """Returns the URL at which the app's logins begin."""
        return f"{self.base_url}/app/{app.catalog}/{app.external_key}/sso/saml"

    def slo_url(self, app: App) -> str:
        """Returns the URL at which service providers end a session."""
        return f"{self.base_url}/app/{app.catalog}/{app.external_key}/slo/saml"

    def embed_link(self, app: App) -> str:
        """Returns the link behind the app's tile."""
        return f"{self.base_url}/home/{app.catalog}/{app.app_id}/{app.link_number}"

    def user_by_id(self, user_id: str) -> User | None:
        """Returns the user with this ``00u…`` id."""
        return next((user for user in self.users.values() if user.user_id == user_id), None)

    def group_by_id(self, group_id: str) -> Group | None:
        """Returns the group with this ``00g…`` id."""
        return next((group for group in self.groups.values() if group.group_id == group_id), None)

    def app_by_external_key(self, external_key: str) -> App | None:
        """Returns the app with this ``exk…`` key."""
        return next((app for app in self.apps.values() if app.external_key == external_key), None)

    def app_by_id(self, app_id: str) -> App | None:
        """Returns the app with this ``0oa…`` id."""
        return next((app for app in self.apps.values() if app.app_id == app_id), None)

    def assigned(self, app: App, user: User) -> tuple[Assignment, ...]:
        """Returns the assignments that give the app to the user: direct ones first, then those by group.

        An inactive app is assigned to nobody.
        """
        if app.status != "ACTIVE":
            return ()
        direct = tuple(a for a in app.assignments if a.user == user.login)
        return direct + tuple(a for a in app.assignments if a.group is not None and a.group in user.groups)


def app_ids(org_name: str, app_name: str) -> tuple[str, str]:
    """Returns an app's ``0oa…`` id and ``exk…`` key; the same names always give the same ids."""
    return stable_id("0oa", f"{org_name}/{app_name}"), stable_id("exk", f"{org_name}/{app_name}")


@lru_cache(maxsize=4096)
def stable_id(prefix: str, text: str) -> str:
    """Returns an id of 20 characters in Okta's alphabet; the same text always gives the same id."""
    digest = hashlib.sha256(f"{prefix}{text}".encode()).digest()
    return prefix + "".join(_ID_ALPHABET[byte % 62] for byte in digest)[:17]
