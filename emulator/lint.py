"""What a world says that can never work, found without a login."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emulator.errors import Problem
from emulator.world import ConnectInstance, World
from emulator.yaml_file import Key, suggestion

if TYPE_CHECKING:
    from emulator.federation import Federation


def findings(federation: Federation) -> Iterator[Problem]:
    """Yields every setting that contradicts another one, in the order of the file."""
    problems = [
        *_providers(federation.world),
        *_roles(federation.world),
        *_trust(federation.world),
        *_relay_states(federation.world),
        *_connect_users(federation.world),
        *federation.world.left_out,
    ]
    yield from sorted(problems, key=lambda problem: problem.location.line)


def _providers(world: World) -> Iterator[Problem]:
    """The identity provider ARN an app sends has to exist, and has to be made from that app's metadata."""
    known = {
        f"arn:{account.partition}:iam::{account_id}:saml-provider/{name}": provider.metadata.okta_app
        for account_id, account in world.shape.aws.items()
        for name, provider in account.saml_providers.items()
    }
    for org_name, org in world.shape.okta.items():
        for app_name, app in org.apps.items():
            key: Key = ("okta", org_name, "apps", app_name, "identity_provider_arn")
            arn = app.identity_provider_arn
            if arn not in known:
                near = suggestion(arn, list(known))
                yield world.problem(key, f"no SAML provider has the ARN {arn}", "an existing provider's ARN", near)
            elif known[arn] is not None and known[arn] != f"{org_name}/{app_name}":
                message = f"{arn} is made from the metadata of {known[arn]}, not of {org_name}/{app_name}"
                yield world.problem(key, message, "a provider made from this app's metadata")


def _roles(world: World) -> Iterator[Problem]:
    """Every role an assignment names has to exist in the account of the app's provider."""
    for org_name, org in world.shape.okta.items():
        for app_name, app in org.apps.items():
            account = world.shape.aws.get(app.identity_provider_arn.split(":")[4])
            known = sorted(account.roles) if account else []
            for index, assignment in enumerate(app.assignments):
                key: Key = ("okta", org_name, "apps", app_name, "assignments", index)
                names = [*assignment.saml_user_roles, *([assignment.role] if assignment.role else [])]
                for name in dict.fromkeys(names):
                    if name.rpartition("/")[2] not in known:
                        yield world.problem(
                            key,
                            f"the role {name} does not exist in that account",
                            ", ".join(known),
                            suggestion(name, known),
                        )


def _trust(world: World) -> Iterator[Problem]:
    """A trust policy has to name a provider that exists."""
    for account_id, account in world.shape.aws.items():
        known = [f"arn:{account.partition}:iam::{account_id}:saml-provider/{name}" for name in account.saml_providers]
        for name, role in account.roles.items():
            if isinstance(role.trust, dict):
                for arn in _federated(role.trust.get("Statement", [])):
                    if ":saml-provider/" in arn and arn not in known:
                        key: Key = ("aws", account_id, "roles", name, "trust")
                        yield world.problem(
                            key,
                            f"the trust policy names {arn}, which does not exist",
                            ", ".join(known),
                            suggestion(arn, known),
                        )


def _federated(statements: object) -> Iterator[str]:
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal") if isinstance(statement, dict) else None
        federated = principal.get("Federated", []) if isinstance(principal, dict) else []
        for arn in federated if isinstance(federated, list) else [federated]:
            if isinstance(arn, str):
                yield arn


_GLOBAL_CONSOLES = {
    "console.aws.amazon.com": "us-east-1",
    "console.amazonaws-us-gov.com": "us-gov-west-1",
    "console.amazonaws.cn": "cn-north-1",
}


def _region_of(console_host: str) -> str:
    """Returns the region that a console host stands for."""
    return _GLOBAL_CONSOLES.get(console_host) or console_host.partition(".")[0]


def _relay_states(world: World) -> Iterator[Problem]:
    """A default relay state into Amazon Connect has to name an instance, in its region."""
    instances = {key: instance for account in world.shape.aws.values() for key, instance in account.connect.items()}
    for org_name, org in world.shape.okta.items():
        for app_name, app in org.apps.items():
            key: Key = ("okta", org_name, "apps", app_name, "default_relay_state")
            parts = urlsplit(app.default_relay_state)
            if "/connect/federate/" not in parts.path:
                continue
            instance_id = parts.path.rpartition("/")[2]
            instance = instances.get(instance_id)
            if instance is None:
                yield world.problem(
                    key,
                    f"no instance has the id {instance_id}",
                    " or ".join(instances),
                    suggestion(instance_id, list(instances)),
                )
            elif _region_of(parts.hostname or "") != instance.region:
                expected = f"https://{instance.region}.console.aws.amazon.com{parts.path}"
                yield world.problem(key, f"the instance is in {instance.region}, the URL in {parts.hostname}", expected)
            elif instance.identity_management != "SAML":
                yield world.problem(
                    key, f"the instance's identity management is {instance.identity_management}", "SAML"
                )


def _connect_users(world: World) -> Iterator[Problem]:
    """A Connect login that differs from an Okta login in case only never matches."""
    logins = [login for org in world.shape.okta.values() for login in org.users]
    for account_id, account in world.shape.aws.items():
        for instance_id, instance in account.connect.items():
            yield from _case_differences(world, ("aws", account_id, "connect", instance_id, "users"), instance, logins)


def _case_differences(world: World, key: Key, instance: ConnectInstance, logins: list[str]) -> Iterator[Problem]:
    for login in instance.users:
        near = next((known for known in logins if known.lower() == login.lower() and known != login), None)
        if near and login not in logins:
            yield world.problem((*key, login), f"{login} and the Okta login {near} differ in case; case counts", near)
