"""Where the settings of the models are in a world: every attribute of everything that a world can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from emulator.building.defaults import EMULATORS_OWN
from emulator.building.places import UNSAYABLE, aws_managed_policy_of, owner_key, world_key
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.explanations import Setting
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world, load_world
from emulator.worldfile.schema.schema_check import known_keys
from emulator.worldfile.schema.world_schema import WorldSettings
from emulator.worldfile.text.yaml_data import value_at
from emulator.worldfile.text.yaml_file import key_text
from sp_mock.accounts.provider_metadata import ProviderMetadata
from sp_mock.arn import Arn
from sp_mock.policies.documents import PolicyDocument
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, PROVIDER_ARN, ROLE_ARN, USER
from tests.emulator.worldfile.everything import write_everything

Path_ = tuple[str | int, ...]
# What is one setting, whatever is inside.
LEAVES = (PolicyDocument, ProviderMetadata, Arn)


@pytest.fixture
def built(tmp_path: Path, world: World, keys: KeyFolder) -> Federation:
    """Returns a federation of the world in which every setting is given."""
    everything = load_world(write_everything(tmp_path, world, keys))
    return Federation(everything, clock=Clock(), ids=Ids(seed=1), keys=keys)


def _paths(value: Any, path: Path_ = ()) -> Iterator[tuple[tuple[type, str], Path_]]:
    """Yields each attribute with its class and its path, and so its elements; what a world cannot say is left out."""
    if isinstance(value, LEAVES):
        return
    if is_dataclass(value):
        unsaid = UNSAYABLE.get(type(value), {})
        for field in fields(value):
            if field.name not in unsaid:
                inside = (*path, field.name)
                yield (type(value), field.name), inside
                yield from _paths(getattr(value, field.name), inside)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _paths(each, (*path, key))
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from _paths(each, (*path, index))


def test_every_attribute_of_the_models_is_in_the_world(built: Federation) -> None:
    """Each class's is where the world says it for one object at least; elsewhere it is a setting that is not given."""
    document = built.world.document
    found: set[tuple[type, str]] = set()
    all_of_them: set[tuple[type, str]] = set()
    for owner in built.as_built.values():
        for attribute, path in _paths(owner):
            key = world_key(Setting(owner, path), built.world)
            all_of_them.add(attribute)
            if value_at(document.data, key)[1] == len(key):
                found.add(attribute)
            else:
                known = known_keys(WorldSettings, key[:-1])
                assert not known or key[-1] in known, key_text(key)
    assert len(all_of_them) > 120
    assert all_of_them - found == set()


def test_an_attribute_that_somebody_adds_is_found() -> None:
    """The test above sees what no table names: it is not a setting of the schema."""
    assert "colour" not in known_keys(WorldSettings, ("okta", "acme", "apps", "aws"))
    assert known_keys(WorldSettings, ("okta", "acme", "apps", "aws"))


def test_what_a_world_cannot_say_belongs_to_the_object_that_has_it(built: Federation) -> None:
    """Its key is the object's, and the tables name attributes that there are, each with a reason."""
    org = built.as_built["okta", "acme"]
    assert world_key(Setting(org, ("apps", "aws", "status")), built.world) == ("okta", "acme", "apps", "aws")
    for kind, names in UNSAYABLE.items():
        assert names.keys() <= {field.name for field in fields(kind)}, kind
        assert all(reason for reason in names.values())


# Path in the world of everything, and its key there.
PLACES: list[tuple[str, Path_, str]] = [
    ("okta", ("apps", "aws", "acs_url"), "apps.aws.acs_url"),
    ("okta", ("apps", "wiki", "acs_url"), "apps.wiki.saml.sp_metadata"),
    ("okta", ("apps", "wiki", "audience"), "apps.wiki.saml.sp_metadata"),
    ("okta", ("apps", "wiki", "service_provider", "entity_id"), "apps.wiki.saml.sp_entity_id"),
    ("okta", ("apps", "wiki", "service_provider", "acs_urls", 0), "apps.wiki.saml.other_acs_urls[0]"),
    ("okta", ("apps", "wiki", "service_provider", "acs_urls", 1), "apps.wiki.saml.sp_metadata"),
    ("okta", ("apps", "wiki", "style", "issuer"), "apps.wiki.saml.issuer"),
    ("okta", ("apps", "aws", "style", "authn_context"), "apps.aws.style"),
    ("okta", ("apps", "wiki", "style", "sha1"), "apps.wiki.saml.signature_algorithm"),
    ("okta", ("apps", "wiki", "attributes", 1, "group_text"), "apps.wiki.saml.attributes[1].groups.starts_with"),
    ("okta", ("apps", "wiki", "attributes", 0, "expressions", 0), "apps.wiki.saml.attributes[0].values[0]"),
    ("okta", ("apps", "aws", "key_pair", "certificate_pem"), "apps.aws.signing.certificate"),
    ("okta", ("apps", "aws", "encryption", "certificate_pem"), "apps.aws.assertion_encryption.certificate"),
    ("okta", ("apps", "aws", "provisioning", "secret_access_key"), "apps.aws.provisioning.secret_key"),
    ("okta", ("apps", "aws", "requires_mfa"), "apps.aws.mfa"),
    ("okta", ("groups", "Agents", "source"), "groups.Agents.source"),
    ("okta", ("users", "hanako@example.com", "factors", 1, "kind"), "users.hanako@example.com.factors[1].type"),
    (
        "aws",
        ("roles", f"arn:aws:iam::{ACCOUNT}:role/federation/Agent", "attached_policies", 0),
        "roles.Agent.policies[0]",
    ),
    ("aws", ("roles", f"arn:aws:iam::{ACCOUNT}:role/federation/Agent", "arn"), "roles.Agent.path"),
    ("aws", ("roles", f"arn:aws:iam::{ACCOUNT}:role/federation/Agent", "tags", 0, 1), "roles.Agent.tags.team"),
    ("aws", ("policies", f"arn:aws:iam::{ACCOUNT}:policy/reads", "versions", 0, "document"), "policies.reads"),
    ("aws", ("policies", f"arn:aws:iam::{ACCOUNT}:policy/reads", "document"), "policies.reads"),
    (
        "aws",
        ("groups", f"arn:aws:iam::{ACCOUNT}:group/people/administrators", "members", 0),
        "groups.administrators.users[0]",
    ),
    ("aws", ("saml_providers", PROVIDER_ARN, "metadata"), "saml_providers.okta.metadata.okta_app"),
    (
        "aws",
        ("saml_providers", PROVIDER_ARN, "private_keys", 0, "private_key_pem"),
        "saml_providers.okta.private_keys[0]",
    ),
    ("aws", ("instances", INSTANCE_ID, "arn"), f"connect.{INSTANCE_ID}.region"),
    ("aws", ("instances", INSTANCE_ID, "timing", "load_delay_milliseconds"), f"connect.{INSTANCE_ID}.load_delay"),
    (
        "aws",
        ("instances", INSTANCE_ID, "security_profiles", 4, "access_ccp"),
        f"connect.{INSTANCE_ID}.security_profiles.Watcher.access_ccp",
    ),
    ("aws", ("instances", INSTANCE_ID, "routing_profiles", 1), f"connect.{INSTANCE_ID}.routing_profiles[0]"),
    ("aws", ("instances", INSTANCE_ID, "users", "ada@example.com"), f"connect.{INSTANCE_ID}.users.ada@example.com"),
    ("aws", ("organization", "path"), "organization.organizational_units"),
]


