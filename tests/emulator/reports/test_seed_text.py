"""The list of what a world has taken from its seeds, and what it has not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.cli import main
from emulator.diagnosis.login_result import result_of
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import FederationError, Location, Problem
from emulator.network.data_folder.keys import KeyFolder
from emulator.reports.seed_text import seed_lines, taken_text
from emulator.seeds.seed_report import SeedReport
from emulator.world import load_world

ACCOUNT = "123456789012"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML"}],
    }
)
TEMPLATE = f"""Resources:
  AgentRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ConnectAgent
      PermissionsBoundary: arn:aws:iam::{ACCOUNT}:policy/limits
      AssumeRolePolicyDocument: {TRUST}
  Supervisor:
    Type: AWS::IAM::Role
    Properties:
      RoleName: Supervisor
      AssumeRolePolicyDocument: {TRUST}
"""
WORLD = f"""version: 1
okta:
  acme:
    users: {{hanako@example.com: {{}}}}
    apps:
      connect:
        identity_provider_arn: {PROVIDER}
        assignments: [{{user: hanako@example.com, saml_user_roles: [ConnectAgent]}}]
aws:
  "{ACCOUNT}":
    seed: [template.yaml]
    saml_providers: {{okta: {{metadata: {{okta_app: acme/connect}}}}}}
"""
LEFT_OUT = (
    f"role ConnectAgent: its permissions boundary arn:aws:iam::{ACCOUNT}:policy/limits is in none "
    "of the seeds, so its limits are unknown"
)
FIX = (
    "Add the output of aws iam get-account-authorization-details to the seeds, or that of get-policy-version as "
    "limits.json."
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the current folder, with a world and its template."""
    (tmp_path / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "world.yaml").write_text(WORLD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str], folder: Path) -> Callable[..., str]:
    """Returns what ``fedemu check`` prints with some options."""

    def run(*options: str) -> str:
        with pytest.raises(SystemExit):
            main(["check", "--no-fixes", *options])
        return capsys.readouterr().out

    return run


def test_check_begins_with_what_was_taken(check: Callable[..., str]) -> None:
    """Then each thing that was left out with its place and what to do."""
    text = check()
    assert text.startswith(
        "template.yaml (CloudFormation template): 1 role\n"
        "  left out  template.yaml:6  AgentRole.Properties.PermissionsBoundary\n"
        f"            {LEFT_OUT}\n"
        f"            fix: {FIX}\n"
        "\n"
    )
    assert text.count(LEFT_OUT.partition(": ")[2]) == 2  # once more as the cause of a login that fails
    assert "1 note, 1 left out of seeds\n" in text


def test_check_has_it_as_json_and_as_sarif(check: Callable[..., str]) -> None:
    """With file, line and key of each thing."""
    left_out = {
        "file": "template.yaml",
        "line": 6,
        "key": "AgentRole.Properties.PermissionsBoundary",
        "message": LEFT_OUT,
        "fix": FIX,
    }
    assert json.loads(check("--json"))["seeds"] == [
        {
            "file": "template.yaml",
            "kind": "CloudFormation template",
            "taken": {"roles": 1},
            "left_out": [left_out],
            "notes": [],
        }
    ]
    results = json.loads(check("--sarif"))["runs"][0]["results"]
    (note,) = [each for each in results if each["ruleId"] == "left-out"]
    assert note["level"] == "note"
    assert note["message"]["text"] == f"{LEFT_OUT}\nFix: {FIX}"
    assert note["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "template.yaml"},
        "region": {"startLine": 6},
    }


def test_a_login_that_misses_it_says_why(folder: Path, keys: KeyFolder) -> None:
    """The refusal's cause is the line of the seed, and the fix is the seed's."""
    federation = Federation(load_world(Path("world.yaml")), keys=keys)
    login = log_in(federation, user="hanako@example.com", app="connect")
    diagnosis = result_of(login, federation).diagnosis
    assert diagnosis is not None
    what, _, reason = LEFT_OUT.partition(": ")
    assert diagnosis.cause == f"{what} was left out of template.yaml:6: {reason}."
    assert diagnosis.fix == FIX


def test_what_is_left_out_of_a_thing_is_not_the_thing(folder: Path) -> None:
    """A role that was taken without one of its policies is not missing."""
    policies = f"ManagedPolicyArns: [arn:aws:iam::{ACCOUNT}:policy/desk]"
    text = TEMPLATE.replace(f"PermissionsBoundary: arn:aws:iam::{ACCOUNT}:policy/limits", policies)
    (folder / "template.yaml").write_text(text, encoding="utf-8")
    (report,) = load_world(Path("world.yaml")).seeds
    assert report.taken == {"roles": 2}
    assert list(report.missing) == ["desk"]


