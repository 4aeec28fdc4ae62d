"""SAML apps of an Okta org in Terraform.

Spec: registry.terraform.io/providers/okta/okta, resources okta_app_saml, okta_app_saml_app_settings
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.metadata_xml import certificates_in
from emulator.seeds.terraform.okta.assignments import AppPlace, read_assignments
from emulator.seeds.terraform.okta.custom_apps import custom_settings, why_custom_is_left_out
from emulator.seeds.terraform.okta.people import Directory, json_object
from emulator.seeds.terraform.okta.usernames import username_format
from emulator.seeds.terraform.references import Unknown, Value
from emulator.seeds.terraform.resources import Resource
from emulator.seeds.terraform.taking import AFTER_APPLY, Taking
from emulator.worldfile.text.yaml_data import Key

APP_TYPES = frozenset(
    {
        "okta_app_saml",
        "okta_app_saml_app_settings",
        "okta_app_user",
        "okta_app_group_assignment",
        "okta_app_group_assignments",
    }
)
AWS_APP = "amazon_aws"

_SETTINGS: Mapping[str, str] = {
    "awsEnvironmentType": "environment",
    "overrideAcsURL": "acs_url",
    "identityProviderArn": "identity_provider_arn",
    "loginURL": "login_url",
    "sessionDuration": "session_duration",
    "joinAllRoles": "join_all_roles",
    "useGroupMapping": "use_group_mapping",
    "appFilter": "app_filter",
    "groupFilter": "group_filter",
    "roleValuePattern": "role_value_pattern",
}
_NUMBERS = frozenset({"sessionDuration"})
_SWITCHES = frozenset({"joinAllRoles", "useGroupMapping"})
_UNTELLING = frozenset({"this", "main", "default", "app", "saml", "example", "test"})
_NOT_IN_KEYS = re.compile(r"[^a-z0-9]+")
_PROVIDER_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:saml-provider/[\w.-]{1,128}", re.ASCII)


def app_keys(taking: Taking) -> Iterator[tuple[Resource, str, str]]:
    """Yields the apps of a file that a world can have: the app, its org in the world, and its key there."""
    listings = [taking.seed, *(each for each in taking.others if each.text is taking.seed.text)]
    orgs = {each.settings.org for each in listings if each.settings.org}
    taken: dict[str, set[str]] = {}
    for resource in taking.everywhere("okta_app_saml"):
        if why_left_out(taking, resource):
            continue
        owner = taking.owners.of(resource)
        org = owner if owner in orgs else next(iter(orgs)) if not owner and len(orgs) == 1 else ""
        used = taken.setdefault(org or "", set())
        key = _key(resource, used)
        used.add(key)
        yield resource, org or "", key


def _key(resource: Resource, taken: set[str]) -> str:
    """Returns a readable name for an app: that of its resource, or its label if that name says nothing."""
    name = resource.name if resource.name not in _UNTELLING else resource.text("label") or resource.name
    index = f"-{resource.index}" if isinstance(resource.index, str) else ""
    key = _NOT_IN_KEYS.sub("-", f"{name}{index}".lower()).strip("-") or "app"
    candidates = [key, _NOT_IN_KEYS.sub("-", resource.address.lower()).strip("-")]
    candidates += [f"{key}-{number}" for number in range(2, len(taken) + 3)]
    return next(each for each in candidates if each not in taken)


def why_left_out(taking: Taking, resource: Resource) -> str:
    """Returns why an app cannot be in a world; empty if it can."""
    if resource.text("status") == "INACTIVE":
        return "it is inactive, so nobody can open it"
    if resource.values.get("inline_hook_id"):
        return "an inline hook (inline_hook_id) may change its assertions, and fedemu does not call it"
    if username_format(resource) is None:
        return "its username format (user_name_template) is not supported"
    if not is_aws(resource):
        return why_custom_is_left_out(taking, resource)
    settings = _aws_settings(taking, resource)
    if settings is None:
        return f"its settings (app_settings_json) are {AFTER_APPLY}"
    arn = settings.get("identityProviderArn")
    if arn and not (isinstance(arn, str) and _PROVIDER_ARN.fullmatch(arn)):
        return "identityProviderArn of its settings is not the ARN of a SAML provider"
    return ""


def is_aws(resource: Resource) -> bool:
    """Returns whether an app is the catalogue's "AWS Account Federation"."""
    return AWS_APP in {resource.text("preconfigured_app"), resource.text("name")}


def _aws_settings(taking: Taking, resource: Resource) -> Mapping[str, Any] | None:
    """Returns an AWS app's settings as Okta's API has them; None if they are known only after apply."""
    value, _ = _settings_text(taking, resource)
    return None if isinstance(value, Unknown) else json_object(value) or {}


