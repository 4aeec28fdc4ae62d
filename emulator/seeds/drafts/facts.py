"""What the input files say when taken together: providers, roles, apps, people, instances."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from itertools import islice
from pathlib import Path
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.arns import arn_of
from emulator.seeds.drafts.inputs import NO_ACCOUNT, Input, Inputs
from emulator.seeds.drafts.template_values import PLACEHOLDER
from emulator.seeds.seeding import seeded
from emulator.seeds.settling.things import mapping
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument

_FEDERATE = re.compile(r"//(?:([a-z0-9-]+)\.)?console\.[a-z0-9.-]+/connect/federate/([0-9A-Za-z-]+)")
_INSTANCE_ARN = re.compile(r"arn:aws[a-z-]*:connect:([a-z0-9-]+):([0-9]{12}):instance/([0-9A-Za-z-]+)")
_PROVIDER_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:saml-provider/[\w.-]{1,128}(?![\w.*?-])", re.ASCII)
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/(?:[\w+=,.@-]+/)*([\w+=.@-]+)", re.ASCII)
_FOR_AWS = re.compile(r"urn:amazon:webservices|signin\.(?:aws\.amazon|amazonaws)[\w.-]*/saml|:saml-provider/")
_MOST_ARNS = 100
_REGION_OF_HOST = "us-east-1"


@dataclass(frozen=True, slots=True)
class KnownApp:
    """An app for AWS that a file describes.

    Args:
        org: The app's org in the world.
        name: The app's name in the world.
        provider_arn: The ARN of its SAML provider; empty if no file has it.
        roles: The names of the roles in its assignments.
        has_people: Whether it is assigned to anybody in the files.
        relay_state: Its default RelayState; empty if no file has it.
        is_custom: Whether it is a custom SAML app, which has the roles in its attributes.
    """

    org: str
    name: str
    provider_arn: str
    roles: tuple[str, ...]
    has_people: bool
    relay_state: str = ""
    is_custom: bool = False


@dataclass(frozen=True, slots=True)
class KnownInstance:
    """An Amazon Connect instance that a file describes or merely mentions.

    Args:
        account_id: The id of its account.
        instance_id: The instance's id.
        region: The instance's region; empty if no file has it.
        alias: The instance's alias; empty if no file has it.
        users: The logins of its users, as far as files have them.
    """

    account_id: str
    instance_id: str
    region: str = ""
    alias: str = ""
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts from all files.

    Args:
        accounts: Each account's data by id, as its seeds fill it.
        orgs: Each org's data by name, as its seeds fill it.
        providers: The names of SAML providers that a file describes or mentions, by account id.
        trusting: The names of the roles that trust a SAML provider, by the provider's ARN.
        apps: The apps for AWS.
        instances: The Amazon Connect instances in the files.
    """

    accounts: Mapping[str, Mapping[str, Any]]
    orgs: Mapping[str, Mapping[str, Any]]
    providers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    trusting: Mapping[str, Sequence[str]] = field(default_factory=dict)
    apps: Sequence[KnownApp] = ()
    instances: Sequence[KnownInstance] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """The logins of all people in the files."""
        return tuple(login for org in self.orgs.values() for login in mapping(org, "users"))

    def roles_of(self, account_id: str) -> Mapping[str, Any]:
        """Returns an account's roles by name."""
        return mapping(self.accounts, account_id, "roles")


def listing(inputs: Inputs) -> dict[str, Any]:
    """Returns the data of a world file that only lists the files as seeds."""
    data: dict[str, Any] = {"version": 1, "okta": {}, "aws": {}}
    for file in inputs.files:
        for org in file.orgs:
            data["okta"].setdefault(org, {"seed": []})["seed"].append(_seed(file, is_template=False))
        for account_id in file.accounts:
            account = data["aws"].setdefault(account_id, {})
            if inputs.partitions.get(account_id, "aws") != "aws":
                account["partition"] = inputs.partitions[account_id]
            account.setdefault("seed", []).append(_seed(file, is_template=True))
    return data


def _seed(file: Input, *, is_template: bool) -> Any:
    settings: dict[str, Any] = {"file": file.name}
    asked = {"parameters": file.parameters, "imports": file.imports, "values": file.values}
    if is_template:
        settings.update({name: dict(values) for name, values in asked.items() if values})
    return settings if len(settings) > 1 else file.name


