"""The Okta part of a world file: orgs, with their people, groups, tokens and hooks.

Their apps are in ``okta_app_schema``.
"""

from __future__ import annotations

import base64
import binascii
from typing import Literal

from pydantic import Field, FiniteFloat, model_validator

from emulator.worldfile.schema.okta_app_schema import OktaApp
from emulator.worldfile.schema.seed_schema import Seed
from emulator.worldfile.schema.settings import IpAddress, Settings, Url


class OktaFactor(Settings):
    """A person's second factor: one-time codes, a push with the person's answer to it, or a code by SMS."""

    type: Literal["totp", "push", "sms"]
    """What the factor is: ``totp`` for codes of an authenticator app, ``push`` for Okta Verify's question on a phone,
    or ``sms``. Okta: Directory > People > person > More Actions > Reset Authenticators lists them."""
    secret: str = Field(default="", repr=False)
    """The shared secret of one-time codes, in base32, which ``totp`` needs."""
    provider: Literal["OKTA", "GOOGLE"] = "OKTA"
    """The vendor of the authenticator app: Okta Verify (the default) or Google Authenticator. Okta: Security >
    Authenticators."""
    phone: str = ""
    """The phone number that codes are sent to, such as ``+81312345678``, which ``sms`` needs."""
    answer: Literal["approve", "deny", "timeout"] = "approve"
    """What the person does with a push: approves it (the default), denies it, or lets it time out."""
    after_polls: int = Field(default=1, ge=1, le=100)
    """How many times a client must ask before the person answers a push, from 1 (the default) to 100."""

    @model_validator(mode="after")
    def has_what_it_needs(self) -> OktaFactor:
        """Refuses one-time codes without a secret, and an SMS without a number."""
        if self.type == "totp":
            text = self.secret.replace(" ", "").upper()
            try:
                base64.b32decode(text + "=" * (-len(text) % 8))
            except (binascii.Error, ValueError):
                text = ""
            if not text:
                raise ValueError("a factor of type totp needs a secret in base32")
        if self.type == "sms" and len(self.phone) < 6:
            raise ValueError("a factor of type sms needs a phone such as +81312345678")
        return self


class OidcClient(Settings):
    """An OIDC app; the key is its client id. Without other settings it is a command-line client's, which gets tokens by
    the device flow. Okta: Applications > Create App Integration > OIDC - OpenID Connect."""

    label: str = "AWS CLI"
    """The app's name, which the page that asks a person to activate a device shows; ``AWS CLI`` unless given. Okta: app
    > General > App integration name."""
    secret: str = Field(default="", repr=False)
    """The client secret of a web app; without one the client is public, and must use PKCE. Okta: app > General > Client
    Credentials."""
    redirect_uris: list[str] = []
    """Where authorization codes may be sent; a request's ``redirect_uri`` must equal one of them exactly. Okta: app >
    General > Sign-in redirect URIs."""
    post_logout_redirect_uris: list[str] = []
    """Where people may be sent after they have signed out. Okta: app > General > Sign-out redirect URIs."""
    grant_types: list[Literal["authorization_code", "refresh_token", "device_code", "token_exchange"]] = []
    """How the client may get tokens; unless given, by ``authorization_code`` and ``refresh_token`` when it has
    ``redirect_uris``, otherwise by ``device_code`` and ``token_exchange``. Okta: app > General > Grant type."""
    users: list[str] = []
    """The logins of the people who have the app; with neither ``users`` nor ``groups`` everybody has it. Okta: app >
    Assignments."""
    groups: list[str] = []
    """The groups that have the app. Okta: app > Assignments > Groups."""