@pytest.mark.parametrize(("side", "path", "key"), PLACES, ids=[row[2] for row in PLACES])
def test_where_the_world_names_or_nests_a_setting_otherwise(
    built: Federation, side: str, path: Path_, key: str
) -> None:
    """What made a value is its place: the metadata file, the style, the environment or the setting itself."""
    owner = next(owner for (kind, _), owner in built.as_built.items() if kind == side)
    assert key_text(world_key(Setting(owner, path), built.world)) == f"{'.'.join(map(str, owner_key(owner)))}.{key}"


def test_an_acs_url_that_is_not_given_comes_from_the_environment(federation: Federation) -> None:
    """And it is there that another one would be chosen."""
    org = federation.as_built["okta", "acme"]
    for name, key in (("acs_url", "environment"), ("audience", "audience")):
        found = world_key(Setting(org, ("apps", APP, name)), federation.world)
        assert found == ("okta", "acme", "apps", APP, key)


def test_a_style_is_the_place_of_what_it_decides(world: World, keys: KeyFolder) -> None:
    """What the app says itself is not the style's; what the style leaves open is neither's."""
    here = f"/okta/acme/apps/{APP}"
    changed = change_world(world, {f"{here}/style": "keycloak", f"{here}/saml": {"name_id_format": "email"}})
    federation = Federation(changed, keys=keys)
    org = federation.as_built["okta", "acme"]

    def key(attribute: str) -> str:
        return key_text(world_key(Setting(org, ("apps", APP, "style", attribute)), federation.world)[4:])

    assert [key(name) for name in ("issuer", "signed", "name_id_format", "attribute_formats", "name_id")] == [
        "style",
        "style",
        "saml.name_id_format",
        "style",
        "saml.name_id",
    ]


def test_groups_are_where_they_are_named(world: World, keys: KeyFolder) -> None:
    """In the org's list, in its mapping, or only among a person's groups."""
    keys_of = {}
    forms: dict[str, Any] = {
        "list": ["Agents", "Supervisors"],
        "mapping": {"Agents": {}, "Supervisors": {}},
        "people": [],
    }
    for name, groups in forms.items():
        federation = Federation(change_world(world, {"/okta/acme/groups": groups}), keys=keys)
        org = federation.as_built["okta", "acme"]
        keys_of[name] = key_text(world_key(Setting(org, ("groups", "Supervisors")), federation.world))
    assert keys_of == {
        "list": "okta.acme.groups[1]",
        "mapping": "okta.acme.groups.Supervisors",
        "people": "okta.acme.users.taro@example.com.groups[1]",
    }


def test_policies_of_awss_own_are_in_no_world(federation: Federation) -> None:
    """They are identified by their ARN."""
    account = federation.as_built["aws", ACCOUNT]
    own = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert aws_managed_policy_of(Setting(account, ("policies", own))) == own
    assert aws_managed_policy_of(Setting(account, ("policies", f"arn:aws:iam::{ACCOUNT}:policy/connect-login"))) == ""
    assert aws_managed_policy_of(Setting(account, ("roles", ROLE_ARN))) == ""


def test_only_orgs_and_accounts_have_settings(federation: Federation) -> None:
    """A person is in an org, and no owner of settings."""
    with pytest.raises(TypeError, match="User is neither an org nor an account"):
        owner_key(federation.identity_providers["acme"].org.users[USER])


def test_the_emulators_own_settings_are_settings() -> None:
    """Each is a key of the schema."""
    properties = {
        name
        for definition in WorldSettings.model_json_schema()["$defs"].values()
        for name in definition.get("properties", {})
    }
    assert properties >= EMULATORS_OWN
