"""The models of both sides, built from a world, and rebuilt after a change, reusing everything unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from emulator.building.aws_accounts import AwsBuilder
from emulator.building.okta_orgs import OktaBuilder
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError, Problem
from emulator.kernel.records import dataclass
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World
from emulator.worldfile.schema.aws_schema import Account as AccountSettings
from emulator.worldfile.schema.schema_check import suggestion
from emulator.worldfile.text.yaml_data import Key
from idp import model as okta
from idp.saml.metadata import idp_metadata
from sp_mock.accounts.model import Account


@dataclass(frozen=True, slots=True)
class Models:
    """Okta orgs by name, and AWS accounts by id.

    ``left_out`` is what a seed contains and IAM would not accept, by its kind and name.
    """

    orgs: Mapping[str, okta.Org]
    accounts: Mapping[str, Account]
    left_out: Mapping[tuple[str, str], Problem] = field(default_factory=dict)

    @property
    def by_key(self) -> Mapping[Key, okta.Org | Account]:
        """The orgs and accounts by their keys in a world."""
        return {
            **{("okta", name): org for name, org in self.orgs.items()},
            **{("aws", account_id): account for account_id, account in self.accounts.items()},
        }


def app_named(orgs: Mapping[str, okta.Org], name: str) -> tuple[okta.Org, okta.App]:
    """Finds an app by ``name`` or ``org/name``.

    Raises:
        FederationError: the app does not exist, or exists in several orgs.
    """
    org_name, slash, app_name = name.rpartition("/")
    found = [
        (org, org.apps[app_name])
        for key, org in orgs.items()
        if app_name in org.apps and (not slash or key == org_name)
    ]
    if len(found) != 1:
        known = [f"{key}/{app}" for key, org in orgs.items() for app in org.apps]
        near = "" if found else near_app(name, known)
        hint = f"; did you mean {near}?" if near else ""
        raise FederationError(
            f"Several orgs have an app {name}" if found else f"There is no Okta app {name}{hint}",
            expected=" or ".join(known),
            received=name,
            fix="The app comes after the user: USER APP." if "@" in name else "Name the app as org/app.",
        )
    return found[0]


def near_app(name: str, known: Sequence[str]) -> str:
    """Returns the app that was probably meant, as ``org/app``; empty where none is near.

    Args:
        name: What was written, with or without an org.
        known: The apps that there are, each as ``org/app``.
    """
    near = suggestion(name.rpartition("/")[2], [each.partition("/")[2] for each in known])
    return next((each for each in known if each.partition("/")[2] == near), "") or suggestion(name, known)


def build_models(world: World, *, clock: Clock, ids: Ids, keys: KeyFolder) -> Models:
    """Builds everything that a world describes.

    Raises:
        WorldError: a policy, a metadata file or a group filter of the world cannot be used.
    """
    builder = OktaBuilder(world, clock=clock, ids=ids, keys=keys)
    orgs = {name: builder.org(name, org) for name, org in world.settings.okta.items()}
    aws = AwsBuilder(world, lambda app: _metadata(orgs, app), clock=clock)
    accounts = {each: aws.account(each, settings) for each, settings in world.settings.aws.items()}
    return Models(orgs, accounts, aws.left_out)


def rebuild_models(world: World, *, before: World, built: Models, clock: Clock, ids: Ids, keys: KeyFolder) -> Models:
    """Builds what differs from another world, and reuses the rest of what was built from that.

    Only settings are compared: a file that a setting names is assumed to be unchanged.

    Args:
        world: The new world.
        before: The world from which ``built`` was made.
        built: Models that were built from ``before``.
        clock: Source of creation times.
        ids: Source of new keys' randomness.
        keys: Folder of signing keys.

    Raises:
        WorldError: as ``build_models``.
    """
    builder = OktaBuilder(world, clock=clock, ids=ids, keys=keys)
    orgs: dict[str, okta.Org] = {}
    for name, settings in world.settings.okta.items():
        said, made = before.settings.okta.get(name), built.orgs.get(name)
        if said is None or made is None:
            orgs[name] = builder.org(name, settings)
        else:
            orgs[name] = made if said == settings else builder.org(name, settings, like=(said, made))
    aws = AwsBuilder(world, lambda app: _metadata(orgs, app), clock=clock)
    accounts = {
        each: built.accounts[each]
        if before.settings.aws.get(each) == settings and _has_metadata_of(settings, built.accounts[each], orgs)
        else aws.account(each, settings)
        for each, settings in world.settings.aws.items()
    }
    return Models(orgs, accounts, aws.left_out)


def signing_keys(world: World, models: Models) -> dict[str, tuple[bytes, bytes]]:
    """Returns the key pairs that were made for apps, by their names in a key folder."""
    return {
        f"{name}.{app}": (org.apps[app].key_pair.private_key_pem, org.apps[app].key_pair.certificate_pem)
        for name, org in models.orgs.items()
        for app, settings in (world.settings.okta[name].apps.items() if name in world.settings.okta else ())
        if settings.signing is None and app in org.apps
    }


def without_event_hooks(models: Models) -> Models:
    """Returns the models without event hooks, so that no one outside is notified of what happens in a copy."""
    return replace(models, orgs={name: replace(org, event_hooks={}) for name, org in models.orgs.items()})


def _metadata(orgs: Mapping[str, okta.Org], app: str) -> bytes:
    return idp_metadata(*app_named(orgs, app))


def _has_metadata_of(settings: AccountSettings, account: Account, orgs: Mapping[str, okta.Org]) -> bool:
    """Returns whether the providers of a built account have the current metadata of the apps."""
    providers = {each.arn.name: each for each in account.saml_providers.values()}
    return all(
        each.metadata.okta_app is None
        or (name in providers and providers[name].metadata.document == _metadata(orgs, each.metadata.okta_app))
        for name, each in settings.saml_providers.items()
    )
