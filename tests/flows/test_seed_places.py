"""A login that a seed breaks is reported with the seed's file, line and address, and so is the fix that was tried."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.cli import main
from tests import fidelity

BEGIN = fidelity.ROOT / "tests" / "data" / "begin"
AUDIENCE = "https://signin.aws.amazon.com/saml"
WORLD = """version: 1
okta:
  acme:
    seed: [okta/apps.json, okta/users.json, okta/app-users.json]
aws:
  "123456789012":
    seed: [SEEDS]
    connect:
      0f1e2d3c-4b5a-4678-9abc-def012345678:
        alias: acme-desk
        region: ap-northeast-1
        users: {hanako@example.com: {}, taro@example.com: {}}
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/okta"},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.example.com/saml"}},
        }
    ],
}
ROLE = {
    "Role": {
        "Path": "/",
        "RoleName": "ConnectAgent",
        "RoleId": "AROAPLACES0000000001",
        "Arn": "arn:aws:iam::123456789012:role/ConnectAgent",
        "CreateDate": "2026-01-05T09:00:00+00:00",
        "AssumeRolePolicyDocument": TRUST,
        "MaxSessionDuration": 43200,
    }
}
TEMPLATE = f"""Resources:
  AgentRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ConnectAgent
      AssumeRolePolicyDocument: {json.dumps(TRUST)}
"""


def _refused(folder: Path, run: Callable[[], dict[str, Any]], seeds: str) -> dict[str, Any]:
    """Returns what check says of the one group of logins that does not arrive."""
    (folder / "world.yaml").write_text(WORLD.replace("SEEDS", seeds), encoding="utf-8")
    (group,) = run()["refused"]
    refusal: dict[str, Any] = group["proof"]["refusal"]
    return refusal


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], Any]:
    """Returns what ``fedemu check`` finds in the folder, which has a state and an export."""
    shutil.copytree(BEGIN, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)

    def run() -> Any:
        with pytest.raises(SystemExit):
            main(["check", "--json"])
        return json.loads(capsys.readouterr().out)

    return run


def _line(path: Path, words: str) -> int:
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if words in line)


def test_a_template(tmp_path: Path, check: Callable[[], Any]) -> None:
    """By the logical id, as the template has it."""
    (tmp_path / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    refusal = _refused(tmp_path, check, "terraform.tfstate, t.yaml")
    assert refusal["from"][0] == {
        "kind": "seed",
        "file": "t.yaml",
        "line": 6,
        "key": "AgentRole.Properties.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals.SAML:aud",
        "text": "CloudFormation resource AgentRole",
    }
    assert refusal["fixes"][0]["in"] == "seed:t.yaml"


def test_an_answer_of_the_aws_cli(tmp_path: Path, check: Callable[[], Any]) -> None:
    """By the command that printed it."""
    path = tmp_path / "role.json"
    path.write_text(json.dumps(ROLE, indent=2), encoding="utf-8")
    refusal = _refused(tmp_path, check, "terraform.tfstate, role.json")
    assert refusal["from"][0] == {
        "kind": "seed",
        "file": "role.json",
        "line": _line(path, "SAML:aud"),
        "key": "Role.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals.SAML:aud",
        "text": "printed by aws iam get-role",
    }


def test_a_terraform_state(tmp_path: Path, check: Callable[[], Any]) -> None:
    """By the resource's address."""
    path = tmp_path / "terraform.tfstate"
    state = path.read_text(encoding="utf-8")
    path.write_text(state.replace(AUDIENCE, "https://signin.example.com/saml"), encoding="utf-8")
    (origin, *_) = _refused(tmp_path, check, "terraform.tfstate")["from"]
    assert (origin["kind"], origin["file"], origin["line"]) == (
        "seed",
        "terraform.tfstate",
        _line(path, '"assume_role_policy"'),
    )
    assert "aws_iam_role.agent" in origin["text"]


def test_an_answer_of_oktas(tmp_path: Path, check: Callable[[], Any]) -> None:
    """By the app that it is about."""
    path = tmp_path / "okta" / "apps.json"
    apps = path.read_text(encoding="utf-8")
    path.write_text(apps.replace('"sessionDuration": 43200', '"sessionDuration": 60'), encoding="utf-8")
    (origin, *_) = _refused(tmp_path, check, "terraform.tfstate")["from"]
    assert origin == {
        "kind": "seed",
        "file": "okta/apps.json",
        "line": _line(path, "sessionDuration"),
        "key": "[0].settings.app.sessionDuration",
        "text": "Okta app Amazon Connect",
    }
