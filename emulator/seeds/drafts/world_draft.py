"""Drafts a world file that lists the given files and adds only what they lack, with TODOs for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from emulator.kernel.partitions import PARTITIONS, partition_of_region
from emulator.seeds.arns import arn_of
from emulator.seeds.drafts.draft import Todo, WorldDraft, with_placeholders
from emulator.seeds.drafts.facts import Facts, KnownApp, KnownInstance, listing
from emulator.seeds.drafts.inputs import NO_ACCOUNT, NO_ORG, Inputs
from emulator.seeds.drafts.template_values import PLACEHOLDER
from emulator.seeds.settling.things import mapping
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.todos import TODO

PERSON: Final = "person@example.com"
"""The placeholder for a person, until somebody fills in a login."""
_MANY = 20
_SHOWN = 5
_LONGEST_ALIAS = 36

_ENVIRONMENTS = {"aws-us-gov": "aws.govcloud", "aws-cn": "aws.china"}
_ORDER = ("partition", "alias", "seed", "groups", "users", "saml_providers", "roles", "apps", "connect")


def draft_world(inputs: Inputs, facts: Facts) -> WorldDraft:
    """Returns the draft of a world file that lists the files and adds what they lack.

    Args:
        inputs: The files that were read.
        facts: The facts from all files.
    """
    return _Drafting(inputs, facts).draft()


def _few(names: Sequence[str]) -> str:
    """Returns the first five names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