def facts_of(inputs: Inputs, folder: Path) -> Facts:
    """Returns the facts from all files.

    Args:
        inputs: The files that were read.
        folder: The folder that the world file will be in.

    Raises:
        WorldError: a file cannot be used.
    """
    document, _ = seeded(YamlDocument(str(folder / "world.yaml"), listing(inputs)))
    accounts, orgs = document.data["aws"], document.data["okta"]
    apps = list(_apps(inputs, orgs))
    trusting: dict[str, list[str]] = {}
    for account in accounts.values():
        for name, role in mapping(account, "roles").items():
            for arn in _federated(mapping(role, "trust")):
                trusting.setdefault(arn, []).append(name)
    providers: dict[str, list[str]] = {}
    for account_id, name in dict.fromkeys(_providers(inputs, trusting, apps)):
        providers.setdefault(account_id, []).append(name)
    return Facts(accounts, orgs, providers, trusting, apps, tuple(_instances(accounts, apps, providers)))


def _federated(trust: Mapping[str, Any]) -> Iterator[str]:
    """Yields the ARNs of the SAML providers that a trust policy allows."""
    statements = trust.get("Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        if mapping(statement).get("Effect") == "Allow":
            named = mapping(statement, "Principal").get("Federated")
            for each in named if isinstance(named, list) else [named]:
                arn = arn_of(each)
                if arn is not None and arn.resource.startswith("saml-provider/"):
                    yield str(each)


def _providers(
    inputs: Inputs, trusting: Mapping[str, Sequence[str]], apps: Sequence[KnownApp]
) -> Iterator[tuple[str, str]]:
    for file in inputs.files:
        for account_id, part in file.contents.accounts.items():
            for name in mapping(part.data, "saml_providers"):
                yield from ((each, name) for each in ([account_id] if account_id else file.accounts))
    # A list of providers contains nothing about them but their ARNs.
    named = (found[0] for file in inputs.files for found in islice(_PROVIDER_ARN.finditer(file.text.text), _MOST_ARNS))
    for text in (*trusting, *(app.provider_arn for app in apps), *named):
        arn = arn_of(text)
        if arn is not None:
            yield arn.account_id, arn.name


def _apps(inputs: Inputs, orgs: Mapping[str, Any]) -> Iterator[KnownApp]:
    """Yields the apps in the files, including those that are incomplete without additions in the world file."""
    described: dict[Key, dict[str, Any]] = {}
    for file in inputs.files:
        for org, part in file.contents.orgs.items():
            for name, app in mapping(part.data, "apps").items():
                for each in [org] if org else file.orgs:
                    described.setdefault((each, name), {}).update(mapping(app))
    for (org_name, app_name), described_app in described.items():
        org, name = str(org_name), str(app_name)
        app = {**described_app, **mapping(orgs, org, "apps", name)}
        is_custom = app.get("catalog", "amazon_aws") != "amazon_aws"
        said = json.dumps(app, default=str)
        if is_custom and not _FOR_AWS.search(said):
            continue
        assignments = [mapping(each) for each in app.get("assignments") or ()]
        roles = [role for each in assignments for role in (each.get("role"), *(each.get("saml_user_roles") or ()))]
        groups = {each["group"] for each in assignments if "group" in each}
        users = mapping(orgs, org, "users")
        members = (group for user in users.values() for group in mapping(user).get("groups") or ())
        has_people = any(each.get("user") in users for each in assignments) or not groups.isdisjoint(members)
        provider_arn, relay_state = app.get("identity_provider_arn"), app.get("default_relay_state")
        if is_custom:
            named = _PROVIDER_ARN.search(said)
            provider_arn = named[0] if named is not None else ""
            roles = _ROLE_ARN.findall(said)
        yield KnownApp(
            org,
            name,
            provider_arn if isinstance(provider_arn, str) else "",
            tuple(dict.fromkeys(role for role in roles if isinstance(role, str))),
            has_people,
            relay_state if isinstance(relay_state, str) else "",
            is_custom,
        )


def _instances(
    accounts: Mapping[str, Any], apps: Sequence[KnownApp], providers: Mapping[str, Sequence[str]]
) -> Iterator[KnownInstance]:
    known: dict[str, KnownInstance] = {}
    for account_id, account in accounts.items():
        for instance_id, instance in mapping(account, "connect").items():
            region, alias = instance.get("region") or "", instance.get("alias") or ""
            known[instance_id] = KnownInstance(
                account_id, instance_id, region, alias, tuple(mapping(instance, "users"))
            )
    for account in accounts.values():
        policies = [mapping(account, "policies"), *(mapping(role) for role in mapping(account, "roles").values())]
        for found in _INSTANCE_ARN.finditer(json.dumps(policies, default=str)):
            if PLACEHOLDER not in found[0]:
                known.setdefault(found[3], KnownInstance(found[2], found[3], found[1]))
    for app in apps:
        named = _FEDERATE.search(app.relay_state)
        arn = arn_of(app.provider_arn)
        account_id = arn.account_id if arn is not None else next(iter(providers), NO_ACCOUNT)
        if named is not None:
            known.setdefault(named[2], KnownInstance(account_id, named[2], named[1] or _REGION_OF_HOST))
    yield from known.values()
