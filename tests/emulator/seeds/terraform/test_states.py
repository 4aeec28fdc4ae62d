"""States of Terraform and OpenTofu, field by field against the worlds that they become."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.seeds.made_secrets import made_secret
from emulator.world import World, load_world
from tests.emulator.seeds.terraform.states import (
    ACCOUNT,
    DATA,
    INSTANCE,
    OTHER,
    PROVIDER_ARN,
    account_of,
    federate,
    left_out,
    notes,
    org_of,
    resource,
    state,
    trust,
    world_of,
)

SERVICE = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}
LIMIT = {"Effect": "Allow", "Action": ["connect:*", "s3:GetObject"], "Resource": "*"}
LIST_ROLES = {"Effect": "Allow", "Action": ["iam:ListRoles", "iam:ListAccountAliases"], "Resource": "*"}


def document(statement: dict[str, Any]) -> dict[str, Any]:
    """Returns a policy of one statement."""
    return {"Version": "2012-10-17", "Statement": [statement]}


THE_ACCOUNT = {
    "alias": "acme-service",
    "saml_providers": {"okta": {"metadata": {"okta_app": "acme/amazon-connect"}}},
    "policies": {"limit": document(LIMIT), "list-roles": document(LIST_ROLES)},
    "roles": {
        "ConnectAgent": {
            "description": "Agents of the contact centre",
            "trust": trust(),
            "policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            "inline_policies": {"federate": federate()},
            "permissions_boundary": "limit",
            "max_session_duration": 7200,
            "tags": {"team": "service", "managed-by": "terraform"},
        },
        "Old": {"trust": trust()},
        "Audit": {"trust": document(SERVICE)},
    },
    "users": {
        "okta-reader": {
            "path": "/system/",
            "policies": ["list-roles"],
            "access_keys": [{"id": "AKIAIOSFODNN7EXAMPLE", "secret": made_secret("AKIAIOSFODNN7EXAMPLE")}],
        }
    },
    "groups": {
        "ops": {
            "users": ["okta-reader"],
            "inline_policies": {"look": document({"Effect": "Allow", "Action": "iam:Get*", "Resource": "*"})},
        }
    },
    "connect": {
        INSTANCE: {
            "alias": "acme-service",
            "region": "ap-northeast-1",
            "users": {
                "hanako@example.com": {"first_name": "Hanako", "last_name": "Sato", "routing_profile": "Inbound"},
                "taro@example.com": {
                    "first_name": "Taro",
                    "last_name": "Ito",
                    "security_profiles": ["Reports"],
                    "routing_profile": "Inbound",
                },
            },
            "security_profiles": {"Agent": {}, "Reports": {"access_ccp": False}},
            "routing_profiles": ["Inbound"],
            "approved_origins": ["https://desk.example.com"],
        }
    },
}
THE_ORG = {
    "groups": {"Agents": {"description": "Everybody who takes calls"}},
    "users": {
        "hanako@example.com": {
            "first_name": "Hanako",
            "last_name": "Sato",
            "email": "hanako@example.com",
            "groups": ["Agents"],
            "profile": {"department": "Service", "deskNumber": 12, "skills": ["japanese", "english"]},
        },
        "taro@example.com": {"first_name": "Taro", "last_name": "Ito", "email": "taro@example.com"},
        "yuki@example.com": {
            "first_name": "Yuki",
            "last_name": "Mori",
            "email": "yuki@example.com",
            "groups": ["Agents"],
            "status": "SUSPENDED",
        },
    },
    "apps": {
        "amazon-connect": {
            "label": "Amazon Connect",
            "saml": {"issuer": "http://www.okta.com/exk4federation5d7"},
            "login_url": "https://console.aws.amazon.com/",
            "identity_provider_arn": PROVIDER_ARN,
            "default_relay_state": f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE}",
            "session_duration": 7200,
            "role_value_pattern": "arn:aws:iam::${accountid}:saml-provider/okta,arn:aws:iam::${accountid}:role/${role}",
            "username_format": "email",
            "assignments": [
                {"user": "taro@example.com", "role": "Old"},
                {"group": "Agents", "role": "ConnectAgent", "saml_user_roles": ["ConnectAgent"]},
            ],
        }
    },
}


@pytest.fixture(params=["state.json", "terraform.tfstate"])
def shown(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """Returns the same set-up from ``terraform show -json`` and from the state file itself."""
    return world_of(tmp_path, request.param)


def test_a_state_is_an_account(shown: World) -> None:
    """Provider, roles, policies, users, keys, alias and Connect, each as the state has it."""
    assert account_of(shown) == THE_ACCOUNT


def test_a_state_is_an_org_too(shown: World) -> None:
    """Groups, people with their profiles and states, the app with its settings, and who has it."""
    assert org_of(shown) == THE_ORG


def test_what_of_a_state_is_left_out_is_reported(tmp_path: Path) -> None:
    """By address and line; what federation does not use is counted."""
    world = world_of(tmp_path, "state.json")
    assert left_out(world) == [
        ("702 okta_group_rule.desk: group rules are not evaluated; the group has the members that the seeds name"),
        "738 okta_app_saml.amazon_connect: authentication policies are not read; here it asks nobody for a second "
        "factor",
        "789 okta_app_oauth.portal: OIDC apps are not read from Terraform",
        '522 aws_connect_user.people["yuki"]: the file does not contain the security profiles of security_profile_ids',
        "178 aws_iam_role.old: it has been replaced, and Terraform still has to destroy it (deposed)",
        "1 2 other resources (aws_s3_bucket, aws_lambda_function): not used for federation",
    ]
    assert [each for each in notes(world) if "passwords" not in each] == [
        "64 data.aws_iam_role.audit: a data source does not contain its policies, so it only has those in the "
        "other seeds",
        "292 aws_iam_access_key.okta: secrets are never read; here it has a generated one, always the same for its id",
        "150 aws_iam_role.old: it is tainted: the next apply replaces it",
        (
            "95 saml_providers.okta: its metadata is that of the app acme/amazon-connect "
            "(http://www.okta.com/exk4federation5d7), with the app's signing key in this world"
        ),
    ]


def test_every_value_is_found_at_its_address_and_line(tmp_path: Path) -> None:
    """Refusals, checks and fixes point into the state, and name the resource as Terraform does."""
    document = world_of(tmp_path, "state.json").document
    said = document.said(("aws", ACCOUNT, "roles", "ConnectAgent", "trust", "Statement", 0, "Condition"))
    assert (said.location.line, said.location.key, said.text, said.source) == (
        113,
        "aws_iam_role.agent.assume_role_policy.Statement[0].Condition",
        "Terraform aws_iam_role.agent",
        "aws_iam_role.agent in the Terraform source (.tf)",
    )
    said = document.said(("okta", "acme", "users", "yuki@example.com", "status"))
    assert (said.location.line, said.location.key) == (670, 'okta_user.people["yuki"].raw_status')


@pytest.mark.parametrize("file", ["state.json", "terraform.tfstate"])
def test_no_secret_of_a_state_is_in_a_world(tmp_path: Path, file: str) -> None:
    """Secret access keys, passwords and client secrets stay in the file."""
    world = world_of(tmp_path, file)
    assert "wJalrXUtnFEMI" in (DATA / file).read_text(encoding="utf-8")
    everything = json.dumps([account_of(world), org_of(world), left_out(world), notes(world)])
    for secret in ("wJalrXUtnFEMI", "BNotASmtp", "not-for-anybodys-eyes", "an-oidc-client-secret"):
        assert secret not in everything


def test_modules_and_for_each_of_opentofu(tmp_path: Path) -> None:
    """Resources of nested modules are read; an app that is called this is named by its label."""
    world = world_of(tmp_path, "opentofu-modules.json")
    assert world.seeds[0].kind == "OpenTofu state"
    assert account_of(world) == {
        "saml_providers": {"okta": {"metadata": {"okta_app": "acme/aws-production"}}},
        "roles": {
            "team-blue": {"trust": trust(), "policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]},
            "team-green": {"trust": trust()},
        },
    }
    group = f"aws#team-blue#{ACCOUNT}"
    assert org_of(world) == {
        "groups": {group: {}},
        "users": {
            "rin@example.com": {
                "first_name": "Rin",
                "last_name": "Abe",
                "email": "rin@example.com",
                "groups": [group],
            }
        },
        "apps": {
            "aws-production": {
                "label": "AWS / Production",
                "saml": {"issuer": "http://www.okta.com/exk4federation5d7"},
                "identity_provider_arn": PROVIDER_ARN,
                "use_group_mapping": True,
                "group_filter": r"^aws#(?{{role}}[\w-]+)#(?{{accountid}}\d+)$",
                "role_value_pattern": "arn:aws:iam::${accountid}:saml-provider/okta,"
                "arn:aws:iam::${accountid}:role/${role}",
                "username_format": "okta_username_prefix",
                "assignments": [{"group": group}],
            }
        },
    }
    assert left_out(world) == [
        (
            '169 module.access["prod"].module.app.okta_user_group_memberships.member: none of the seeds '
            "contains the group of an id in groups"
        )
    ]


def test_two_accounts_of_one_state_are_kept_apart(tmp_path: Path) -> None:
    """What has no ARN belongs to the account of its provider's alias."""
    world = world_of(tmp_path, "two-accounts.tfstate", accounts=(ACCOUNT, OTHER))
    for account, name in ((ACCOUNT, "prod"), (OTHER, "test")):
        found = account_of(world, account)
        assert found["alias"] == f"acme-{name}"
        assert found["roles"] == {
            "ConnectAgent": {
                "trust": trust(f"arn:aws:iam::{account}:saml-provider/okta"),
                "inline_policies": {f"of-{name}": federate(account)},
            }
        }


