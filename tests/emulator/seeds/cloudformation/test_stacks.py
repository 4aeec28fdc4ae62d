"""Several stacks, CDK's output, custom resources, and what a template leaves to others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.flow import log_in
from emulator.kernel.clock import Clock
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from tests.conftest import ACCOUNT, APP, USER
from tests.emulator.seeds.cloudformation.stacks import (
    INSTANCE,
    account,
    federation_of,
    filled,
    left_out,
    notes,
    written,
)

PROVIDER_ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
HOME = "https://acme.my.connect.aws/home"
CDK = ("cdk.out/Login.template.json", "cdk.out/Identity.template.json")


def _principal(role: Any) -> Any:
    return role.trust["Statement"][0]["Principal"]["Federated"]


def test_a_stack_imports_what_another_exports(tmp_path: Path, keys: KeyFolder, clock: Clock) -> None:
    """Whatever the export's name is made of, and in whichever order the seeds are listed."""
    world = filled(tmp_path, "people.yaml", "identity.yaml")
    role = account(world).roles["Agent"]
    assert _principal(role) == PROVIDER_ARN
    assert role.permissions_boundary == "limits"
    assert log_in(federation_of(world, keys, clock), user=USER, app=APP).lands_on == HOME


def test_imports_that_nothing_gives(tmp_path: Path) -> None:
    """An output whose condition does not hold, and a circle, leave out what needs them."""
    world = filled(tmp_path, "people.yaml", "identity.yaml")
    assert list(account(world).roles) == ["Agent", "Round"]
    assert left_out(world) == [
        "18 Resources.Trial (AWS::IAM::Role): AssumeRolePolicyDocument: no other seed exports trial-provider "
        "-> Set imports: {trial-provider: …} of the seed.",
        (
            "25 Resources.Round (AWS::IAM::Role): Description: the value that identity exports as "
            "identity-round is unknown: the value that people exports as people-round is unknown: the "
            "export identity-round refers to itself -> Set imports: {identity-round: …} of the seed."
        ),
    ]


def test_imports_may_be_given(tmp_path: Path, keys: KeyFolder, clock: Clock) -> None:
    """No seed exports them; a boundary is needed, so the role that has one is left out."""
    imports = {"identity-live-provider": PROVIDER_ARN, "identity:limits": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}
    world = filled(tmp_path, {"file": "people.yaml", "imports": imports})
    assert account(world).roles["Agent"].permissions_boundary == "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    assert log_in(federation_of(world, keys, clock), user=USER, app=APP).outcome.value == "refused"
    world = filled(tmp_path, {"file": "people.yaml", "imports": {"identity-live-provider": PROVIDER_ARN}})
    assert "Agent" not in account(world).roles
    assert left_out(world)[0] == (
        "6 Resources.Agent (AWS::IAM::Role): PermissionsBoundary: no other seed exports identity:limits "
        '-> Set imports: {"identity:limits": …} of the seed.'
    )


def test_an_export_is_of_one_region(tmp_path: Path) -> None:
    """As at AWS; the reason says where it is."""
    world = filled(tmp_path, {"file": "people.yaml", "region": "eu-west-1"}, "identity.yaml")
    assert left_out(world)[0] == (
        "8 Resources.Agent (AWS::IAM::Role): AssumeRolePolicyDocument: no other seed exports identity-live-provider "
        "in eu-west-1, but one in us-east-1 does -> Set imports: {identity-live-provider: …} of the seed."
    )


def test_the_exports_of_an_account_may_be_listed(tmp_path: Path) -> None:
    """What ``aws cloudformation list-exports`` prints represents the stacks."""
    exports = [
        {"ExportingStackId": "arn:aws:cloudformation:x", "Name": "identity-live-provider", "Value": PROVIDER_ARN},
        {"ExportingStackId": "arn:aws:cloudformation:x", "Name": "identity:limits", "Value": "limits"},
    ]
    (tmp_path / "exports.json").write_text(json.dumps({"Exports": exports}), encoding="utf-8")
    (tmp_path / "limits.yaml").write_text(
        "Resources: {L: {Type: 'AWS::IAM::ManagedPolicy', Properties: {ManagedPolicyName: limits, PolicyDocument:"
        " {Version: '2012-10-17', Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}}}}",
        encoding="utf-8",
    )
    filled(tmp_path, "people.yaml")
    world = written(tmp_path, ["exports.json", "people.yaml", "limits.yaml"])
    assert world.seeds[0].kind == "aws cloudformation list-exports"
    assert _principal(account(world).roles["Agent"]) == PROVIDER_ARN
    assert account(world).roles["Agent"].permissions_boundary == "limits"


