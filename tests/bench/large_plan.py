"""A Terraform plan of many resources, as ``terraform show -json`` prints it: an Okta org and an AWS account in one.

Half of its resources are people of Okta with their assignments, a quarter the same people in Amazon Connect, and the
rest roles with their policies. ``python -m tests.bench.large_plan > plan.json`` writes one.
"""

from __future__ import annotations

import json
import sys
from typing import Any

ACCOUNT = "123456789012"
INSTANCE = "11111111-2222-3333-4444-555555555555"
REGION = "ap-northeast-1"
SIGN_IN = "https://signin.aws.amazon.com/saml"
REGIONAL_SIGN_IN = f"https://{REGION}.signin.aws.amazon.com/saml"
_PROVIDER_ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
_ROUTING = "22222222-0000-0000-0000-000000000000"
_AGENT = "33333333-0000-0000-0000-000000000000"
_APP = "0oa1aaaaaaaaaaaaa5d7"
_METADATA = (
    '<?xml version="1.0" encoding="UTF-8"?><md:EntityDescriptor entityID="http://www.okta.com/exk1aaaaaaaaaaaaa5d7" '
    'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"/>'
)


def large_plan(resources: int = 2000, *, losers: int = 3) -> str:
    """Returns the JSON of a plan in which a quarter as many people as resources each have one login.

    Args:
        resources: How many resources the plan has, from 100.
        losers: How many roles lose the regional sign-in URL by the plan, and with them the people who have them.
    """
    before = [*_resources(resources, losers=0)]
    after = [*_resources(resources, losers=losers)]
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": {"outputs": {}, "root_module": {"resources": after}},
        "resource_changes": [_change(old, new) for old, new in zip(before, after, strict=True)],
        "prior_state": {
            "format_version": "1.0",
            "terraform_version": "1.9.8",
            "values": {"outputs": {}, "root_module": {"resources": before}},
        },
        "configuration": _configuration(after),
        "timestamp": "2026-11-26T09:00:00Z",
        "applyable": True,
        "complete": True,
        "errored": False,
    }
    return json.dumps(plan, separators=(",", ":"))


def large_plan_world(plan: str, *, moment: str = "after") -> str:
    """Returns the YAML of a world that has a large plan for its seed.

    Args:
        plan: The plan's file, relative to the world's.
        moment: ``before`` or ``after``.
    """
    seed = f"[{{file: {json.dumps(plan)}, moment: {moment}}}]"
    return f'version: 1\nokta:\n  acme:\n    seed: {seed}\naws:\n  "{ACCOUNT}":\n    seed: {seed}\n'


def _resources(count: int, *, losers: int) -> list[dict[str, Any]]:
    people = count // 4
    roles = (count - 3 * people) * 3 // 10
    policies = roles // 2
    made = [*_set_up()]
    for number in range(roles):
        made += [_role(number, loses=number < losers), _role_policy(number)]
    for number in range(policies):
        made += _policy(number)
    for number in range(people):
        made += _person(number, role=f"Role{number % roles:04}")
    made += [_bucket(number) for number in range(count - len(made))]
    return made


def _resource(kind: str, name: str, index: str | None, values: dict[str, Any]) -> dict[str, Any]:
    maker = "okta/okta" if kind.startswith("okta_") else "hashicorp/aws"
    return {
        "address": f"{kind}.{name}" + (f'["{index}"]' if index is not None else ""),
        "mode": "managed",
        "type": kind,
        "name": name,
        **({"index": index} if index is not None else {}),
        "provider_name": f"registry.terraform.io/{maker}",
        "schema_version": 0,
        "values": values,
        "sensitive_values": {},
    }


def _set_up() -> list[dict[str, Any]]:
    settings = {
        "appFilter": "okta",
        "awsEnvironmentType": "aws.amazon",
        "overrideAcsURL": REGIONAL_SIGN_IN,
        "identityProviderArn": _PROVIDER_ARN,
        "sessionDuration": 3600,
        "joinAllRoles": False,
        "useGroupMapping": False,
        "loginURL": "https://console.aws.amazon.com/ec2/home",
    }
    relay_state = f"https://{REGION}.console.aws.amazon.com/connect/federate/{INSTANCE}"
    app = {
        "id": _APP,
        "name": "amazon_aws",
        "preconfigured_app": "amazon_aws",
        "label": "Amazon Connect SAML",
        "status": "ACTIVE",
        "sign_on_mode": "SAML_2_0",
        "app_settings_json": json.dumps(settings),
        "default_relay_state": relay_state,
        "user_name_template": "${source.login}",
        "user_name_template_type": "BUILT_IN",
        "entity_key": "exk1aaaaaaaaaaaaa5d7",
        "entity_url": "http://www.okta.com/exk1aaaaaaaaaaaaa5d7",
        "http_post_binding": "https://acme.okta.com/app/amazon_aws/exk1aaaaaaaaaaaaa5d7/sso/saml",
        "metadata": _METADATA,
    }
    provider: dict[str, Any] = {
        "arn": _PROVIDER_ARN,
        "id": _PROVIDER_ARN,
        "name": "okta",
        "saml_metadata_document": _METADATA,
        "tags": None,
        "tags_all": {},
        "valid_until": "2036-01-01T00:00:00Z",
    }
    instance = {
        "arn": f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{INSTANCE}",
        "id": INSTANCE,
        "identity_management_type": "SAML",
        "inbound_calls_enabled": True,
        "outbound_calls_enabled": True,
        "instance_alias": "acme",
        "service_role": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/connect.amazonaws.com/Connect",
        "status": "ACTIVE",
    }
    arn = instance["arn"]
    agent = {
        "arn": f"{arn}/security-profile/{_AGENT}",
        "id": f"{INSTANCE}:{_AGENT}",
        "instance_id": INSTANCE,
        "name": "Agents",
        "permissions": ["BasicAgentAccess", "OutboundCallAccess"],
        "security_profile_id": _AGENT,
    }
    routing = {
        "arn": f"{arn}/routing-profile/{_ROUTING}",
        "id": f"{INSTANCE}:{_ROUTING}",
        "instance_id": INSTANCE,
        "name": "Service",
        "routing_profile_id": _ROUTING,
    }
    return [
        _resource("okta_app_saml", "amazon_connect", None, app),
        _resource("aws_iam_saml_provider", "okta", None, provider),
        _resource("aws_connect_instance", "main", None, instance),
        _resource("aws_connect_security_profile", "agents", None, agent),
        _resource("aws_connect_routing_profile", "service", None, routing),
    ]


