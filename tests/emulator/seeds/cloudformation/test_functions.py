"""Parameters, conditions and functions of templates, as what they make of a role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.flow import log_in
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from tests.conftest import ACCOUNT, APP, USER
from tests.emulator.seeds.cloudformation.stacks import account, federation_of, filled, left_out, notes, written

ATTACHED = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonConnect_FullAccess"]
AUDIENCES = ["https://signin.aws.amazon.com/saml", "https://eu-west-1.signin.aws.amazon.com/saml"]


def test_lists_are_lists(tmp_path: Path, keys: KeyFolder, clock: Clock) -> None:
    """Parameters that are lists, by their defaults and by the seed, and every function that makes or takes one."""
    seed = {
        "file": "lists.yaml",
        "region": "eu-west-1",
        "stack_name": "desk",
        "parameters": {"Attached": ", ".join(ATTACHED), "Label": "blue", "Note": "Other"},
    }
    world = filled(tmp_path, seed, role="Desk-Agents")
    role = account(world).roles["Desk-Agents"]
    assert role.policies == ATTACHED
    assert role.max_session_duration == 7200
    assert role.description == "Everybody of desk in eu-west-1, ${kept}, 2 audiences, eu-west-1a, 10.0.1.0/24"
    assert role.tags == {"stack": "aGVsbG8=", "said": '{"a":[1,"live"]}', "label": "blue", "far": "yes"}
    assert role.trust == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": AUDIENCES}},
            }
        ],
    }
    assert notes(world) == []
    federation = federation_of(world, keys, clock)
    assert log_in(federation, user=USER, app=APP).lands_on == "https://acme.my.connect.aws/home"


def test_a_parameter_without_a_value_leaves_out_what_uses_it(tmp_path: Path) -> None:
    """The world loads, and each user of it is named with how to give the value."""
    world = filled(tmp_path, "lists.yaml")
    assert list(account(world).roles) == ["Desk-Agents"]
    assert account(world).roles["Desk-Agents"].tags == {"stack": "aGVsbG8=", "said": '{"a":[1,"live"]}'}
    assert account(world).roles["Desk-Agents"].policies == []
    desk = "Resources.Desk (AWS::IAM::Role): "
    assert left_out(world) == [
        f"30 {desk}ManagedPolicyArns: the parameter Attached has no default -> Set parameters: {{Attached: …}} of "
        "the seed.",
        (
            f"34 {desk}Tags[2]: the parameter Label comes from Systems Manager, whose values only the "
            "account knows -> Set parameters: {Label: …} of the seed."
        ),
        f"36 {desk}Tags[3]: the parameter Note has no default -> Set parameters: {{Note: …}} of the seed.",
        "47 Resources.Nobody (AWS::IAM::Role): RoleName: the parameter Note has no default "
        "-> Set parameters: {Note: …} of the seed.",
    ]


def test_no_value_is_as_if_it_were_not_there(tmp_path: Path, metadata: str) -> None:
    """In names, which CloudFormation generates then, in lists, in documents and as a whole property."""
    world = filled(tmp_path, {"file": "no-value.yaml", "stack_name": "desk"}, metadata=metadata)
    (provider, _), role = account(world).saml_providers, account(world).roles["desk-Agent"]
    assert provider == "desk-Idp"
    assert role.permissions_boundary is None
    assert role.policies == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    assert list(role.inline_policies) == ["connect"]
    assert isinstance(role.trust, dict)
    (statement,) = role.trust["Statement"]
    assert statement["Principal"] == {"Federated": [f"arn:aws:iam::{ACCOUNT}:saml-provider/desk-Idp"]}
    assert statement["Condition"] == {"StringEquals": {"SAML:aud": AUDIENCES[0]}}
    assert left_out(world) == []
    assert notes(world) == [
        "7 generated names: CloudFormation adds random characters to these names, which are unknown here: "
        "desk-Idp, desk-Agent -> Set values: {Idp: …} of the seed."
    ]


def test_generated_names_may_be_given(tmp_path: Path, metadata: str) -> None:
    """As the physical ids that CloudFormation shows: an ARN of what ``Ref`` gives the ARN of, or else a name."""
    values = {"Idp": f"arn:aws:iam::{ACCOUNT}:saml-provider/desk-Idp-1A2B3C4D5E6F", "Agent": "desk-Agent-6F5E4D3C2B1A"}
    world = filled(tmp_path, {"file": "no-value.yaml", "values": values}, metadata=metadata)
    assert list(account(world).saml_providers) == ["desk-Idp-1A2B3C4D5E6F", "okta"]
    role = account(world).roles["desk-Agent-6F5E4D3C2B1A"]
    assert isinstance(role.trust, dict)
    assert role.trust["Statement"][0]["Principal"] == {"Federated": [values["Idp"]]}
    assert notes(world) == []


def test_what_a_condition_gives_is_there(tmp_path: Path) -> None:
    """The other branches of the same template."""
    seed = {"file": "no-value.yaml", "parameters": {"Name": "okta", "Boundary": ATTACHED[0]}}
    role = account(filled(tmp_path, seed)).roles["okta"]
    assert role.permissions_boundary == ATTACHED[0]
    assert role.policies == ["arn:aws:iam::aws:policy/PowerUserAccess", ATTACHED[0]]
    assert role.inline_policies == {}
    assert isinstance(role.trust, dict)
    assert "Condition" not in role.trust["Statement"][0]


PLACES: list[tuple[tuple[str | int, ...], int, str]] = [
    (("saml_providers", "desk-Idp", "metadata"), 12, "Idp.Properties.SamlMetadataDocument"),
    (("roles", "desk-Agent", "policies", 0), 20, "Agent.Properties.ManagedPolicyArns[0]"),
    (
        ("roles", "desk-Agent", "inline_policies", "connect", "Statement", 0, "Action"),
        31,
        "Agent.Properties.Policies[0].PolicyDocument.Statement[0].Action",
    ),
    (
        ("roles", "desk-Agent", "trust", "Statement", 0, "Principal", "Federated", 0),
        38,
        "Agent.Properties.AssumeRolePolicyDocument.Statement[0].Principal.Federated[0]",
    ),
    (
        ("roles", "desk-Agent", "trust", "Statement", 0, "Condition", "StringEquals", "SAML:aud"),
        43,
        "Agent.Properties.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals.SAML:aud",
    ),
]


@pytest.mark.parametrize(("key", "line", "shown"), PLACES)
def test_places_lead_through_conditions(
    tmp_path: Path, metadata: str, key: tuple[str | int, ...], line: int, shown: str
) -> None:
    """A value's line is that of the branch which is taken, whatever is not there before it."""
    world = filled(tmp_path, {"file": "no-value.yaml", "stack_name": "desk"}, metadata=metadata)
    said = world.document.said(("aws", ACCOUNT, *key))
    assert (said.location.line, said.location.key) == (line, shown)
    assert said.text == f"CloudFormation resource {shown.partition('.')[0]}"


