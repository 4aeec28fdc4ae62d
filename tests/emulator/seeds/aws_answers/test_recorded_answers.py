"""What the real AWS CLI printed of an account and an instance reads back into the world that it was printed of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.errors import WorldError
from emulator.seeds.policy_documents import denies_everything
from emulator.world import World, load_world
from tests.emulator.seeds.aws_answers.accounts import ACCOUNT, account_of, filled, left_out, notes, said

DATA = Path(__file__).parents[3] / "data" / "aws_cli"
FORMS = {"json": "json", "yaml": "yaml", "yaml-stream": "yml", "text": "txt"}
# The file's name says what the answer does not: which role, policy, provider, profile.
WHOLE = {
    "get-account-authorization-details": "account",
    "list-roles": "roles",
    "get-saml-provider": "entra",
    "get-saml-provider-okta": "okta",
    "list-saml-providers": "providers",
    "list-account-aliases": "aliases",
    "get-caller-identity": "me",
    "list-access-keys": "keys",
    "connect-describe-instance": "instance",
    "connect-search-users": "people",
    "connect-list-approved-origins": "origins",
    "connect-list-security-profiles": "profiles",
    "connect-list-security-profile-permissions": "Night Desk",
    "connect-list-routing-profiles": "routing",
}
ONE_BY_ONE = {
    "get-role": "role",
    "get-role-supervisor": "supervisor",
    "get-role-policy": "inline",
    "list-role-policies": "ConnectAgent-inline",
    "list-attached-role-policies": "ConnectSupervisor",
    "get-saml-provider": "entra",
    "get-saml-provider-okta": "okta",
    "get-policy": "policy",
    "list-policies": "policies",
    "get-policy-version": "limits",
    "list-account-aliases": "aliases",
    "get-user": "user",
    "list-users": "users",
    "get-user-policy": "user-policy",
    "list-user-policies": "okta-integration",
    "list-attached-user-policies": "administrator",
    "list-groups": "groups",
    "get-group": "group",
    "list-groups-for-user": "groups-for-user",
    "get-group-policy": "group-policy",
    "list-group-policies": "operators",
    "list-attached-group-policies": "operators-attached",
    "list-access-keys": "keys",
    "connect-list-instances": "instances",
    "connect-list-users": "logins",
    "connect-describe-user": "taro",
    "connect-list-approved-origins": "acme",
    "connect-list-security-profiles": "profiles",
    "connect-describe-security-profile": "profile",
    "connect-list-security-profile-permissions": "night-desk",
    "connect-list-routing-profiles": "routing",
    "connect-describe-instance-attribute": "attribute",
    "connect-list-user-hierarchy-groups": "hierarchy",
}


@pytest.fixture(scope="module")
def original() -> dict[str, Any]:
    """Returns the account that the answers are of."""
    world = load_world(DATA / "world.yaml")
    return said(world.settings.aws[ACCOUNT])


def _read(folder: Path, form: str, names: Mapping[str, str]) -> World:
    files = {f"{name}.{FORMS[form]}": (DATA / form / f"{each}.{FORMS[form]}") for each, name in names.items()}
    return filled(folder, {name: file.read_bytes() for name, file in files.items() if file.read_bytes().strip()})


@pytest.mark.parametrize("form", ["json", "yaml", "yaml-stream"])
def test_a_whole_account_reads_back(tmp_path: Path, form: str, original: dict[str, Any]) -> None:
    """Everything is there but what no answer has: where the metadata was from, private keys, secrets."""
    world = _read(tmp_path, form, WHOLE)
    found = said(account_of(world))
    for name in ("alias", "policies", "groups", "roles"):
        assert found[name] == original[name]
    assert found["saml_providers"]["entra"].get("assertion_encryption") == ("Required" if form == "json" else None)
    assert set(found["saml_providers"]) == {"okta", "entra"}
    connect, wanted = found["connect"], original["connect"]
    wanted["12345678-90ab-cdef-1234-567890abcdef"]["security_profiles"]["Day Desk"] = {"access_ccp": False}
    assert connect == wanted
    keys = found["users"]["okta-integration"].pop("access_keys")
    assert [each["id"] for each in keys] == ["AKIAI44QH8DHBEXAMPLE"]
    assert "je7MtGbClwBF" not in json.dumps(keys)
    assert all(not left_out(world, Path(each.file).name) for each in world.seeds)


@pytest.mark.parametrize("form", ["json", "yaml", "yaml-stream"])
def test_the_same_account_from_one_answer_for_each_thing(tmp_path: Path, form: str, original: dict[str, Any]) -> None:
    """A policy is attached to whom the file's name says; a role that get-role prints has its boundary and tags."""
    found = said(account_of(_read(tmp_path, form, ONE_BY_ONE)))
    assert found["alias"] == "acme"
    assert found["policies"] == {"limits": original["policies"]["limits"]}
    agent, supervisor = found["roles"]["ConnectAgent"], found["roles"]["ConnectSupervisor"]
    assert agent == {name: each for name, each in original["roles"]["ConnectAgent"].items() if name != "policies"}
    assert supervisor == {
        **original["roles"]["ConnectSupervisor"],
        "policies": ["arn:aws:iam::aws:policy/IAMUserChangePassword"],
        "inline_policies": {
            "not-known": denies_everything()
        },  # in the place of connect-login, whose document is missing
    }
    assert found["groups"] == original["groups"]
    assert found["users"]["administrator"]["policies"] == ["arn:aws:iam::aws:policy/AdministratorAccess"]
    assert found["users"]["okta-integration"]["inline_policies"]["roles"] == ROLES_OF_OKTA
    assert found["users"]["okta-integration"]["permissions_boundary"] == "limits"
    people = found["connect"]["12345678-90ab-cdef-1234-567890abcdef"]["users"]
    assert people["Taro@example.com"] == {
        "first_name": "Taro",
        "last_name": "Ito",
        "security_profiles": ["CallCenterManager", "Night Desk"],
        "routing_profile": "Sales",
    }
    assert people["hanako@example.com"] == {}