def _role(number: int, *, loses: bool) -> dict[str, Any]:
    name = f"Role{number:04}"
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": _PROVIDER_ARN},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": [SIGN_IN] if loses else [SIGN_IN, REGIONAL_SIGN_IN]}},
            }
        ],
    }
    values = {
        "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "assume_role_policy": json.dumps(trust),
        "create_date": "2024-03-01T10:00:00Z",
        "description": "Agents of a team",
        "force_detach_policies": False,
        "id": name,
        "inline_policy": [],
        "managed_policy_arns": [],
        "max_session_duration": 43200,
        "name": name,
        "name_prefix": "",
        "path": "/",
        "permissions_boundary": "",
        "tags": {"team": str(number)},
        "tags_all": {"team": str(number), "managed-by": "terraform"},
        "unique_id": f"AROA{number:017}",
    }
    return _resource("aws_iam_role", "team", str(number), values)


def _role_policy(number: int) -> dict[str, Any]:
    name = f"Role{number:04}"
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "connect:GetFederationToken",
                "Resource": f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{INSTANCE}/user/${{aws:userid}}",
            }
        ],
    }
    values = {"id": f"{name}:connect", "name": "connect", "role": name, "policy": json.dumps(document)}
    return _resource("aws_iam_role_policy", "connect", str(number), values)


def _policy(number: int) -> list[dict[str, Any]]:
    name = f"read-{number:04}"
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    statement = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::records-{number}/*"}
    values = {
        "arn": arn,
        "id": arn,
        "name": name,
        "path": "/",
        "policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        "tags": {},
        "tags_all": {"managed-by": "terraform"},
    }
    attached = {"id": f"Role{number:04}-{number}", "policy_arn": arn, "role": f"Role{number:04}"}
    return [
        _resource("aws_iam_policy", "read", str(number), values),
        _resource("aws_iam_role_policy_attachment", "read", str(number), attached),
    ]


def _person(number: int, *, role: str) -> list[dict[str, Any]]:
    login = f"person{number:05}@example.com"
    user_id = f"00u{number:017}"
    user = {
        "id": user_id,
        "login": login,
        "email": login,
        "first_name": f"First{number}",
        "last_name": f"Last{number}",
        "status": "ACTIVE",
        "custom_profile_attributes": json.dumps({"team": str(number)}),
        "department": "Service",
        "password": None,
    }
    assignment = {
        "id": user_id,
        "app_id": _APP,
        "user_id": user_id,
        "username": login,
        "password": None,
        "profile": json.dumps({"role": role, "samlRoles": [role]}),
        "retain_assignment": False,
    }
    arn = f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{INSTANCE}"
    agent = {
        "arn": f"{arn}/agent/{number:012}",
        "id": f"{INSTANCE}:{number:012}",
        "instance_id": INSTANCE,
        "name": login,
        "identity_info": [{"email": "", "first_name": f"First{number}", "last_name": f"Last{number}"}],
        "phone_config": [{"phone_type": "SOFT_PHONE", "auto_accept": False}],
        "routing_profile_id": _ROUTING,
        "security_profile_ids": [_AGENT],
        "tags_all": {"managed-by": "terraform"},
        "user_id": f"{number:012}",
    }
    return [
        _resource("okta_user", "people", login, user),
        _resource("okta_app_user", "people", login, assignment),
        _resource("aws_connect_user", "people", login, agent),
    ]


def _bucket(number: int) -> dict[str, Any]:
    name = f"records-{number}"
    return _resource("aws_s3_bucket", "records", str(number), {"arn": f"arn:aws:s3:::{name}", "bucket": name})


def _change(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in after.items() if key not in {"values", "sensitive_values", "schema_version"}}
    actions = ["no-op"] if before["values"] == after["values"] else ["update"]
    change = {
        "actions": actions,
        "before": before["values"],
        "after": after["values"],
        "after_unknown": {},
        "before_sensitive": {},
        "after_sensitive": {},
    }
    return {**shown, "change": change}


def _configuration(resources: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = {(each["type"], each["name"]): each for each in resources}
    return {
        "provider_config": {
            "aws": {
                "name": "aws",
                "full_name": "registry.terraform.io/hashicorp/aws",
                "expressions": {"region": {"constant_value": REGION}},
            },
            "okta": {
                "name": "okta",
                "full_name": "registry.terraform.io/okta/okta",
                "expressions": {"org_name": {"constant_value": "acme"}, "base_url": {"constant_value": "okta.com"}},
            },
        },
        "root_module": {
            "resources": [
                {
                    "address": f"{kind}.{name}",
                    "mode": "managed",
                    "type": kind,
                    "name": name,
                    "provider_config_key": "okta" if kind.startswith("okta_") else "aws",
                    "expressions": {},
                    "schema_version": 0,
                }
                for kind, name in kinds
            ]
        },
    }


if __name__ == "__main__":
    sys.stdout.write(large_plan())