class _Drafting:
    """Writes the draft of a world file."""

    def __init__(self, inputs: Inputs, facts: Facts) -> None:
        self._inputs = inputs
        self._facts = facts
        self._org = next(iter(facts.orgs), "") or inputs.org or NO_ORG
        accounts = dict.fromkeys([*facts.accounts, *facts.providers, *(each.account_id for each in facts.instances)])
        self._account = next(iter(accounts), NO_ACCOUNT)
        self._world = WorldDraft(self._listing())

    def draft(self) -> WorldDraft:
        """Returns the completed draft."""
        if self._org == NO_ORG and not self._inputs.org:
            self._world.put(
                ("okta", self._org), {}, f"https://{NO_ORG}.okta.com; no file says what the org's subdomain is"
            )
        for app in self._facts.apps:
            self._complete(app)
        if not self._facts.apps:
            self._make_apps()
        for instance in self._facts.instances:
            self._complete_instance(instance)
        if NO_ACCOUNT in self._facts.accounts or self._account == NO_ACCOUNT:
            self._world.trailing[("aws", TODO)] = "TODO: the id of the AWS account, 12 digits, in quotes"
        for places in (self._world.data["okta"], self._world.data["aws"]):
            for name, place in places.items():
                known = {key: place[key] for key in _ORDER if key in place}
                places[name] = {**known, **place}
        return self._world

    def _listing(self) -> dict[str, Any]:
        data = listing(self._inputs)
        data["aws"] = {self._key(account_id): account for account_id, account in data["aws"].items()}
        for account in data["aws"].values():
            for seed in account["seed"]:
                for asked in ("parameters", "imports", "values") if isinstance(seed, dict) else ():
                    values: dict[str, str] = seed.get(asked, {})
                    values.update({name: Todo(value) for name, value in values.items()})
        return data

    def _key(self, account_id: str) -> str:
        return Todo(NO_ACCOUNT) if account_id == NO_ACCOUNT else account_id

    def _provider_arn(self, account_id: str, name: str) -> str:
        partition = self._inputs.partitions.get(account_id, "aws")
        arn = f"arn:{partition}:iam::{account_id}:saml-provider/{name}"
        return Todo(arn) if account_id == NO_ACCOUNT or name == PLACEHOLDER else arn

    def _complete(self, app: KnownApp) -> None:
        """Adds the settings of an app that the files lack."""
        at = ("okta", app.org, "apps", app.name)
        arn: str = app.provider_arn
        if not arn and app.is_custom:
            return  # the attributes decide at login which provider is used
        if not arn:
            known = [(account_id, name) for account_id, names in self._facts.providers.items() for name in names]
            one = known[0] if known else (self._account, "okta")
            arn, note = self._provider_arn(*one), "no file contains it"
            if len(known) != 1:
                arn, note = (
                    Todo(self._placeholder_arn(*one)),
                    f"TODO: the ARN of the SAML provider {one[1]}; no file contains it",
                )
            if len(known) > 1:
                names = _few([self._placeholder_arn(*each) for each in known])
                note = f"TODO: the ARN of the SAML provider, one of {names}"
            self._world.put((*at, "identity_provider_arn"), arn, note)
            for each in known:
                self._give_metadata(*each, f"{app.org}/{app.name}")
        parts = arn_of(with_placeholders(arn))
        account_id, provider = (parts.account_id, parts.name) if parts is not None else (self._account, "okta")
        self._give_metadata(account_id, provider, f"{app.org}/{app.name}")
        known_roles = self._facts.roles_of(account_id)
        for role in app.roles:
            if role not in known_roles and not role.startswith("["):
                self._make_role(account_id, role, arn)
        if not app.has_people and app.is_custom:
            self._assign(at, ())
        elif not app.has_people:
            roles = list(app.roles) or list(self._facts.trusting.get(arn, ())) or [self._make_role(account_id, "", arn)]
            self._assign(at, roles)

    def _placeholder_arn(self, account_id: str, name: str) -> str:
        arn = self._provider_arn(account_id, name)
        return arn.placeholder if isinstance(arn, Todo) else arn

    def _make_apps(self) -> None:
        """Adds an app for each provider that roles trust, if no file has an app."""
        known = [(account_id, name) for account_id, names in self._facts.providers.items() for name in names]
        trusted = [each for each in known if self._facts.trusting.get(self._placeholder_arn(*each))]
        providers = trusted or known[:1] or [(self._account, "okta")]
        for account_id, provider in providers:
            has_instance = any(each.account_id == account_id for each in self._facts.instances)
            base = "amazon-connect" if has_instance else "aws"
            name = base if len(providers) == 1 else f"{base}-{account_id}-{provider}"
            arn = self._provider_arn(account_id, provider)
            at = ("okta", self._org, "apps", name)
            self._world.above[at] = (
                "No file contains an Okta app for AWS: this is AWS Account Federation from the catalogue."
            )
            self._world.made.append(f"the Okta app {self._org}/{name}")
            if has_instance:
                self._world.put((*at, "label"), "Amazon Connect")
            partition = self._inputs.partitions.get(account_id, "aws")
            if partition in _ENVIRONMENTS:
                self._world.put((*at, "environment"), _ENVIRONMENTS[partition])
                self._world.put((*at, "audience"), PARTITIONS[partition].audiences[0])
            named = "" if provider == PLACEHOLDER else f" {provider}"
            note = f"TODO: the ARN of the SAML provider{named}, with the account's id" if isinstance(arn, Todo) else ""
            self._world.put((*at, "identity_provider_arn"), arn, note)
            self._relay(at, account_id)
            self._give_metadata(account_id, provider, f"{self._org}/{name}")
            roles = list(self._facts.trusting.get(with_placeholders(arn), ())) or [self._make_role(account_id, "", arn)]
            self._assign(at, roles)

    def _relay(self, at: Sequence[str], account_id: str) -> None:
        instances = [each for each in self._facts.instances if each.account_id == account_id and each.region]
        if instances:
            others = ", ".join(each.instance_id for each in instances[1:4])
            note = f"the account has other instances: {others}" if others else ""
            self._world.put((*at, "default_relay_state"), _federate_url(instances[0]), note)

    def _give_metadata(self, account_id: str, provider: str, app: str) -> None:
        given = mapping(self._facts.accounts, account_id, "saml_providers", provider, "metadata")
        if given.get("okta_app") == app:
            return  # the files themselves have linked the two
        name = Todo(PLACEHOLDER) if provider == PLACEHOLDER else provider
        key = ("aws", self._key(account_id), "saml_providers", name)
        note = "instead of the file's, whose signing key only Okta has" if given else "no file contains its metadata"
        note = "TODO: the name of the SAML provider, the last part of its ARN" if provider == PLACEHOLDER else note
        self._world.put(key, {"metadata": {"okta_app": app}}, note)

    def _make_role(self, account_id: str, name: str, provider_arn: str) -> str:
        """Adds a role that no file has, and returns its name."""
        name = name or ("ConnectAgent" if self._facts.instances else "FederatedUser")
        partition = self._inputs.partitions.get(account_id, "aws")
        audiences = {
            "aws-us-gov": "https://signin.amazonaws-us-gov.com/saml",
            "aws-cn": "https://signin.amazonaws.cn/saml",
        }
        role: dict[str, Any] = {
            "trust": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Federated": provider_arn},
                        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                        "Condition": {
                            "StringEquals": {"SAML:aud": audiences.get(partition, "https://signin.aws.amazon.com/saml")}
                        },
                    }
                ],
            }
        }
        if self._facts.instances:
            statement = {"Effect": "Allow", "Action": "connect:GetFederationToken", "Resource": "*"}
            role["inline_policies"] = {"connect-login": {"Version": "2012-10-17", "Statement": [statement]}}
        key = ("aws", self._key(account_id), "roles", name)
        self._world.put(key, role)
        self._world.made.append(f"the role {name}")
        self._world.above[tuple(key)] = (
            "No file contains this role: it is written as the AWS console creates roles for SAML."
        )
        if isinstance(provider_arn, Todo):
            inside = (*key, "trust", "Statement", 0, "Principal", "Federated")
            self._world.trailing[inside] = "TODO: the ARN of the SAML provider, as above"
        return name

    def _assign(self, at: Sequence[str], roles: Sequence[str]) -> None:
        """Adds an assignment of an app to a person, with roles."""
        _, org, _, app = at
        role: list[str] = [roles[0]] if len(roles) == 1 else [Todo(roles[0])] if roles else []
        which = f"TODO: one of the roles {_few(roles)}"
        trailing: dict[Key, str] = {("saml_user_roles", 0): which} if len(roles) > 1 else {}
        logins = list(mapping(self._facts.orgs, org, "users"))
        agents = [login for instance in self._facts.instances for login in instance.users]
        if logins:
            who: dict[str, Any] = {"user": Todo(logins[0])}
            trailing[("user",)] = "TODO: who has the app: a person in the files, or group: and the name of a group"
        elif len(agents) > 1:
            who = {"group": app}
            for login in agents:
                self._join(org, login, app)
        elif agents:
            who = {"user": agents[0]}
            self._world.put(("okta", org, "users", agents[0]), {})
        else:
            who = {"group": app}
            note = "TODO: the login of a person who has the app"
            self._join(org, Todo(PERSON), app, note)
        if agents and not logins:
            self._world.made.append("the people of the Okta org, from the users of the Amazon Connect instance")
            note = "No file contains people of the Okta org: these are the users of the Amazon Connect instance."
            self._world.above[("okta", org, "users")] = note
        key = (*at, "assignments")
        self._world.put(key, [{**who, "saml_user_roles": role} if role else who])
        self._world.trailing.update({(*key, 0, *inside): text for inside, text in trailing.items()})

    def _join(self, org: str, login: str, group: str, note: str = "") -> None:
        """Adds a person to a group."""
        self._world.put(("okta", org, "users", login), {"groups": []}, note)
        self._world.data["okta"][org]["users"][login]["groups"].append(group)

    def _complete_instance(self, instance: KnownInstance) -> None:
        """Adds the settings of an instance that the files lack."""
        key = ("aws", self._key(instance.account_id), "connect", instance.instance_id)
        described = mapping(self._facts.accounts, instance.account_id, "connect", instance.instance_id)
        if not described:
            alias: str = instance.alias or Todo(f"todo-{instance.instance_id[:_LONGEST_ALIAS]}".rstrip("-"))
            note = "" if instance.alias else "TODO: its alias, such as acme in https://acme.my.connect.aws"
            self._world.put((*key, "alias"), alias, note)
            self._world.put((*key, "region"), instance.region)
        if not instance.users and not mapping(described, "users"):
            people = [login for org in self._world.data["okta"].values() for login in mapping(org, "users")]
            for login in people[:_MANY]:
                self._world.put((*key, "users", login), {})
            if people:
                self._world.made.append(f"the users of the Amazon Connect instance {instance.instance_id}")
            if TODO in people:
                self._world.trailing[(*key, "users", TODO)] = "TODO: the same login, as a user of the instance"


def _federate_url(instance: KnownInstance) -> str:
    site = partition_of_region(instance.region).site_domain
    host = f"{instance.region}.console.{site}" if site == "aws.amazon.com" else f"console.{site}"
    return f"https://{host}/connect/federate/{instance.instance_id}"
