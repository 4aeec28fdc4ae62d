"""Which file says each value of a world: the world itself, a seed, or a scenario's changes, with the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import WorldError
from emulator.scenarios.scenario_file import find_scenarios
from emulator.world import World, change_world, load_world
from emulator.worldfile.text.yaml_data import Key

ACCOUNT = "777788889999"
HERE: Key = ("aws", ACCOUNT)

WORLD = f"""version: 1
aws:
  "{ACCOUNT}":
    seed:
      - {{file: stack.yaml, parameters: {{Stage: live}}}}
      - exports/reader.json
      - exports/everything.json
    roles:
      Clerk:
        max_session_duration: 7200
        policies: [arn:aws:iam::aws:policy/job-function/ViewOnlyAccess]
    policies:
      of-the-world: {{Version: "2012-10-17", Statement: [{{Effect: Allow, Action: "s3:*", Resource: "*"}}]}}
"""

STACK = """Parameters:
  Stage: {Type: String}
Conditions:
  IsLive: !Equals [!Ref Stage, live]
Resources:
  Entrance:
    Type: AWS::IAM::SAMLProvider
    Properties:
      Name: corp
      SamlMetadataDocument: METADATA
  Desk:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: desk
      Roles: [Clerk]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: connect:GetFederationToken
            Resource: "*"
  ClerkRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: Clerk
      Description: at the desk
      MaxSessionDuration: 3600
      ManagedPolicyArns:
        - !If [IsLive, !Ref AWS::NoValue, arn:aws:iam::aws:policy/AdministratorAccess]
        - arn:aws:iam::aws:policy/ReadOnlyAccess
      Tags:
        - Key: stage
          Value: !Ref Stage
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Fn::If:
              - IsLive
              - Sid: FromTheEntrance
                Effect: Allow
                Principal: {Federated: !Ref Entrance}
                Action: sts:AssumeRoleWithSAML
                Condition:
                  StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}
              - !Ref AWS::NoValue
      Policies:
        - PolicyName: more
          PolicyDocument:
            Version: "2012-10-17"
            Statement: !If
              - IsLive
              - - Effect: Deny
                  Action: "s3:*"
                  Resource: "*"
              - []
  Later:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: later
      Roles: [Clerk]
      PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:*", Resource: "*"}]}