def test_what_cdk_writes_logs_in(tmp_path: Path, metadata: str, keys: KeyFolder, clock: Clock) -> None:
    """Two stacks of an app, with the exports between them, its own resources and ARNs that are joined."""
    world = filled(tmp_path, *CDK, more=INSTANCE, metadata=metadata)
    role = account(world).roles["Agent"]
    assert _principal(role) == PROVIDER_ARN
    assert role.policies == ["arn:aws:iam::aws:policy/ReadOnlyAccess", "Login-Browse5E6F7081"]
    policy = role.inline_policies["AgentRoleDefaultPolicy92A3B4C5"]
    assert isinstance(policy, dict)
    key_id = policy["Statement"][2]["Resource"].rpartition("/")[2]
    assert [each["Resource"] for each in policy["Statement"]] == [
        f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/12345678-90ab-cdef-1234-567890abcdef/user/${{aws:userid}}",
        ["arn:aws:s3:::identity-recordings55667788", "arn:aws:s3:::identity-recordings55667788/*"],
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key_id}",
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:Login-Logs6819BB44:*",
    ]
    assert left_out(world) == [
        "120 Resources.AgentRoleDefaultPolicy92A3B4C5 (AWS::IAM::Policy), Statement[4]: it is left out, because "
        "only AWS knows the value of Network8378BB01.VpcArn (AWS::EC2::VPC) -> Set values: "
        "{Network8378BB01.VpcArn: …} of the seed.",
        "2 4 other resources: not used for federation: AWS::KMS::Key (1), AWS::Logs::LogGroup (1), "
        "AWS::EC2::VPC (1), AWS::CDK::Metadata (1)",
    ]
    assert notes(world) == [
        "2 generated names: CloudFormation adds random characters to these names, which are unknown here: "
        "Login-Browse5E6F7081, Login-Logs6819BB44 -> Set values: {Browse5E6F7081: …} of the seed.",
        "2 generated ids: only AWS knows the ids in their ARNs, so they are generated here: Key961B73FD",
    ]
    assert log_in(federation_of(world, keys, clock), user=USER, app=APP).lands_on == HOME


def test_places_are_called_as_cdks_program_does(tmp_path: Path) -> None:
    """Beside the logical id, which has a hash at its end."""
    world = filled(tmp_path, *CDK)
    key = ("aws", ACCOUNT, "roles", "Agent", "inline_policies", "AgentRoleDefaultPolicy92A3B4C5", "Statement", 0)
    said = world.document.said(key)
    assert said.text == "CloudFormation resource AgentRoleDefaultPolicy92A3B4C5 (Login/AgentRole/DefaultPolicy)"
    assert said.location.line == 54


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("cdk.out/manifest.json", "CDK's manifest.json"),
        ("cdk.out/tree.json", "CDK's tree.json"),
        ("cdk.out/Login.assets.json", "CDK's list of assets"),
    ],
)
def test_what_cdk_writes_beside_its_templates(tmp_path: Path, name: str, what: str) -> None:
    """It is refused by its name, with what to give instead."""
    with pytest.raises(WorldError) as caught:
        filled(tmp_path, name)
    (problem,) = caught.value.problems
    assert problem.message == f"{name}: this is {what}"
    assert problem.expected == "the templates next to it: cdk.out/*.template.json"


GET_TEMPLATE = "the stack's template: aws cloudformation get-template --stack-name NAME"
OTHERS: list[tuple[str, Any, str]] = [
    ("aws cloudformation describe-stacks", {"Stacks": [{"StackName": "x", "StackId": "y"}]}, GET_TEMPLATE),
    (
        "aws cloudformation describe-stack-resources",
        {"StackResources": [{"LogicalResourceId": "x", "StackName": "y"}]},
        GET_TEMPLATE,
    ),
    (
        "aws cloudformation list-stack-resources",
        {"StackResourceSummaries": [{"LogicalResourceId": "x"}]},
        GET_TEMPLATE,
    ),
]