def test_an_app_that_was_left_out_is_named_to_whoever_opens_it(folder: Path, keys: KeyFolder) -> None:
    """As any name that was left out."""
    federation = Federation(load_world(Path("world.yaml")), keys=keys)
    with pytest.raises(FederationError) as caught:
        federation.find_app("ConnectAgent")
    assert caught.value.explanation.startswith("role ConnectAgent was left out of template.yaml:6: ")


MISSED: list[tuple[str, str, str, str]] = [
    ("provider", f"No IAM SAML provider has the ARN {PROVIDER}: account 1 has no SAML provider.", "", "okta"),
    ("connect-user", "The instance acme has no user ann, and none whose login resembles it.", "", "ann"),
    ("instance", "The relay state has 1234-5678, and no instance has this id.", "", "1234-5678"),
    ("okta-sign-in", "The org acme has no user a@example.com; the nearest is b@example.com.", "", "a@example.com"),
    ("role-not-offered", "The role chooser does not offer Night.", "", "Night"),
    ("app-assignment", "The app X is assigned neither to a@x nor to a group of theirs.", "a@x, in One, Two", "Two"),
    ("get-federation-token", "No policy of the role Agent allows connect:GetFederationToken.", "", "desk"),
    ("trust-policy", "The role arn:aws:iam::1:role/team/Agent does not exist; account 1 has none.", "", "Agent"),
]


@pytest.mark.parametrize(("check", "why", "got", "name"), MISSED, ids=[row[0] for row in MISSED])
def test_each_check_knows_what_it_misses(check: str, why: str, got: str, name: str) -> None:
    """By the name in its words."""
    from emulator.diagnosis.left_out import left_out_behind

    problem = Problem(Location("t.yaml", 3), "policy desk of role Agent: none of the seeds contains its document")
    seeds = (SeedReport("t.yaml", "test", {}, (problem,), missing={name: problem}),)
    assert left_out_behind(check, why, got, seeds) is problem
    assert left_out_behind(check, why, got, ()) is None
    assert left_out_behind("audience", why, got, seeds) is None


def _report(**more: Any) -> SeedReport:
    return SeedReport("states/x.json", "terraform show -json", {"roles": 1}, **more)


def test_five_of_a_sort_are_listed_and_the_others_counted() -> None:
    """All of them where somebody asks; a fix that several share is said once."""
    many = tuple(
        Problem(Location("states/x.json", n), f"role R{n}: its path 'p{n}' is odd", fix="Mend it.") for n in range(1, 9)
    )
    other = Problem(Location("states/x.json", 20), "app A: none of the seeds contains its identity provider ARN")
    lines = list(seed_lines([_report(left_out=(*many, other))], all_with="-v"))
    assert lines == [
        "states/x.json (terraform show -json): 1 role",
        "  left out  states/x.json:1",
        "            role R1: its path 'p1' is odd",
        "            fix: Mend it.",
        *(
            line
            for n in range(2, 6)
            for line in (f"  left out  states/x.json:{n}", f"            role R{n}: its path 'p{n}' is odd")
        ),
        "  left out  states/x.json:20",
        "            app A: none of the seeds contains its identity provider ARN",
        "            and 3 more; -v lists all",
    ]
    assert len(list(seed_lines([_report(left_out=(*many, other))], all_of_it=True))) == 20


def test_what_differs_from_the_file_is_reported() -> None:
    """Such as a secret that was made."""
    made = Problem(Location("x.json", 4, "aws_iam_access_key.okta"), "the access key of okta: its secret was made")
    assert list(seed_lines([_report(notes=(made,))])) == [
        "states/x.json (terraform show -json): 1 role",
        "  note      x.json:4  aws_iam_access_key.okta",
        "            the access key of okta: its secret was made",
    ]


def test_things_are_counted_in_plain_words() -> None:
    """One of a kind in the singular; nothing is said too."""
    taken = {"people": 12, "roles": 3, "saml_providers": 1, "apps": 2, "policies": 1, "connect": 1, "alias": 1}
    assert taken_text(taken) == (
        "3 roles, 1 SAML provider, 1 policy, 1 account alias, 1 Connect instance, 12 people, 2 apps"
    )
    assert taken_text({}) == "nothing that this world can use"
    assert list(seed_lines([])) == []
