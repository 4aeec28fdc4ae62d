"""Undefined names: groups, people, apps, policies and profiles that a world refers to but does not define.

This module also checks what depends on the document and not only on its values: whether the world itself states
something.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from emulator.kernel.errors import Problem
from emulator.worldfile.name_lists import few
from emulator.worldfile.schema.aws_schema import Account, IamUser, Role, SamlProvider
from emulator.worldfile.schema.connect_schema import ConnectInstance
from emulator.worldfile.schema.okta_schema import OktaOrg
from emulator.worldfile.schema.schema_check import suggestion
from emulator.worldfile.schema.world_schema import WorldSettings
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import SaidBy, YamlDocument

# Suggestions compare a name with all others, so only the first mistakes get one.
_SUGGESTIONS = 50


def dangling_references(settings: WorldSettings, document: YamlDocument) -> Iterator[Problem]:
    """Yields a problem for each undefined name, and for ids and aliases that two instances share.

    Required encryption without a private key is a problem too.
    """
    for org_name, org in settings.okta.items():
        yield from _in_okta(document, ("okta", org_name), org)
    apps = _Names("Okta app", {f"{org_name}/{app}" for org_name, org in settings.okta.items() for app in org.apps})
    for account_id, account in settings.aws.items():
        yield from _in_aws(document, ("aws", account_id), account, apps)
    yield from _repeated_instances(settings, document)
    folder = Path(document.file).parent
    for origin, names in settings.pages.items():
        for index, name in enumerate(names):
            if not (folder / name).is_dir():
                location = document.location(("pages", origin, index))
                yield Problem(location, f"there is no folder {name}", f"a folder, relative to {folder}")


class _Names:
    """The names of one kind of thing in a world."""

    def __init__(self, kind: str, names: Collection[str]) -> None:
        self._kind = kind
        self._names = names
        self._suggested = 0

    def missing(self, document: YamlDocument, key: Key, name: str) -> Iterator[Problem]:
        """Yields a problem at ``key`` when nothing has this name."""
        if name in self._names:
            return
        self._suggested += 1
        is_early = self._suggested <= _SUGGESTIONS
        near = suggestion(name, self._sorted) if is_early else ""
        expected = self._expected(name if is_early else "")
        yield Problem(document.location(key), f"there is no {self._kind} {name}", expected, near)

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._names)

    def _expected(self, name: str) -> str:
        """Returns a few of the names, first those that differ in case or spelling from the missing one."""
        if not self._names:
            return "one that is defined in this file"
        meant = name.strip().casefold()
        likely = [each for each in self._sorted if meant and each.casefold().startswith(meant)]
        if likely:
            return f"one of {few([*likely, *(each for each in self._sorted if each not in likely)])}"
        return f"one of {few(self._sorted)}"


def _in_okta(document: YamlDocument, here: Key, org: OktaOrg) -> Iterator[Problem]:
    groups = _Names("group", set(org.groups or (group for user in org.users.values() for group in user.groups)))
    users = _Names("user", org.users)
    for login, user in org.users.items():
        for index, group in enumerate(user.groups):
            yield from groups.missing(document, (*here, "users", login, "groups", index), group)
    for app_name, app in org.apps.items():
        for index, assignment in enumerate(app.assignments):
            at = (*here, "apps", app_name, "assignments", index)
            if assignment.user is not None:
                yield from users.missing(document, (*at, "user"), assignment.user)
            if assignment.group is not None:
                yield from groups.missing(document, (*at, "group"), assignment.group)
    for client_id, client in org.oidc_clients.items():
        at = (*here, "oidc_clients", client_id)
        for index, login in enumerate(client.users):
            yield from users.missing(document, (*at, "users", index), login)
        for index, group in enumerate(client.groups):
            yield from groups.missing(document, (*at, "groups", index), group)


def _in_aws(document: YamlDocument, here: Key, account: Account, apps: _Names) -> Iterator[Problem]:
    for name, provider in account.saml_providers.items():
        if provider.metadata.okta_app is not None:
            key = (*here, "saml_providers", name, "metadata", "okta_app")
            yield from apps.missing(document, key, provider.metadata.okta_app)
        yield from _keys_where_required(document, (*here, "saml_providers", name), provider)
    policies = _Names("policy", account.policies)
    for name, role in account.roles.items():
        yield from _in_principal(document, (*here, "roles", name), role, policies)
    for name, user in account.users.items():
        yield from _in_principal(document, (*here, "users", name), user, policies)
    users = _Names("IAM user", account.users)
    for name, group in account.groups.items():
        at = (*here, "groups", name)
        yield from _attached(document, at, group.policies, policies)
        for index, user_name in enumerate(group.users):
            yield from users.missing(document, (*at, "users", index), user_name)
    for instance_id, instance in account.connect.items():
        yield from _in_connect(document, (*here, "connect", instance_id, "users"), instance)


def _keys_where_required(document: YamlDocument, here: Key, provider: SamlProvider) -> Iterator[Problem]:
    """Refuses required encryption without a key, as IAM does.

    A seed may show that there is a key without containing it, because IAM never reveals a private key: then every
    assertion is refused, encrypted or not.
    """
    lacks_key = provider.assertion_encryption == "Required" and not provider.private_keys
    if lacks_key and document.said((*here, "assertion_encryption")).by is not SaidBy.SEED:
        yield Problem(document.location(here), "assertion_encryption: Required needs a private key")


def _in_principal(document: YamlDocument, here: Key, principal: Role | IamUser, policies: _Names) -> Iterator[Problem]:
    yield from _attached(document, here, principal.policies, policies)
    boundary = principal.permissions_boundary
    if boundary is not None and not boundary.startswith("arn:"):
        yield from policies.missing(document, (*here, "permissions_boundary"), boundary)


def _attached(document: YamlDocument, here: Key, named: Sequence[str], policies: _Names) -> Iterator[Problem]:
    for index, policy in enumerate(named):
        if not policy.startswith("arn:"):
            yield from policies.missing(document, (*here, "policies", index), policy)


def _in_connect(document: YamlDocument, here: Key, instance: ConnectInstance) -> Iterator[Problem]:
    security_profiles = _Names("security profile", instance.all_security_profiles)
    routing_profiles = _Names("routing profile", frozenset(instance.all_routing_profiles))
    for login, user in instance.users.items():
        for index, profile in enumerate(user.security_profiles):
            yield from security_profiles.missing(document, (*here, login, "security_profiles", index), profile)
        yield from routing_profiles.missing(document, (*here, login, "routing_profile"), user.routing_profile)


def _repeated_instances(settings: WorldSettings, document: YamlDocument) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for account_id, account in settings.aws.items():
        for instance_id, instance in account.connect.items():
            for word in (instance_id, instance.alias.lower()):
                if word in seen:
                    location = document.location(("aws", account_id, "connect", instance_id))
                    message = f"{word} is already the id or alias of {seen[word]}"
                    yield Problem(location, message, "unique ids and aliases")
                seen[word] = instance_id