@pytest.mark.parametrize(("command", "answer", "instead"), OTHERS, ids=[row[0] for row in OTHERS])
def test_answers_that_are_no_template(tmp_path: Path, command: str, answer: Any, instead: str) -> None:
    """They name the command that prints one."""
    (tmp_path / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    with pytest.raises(WorldError) as caught:
        written(tmp_path, ["answer.json"])
    (problem,) = caught.value.problems
    assert (problem.message, problem.expected) == (f"answer.json: this is the output of {command}", instead)


FILES: list[tuple[str, str]] = [
    ('[{"ParameterKey": "Stage", "ParameterValue": "prod"}]', "this is a template's parameter file"),
    ('{"Parameters": {"Stage": "prod"}}', "this is a template's parameter file"),
    ('{"app": "npx ts-node bin/app.ts", "context": {}}', "this is CDK's cdk.json"),
    ("AWSTemplateFormatVersion: 2010-09-09\nDescription: empty\n", "this is a template without Resources"),
    ("Parameters: {}\nResources: many\n", "this is a template without Resources"),
    ("service: desk\nprovider: {name: aws, runtime: python3.12}\n", "this is a Serverless Framework service"),
    ('{"TemplateBody": "no template"}', "the template in it has no Resources"),
]


@pytest.mark.parametrize(("text", "message"), FILES)
def test_files_beside_templates(tmp_path: Path, text: str, message: str) -> None:
    """Each is called what it is."""
    (tmp_path / "f.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(WorldError) as caught:
        written(tmp_path, ["f.yaml"])
    assert caught.value.problems[0].message == f"f.yaml: {message}"


@pytest.mark.parametrize("as_text", [True, False])
def test_what_get_template_prints_is_a_template(tmp_path: Path, as_text: bool) -> None:
    """A template in YAML is text in it, and one in JSON an object; its places are in the answer."""
    template = (
        "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: Agent\n"
        f"      AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{Federated: {PROVIDER_ARN!r}}},"
        " Action: 'sts:AssumeRoleWithSAML'}]}\n"
    )
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Federated": PROVIDER_ARN}, "Action": "sts:*"}]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "Agent", "AssumeRolePolicyDocument": trust}}
    body = template if as_text else {"Resources": {"R": role}}
    answer = {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}
    (tmp_path / "answer.json").write_text(json.dumps(answer, indent=1), encoding="utf-8")
    world = written(tmp_path, ["answer.json"])
    assert _principal(account(world).roles["Agent"]) == PROVIDER_ARN
    said = world.document.said(("aws", ACCOUNT, "roles", "Agent", "trust"))
    assert said.location.line == (2 if as_text else 8)
    assert said.key is not None
    assert said.key[:4] == ("TemplateBody", "Resources", "R", "Properties")


def test_custom_resources_are_reported(tmp_path: Path) -> None:
    """With the value that is asked for, and how to give it."""
    world = filled(tmp_path, "custom-provider.yaml")
    assert account(world).roles == {}
    assert left_out(world) == [
        (
            "14 Resources.Agent (AWS::IAM::Role): AssumeRolePolicyDocument: only the custom resource's provider knows "
            "the value of Idp.ProviderArn (Custom::IdentityProvider) -> Set values: {Idp.ProviderArn: …} of the seed."
        ),
        "2 Resources.Idp (Custom::IdentityProvider): only the custom resource's provider knows what it creates "
        "-> Set values: {Idp.ProviderArn: …} of the seed.",
        "5 Resources.Desk (AWS::CloudFormation::CustomResource): only the custom resource's provider knows what it "
        "creates "
        "-> Set values: {Desk: …} of the seed.",
        "9 Resources.Trail (Example::Audit::Trail): only the custom resource's provider knows what it creates "
        "-> Set values: {Trail: …} of the seed.",
        "1 1 other resource: not used for federation: AWS::Lambda::Function (1)",
    ]


def test_the_values_of_custom_resources_may_be_given(tmp_path: Path, keys: KeyFolder, clock: Clock) -> None:
    """A provider that a custom resource makes, which the world has, is trusted; an Allow needs its value too."""
    seed = {"file": "custom-provider.yaml", "values": {"Idp.ProviderArn": PROVIDER_ARN}}
    world = filled(tmp_path, seed)
    role = account(world).roles["Agent"]
    assert _principal(role) == PROVIDER_ARN
    policy = role.inline_policies["connect"]
    assert isinstance(policy, dict)
    assert [each["Action"] for each in policy["Statement"]] == ["lambda:InvokeFunction"]
    assert left_out(world)[0] == (
        "25 Resources.Agent (AWS::IAM::Role), Statement[0]: it is left out, because only the custom resource's "
        "provider "
        "knows the value of Desk.InstanceArn (AWS::CloudFormation::CustomResource) -> Set values: "
        "{Desk.InstanceArn: …} of the seed."
    )
    assert log_in(federation_of(world, keys, clock), user=USER, app=APP).outcome.value == "refused"
    instance = f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/12345678-90ab-cdef-1234-567890abcdef"
    seed["values"] = {"Idp.ProviderArn": PROVIDER_ARN, "Desk.InstanceArn": instance}
    world = filled(tmp_path, seed)
    assert log_in(federation_of(world, keys, clock), user=USER, app=APP).lands_on == HOME


def test_what_others_make_is_named_once(tmp_path: Path) -> None:
    """Transforms, nested stacks, products, modules and organizations; the rest is counted."""
    world = filled(tmp_path, "transforms.yaml")
    assert list(account(world).roles) == ["Agent"]
    processed = "Use the output of aws cloudformation get-template --template-stage Processed instead."
    transform = "only AWS knows what a transform adds to the template"
    trust = "(AWS::IAM::Role): AssumeRolePolicyDocument:"
    assert left_out(world) == [
        f"14 Resources.Included {trust} only AWS knows the result of Fn::Transform",
        f"20 Resources.NestedArn {trust} only AWS knows the value of Network.Outputs.ProviderArn "
        "(AWS::CloudFormation::Stack) "
        "-> Set values: {Network.Outputs.ProviderArn: …} of the seed.",
        f"1 Transform AWS::Serverless-2016-10-31: {transform} -> {processed}",
        f"1 Transform Team-Macro: {transform} -> {processed}",
        f"1 Transform AWS::Include: {transform} -> Replace it with what it includes.",
        "3 AWS::Serverless::Function (Hello): the roles that the transform creates for it are not in the template "
        f"-> {processed}",
        (
            "5 AWS::CloudFormation::Stack (Network): what a nested stack creates is in its own template "
            "-> List its template as a seed too, and set its outputs by values: {NAME.Outputs.OUTPUT: …}."
        ),
        (
            "6 AWS::CloudFormation::StackSet (Everywhere): what it creates is in other stacks -> List "
            "its template as a seed of each account."
        ),
        (
            "7 AWS::ServiceCatalog::CloudFormationProvisionedProduct (Product): what a product creates "
            "is in its own template -> List its template as a seed too."
        ),
        (
            "8 AWS::Organizations::Policy (Guard): an organization's accounts and policies are not read "
            "from templates -> Set organization of the account in the world file."
        ),
        "9 Example::Login::Role::MODULE (Shared): what a module creates is in the account's registry",
        "2 4 other resources: not used for federation: AWS::S3::Bucket (2), AWS::Serverless::Function (1), "
        "AWS::SNS::Topic (1)",
    ]


def test_junk_is_reported_in_plain_words(tmp_path: Path) -> None:
    """Whatever is where something else belongs leaves out that alone, and no Python is in any message."""
    world = filled(tmp_path, "junk.yaml")
    assert list(account(world).roles) == ["OddDuration"]
    assert list(account(world).users) == ["odd-items"]
    messages = left_out(world)
    assert len(messages) == 36
    for word in ("None", "{'", "['", "dict", "Traceback", "<class", "object at"):
        assert not [message for message in messages if word in message]
    assert [message for message in messages if "Resources.Odd" in message][:6] == [
        "31 Resources.OddProvider (AWS::IAM::SAMLProvider): SamlMetadataDocument: a mapping is used where a string "
        "is expected",
        "32 Resources.OddMode (AWS::IAM::SAMLProvider): AssertionEncryptionMode: it is neither Allowed nor Required",
        "23 Resources.OddDuration (AWS::IAM::Role): MaxSessionDuration: it is not a whole number of seconds",
        "24 Resources.OddCondition (AWS::IAM::Role): RoleName: a condition is not one of Fn::Equals, Fn::Not, Fn::And, "
        "Fn::Or or Condition",
        "25 Resources.OddFunctions (AWS::IAM::Role): RoleName: Fn::Select has arguments that it cannot use",
        "26 Resources.OddSub (AWS::IAM::Role): RoleName: Fn::Sub has arguments that it cannot use",
    ]