"""

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"},
            "Action": "sts:AssumeRoleWithSAML",
        }
    ],
}
READER = {"Role": {"Path": "/", "RoleName": "Reader", "AssumeRolePolicyDocument": TRUST, "MaxSessionDuration": 3600}}
EVERYTHING = {
    "UserDetailList": [{"Path": "/staff/", "UserName": "ada"}],
    "RoleDetailList": [
        {
            "RoleName": "Auditor",
            "AssumeRolePolicyDocument": TRUST,
            "RolePolicyList": [{"PolicyName": "audit", "PolicyDocument": TRUST}],
            "AttachedManagedPolicies": [{"PolicyName": "desk", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/desk"}],
            "Tags": [{"Key": "team", "Value": "audit"}],
        }
    ],
    "Policies": [],
}
EXPORTED = "printed by aws iam get-account-authorization-details"


def _line(text: str, words: str) -> int:
    """Returns the line in which words are, of which there is one."""
    (line,) = [number for number, each in enumerate(text.splitlines(), 1) if words in each]
    return line


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, federation: Federation) -> World:
    """Returns a world that three seeds fill, read from the folder that it is in."""
    monkeypatch.chdir(tmp_path)
    metadata = json.dumps(federation.identity_providers["acme"].metadata("amazon-connect").decode())
    (tmp_path / "exports").mkdir()
    (tmp_path / "stack.yaml").write_text(STACK.replace("METADATA", metadata), encoding="utf-8")
    (tmp_path / "exports" / "reader.json").write_text(json.dumps(READER, indent=4), encoding="utf-8")
    (tmp_path / "exports" / "everything.json").write_text(json.dumps(EVERYTHING, indent="\t"), encoding="utf-8")
    (tmp_path / "world.yaml").write_text(WORLD, encoding="utf-8")
    return load_world(Path("world.yaml"))


def _said(world: World, *inside: str | int) -> str:
    said = world.document.said((*HERE, *inside))
    text = f"{said.location}, {said.text}" if said.text else str(said.location)
    return text if said.is_whole else f"not {text}"


FIRST = "roles", "Clerk", "trust", "Statement", 0
IN_CLERK = "CloudFormation resource ClerkRole"


@pytest.mark.parametrize(
    ("key", "words", "shown", "resource"),
    [
        (("roles", "Clerk", "trust"), "AssumeRolePolicyDocument:", "AssumeRolePolicyDocument", "ClerkRole"),
        (
            (*FIRST, "Condition", "StringEquals", "SAML:aud"),
            "SAML:aud",
            "AssumeRolePolicyDocument.Statement[0].Condition.StringEquals.SAML:aud",
            "ClerkRole",
        ),
        ((*FIRST, "Principal"), "Principal:", "AssumeRolePolicyDocument.Statement[0].Principal", "ClerkRole"),
        (("roles", "Clerk", "description"), "Description:", "Description", "ClerkRole"),
        (("roles", "Clerk", "tags", "stage"), "- Key: stage", "Tags[0]", "ClerkRole"),
        (("roles", "Clerk", "policies", 0), "ReadOnlyAccess", "ManagedPolicyArns[0]", "ClerkRole"),
        (("roles", "Clerk", "policies", 1), "Roles: [Clerk]\n      PolicyDocument:\n", "Roles[0]", "Desk"),
        (
            ("roles", "Clerk", "inline_policies", "more", "Statement", 0, "Effect"),
            "Effect: Deny",
            "Policies[0].PolicyDocument.Statement[0].Effect",
            "ClerkRole",
        ),
        (("roles", "Clerk", "inline_policies", "later"), "sqs", "PolicyDocument", "Later"),
        (
            ("policies", "desk", "Statement", 0, "Action"),
            "GetFederationToken",
            "PolicyDocument.Statement[0].Action",
            "Desk",
        ),
        (("saml_providers", "corp", "metadata"), "SamlMetadataDocument", "SamlMetadataDocument", "Entrance"),
    ],
)
def test_what_a_template_says_has_its_line_and_resource(
    filled: World, key: Key, words: str, shown: str, resource: str
) -> None:
    """Through conditions that were decided and values that were left out, to the line as it is written."""
    first, *rest = words.split("\n", 1)
    line = STACK[: STACK.index(words)].count("\n") + 1 if rest else _line(STACK, first)
    text = f"stack.yaml:{line}  {resource}.Properties.{shown}, CloudFormation resource {resource}"
    assert _said(filled, *key) == text


def test_what_the_aws_cli_printed_has_its_line_and_command(filled: World) -> None:
    """JSON with tabs or blanks, by the path in the answer."""
    reader = json.dumps(READER, indent=4)
    everything = json.dumps(EVERYTHING, indent="\t")
    assert _said(filled, "roles", "Reader", "trust", "Statement", 0, "Action") == (
        f"exports/reader.json:{_line(reader, 'sts:AssumeRoleWithSAML')}  "
        "Role.AssumeRolePolicyDocument.Statement[0].Action, printed by aws iam get-role"
    )
    assert _said(filled, "roles", "Reader", "path") == (
        f"exports/reader.json:{_line(reader, 'Path')}  Role.Path, printed by aws iam get-role"
    )
    assert _said(filled, "roles", "Auditor", "policies", 0) == (
        f"exports/everything.json:{_line(everything, 'PolicyArn')}  "
        f"RoleDetailList[0].AttachedManagedPolicies[0].PolicyArn, {EXPORTED}"
    )
    assert _said(filled, "users", "ada", "path") == (
        f"exports/everything.json:{_line(everything, '/staff/')}  UserDetailList[0].Path, {EXPORTED}"
    )
    assert filled.settings.aws[ACCOUNT].roles["Auditor"].policies == ["desk"]


def test_what_the_world_lays_over_a_seed_keeps_its_line(filled: World) -> None:
    """Each key for itself, and in lists each element: the world's come after those of its seeds."""
    role = filled.settings.aws[ACCOUNT].roles["Clerk"]
    assert role.policies == [
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "desk",
        "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
    ]
    assert _said(filled, "roles", "Clerk", "max_session_duration") == (
        f"world.yaml:10  aws.{ACCOUNT}.roles.Clerk.max_session_duration"
    )
    assert _said(filled, "roles", "Clerk", "policies", 2) == f"world.yaml:11  aws.{ACCOUNT}.roles.Clerk.policies[0]"
    assert _said(filled, "policies", "of-the-world") == f"world.yaml:13  aws.{ACCOUNT}.policies.of-the-world"
    assert _said(filled, "roles", "Clerk") == f"world.yaml:9  aws.{ACCOUNT}.roles.Clerk"