def test_the_keys_of_a_place_are_those_that_are_written(tmp_path: Path) -> None:
    """What corrects a template follows them."""
    world = filled(tmp_path, {"file": "no-value.yaml", "stack_name": "desk"})
    key = ("aws", ACCOUNT, "roles", "desk-Agent", "trust", "Statement", 0, "Condition", "StringEquals")
    properties = ("Resources", "Agent", "Properties")
    statement = (*properties, "AssumeRolePolicyDocument", "Statement", 1)
    assert world.document.said(key).key == (*statement, "Condition", "Fn::If", 2, "StringEquals")
    inline = ("aws", ACCOUNT, "roles", "desk-Agent", "inline_policies", "connect", "Statement", 0)
    policy = (*properties, "Policies", "Fn::If", 2, 1, "PolicyDocument")
    assert world.document.said(inline).key == (*policy, "Statement", 1)


def test_a_loop_stands_for_several(tmp_path: Path, keys: KeyFolder, clock: Clock) -> None:
    """Each value makes a resource, whose place is what the loop repeats."""
    world = filled(tmp_path, "loops.yaml", role="Back-Office-Agent")
    roles = account(world).roles
    assert {name: role.description for name, role in roles.items()} == {
        "Desk-Agent": "Desk",
        "Back-Office-Agent": "Back-Office",
    }
    key = ("aws", ACCOUNT, "roles", "Back-Office-Agent", "trust", "Statement", 0, "Action")
    said = world.document.said(key)
    assert said.location.line == 19
    assert said.key is not None
    assert said.key[:5] == ("Resources", "Fn::ForEach::Roles", 2, "&{Team}Role", "Properties")
    assert left_out(world) == [
        "21 Resources.Fn::ForEach::Others: the parameter More has no default -> Set parameters: {More: …} of the seed."
    ]
    federation = federation_of(world, keys, clock)
    assert log_in(federation, user=USER, app=APP).lands_on == "https://acme.my.connect.aws/home"