def _settings_text(taking: Taking, resource: Resource) -> tuple[Value, Resource]:
    """Returns the JSON of an app's settings and its resource; a separate settings resource takes precedence."""
    app_id = taking.references.value(resource, "id")
    for each in taking.everywhere("okta_app_saml_app_settings"):
        if app_id and taking.references.value(each, "app_id") == app_id:
            return taking.references.value(each, "settings"), each
    return taking.references.value(resource, "app_settings_json"), resource


def read_apps(taking: Taking, directory: Directory) -> None:
    """Adds the SAML apps of a file and their assignments."""
    _Apps(taking, directory).read()


@dataclass(slots=True)
class _Apps:
    taking: Taking
    directory: Directory

    def read(self) -> None:
        here = {id(resource) for resource in self.taking.both("okta_app_saml")}
        keys: dict[Any, AppPlace] = {}
        for resource, _, name in app_keys(self.taking):
            if id(resource) not in here:
                continue
            key: Key = ("apps", name)
            app_id = self.taking.references.value(resource, "id")
            if resource.mode == "data" and app_id in keys:
                continue
            keys[app_id if isinstance(app_id, str | Unknown) else resource.address] = AppPlace(
                self.taking.owners.of(resource), key, username_format(resource) or ""
            )
            self._app(resource, key)
        for resource in self.taking.both("okta_app_saml"):
            reason = why_left_out(self.taking, resource)
            if reason:
                fix = "Set the app in the world file." if AFTER_APPLY in reason else ""
                self.taking.leave_out(resource, reason, fix)
        for each in self.directory.elsewhere:
            if each.kind == "app" and each.object_id:
                keys.setdefault(each.object_id, AppPlace(each.org, ("apps", each.name), each.username_format))
        read_assignments(self.taking, self.directory, keys)

    def _app(self, resource: Resource, key: Key) -> None:
        part = self.taking.part(self.taking.owners.of(resource))
        part.put(key, {}, resource.place)
        if resource.text("label"):
            part.put((*key, "label"), resource.text("label"), resource.at("label"))
        if resource.text("default_relay_state"):
            place = resource.at("default_relay_state")
            part.put((*key, "default_relay_state"), resource.text("default_relay_state"), place)
        elif resource.is_unknown("default_relay_state") and self.taking.references.is_configured(
            resource, "default_relay_state"
        ):
            self.taking.leave_out(resource, f"its default_relay_state is {AFTER_APPLY}", "", "default_relay_state")
        part.put((*key, "username_format"), username_format(resource), resource.at("user_name_template"))
        issuer = resource.text("entity_url")
        if not issuer and resource.text("entity_key"):
            issuer = f"http://www.okta.com/{resource.text('entity_key')}"
        if issuer:
            part.put((*key, "saml", "issuer"), issuer, resource.at("entity_url"))
            self._certificates(resource, issuer)
        if resource.values.get("authentication_policy"):
            reason = "authentication policies are not read; here it asks nobody for a second factor"
            self.taking.leave_out(
                resource, reason, f"Set apps.{key[1]}.mfa in the world file.", "authentication_policy"
            )
        if is_aws(resource):
            self._aws(resource, key)
        else:
            custom_settings(self.taking, resource, key)

    def _certificates(self, resource: Resource, issuer: str) -> None:
        """Notes the app's signing certificates, to detect providers with outdated metadata."""
        found = certificates_in(resource.text("metadata")) | {"".join(resource.text("certificate").split())} - {""}
        if found:
            self.taking.contents.certificates.setdefault(issuer, set()).update(found)

    def _aws(self, resource: Resource, key: Key) -> None:
        part = self.taking.part(self.taking.owners.of(resource))
        part.put((*key, "catalog"), AWS_APP, resource.place)
        value, said_by = _settings_text(self.taking, resource)
        place = said_by.at("settings" if said_by is not resource else "app_settings_json")
        given = json_object(value) or {}
        for name, setting in _SETTINGS.items():
            usable = _setting(name, given.get(name))
            if usable is not None:
                part.put((*key, setting), usable, place)
            elif given.get(name) not in (None, ""):
                self.taking.leave_out(said_by, f"{name} of its settings does not have the type that Okta uses")
        if given.get("accessKey") or given.get("secretKey"):
            reason = "the keys of its API integration are never read"
            self.taking.leave_out(said_by, reason, f"Set apps.{key[1]}.provisioning in the world file.")


def _setting(name: str, value: Any) -> Any:
    """Returns a setting of an AWS app in the form of a world file; None if it has no usable value."""
    if name in _SWITCHES:
        return value if isinstance(value, bool) else None
    if name in _NUMBERS:
        if isinstance(value, str) and value.isdigit():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    return value if isinstance(value, str) and value else None
