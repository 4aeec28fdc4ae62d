"""Worlds filled from CloudFormation templates and from what ``aws iam get-…`` printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.diagnosis.setting_checks import contradictions
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import load_world
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, USER

WORLD = f"""
version: 1
okta:
  acme:
    users:
      {USER}: {{password: x, groups: [Agents]}}
    apps:
      {APP}:
        identity_provider_arn: arn:aws:iam::{ACCOUNT}:saml-provider/okta
        default_relay_state: https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}
        assignments: [{{group: Agents, role: Agent}}]
aws:
  "{ACCOUNT}":
    seed: [SEED]
    connect:
      {INSTANCE_ID}: {{alias: acme, region: ap-northeast-1, users: {{{USER}: {{}}}}}}
"""

TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Instance: {Type: String}
  RoleName: {Type: String, Default: Agent}
  Stage: {Type: String, Default: prod}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: !Not [{Condition: IsProd}]
Mappings:
  Limits: {prod: {Seconds: 7200}, test: {Seconds: 3600}}
Resources:
  Provider:
    Type: AWS::IAM::SAMLProvider
    Properties:
      Name: okta
      SamlMetadataDocument: METADATA
  Login:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Action: connect:GetFederationToken
            Resource: !Sub
              - "arn:${AWS::Partition}:connect:${Where}:${AWS::AccountId}:instance/${Instance}/user/${!aws:userid}"
              - {Where: ap-northeast-1}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref RoleName
      MaxSessionDuration: !FindInMap [Limits, !Ref Stage, Seconds]
      ManagedPolicyArns: [!Ref Login, arn:aws:iam::aws:policy/ReadOnlyAccess]
      Tags: [{Key: stage, Value: !If [IsProd, live, trial]}]
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Federated: !Ref Provider}
            Action: sts:AssumeRoleWithSAML
            Condition: {StringEquals: {"SAML:aud": !Join ["/", ["https:/", signin.aws.amazon.com, saml]]}}
      Policies:
        - PolicyName: more
          PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}
  NotThere:
    Type: AWS::IAM::Role
    Condition: IsTest
    Properties: {AssumeRolePolicyDocument: {}}
  Bucket: {Type: "AWS::S3::Bucket"}
"""


@pytest.fixture
def metadata(federation: Federation) -> str:
    """Returns the metadata of an app that signs with other keys than the seeded world's app."""
    return federation.identity_providers["acme"].metadata(APP).decode()


def _world(folder: Path, seed: Any) -> Path:
    path = folder / "world.yaml"
    path.write_text(WORLD.replace("[SEED]", json.dumps([seed] if not isinstance(seed, list) else seed)))
    return path


def test_a_template_is_a_set_up_that_logs_in(tmp_path: Path, metadata: str, keys: KeyFolder, clock: Clock) -> None:
    """Provider, policy and role of a template lead from the tile to the instance."""
    (tmp_path / "federation.yaml").write_text(TEMPLATE.replace("METADATA", json.dumps(metadata)))
    seed = {"file": "federation.yaml", "parameters": {"Instance": INSTANCE_ID}}
    federation = Federation(load_world(_world(tmp_path, seed)), clock=clock, ids=Ids(seed=1), keys=keys)
    account = federation.aws_services.aws.accounts[ACCOUNT]
    role = account.roles[f"arn:aws:iam::{ACCOUNT}:role/Agent"]
    assert list(account.roles) == [str(role.arn)]
    assert role.max_session_duration_seconds == 7200
    assert role.tags == (("stage", "live"),)
    assert role.attached_policies == (
        f"arn:aws:iam::{ACCOUNT}:policy/federation-Login",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    )
    assert list(role.inline_policies) == ["more"]
    assert json.loads(role.trust.text)["Statement"][0]["Condition"] == {
        "StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}
    }
    assert log_in(federation, user=USER, app=APP).lands_on == "https://acme.my.connect.aws/home"
    assert list(contradictions(federation)) == []