ROLES_OF_OKTA = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["iam:ListRoles", "iam:ListAccountAliases"], "Resource": "*"}],
}
_WITHOUT_KEYS = ("get-account-authorization-details", "get-role-policy", "get-user-policy", "get-group-policy")


def test_text_output_reads_back_as_far_as_it_can(tmp_path: Path, original: dict[str, Any]) -> None:
    """Of policies the keys are lost; the one trust policy that cannot be another is read, the other role stays away."""
    names = {**ONE_BY_ONE, **WHOLE, "list-roles": "roles", "connect-describe-user": "taro", "connect-list-users": "all"}
    lost = {*_WITHOUT_KEYS, "get-policy-version", "list-role-policies", "list-user-policies", "list-group-policies"}
    world = _read(tmp_path, "text", {each: name for each, name in names.items() if each not in lost})
    found = said(account_of(world))
    agent = {**original["roles"]["ConnectAgent"]}
    del agent["inline_policies"], agent["policies"]
    assert found["roles"] == {"ConnectAgent": agent}
    assert left_out(world, "roles.txt") == [
        "role ConnectSupervisor: text output loses the keys of its trust policy",
    ]
    assert found["saml_providers"]["entra"]["assertion_encryption"] == "Required"
    instance = found["connect"]["12345678-90ab-cdef-1234-567890abcdef"]
    wanted = original["connect"]["12345678-90ab-cdef-1234-567890abcdef"]
    assert instance["users"] == wanted["users"]
    assert instance["approved_origins"] == wanted["approved_origins"]
    assert (instance["alias"], instance["region"]) == ("acme", "ap-northeast-1")
    # Whose permissions boundary is a policy that text output has lost is not a member.
    assert found["groups"]["operators"] == {
        "path": "/ops/",
        "policies": ["arn:aws:iam::aws:policy/IAMUserChangePassword"],
    }


@pytest.mark.parametrize("command", [*_WITHOUT_KEYS, "get-policy-version"])
def test_text_output_of_policies_is_refused_by_name(tmp_path: Path, command: str) -> None:
    """With the command that prints it whole."""
    with pytest.raises(WorldError) as caught:
        _read(tmp_path, "text", {command: "x"})
    problem = caught.value.problems[0]
    assert problem.message.startswith("x.txt: this is the text output of aws iam get-")
    assert problem.message.endswith(", which loses the keys of policies")
    assert problem.fix == "Run the command again with --output json."


def test_a_table_is_refused_by_name(tmp_path: Path) -> None:
    """Its columns are cut and joined for people to read."""
    with pytest.raises(WorldError) as caught:
        filled(tmp_path, {"roles.txt": (DATA / "table" / "list-roles.txt").read_bytes()})
    assert caught.value.problems[0].message == (
        "roles.txt: this is a table, the output of ListRoles with --output table"
    )
    assert caught.value.problems[0].fix == "Run the command again with --output json."


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", FORMS)
def test_what_powershell_saves_is_read(tmp_path: Path, form: str, encoding: str) -> None:
    """Its ``>`` writes UTF-16, and its ``Out-File`` a byte order mark."""
    text = (DATA / form / f"connect-list-instances.{FORMS[form]}").read_text()
    world = filled(tmp_path, {f"instances.{FORMS[form]}": text.replace("\n", "\r\n").encode(encoding)})
    assert account_of(world).connect["12345678-90ab-cdef-1234-567890abcdef"].alias == "acme"


@pytest.mark.parametrize("form", FORMS)
def test_a_provider_saved_by_powershell_is_read(tmp_path: Path, form: str) -> None:
    """Its metadata has lines of its own, and so have its private keys in text output."""
    text = (DATA / form / f"get-saml-provider.{FORMS[form]}").read_text()
    world = filled(tmp_path, {f"entra.{FORMS[form]}": text.replace("\n", "\r\n").encode("utf-16")})
    provider = account_of(world).saml_providers["entra"]
    assert provider.assertion_encryption == ("Required" if form in {"json", "text"} else None)
    assert "EntityDescriptor" in (provider.metadata.xml or "")


def test_lines_of_every_form_are_found(tmp_path: Path) -> None:
    """What is left out is reported at its line: in JSON, in YAML, in the second of several documents, in text."""
    for form, line in (("json", 29), ("yaml", 19), ("text", 6)):
        world = _read(tmp_path, form, {"list-roles": "roles", "list-role-policies": "ConnectSupervisor-inline"})
        roles = next(each for each in world.seeds if "roles." in each.file)
        assert [each.location.line for each in roles.left_out] == [line]


def test_an_older_cli_is_reported(tmp_path: Path) -> None:
    """Version 2.9 does not print whether assertions have to be encrypted."""
    world = _read(tmp_path, "yaml", {"get-saml-provider": "entra"})
    assert notes(world, "entra.yaml") == [
        (
            "SAML provider entra: the output does not say whether its assertions must be encrypted, "
            "because the AWS CLI was too old"
        )
    ]
