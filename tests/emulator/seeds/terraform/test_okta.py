"""Apps, assignments, people and groups of Okta in Terraform, as the provider of Okta writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.world import World
from tests.emulator.seeds.terraform.states import PROVIDER_ARN, left_out, notes, org_of, resource, state, world_of

SETTINGS = json.dumps({"identityProviderArn": PROVIDER_ARN})
FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:"


def aws_app(address: str = "okta_app_saml.aws", **values: Any) -> dict[str, Any]:
    """Returns an AWS app."""
    given = {"id": "0oaaws0000000000005d7", "label": "AWS", "preconfigured_app": "amazon_aws", "status": "ACTIVE"}
    return resource(address, {**given, "app_settings_json": SETTINGS, **values})


def person(name: str, **values: Any) -> dict[str, Any]:
    """Returns a person."""
    login = f"{name}@example.com"
    return resource(f"okta_user.{name}", {"id": f"00u{name}", "login": login, "email": login, **values})


def group(name: str) -> dict[str, Any]:
    """Returns a group."""
    return resource(f"okta_group.{name.lower()}", {"id": f"00g{name}", "name": name})


def _reasons(world: World) -> list[str]:
    return [each.partition(" ")[2] for each in left_out(world)]


def test_every_setting_of_the_aws_app(tmp_path: Path) -> None:
    """In Okta's words, a number as text too; settings in a resource of their own go before the app's."""
    settings = {
        "awsEnvironmentType": "aws.china",
        "overrideAcsURL": "https://ap-northeast-1.signin.aws.amazon.com/saml",
        "identityProviderArn": "arn:aws-cn:iam::123456789012:saml-provider/okta",
        "loginURL": "https://console.amazonaws.cn/",
        "sessionDuration": "14400",
        "joinAllRoles": True,
        "useGroupMapping": False,
        "appFilter": "okta,active_directory",
        "groupFilter": "^aws_(?{{role}}.*)$",
        "roleValuePattern": "a,b",
        "accessKey": "AKIAIOSFODNN7EXAMPLE",
        "secretKey": "never-to-be-seen",
    }
    own = resource(
        "okta_app_saml_app_settings.aws", {"app_id": "0oaaws0000000000005d7", "settings": json.dumps(settings)}
    )
    world = world_of(tmp_path, state(aws_app(), own))
    assert org_of(world)["apps"] == {
        "aws": {
            "label": "AWS",
            "environment": "aws.china",
            "acs_url": "https://ap-northeast-1.signin.aws.amazon.com/saml",
            "identity_provider_arn": "arn:aws-cn:iam::123456789012:saml-provider/okta",
            "login_url": "https://console.amazonaws.cn/",
            "session_duration": 14400,
            "join_all_roles": True,
            "app_filter": "okta,active_directory",
            "group_filter": "^aws_(?{{role}}.*)$",
            "role_value_pattern": "a,b",
        }
    }
    assert _reasons(world) == ["okta_app_saml_app_settings.aws: the keys of its API integration are never read"]
    assert "never-to-be-seen" not in str(world.document.data)


def test_a_custom_app(tmp_path: Path) -> None:
    """What the wizard asks for, expressions without their braces, statements by expression and by groups."""
    values = {
        "label": "Contact centre",
        "sso_url": "https://signin.aws.amazon.com/saml",
        "recipient": "https://signin.aws.amazon.com/saml",
        "destination": "https://signin.aws.amazon.com/saml",
        "audience": "urn:amazon:webservices",
        "idp_issuer": "http://www.okta.com/${org.externalKey}",
        "entity_url": "http://www.okta.com/exkcustom",
        "subject_name_id_template": "${user.email}",
        "subject_name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "response_signed": True,
        "assertion_signed": False,
        "signature_algorithm": "RSA_SHA1",
        "digest_algorithm": "SHA256",
        "authn_context_class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:X509",
        "default_relay_state": "https://console.aws.amazon.com/",
        "acs_endpoints_indices": [
            {"url": "https://two.example.com/", "index": 2},
            {"url": "https://one.example.com/", "index": 1},
        ],
        "attribute_statements": [
            {
                "type": "EXPRESSION",
                "name": "https://aws.amazon.com/SAML/Attributes/RoleSessionName",
                "namespace": f"{FORMAT}basic",
                "values": ["${user.login}"],
            },
            {"type": "GROUP", "name": "groups", "filter_type": "STARTS_WITH", "filter_value": "aws_"},
            {"type": "GROUP", "name": "broken", "filter_type": "SOMETIMES", "filter_value": "x"},
        ],
    }
    world = world_of(tmp_path, state(resource("okta_app_saml.contact_centre", {"status": "ACTIVE", **values})))
    assert org_of(world)["apps"] == {
        "contact-centre": {
            "catalog": "custom_saml",
            "label": "Contact centre",
            "acs_url": "https://signin.aws.amazon.com/saml",
            "default_relay_state": "https://console.aws.amazon.com/",
            "saml": {
                "issuer": "http://www.okta.com/exkcustom",
                "name_id": "user.email",
                "name_id_format": "persistent",
                "attributes": [
                    {
                        "name": "https://aws.amazon.com/SAML/Attributes/RoleSessionName",
                        "name_format": "basic",
                        "values": ["user.login"],
                    },
                    {"name": "groups", "groups": {"starts_with": "aws_"}},
                ],
                "signed": ["Response"],
                "signature_algorithm": "RSA_SHA1",
                "authn_context": "urn:oasis:names:tc:SAML:2.0:ac:classes:X509",
                "recipient": "https://signin.aws.amazon.com/saml",
                "destination": "https://signin.aws.amazon.com/saml",
                "other_acs_urls": ["https://one.example.com/", "https://two.example.com/"],
            },
        }
    }
    assert _reasons(world) == ["okta_app_saml.contact_centre: its attribute statement 3 cannot be read"]
    assert [each.partition(" ")[2] for each in notes(world)] == [
        "okta_app_saml.contact_centre: its digest_algorithm SHA256 is ignored; here it follows the signature algorithm"
    ]


LEFT_OUT: list[tuple[str, dict[str, Any], str]] = [
    ("inactive", {"status": "INACTIVE"}, "it is inactive, so nobody can open it"),
    (
        "an inline hook",
        {"inline_hook_id": "calm"},
        "an inline hook (inline_hook_id) may change its assertions, and fedemu does not call it",
    ),
    (
        "another app of the catalog",
        {"preconfigured_app": "office365", "name": "office365"},
        "the catalogue app office365 is not supported, only amazon_aws and custom SAML apps are",
    ),
    (
        "an ARN that is none",
        {"app_settings_json": '{"identityProviderArn": "okta"}'},
        "identityProviderArn of its settings is not the ARN of a SAML provider",
    ),
    (
        "a user name that is worked out otherwise",
        {"user_name_template": "${fn:toUpperCase(source.login)}"},
        "its username format (user_name_template) is not supported",
    ),
    (
        "a custom app without a URL",
        {"preconfigured_app": None, "name": "acme_1", "app_settings_json": None},
        "its single sign-on URL (sso_url) is not in the file",
    ),
    (
        "signed requests only",
        {
            "preconfigured_app": None,
            "sso_url": "https://x.example.com/",
            "audience": "x",
            "saml_signed_request_enabled": True,
        },
        "it accepts only signed requests (saml_signed_request_enabled), which is not read from Terraform",
    ),
]


@pytest.mark.parametrize(("values", "reason"), [row[1:] for row in LEFT_OUT], ids=[row[0] for row in LEFT_OUT])
def test_an_app_that_cannot_be_here_is_left_out(tmp_path: Path, values: dict[str, Any], reason: str) -> None:
    """With the reason, and its assignments with it."""
    given = resource("okta_app_user.rin", {"app_id": "0oaaws0000000000005d7", "user_id": "00urin"})
    world = world_of(tmp_path, state(aws_app(**values), person("rin"), given))
    assert "apps" not in org_of(world)
    assert sorted(_reasons(world)) == [
        f"okta_app_saml.aws: {reason}",
        "okta_app_user.rin: okta_app_saml.aws is left out",
    ]


EXPRESSION = "user.employeeNumber"
USERNAMES: list[tuple[str, dict[str, Any], str]] = [
    ("the login", {"user_name_template": "${source.login}"}, "okta_username"),
    ("the e-mail", {"user_name_template": "${source.email}"}, "email"),
    ("before the @", {"user_name_template": '${fn:substringBefore(source.login, "@")}'}, "okta_username_prefix"),
    (
        "an expression",
        {"user_name_template": "${user.employeeNumber}", "user_name_template_type": "CUSTOM"},
        EXPRESSION,
    ),
    (
        "with a suffix",
        {"user_name_template": "${source.login}", "user_name_template_suffix": ".aws"},
        'user.login + ".aws"',
    ),
]


@pytest.mark.parametrize(("values", "wanted"), [row[1:] for row in USERNAMES], ids=[row[0] for row in USERNAMES])
def test_what_people_are_called_in_an_app(tmp_path: Path, values: dict[str, Any], wanted: str) -> None:
    """Okta's templates are the world's formats; another is an expression."""
    world = world_of(tmp_path, state(aws_app(**values)))
    assert world.settings.okta["acme"].apps["aws"].username_format == wanted


def test_who_has_an_app_with_which_roles(tmp_path: Path) -> None:
    """People first, then groups by priority; a person with another user name is left out."""
    app = {"app_id": "0oaaws0000000000005d7"}
    roles = json.dumps({"role": None, "samlRoles": ["[acme] -- Lead", "Agent"]})
    world = world_of(
        tmp_path,
        state(
            aws_app(),
            person("rin", raw_status="PROVISIONED", status="ACTIVE"),
            person("sora", raw_status="RECOVERY"),
            person("kei", status="UNHEARD_OF"),
            *(group(name) for name in ("Desk", "Leads", "Night")),
            resource(
                "okta_app_group_assignments.aws",
                {
                    **app,
                    "group": [
                        {"id": "00gNight", "priority": 3, "profile": "{}"},
                        {"id": "00gLeads", "priority": 1, "profile": roles},
                    ],
                },
            ),
            resource("okta_app_group_assignment.desk", {**app, "group_id": "00gDesk", "priority": 2, "profile": "{}"}),
            resource("okta_app_user.rin", {**app, "user_id": "00urin", "username": "rin@example.com"}),
            resource("okta_app_user.sora", {**app, "user_id": "00usora", "username": "s.ora"}),
            resource("okta_app_user.who", {**app, "user_id": "00unobody"}),
        ),
    )
    assert org_of(world)["apps"]["aws"]["assignments"] == [
        {"user": "rin@example.com"},
        {"group": "Leads", "saml_user_roles": ["[acme] -- Lead", "Agent"]},
        {"group": "Desk"},
        {"group": "Night"},
    ]
    statuses = {login: user.status for login, user in world.settings.okta["acme"].users.items()}
    assert statuses == {
        "rin@example.com": "STAGED",
        "sora@example.com": "PASSWORD_EXPIRED",
        "kei@example.com": "SUSPENDED",
    }
    assert _reasons(world) == [
        "okta_app_user.sora: its username differs from what the app's username format produces, and only the "
        "format is supported here",
        "okta_app_user.who: none of the seeds contains the person that it is for",
    ]


def test_everybody_has_what_everyone_has(tmp_path: Path) -> None:
    """Okta's own group has all people, who are not listed as its members."""
    everyone = resource("data.okta_everyone_group.all", {"id": "00gall"})
    given = resource("okta_app_group_assignment.all", {"app_id": "0oaaws0000000000005d7", "group_id": "00gall"})
    world = world_of(tmp_path, state(aws_app(), person("rin"), everyone, given))
    assert org_of(world)["users"]["rin@example.com"]["groups"] == ["Everyone"]
    assert org_of(world)["apps"]["aws"]["assignments"] == [{"group": "Everyone"}]


def test_apps_are_called_after_their_resources(tmp_path: Path) -> None:
    """The key of for_each is part of the name, and two that would have one name have their addresses."""
    apps = [
        aws_app('okta_app_saml.amazon_connect["prod"]', id="0oa1", label="One"),
        aws_app('module.a.okta_app_saml.this["x"]', id="0oa2", label="AWS Console"),
        aws_app("module.b.okta_app_saml.aws", id="0oa3", label="Three"),
        aws_app("module.c.okta_app_saml.aws", id="0oa4", label="Four"),
    ]
    world = world_of(tmp_path, state(*apps))
    assert {name: app["label"] for name, app in org_of(world)["apps"].items() if "label" in app} == {
        "amazon-connect-prod": "One",
        "aws-console-x": "AWS Console",
        "aws": "Three",
        "module-c-okta-app-saml-aws": "Four",
    }