def test_answers_of_the_aws_cli_are_a_set_up_too(tmp_path: Path, metadata: str, keys: KeyFolder, clock: Clock) -> None:
    """One file for each call; together they make the account."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"},
                "Action": "sts:AssumeRoleWithSAML",
            }
        ],
    }
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "connect:*", "Resource": "*"}]}
    role = {"Path": "/", "RoleName": "Agent", "AssumeRolePolicyDocument": trust, "MaxSessionDuration": 43200}
    answers = {
        "okta.json": {"SAMLMetadataDocument": metadata, "ValidUntil": "2126-01-01T00:00:00+00:00"},
        "role.json": {"Role": role},
        "inline.json": {"RoleName": "Agent", "PolicyName": "inline", "PolicyDocument": allow},
        "Agent.json": {"AttachedPolicies": [{"PolicyName": "own", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/own"}]},
        "own.json": {"PolicyVersion": {"Document": allow, "VersionId": "v1", "IsDefaultVersion": True}},
    }
    for name, answer in answers.items():
        (tmp_path / name).write_text(json.dumps(answer))
    federation = Federation(load_world(_world(tmp_path, list(answers))), clock=clock, ids=Ids(seed=1), keys=keys)
    made = federation.aws_services.aws.role(f"arn:aws:iam::{ACCOUNT}:role/Agent")
    assert made is not None
    assert made.max_session_duration_seconds == 43200
    assert (list(made.inline_policies), made.attached_policies) == (
        ["inline"],
        (f"arn:aws:iam::{ACCOUNT}:policy/own",),
    )
    assert log_in(federation, user=USER, app=APP).lands_on == "https://acme.my.connect.aws/home"


def test_the_emulators_own_answer_comes_back_in(
    tmp_path: Path, metadata: str, sdk: Any, keys: KeyFolder, clock: Clock
) -> None:
    """What GetAccountAuthorizationDetails tells, as the AWS CLI prints it, makes the same roles and policies."""
    details = sdk("iam").get_account_authorization_details()
    (tmp_path / "account.json").write_text(json.dumps(details, default=str))
    (tmp_path / "okta.json").write_text(json.dumps({"SAMLMetadataDocument": metadata}))
    path = _world(tmp_path, ["account.json", "okta.json"])
    path.write_text(path.read_text().replace("role: Agent", "role: ConnectAgent"))
    federation = Federation(load_world(path), clock=clock, ids=Ids(seed=1), keys=keys)
    assert {role.name for role in federation.aws_services.aws.accounts[ACCOUNT].roles.values()} == {
        "ConnectAgent",
        "ConnectSupervisor",
    }
    assert log_in(federation, user=USER, app=APP).lands_on == "https://acme.my.connect.aws/home"


def test_the_world_goes_before_its_seeds(tmp_path: Path, metadata: str) -> None:
    """What the world file says itself is laid over the files."""
    (tmp_path / "federation.yaml").write_text(TEMPLATE.replace("METADATA", json.dumps(metadata)))
    path = _world(tmp_path, {"file": "federation.yaml", "parameters": {"Instance": "x", "Stage": "test"}})
    path.write_text(path.read_text() + "    roles: {Agent: {max_session_duration: 10800}}\n")
    account = load_world(path).settings.aws[ACCOUNT]
    assert account.roles["Agent"].max_session_duration == 10800
    assert account.roles["Agent"].tags == {"stage": "trial"}


def test_keys_of_a_template_are_text_as_they_are_written(tmp_path: Path) -> None:
    """Account ids keep their zeros, words of YAML 1.1 stay words, and short forms are long ones inside each other."""
    (tmp_path / "t.yaml").write_text(
        "Mappings: {Accounts: {012345678901: {on: first}, 123456789012: {on: second, no: 0o17}}}\n"
        "Common: &common {Path: /people/, UserName: nobody}\n"
        "Resources:\n"
        "  One: {Type: 'AWS::IAM::User', Properties: {<<: *common,"
        " UserName: !FindInMap [Accounts, !Ref AWS::AccountId, on]}}\n"
        "  Two: {Type: 'AWS::IAM::User', Properties:"
        " {UserName: !Join ['-', [!FindInMap [Accounts, '012345678901', on], !Select [0, [2012-10-17]]]]}}\n"
    )
    users = load_world(_world(tmp_path, "t.yaml")).settings.aws[ACCOUNT].users
    assert {name: user.path for name, user in users.items()} == {"second": "/people/", "first-2012-10-17": "/"}


MISTAKES: list[tuple[str, Any, str, str]] = [
    ("no such file", "none.yaml", "", "none.yaml: No such file or directory"),
    ("a seed that is none", {"file": "t.yaml", "colour": "red"}, "", "a seed has no setting colour"),
    ("another answer", "t.json", '{"Buckets": []}', "t.json: this is the output of aws s3api list-buckets"),
    ("neither YAML nor JSON", "t.json", "{", "t.json: this is neither YAML nor JSON: "),
    ("a list", "t.json", "[]", "t.json: this is an empty list"),
    (
        "a key given twice",
        "t.yaml",
        "Resources:\n  R: {}\n  R: {}\n",
        't.yaml: this is neither YAML nor JSON: found duplicate key "R": the first value would be lost (line 3)',
    ),
    (
        "two documents",
        "t.yaml",
        "Resources: {}\n---\nResources: {}\n",
        "t.yaml: this is 2 documents in one file",
    ),
    (
        "a parameter that the template has not",
        {"file": "t.yaml", "parameters": {"Stages": "prod"}},
        TEMPLATE,
        "t.yaml: the template has no parameter Stages",
    ),
    (
        "a value that is not allowed",
        {"file": "t.yaml", "parameters": {"Stage": "live"}},
        "Parameters: {Stage: {Type: String, AllowedValues: [prod, test]}}\nResources: {}\n",
        "t.yaml: the parameter Stage: live is not one of its AllowedValues",
    ),
]


@pytest.mark.parametrize(("seed", "text", "message"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_seeds_that_cannot_be_used(tmp_path: Path, seed: Any, text: str, message: str) -> None:
    """Each mistake is reported at the seed's place in the world file."""
    if text:
        name = seed if isinstance(seed, str) else seed["file"]
        (tmp_path / name).write_text(text.replace("METADATA", "x"))
    with pytest.raises(WorldError) as caught:
        load_world(_world(tmp_path, seed))
    problem = caught.value.problems[0]
    assert problem.message.startswith(message)
    assert problem.location.key == f"aws.{ACCOUNT}.seed[0]"