class OktaUser(Settings):
    """A person in the Okta org; the key is the login."""

    first_name: str = ""
    """The person's first name; empty unless given. Okta: Directory > People > person > Profile > First name."""
    last_name: str = ""
    """The person's last name; empty unless given. Okta: Directory > People > person > Profile > Last name."""
    email: str = ""
    """The person's e-mail address; the login unless given. Okta: Directory > People > person > Profile > Primary
    email."""
    password: str = Field(default="fedemu", repr=False)
    """The password that the person signs in with; ``fedemu`` unless given. Okta: Directory > People > Add person >
    Password."""
    groups: list[str] = []
    """The names of the groups that the person is a member of; none unless given. Okta: Directory > People > person >
    Groups."""
    status: Literal["ACTIVE", "STAGED", "SUSPENDED", "LOCKED_OUT", "PASSWORD_EXPIRED", "DEPROVISIONED"] = "ACTIVE"
    """The state of the person's account, in the words of Okta's API; only ``ACTIVE``, the default, signs in. Okta:
    Directory > People > Status."""
    profile: dict[str, str | bool | int | FiniteFloat | list[str]] = {}
    """More attributes of the person's profile by their variable names, for expressions such as ``user.department``;
    none unless given. Okta: Directory > People > person > Profile > Attributes."""
    factors: list[OktaFactor] = []
    """The second factors that the person has enrolled; none unless given. Okta: Directory > People > person > More
    Actions > Reset Authenticators lists them."""
    source_ip: IpAddress | None = None
    """The address that the person's requests come from unless a login chooses another, which policies see as
    ``aws:SourceIp``; ``127.0.0.1`` unless given."""


class OktaGroup(Settings):
    """A group of the org; the key is its name."""

    description: str = ""
    """What the group is for; empty unless given. Okta: Directory > Groups > group > Description."""
    source: str = "okta"
    """Where the group comes from: ``okta`` (the default), ``active_directory`` or an app's name; an app's App Filter
    chooses by it. Okta: Directory > Groups > Source."""


class EventHook(Settings):
    """A URL that is called when something happens in the org; the key is the hook's name."""

    url: Url
    """The http(s) URL that events are posted to. Okta: Workflow > Event Hooks > hook > URL."""
    events: list[str] = ["application.user_membership.add", "group.user_membership.add"]
    """The types of events that are sent; unless given, that a person gets an app or joins a group. Okta: Workflow >
    Event Hooks > hook > Subscribe to events."""
    authorization: str = Field(default="", repr=False)
    """The secret that is sent in the header ``Authorization``; no header unless given. Okta: Workflow > Event Hooks >
    hook > Authentication secret."""
    headers: dict[str, str] = {}
    """More headers that are sent, by name; none unless given. Okta: Workflow > Event Hooks > hook > Custom header
    fields."""


class OktaOrg(Settings):
    """An Okta org; the key is its subdomain, so that ``acme`` is at https://acme.okta.com."""

    groups: list[str] | dict[str, OktaGroup] = []
    """The org's groups, as a list of names or with their settings by name; unless given, those that people are members
    of. Okta: Directory > Groups."""
    users: dict[str, OktaUser] = {}
    """The people of the org by login; none unless given. Okta: Directory > People."""
    apps: dict[str, OktaApp] = {}
    """The SAML apps of the org, by the names that this file and the command line use for them; none unless given. Okta:
    Applications > Applications."""
    api_tokens: dict[str, str] = Field(default={}, repr=False)
    """Tokens for the management API, each with the login of the administrator it belongs to; none unless given. Okta:
    Security > API > Tokens."""
    event_hooks: dict[str, EventHook] = {}
    """The event hooks of the org by name; none unless given. Okta: Workflow > Event Hooks."""
    pipeline: Literal["idx", "v1"] = "idx"
    """Which engine the org says it runs, at ``/.well-known/okta-organization``: ``idx`` for Identity Engine (the
    default), ``v1`` for Classic Engine."""
    mfa: Literal["required", "off"] = "off"
    """Whether everybody is asked for a second factor at sign-in; ``off`` unless given. Okta: Security > Global Session
    Policy > rule > Multifactor authentication (MFA) is."""
    lockout_after: int = Field(default=10, ge=1, le=1000)
    """How many wrong passwords or codes in a row lock a person out, from 1 to 1000; 10 unless given. Okta: Security >
    Authenticators > Password > Lock out user after."""
    show_lockout: bool = False
    """Whether a person who is locked out is told so, instead of getting the error for a wrong password; ``false``
    unless given. Okta: Security > Authenticators > Password > Show lock out failures."""
    rate_limit: int = Field(default=0, ge=0)
    """How many calls a minute each API takes before it answers 429; ``0``, the default, for any number. Okta: Reports >
    Rate Limits."""
    oidc_clients: dict[str, OidcClient] = {}
    """Native OIDC apps by client id, with which okta-aws-cli and others get tokens by the device flow; none unless
    given. Okta: Applications > Create App Integration > OIDC, Native Application > Client ID."""
    seed: list[str | Seed] = []
    """Files that the org is filled from, as names or with settings; what this file itself says takes precedence; none
    unless given."""