ROLE = """Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      RoleName: R
      Description: TEXT
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [ALLOW]}
  File: {Type: "AWS::S3::Bucket", Properties: {BucketName: files}}
  Table: {Type: "AWS::DynamoDB::Table", Properties: {TableName: calls}}
  Topic: {Type: "AWS::SNS::Topic", Properties: {TopicName: news}}
  Queue: {Type: "AWS::SQS::Queue", Properties: {QueueName: mail.fifo}}
  Function: {Type: "AWS::Lambda::Function", Properties: {FunctionName: hello}}
  Log: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: /desk/log}}
  Secret: {Type: "AWS::SecretsManager::Secret", Properties: {Name: desk/key}}
  Parameter: {Type: "AWS::SSM::Parameter", Properties: {Name: /desk/aud, Type: String, Value: !Sub "urn:${File}"}}
  Cluster: {Type: "AWS::EKS::Cluster", Properties: {Name: k}}
  Machine: {Type: "AWS::StepFunctions::StateMachine", Properties: {StateMachineName: m}}
  Database: {Type: "AWS::RDS::DBInstance", Properties: {DBInstanceIdentifier: d}}
  Api: {Type: "AWS::ApiGateway::RestApi", Properties: {Name: a}}
  Oidc: {Type: "AWS::IAM::OIDCProvider", Properties: {Url: "https://token.example.com/x"}}
  Vpc: {Type: "AWS::EC2::VPC"}
""".replace("ALLOW", '{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}')
VALUES: list[tuple[str, str]] = [
    ("!GetAtt File.Arn", "arn:aws:s3:::files"),
    ("!GetAtt [File, DomainName]", "files.s3.amazonaws.com"),
    ("!Ref File", "files"),
    ("!GetAtt Table.Arn", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/calls"),
    ("!Ref Topic", f"arn:aws:sns:eu-west-1:{ACCOUNT}:news"),
    ("!GetAtt Topic.TopicName", "news"),
    ("!GetAtt Queue.Arn", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:mail.fifo"),
    ("!GetAtt Function.Arn", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:hello"),
    ("!GetAtt Log.Arn", f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/desk/log:*"),
    ("!Ref Secret", f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:desk/key-??????"),
    ("!GetAtt Parameter.Arn", f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/desk/aud"),
    ("!GetAtt Parameter.Value", "urn:files"),
    ("!GetAtt Cluster.Arn", f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/k"),
    ("!Ref Machine", f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:m"),
    ("!GetAtt Database.DBInstanceArn", f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:d"),
    ("!GetAtt Oidc.Arn", f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com/x"),
    ("!Sub '${AWS::URLSuffix} ${AWS::Partition} ${AWS::StackName}'", "amazonaws.com aws t"),
    ("!Sub '${!aws:PrincipalTag/team} ${ File }'", "${aws:PrincipalTag/team} files"),
    ("!Join [',', !Ref AWS::NotificationARNs]", ""),
    ("!Select ['1', !Split ['/', 'a/b']]", "b"),
    ("'{{resolve:ssm:/desk/label}}'", "blue"),
    ("!Sub 'label {{resolve:ssm:/desk/label}}'", "label blue"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_what_functions_and_references_stand_for(tmp_path: Path, text: str, value: str) -> None:
    """Pseudo parameters, ARNs of services that are not emulated, and dynamic references that the seed gives."""
    (tmp_path / "t.yaml").write_text(ROLE.replace("TEXT", text), encoding="utf-8")
    seed = {"file": "t.yaml", "region": "eu-west-1", "values": {"{{resolve:ssm:/desk/label}}": "blue"}}
    assert account(written(tmp_path, [seed])).roles["R"].description == value


REASONS: list[tuple[str, str]] = [
    ("!Ref Vpc", "only AWS knows the value of Vpc (AWS::EC2::VPC) -> Set values: {Vpc: …} of the seed."),
    (
        "!GetAtt File.Owner",
        "only AWS knows the value of File.Owner (AWS::S3::Bucket) -> Set values: {File.Owner: …} of the seed.",
    ),
    ("!Ref Queue", "only AWS knows the value of Queue (AWS::SQS::Queue) -> Set values: {Queue: …} of the seed."),
    ("!Ref Nobody", "the template has no resource or parameter Nobody"),
    ("!Select [9, [a]]", "Fn::Select has arguments that it cannot use"),
    ("!Sub [a]", "Fn::Sub has arguments that it cannot use"),
    ("!Sub '${a/b}'", "the template has no resource or parameter a/b"),
    ("!FindInMap [a, b, c]", "the mapping a has no value for b and c"),
    ("!If [Nothing, a, b]", "the template has no condition Nothing"),
    ("!ImportValue x", "no other seed exports x -> Set imports: {x: …} of the seed."),
    ("!Transform {Name: Upper}", "only AWS knows the result of Fn::Transform"),
    (
        "'{{resolve:secretsmanager:desk}}'",
        "only the account knows the value of {{resolve:secretsmanager:desk}} "
        '-> Set values: {"{{resolve:secretsmanager:desk}}": …} of the seed.',
    ),
]


@pytest.mark.parametrize(("text", "reason"), REASONS)
def test_what_is_not_known_is_reported(tmp_path: Path, text: str, reason: str) -> None:
    """A description is left out, and nothing else."""
    (tmp_path / "t.yaml").write_text(ROLE.replace("TEXT", text), encoding="utf-8")
    world = written(tmp_path, ["t.yaml"])
    assert account(world).roles["R"].description == ""
    assert left_out(world)[0] == f"6 Resources.R (AWS::IAM::Role): Description: {reason}"


def test_conditions_that_go_in_a_circle(tmp_path: Path) -> None:
    """They are reported at the resource that asks for one."""
    (tmp_path / "t.yaml").write_text(
        "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\n" + ROLE.replace("TEXT", "!If [A, x, y]"),
        encoding="utf-8",
    )
    assert left_out(written(tmp_path, ["t.yaml"]))[0] == (
        "7 Resources.R (AWS::IAM::Role): Description: the condition A refers to itself"
    )


PARAMETERS: list[tuple[str, Any]] = [
    ("{Type: Number, Default: 7}", "7"),
    ("{Type: String, Default: true}", "true"),
    ("{Type: 'AWS::EC2::KeyPair::KeyName', Default: k}", "k"),
    ("{Type: String, Default: 012345678901}", "012345678901"),
]


@pytest.mark.parametrize(("definition", "value"), PARAMETERS)
def test_defaults_are_texts(tmp_path: Path, definition: str, value: str) -> None:
    """Numbers and truth values too, as CloudFormation takes them."""
    text = f"Parameters: {{P: {definition}}}\n" + ROLE.replace("TEXT", "!Ref P")
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")
    assert account(written(tmp_path, ["t.yaml"])).roles["R"].description == value
