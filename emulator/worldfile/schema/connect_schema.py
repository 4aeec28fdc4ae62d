"""The Amazon Connect part of a world file: an instance with its users and profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from emulator.worldfile.schema.settings import InstanceAlias, Origin, Region, Settings

SECURITY_PROFILES = ("Admin", "Agent", "CallCenterManager", "QualityAnalyst")
"""The security profiles that every instance has."""
ROUTING_PROFILE = "Basic Routing Profile"


class ConnectUser(Settings):
    """A user of an Amazon Connect instance; the key is the login, which RoleSessionName must equal, case included."""

    first_name: str = ""
    """The user's first name; empty unless given. Amazon Connect: Users > User management > user > First name."""
    last_name: str = ""
    """The user's last name; empty unless given. Amazon Connect: Users > User management > user > Last name."""
    security_profiles: list[str] = ["Agent"]
    """The names of the user's security profiles; ``Agent`` unless given. Amazon Connect: Users > User management > user
    > Security profiles."""
    routing_profile: str = ROUTING_PROFILE
    """The name of the user's routing profile; the one that every instance has unless given. Amazon Connect: Users >
    User management > user > Routing profile."""


class SecurityProfile(Settings):
    """What users of an instance may do; the key is the profile's name."""

    access_ccp: bool = True
    """Whether its users may open the CCP, which otherwise says ``access_denied`` to the page around it; ``true`` unless
    given. Amazon Connect: Users > Security profiles > profile > Contact Control Panel (CCP) > Access Contact Control
    Panel."""


class AuthenticationProfile(Settings):
    """How long an instance's logins last. Tests may set shorter times than AWS accepts."""

    max_session_duration: Annotated[int, Field(ge=1, le=720)] = 720
    """How long a login lasts, in minutes from 1 to 720 (the default), of which AWS accepts 360 to 720 in
    UpdateAuthenticationProfile."""
    periodic_session_duration: Annotated[int, Field(ge=1, le=60)] = 60
    """How long an access token lasts before it is renewed within the login, in minutes from 1 to 60 (the default), of
    which AWS accepts 10 to 60 in UpdateAuthenticationProfile."""


class ConnectInstance(Settings):
    """An Amazon Connect instance; the key is its id. Its profiles are added to those that every instance has."""

    alias: InstanceAlias
    """The first label of the instance's host name, as in ``https://acme.my.connect.aws``. AWS: Amazon Connect > Add an
    instance > Access URL."""
    region: Region
    """The region that the instance is in, which its federate URL must name. AWS: Amazon Connect > Instances > instance
    > Instance ARN."""
    identity_management: Literal["SAML", "CONNECT_MANAGED", "EXISTING_DIRECTORY"] = "SAML"
    """Where the instance's users sign in: ``SAML`` (the default), its own directory or an existing one, which refuse
    federated logins. AWS: Amazon Connect > Add an instance > Identity management."""
    domain: Literal["my.connect.aws", "awsapps.com"] = "my.connect.aws"
    """The domain of the instance: ``my.connect.aws`` alone (the default), or ``awsapps.com`` for one that is reached at
    the old domain too. AWS: Amazon Connect > Instances > instance > Access URL."""
    users: dict[str, ConnectUser] = {}
    """The instance's users by login; none unless given. Amazon Connect: Users > User management."""
    security_profiles: dict[str, SecurityProfile] = {}
    """Security profiles beside ``Admin``, ``Agent``, ``CallCenterManager`` and ``QualityAnalyst``, or in their place,
    by name; none unless given. Amazon Connect: Users > Security profiles."""
    routing_profiles: list[str] = []
    """The names of routing profiles beside ``Basic Routing Profile``; none unless given. Amazon Connect: Users >
    Routing profiles."""
    authentication_profile: AuthenticationProfile = AuthenticationProfile()
    """How long logins last: 12 hours, with an access token of one hour, unless given."""
    approved_origins: list[Origin] = []
    """The origins of pages that may show the CCP in a frame and be the destination of a login; none unless given. AWS:
    Amazon Connect > Instances > instance > Approved origins."""
    role_binding: Literal["off", "strict"] = "off"
    """Whether a user belongs to the first role they came with, as Amazon Connect did until 2022; ``off`` unless
    given."""
    email: Literal["refused", "allowed"] = "refused"
    """Whether CreateUser accepts an e-mail address in an instance with SAML, about which Amazon's reference contradicts
    itself; ``refused`` unless given."""
    cookie_same_site: Literal["None", "Lax", "Strict"] = "None"
    """The SameSite attribute of the session's cookies; with any value other than ``None`` (the default), a CCP in a
    frame sees no session."""
    origin_propagation_delay: Annotated[int, Field(ge=0, le=86_400)] = 0
    """How long a newly approved origin has no effect, in seconds up to a day; 0 unless given."""
    load_delay: Annotated[float, Field(ge=0, le=60)] = 0
    """How long the CCP waits before it first answers the page around it, in seconds up to 60; 0 unless given."""

    @property
    def all_security_profiles(self) -> Mapping[str, SecurityProfile]:
        """Those that every instance has, and its own."""
        return {**dict.fromkeys(SECURITY_PROFILES, SecurityProfile()), **self.security_profiles}

    @property
    def all_routing_profiles(self) -> tuple[str, ...]:
        """The one that every instance has, and its own."""
        return tuple(dict.fromkeys((ROUTING_PROFILE, *self.routing_profiles)))