def test_what_nobody_says_is_at_its_nearest_parent(filled: World) -> None:
    """In the world where it has one too, else in the seed."""
    assert _said(filled, "roles", "Clerk", "path") == f"not world.yaml:9  aws.{ACCOUNT}.roles.Clerk"
    assert _said(filled, "roles", "Auditor", "path") == (
        f"not exports/everything.json:{_line(json.dumps(EVERYTHING, indent='.'), 'RoleName') - 1}  "
        f"RoleDetailList[0], {EXPORTED}"
    )
    assert _said(filled, *FIRST, "NotAction") == (
        f"not stack.yaml:{_line(STACK, 'FromTheEntrance')}  "
        f"ClerkRole.Properties.AssumeRolePolicyDocument.Statement[0], {IN_CLERK}"
    )


def test_a_mistake_in_a_seed_is_reported_at_the_seeds_line(tmp_path: Path, filled: World) -> None:
    """As one of the world is at the world's."""
    stack = STACK.replace("MaxSessionDuration: 3600", "MaxSessionDuration: 60")
    (tmp_path / "stack.yaml").write_text(stack, encoding="utf-8")
    (tmp_path / "world.yaml").write_text(WORLD.replace("        max_session_duration: 7200\n", ""), encoding="utf-8")
    with pytest.raises(WorldError) as caught:
        load_world(Path("world.yaml"))
    (problem,) = caught.value.problems
    assert str(problem.location) == (
        f"stack.yaml:{_line(STACK, 'MaxSessionDuration')}  ClerkRole.Properties.MaxSessionDuration"
    )


SCENARIOS = """scenario: The desk opens late
id: DESK-01
world: world.yaml
changes:
  /aws/777788889999/roles/Clerk/max_session_duration: 3600
  /aws/777788889999/roles/Clerk/trust/Statement/0/Action:
    - sts:AssumeRoleWithSAML
    - sts:TagSession
  /aws/777788889999/roles/Clerk/description: null
faults: [{attribute: Role, remove: true}]
expect: {outcome: refused, oracle: assumed}
---
scenario: The desk opens as {name}
id: DESK-02
extends: DESK-01
matrix: {name: [Guide, Porter]}
changes:
  /aws/777788889999/roles/{name}:
    trust: {Version: "2012-10-17", Statement: []}
expect: {outcome: refused, oracle: assumed}
"""


def test_what_a_scenario_changes_has_the_pointers_line(tmp_path: Path, filled: World) -> None:
    """Also what is inside a new value, and what it takes out; the rest stays where it was."""
    (tmp_path / "desk.yaml").write_text(SCENARIOS, encoding="utf-8")
    first, _, third = find_scenarios([Path("desk.yaml")])
    role = f"aws.{ACCOUNT}.roles.Clerk"
    changed = "changed by the scenario"
    assert _said(first.world, "roles", "Clerk", "max_session_duration") == (
        f"desk.yaml:5  {role}.max_session_duration, {changed}"
    )
    assert _said(first.world, *FIRST, "Action", 1) == f"desk.yaml:8  {role}.trust.Statement[0].Action[1], {changed}"
    assert _said(first.world, "roles", "Clerk", "description") == f"desk.yaml:9  {role}.description, {changed}"
    assert "stack.yaml" in _said(first.world, *FIRST, "Principal")
    # What a scenario takes over from another is said there; a matrix fills the pointer, not its line.
    assert _said(third.world, "roles", "Clerk", "max_session_duration").startswith("desk.yaml:5  ")
    assert _said(third.world, "roles", "Porter", "trust", "Version") == (
        f"desk.yaml:19  aws.{ACCOUNT}.roles.Porter.trust.Version, {changed}"
    )
    assert _said(third.world, "roles", "Porter", "path").startswith("not desk.yaml:18  ")
    assert str(third.document.location(("faults", 0))) == "desk.yaml:10  faults[0]"


def test_changes_without_a_scenario_count_as_the_worlds_own(filled: World) -> None:
    """A test that changes a world has no line of its own to name."""
    changed = change_world(filled, {f"/aws/{ACCOUNT}/roles/Clerk/max_session_duration": 10800})
    assert _said(changed, "roles", "Clerk", "max_session_duration").startswith("world.yaml:10  ")
