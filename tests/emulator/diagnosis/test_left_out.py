"""A login that fails for lack of what was left out of a seed says so: no file of the world decides it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.cli import main
from tests.conftest import ACCOUNT, PROVIDER_ARN

INSTANCE = "12345678-90ab-cdef-1234-567890abcdef"
FEDERATE = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE}?destination=/ccp-v2"
WORLD = f"""version: 1
okta:
  acme:
    users: {{hanako@example.com: {{}}}}
    apps:
      aws:
        identity_provider_arn: {PROVIDER_ARN}
        default_relay_state: {FEDERATE}
        assignments: [{{user: hanako@example.com, saml_user_roles: [Clerk]}}]
aws:
  "{ACCOUNT}":
    seed: [roles.json, login.json, Clerk.json]
    saml_providers: {{okta: {{metadata: {{okta_app: acme/aws}}}}}}
    connect:
      {INSTANCE}: {{alias: acme, region: ap-northeast-1, users: {{hanako@example.com: {{}}}}}}
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER_ARN},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        }
    ],
}
ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "connect:GetFederationToken", "Resource": "*"}],
}


def test_a_policy_that_no_file_has_is_the_cause_and_nothing_is_tried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may deny the login, so that the role's other policy decides nothing; given, the login arrives."""
    role = {"RoleName": "Clerk", "Arn": f"arn:aws:iam::{ACCOUNT}:role/Clerk", "AssumeRolePolicyDocument": TRUST}
    desk = {"PolicyName": "desk", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/desk"}
    files = {
        "roles.json": {"Roles": [role]},
        "login.json": {"RoleName": "Clerk", "PolicyName": "login", "PolicyDocument": ALLOW},
        "Clerk.json": {"AttachedPolicies": [desk]},
    }
    for name, data in files.items():
        (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
    world = tmp_path / "world.yaml"
    world.write_text(WORLD, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["login", "hanako@example.com", "aws", "--world", str(world), "--json"])
    assert ended.value.code == 1
    told = json.loads(capsys.readouterr().out)["refusal"]
    assert told["check"] == "get-federation-token"
    assert told["why"] == (
        "What the role's policies allow is not known: one that is attached to it is in no file, and may deny it."
    )
    assert told["cause"].startswith(f"policy desk of role Clerk was left out of {tmp_path}/Clerk.json:1: ")
    assert [(each["file"], each["line"]) for each in told["from"]] == [(f"{tmp_path}/Clerk.json", 1)]
    fix = (
        "Add the output of aws iam get-account-authorization-details to the seeds, or that of get-policy-version "
        "as desk.json."
    )
    assert [(each["title"], each["tried"]) for each in told["fixes"]] == [(fix, False)]
    version = {"PolicyVersion": {"Document": ALLOW, "VersionId": "v1", "IsDefaultVersion": True}}
    (tmp_path / "desk.json").write_text(json.dumps(version), encoding="utf-8")
    world.write_text(WORLD.replace("Clerk.json]", "Clerk.json, desk.json]"), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["login", "hanako@example.com", "aws", "--world", str(world)])
    assert ended.value.code == 0
