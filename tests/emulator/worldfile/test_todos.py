"""Worlds and scenarios with something still to be filled in: all of it is refused at once, with what belongs there."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.kernel.errors import ScenarioError, WorldError
from emulator.scenarios.scenario_file import read_scenarios
from emulator.world import parse_world
from emulator.worldfile.todos import is_todo

WORLD = """version: 1
okta:
  acme:
    users:
      TODO: {first_name: "TODO: as on the badge"}
    apps:
      aws:
        identity_provider_arn: TODO
        label: TODO list
        assignments: [{user: TODO, saml_user_roles: [TODO]}]
aws:
  TODO:
    seed: [{file: t.yaml, parameters: {Stage: TODO}, imports: {x: TODO}, values: {Idp: TODO}}]
    saml_providers: {TODO: {metadata: {okta_app: acme/aws}}}
    roles: {Agent: {trust: {Statement: [{Principal: {Federated: TODO}}]}, max_session_duration: TODO}}
    connect: {i-1: {alias: TODO, users: {TODO: {}}}}
"""
WANTED = [
    (5, "okta.acme.users.TODO", "the login of a person who has the app, such as hanako@example.com"),
    (5, "okta.acme.users.TODO.first_name", "as on the badge"),
    (
        8,
        "okta.acme.apps.aws.identity_provider_arn",
        "the ARN of the SAML provider, such as arn:aws:iam::123456789012:saml-provider/okta",
    ),
    (9, "okta.acme.apps.aws.label", "list"),
    (10, "okta.acme.apps.aws.assignments[0].user", "the login of a person of the org who has the app"),
    (
        10,
        "okta.acme.apps.aws.assignments[0].saml_user_roles[0]",
        "the name of the role in the account that these people get",
    ),
    (12, "aws.TODO", "the id of the AWS account: 12 digits, in quotes"),
    (13, "aws.TODO.seed[0].parameters.Stage", "the value of this parameter of the template's stack"),
    (13, "aws.TODO.seed[0].imports.x", "the value of this export of another stack"),
    (13, "aws.TODO.seed[0].values.Idp", "the value of this resource in the deployed stack, such as its ARN"),
    (14, "aws.TODO.saml_providers.TODO", "the name of the SAML provider, the last part of its ARN"),
    (
        15,
        "aws.TODO.roles.Agent.trust.Statement[0].Principal.Federated",
        "the ARN of the SAML provider, as the app's identity_provider_arn",
    ),
    (
        15,
        "aws.TODO.roles.Agent.max_session_duration",
        "The longest session that AssumeRoleWithSAML and AssumeRole give, in seconds from 3600 (the default) to 43200. "
        "AWS: IAM > Roles > role > Summary > Edit > Maximum session duration.",
    ),
    (
        16,
        "aws.TODO.connect.i-1.alias",
        "the alias of the instance, such as acme in https://acme.my.connect.aws",
    ),
    (
        16,
        "aws.TODO.connect.i-1.users.TODO",
        "the login of a user of the instance, exactly as at Okta, capital letters included",
    ),
]


def test_all_of_a_world_is_told_at_once() -> None:
    """In the order of the file: what the text says itself, what usually belongs there, or what the schema says."""
    with pytest.raises(WorldError) as caught:
        parse_world(WORLD)
    assert [(each.location.line, each.location.key, each.message) for each in caught.value.problems] == [
        (line, key, f"still to be filled in: {what}") for line, key, what in WANTED
    ]


def test_a_scenario_is_refused_too(tmp_path: Path) -> None:
    """Before its world is looked at."""
    (tmp_path / "s.yaml").write_text(
        "scenario: x\nid: X-1\nworld: none.yaml\nlogin: {user: TODO, app: a}\nexpect: {outcome: accepted}\n",
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError) as caught:
        list(read_scenarios(tmp_path / "s.yaml"))
    assert str(caught.value) == (
        f"{tmp_path}/s.yaml:4  login.user\n  still to be filled in: the login of a person of the world"
    )


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("TODO", True),
        ("TODO: x", True),
        ("TODO x", True),
        ("TODOS", False),
        ("todo", False),
        ("a TODO", False),
        (7, False),
    ],
)
def test_what_counts_as_a_todo(value: object, is_one: bool) -> None:
    """The word alone, or at the beginning."""
    assert is_todo(value) is is_one


def test_a_hundred_are_listed_and_the_others_counted() -> None:
    """The last problem is at the first place that is not listed."""
    users = "".join(f"      u{number}@example.com: TODO\n" for number in range(2_000))
    with pytest.raises(WorldError) as caught:
        parse_world(f"version: 1\nokta:\n  acme:\n    users:\n{users}")
    assert len(caught.value.problems) == 101
    last = caught.value.problems[-1]
    assert (last.location.line, last.message) == (105, "1,900 more are still to be filled in, from here on")
