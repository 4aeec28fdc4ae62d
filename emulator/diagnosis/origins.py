"""The origin of a refusal: which setting of the world it comes from, on the line a person has to look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from emulator.kernel.client_connection import DEFAULT_ADDRESS
from emulator.kernel.errors import Location, Refusal
from emulator.world import World
from emulator.worldfile.yaml_data import Key

_LIMIT = re.compile(r"(?P<kind>service|resource) control policy ?(?P<name>\S*) of account (?P<account>[0-9]{12})")


@dataclass(frozen=True, slots=True)
class LoginContext:
    """Which login was refused: the settings that took part in it."""

    org: str
    app: str
    user: str = ""
    role_arn: str = ""

    @property
    def app_key(self) -> Key:
        """The key of the app in the world."""
        return ("okta", self.org, "apps", self.app)


def origin(refusal: Refusal, world: World, context: LoginContext) -> Location | None:
    """Returns the place in the world file that the refused value comes from, or None when no setting is known.

    Args:
        refusal: What was refused.
        world: The settings.
        context: Which login was refused.
    """
    candidates = _CANDIDATES.get(refusal.check)
    if candidates is None:
        return None
    for key in tuple(_elsewhere(refusal, context)) or candidates(world, context):
        if key in world.document.lines:
            return world.document.location(key)
    return None


def _elsewhere(refusal: Refusal, context: LoginContext) -> Iterator[Key]:
    """Yields the keys of what decided where it was neither the app nor the role: an organization, or an address."""
    limit = _LIMIT.fullmatch(refusal.where)
    if limit is not None:
        here: Key = ("aws", limit["account"], "organization")
        yield (*here, "scps" if limit["kind"] == "service" else "rcps", limit["name"])
        yield here
    elif DEFAULT_ADDRESS in refusal.explanation:
        yield ("okta", context.org, "users", context.user, "source_ip")
        yield ("okta", context.org, "users", context.user)


def _app_setting(*names: str) -> Callable[[World, LoginContext], Iterator[Key]]:
    def keys(_: World, context: LoginContext) -> Iterator[Key]:
        for name in names:
            yield (*context.app_key, name)
        yield context.app_key

    return keys


def _role_setting(name: str) -> Callable[[World, LoginContext], Iterator[Key]]:
    def keys(world: World, context: LoginContext) -> Iterator[Key]:
        _, _, _, _, account, *_ = [*context.role_arn.split(":"), "", "", "", "", ""]
        role = context.role_arn.rpartition("/")[2]
        here: Key = ("aws", account, "roles", role)
        if here in world.document.lines:
            yield (*here, name)
            yield here
        else:
            yield (*context.app_key, "assignments")

    return keys


def _provider_metadata(world: World, context: LoginContext) -> Iterator[Key]:
    app = world.settings.okta[context.org].apps[context.app]
    arn = app.identity_provider_arn or ":::::"
    account, name = arn.split(":")[4], arn.rpartition("/")[2]
    yield ("aws", account, "saml_providers", name, "metadata")
    yield (*context.app_key, "identity_provider_arn")


def _instance_setting(name: str) -> Callable[[World, LoginContext], Iterator[Key]]:
    def keys(world: World, context: LoginContext) -> Iterator[Key]:
        relay_state = world.settings.okta[context.org].apps[context.app].default_relay_state
        for account_id, account in world.settings.aws.items():
            for instance_id in account.connect:
                if instance_id in relay_state or len(account.connect) == 1:
                    yield ("aws", account_id, "connect", instance_id, name)
                    yield ("aws", account_id, "connect", instance_id)

    return keys


def _user(_: World, context: LoginContext) -> Iterator[Key]:
    yield (*context.app_key, "username_format")
    yield ("okta", context.org, "users", context.user)


_CANDIDATES: dict[str, Callable[[World, LoginContext], Iterator[Key]]] = {
    "okta-sign-in": _user,
    "app-assignment": _app_setting("assignments"),
    "role-attribute": _app_setting("group_filter", "assignments"),
    "provider": _app_setting("identity_provider_arn"),
    "assertion-encryption": _app_setting("assertion_encryption", "acs_url"),
    "issuer": _provider_metadata,
    "signature": _provider_metadata,
    "subject-confirmation": _app_setting("acs_url"),
    "recipient": _app_setting("acs_url"),
    "response-destination": _app_setting("destination", "acs_url"),
    "partition": _app_setting("acs_url"),
    "audience": _app_setting("audience"),
    "requested-role": _app_setting("assignments"),
    "role-session-name": _user,
    "session-duration": _app_setting("session_duration"),
    "trust-policy": _role_setting("trust"),
    "max-session-duration": _role_setting("max_session_duration"),
    "get-federation-token": _role_setting("policies"),
    "instance": _app_setting("default_relay_state"),
    "identity-management": _instance_setting("identity_management"),
    "connect-user": _instance_setting("users"),
    "role-binding": _instance_setting("role_binding"),
    "destination": _instance_setting("approved_origins"),
    "approved-origin": _instance_setting("approved_origins"),
    "security-profile": _instance_setting("security_profiles"),
}
