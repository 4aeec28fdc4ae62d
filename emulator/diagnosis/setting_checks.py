"""Settings of a world that contradict each other, whether or not a login is affected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from emulator.kernel.errors import Problem
from emulator.kernel.partitions import OLD_CONNECT_DOMAIN, PARTITIONS
from emulator.network.forms import first_values
from emulator.world import World
from emulator.worldfile.schema.connect_schema import ConnectInstance
from emulator.worldfile.schema.schema_check import suggestion
from emulator.worldfile.text.yaml_data import Key

if TYPE_CHECKING:
    from emulator.federation import Federation


def contradictions(federation: Federation) -> Iterator[Problem]:
    """Yields every setting that contradicts another one, in the order of the file."""
    problems = [
        *_providers(federation.world),
        *_roles(federation.world),
        *_trust(federation.world),
        *_relay_states(federation.world),
        *_connect_users(federation.world),
        *_encryption(federation),
    ]
    yield from sorted(problems, key=lambda problem: problem.location.line)


def _providers(world: World) -> Iterator[Problem]:
    """The identity provider ARN that an app sends has to exist, with that app's metadata."""
    known = {
        f"arn:{account.partition}:iam::{account_id}:saml-provider/{name}": provider.metadata.okta_app
        for account_id, account in world.settings.aws.items()
        for name, provider in account.saml_providers.items()
    }
    for org_name, org in world.settings.okta.items():
        for app_name, app in org.apps.items():
            key: Key = ("okta", org_name, "apps", app_name, "identity_provider_arn")
            arn = app.identity_provider_arn
            if arn is None:
                continue
            if arn not in known:
                near = suggestion(arn, list(known))
                yield world.problem(key, f"no SAML provider has the ARN {arn}", "an existing provider's ARN", near)
            elif known[arn] is not None and known[arn] != f"{org_name}/{app_name}":
                message = f"{arn} is made from the metadata of {known[arn]}, not of {org_name}/{app_name}"
                yield world.problem(key, message, "a provider made from this app's metadata")


def _roles(world: World) -> Iterator[Problem]:
    """Every role that an assignment names has to exist in the account of the app's provider."""
    for org_name, org in world.settings.okta.items():
        for app_name, app in org.apps.items():
            if app.identity_provider_arn is None:
                continue
            account = world.settings.aws.get(app.identity_provider_arn.split(":")[4])
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
    for account_id, account in world.settings.aws.items():
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


_GLOBAL_CONSOLES = {f"console.{each.site_domain}": each.default_region for each in PARTITIONS.values()}
_CONNECT_DOMAINS = (OLD_CONNECT_DOMAIN, *(each.connect_domain for each in PARTITIONS.values()))


def _region_of(console_host: str) -> str:
    """Returns the region in a console host."""
    return _GLOBAL_CONSOLES.get(console_host) or console_host.partition(".")[0]


def _relay_states(world: World) -> Iterator[Problem]:
    """A default relay state into Amazon Connect has to name an instance, in its region."""
    instances = {key: instance for account in world.settings.aws.values() for key, instance in account.connect.items()}
    for org_name, org in world.settings.okta.items():
        for app_name, app in org.apps.items():
            key: Key = ("okta", org_name, "apps", app_name, "default_relay_state")
            try:
                parts = urlsplit(app.default_relay_state)
            except ValueError:
                yield world.problem(key, f"{app.default_relay_state} is not a well-formed URL")
                continue
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
            else:
                yield from _custom_destination(world, key, instance, parts.query)


def _custom_destination(world: World, key: Key, instance: ConnectInstance, query: str) -> Iterator[Problem]:
    """A destination on its own host needs an approved origin."""
    text = first_values(parse_qsl(query)).get("destination", "")
    try:
        destination = urlsplit(text)
    except ValueError:
        yield world.problem(key, f"the destination {text} is not a well-formed URL")
        return
    if not destination.scheme or not destination.netloc:
        return
    origin = f"https://{destination.netloc}".lower()
    own = (f"https://{instance.alias.lower()}.{domain}" for domain in _CONNECT_DOMAINS)
    approved = [each.lower() for each in instance.approved_origins]
    if origin not in (*approved, *own):
        problem = f"the destination's origin {origin} is not approved"
        yield world.problem(key, problem, " or ".join(instance.approved_origins) or "an approved origin")


def _connect_users(world: World) -> Iterator[Problem]:
    """A Connect login that differs from an Okta login only in case never matches."""
    logins = [login for org in world.settings.okta.values() for login in org.users]
    known, first = frozenset(logins), {login.lower(): login for login in reversed(logins)}
    for account_id, account in world.settings.aws.items():
        for instance_id, instance in account.connect.items():
            key: Key = ("aws", account_id, "connect", instance_id, "users")
            for login in instance.users:
                near = first.get(login.lower())
                if near is not None and login not in known:
                    said = f"{login} and the Okta login {near} differ in case; case counts"
                    yield world.problem((*key, login), said, near)


def _encryption(federation: Federation) -> Iterator[Problem]:
    """A provider's own sign-in URL has to exist, and encrypted assertions to be sent there, for a key it has."""
    known = {
        f"/saml/acs/{provider.provider_id}": provider
        for account in federation.aws.accounts.values()
        for provider in account.saml_providers.values()
    }
    for org_name, identity_provider in federation.identity_providers.items():
        for app_name, app in identity_provider.org.apps.items():
            key: Key = ("okta", org_name, "apps", app_name)
            path = urlsplit(app.acs_url).path
            provider = federation.aws.saml_provider(app.identity_provider_arn)
            if path.startswith("/saml/acs/") and path not in known:
                yield federation.world.problem(
                    (*key, "acs_url"), "no SAML provider has this sign-in URL", " or ".join(known)
                )
            elif app.encryption is not None and provider is not None:
                own = f"/saml/acs/{provider.provider_id}"
                certificate = load_pem_x509_certificate(app.encryption.certificate_pem)
                keys = [load_pem_private_key(each.private_key_pem.encode(), None) for each in provider.private_keys]
                if certificate.public_key() not in [each.public_key() for each in keys]:
                    message = f"the certificate belongs to no private key of {provider.arn}"
                    yield federation.world.problem((*key, "assertion_encryption"), message, "one made from such a key")
                elif path != own:
                    message = "encrypted assertions go to the SAML provider's own sign-in URL"
                    yield federation.world.problem((*key, "acs_url"), message, f"https://signin.aws.amazon.com{own}")