def test_an_account_that_the_world_does_not_list_is_reported(tmp_path: Path) -> None:
    """The other account's resources are not put into this one."""
    world = world_of(tmp_path, "two-accounts.tfstate")
    assert list(account_of(world)["roles"]["ConnectAgent"]["inline_policies"]) == ["of-prod"]
    assert left_out(world) == [f"1 3 things of account {OTHER}: the file is not among its seeds"]


def test_ids_are_resolved_across_files(tmp_path: Path) -> None:
    """One state has the people and the app, another who has it; a third file is an answer of Okta's API."""
    app = {
        "id": "0oaelsewhere00000005d7",
        "label": "AWS",
        "preconfigured_app": "amazon_aws",
        "status": "ACTIVE",
        "app_settings_json": json.dumps({"identityProviderArn": PROVIDER_ARN}),
    }
    people = state(
        resource("okta_user.rin", {"id": "00urin", "login": "rin@example.com", "status": "ACTIVE"}),
        resource("okta_app_saml.federation", app),
    )
    given = {"app_id": app["id"], "profile": json.dumps({"role": "Agent"})}
    assigned = state(
        resource("okta_app_user.rin", {**given, "user_id": "00urin", "username": "rin@example.com"}),
        resource("okta_app_group_assignment.desk", {**given, "group_id": "00gdesk0000000000005d7", "priority": 1}),
    )
    group = {
        "id": "00gdesk0000000000005d7",
        "type": "OKTA_GROUP",
        "objectClass": ["okta:user_group"],
        "profile": {"name": "Desk", "description": None},
    }
    for name, data in (("people.json", people), ("assigned.json", assigned), ("groups.json", [group])):
        (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
    path = tmp_path / "world.yaml"
    path.write_text("version: 1\nokta: {acme: {seed: [people.json, assigned.json, groups.json]}}\n", encoding="utf-8")
    world = load_world(path)
    assert org_of(world)["apps"]["federation"]["assignments"] == [
        {"user": "rin@example.com", "role": "Agent"},
        {"group": "Desk", "role": "Agent"},
    ]
    assert left_out(world) == []
