"""Seeds as sides of a comparison: templates, a Terraform plan, answers; which of a world's own they replace."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.cli import main
from tests.bench.large_plan import ACCOUNT, REGIONAL_SIGN_IN, SIGN_IN, large_plan

Run = Callable[..., tuple[int, str, str]]
WORLD = f"""version: 1
okta:
  acme:
    users:
      hana@example.com: {{first_name: Hana, last_name: Sato, password: correct-horse}}
    apps:
      console:
        catalog: amazon_aws
        label: Console
        identity_provider_arn: arn:aws:iam::{ACCOUNT}:saml-provider/okta
        assignments: [{{user: hana@example.com, role: Agent}}]
aws:
  "{ACCOUNT}":
    saml_providers:
      okta: {{metadata: {{okta_app: acme/console}}}}
"""
EMPTY = f'version: 1\nokta:\n  acme: {{}}\naws:\n  "{ACCOUNT}": {{}}\n'


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Returns a function that runs ``compare`` in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(["compare", *arguments])
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, captured.out, captured.err

    return call


def _write(**files: str) -> None:
    """Writes files, of which the names have two underscores for a slash and one for a dot."""
    for name, text in files.items():
        path = Path(name.replace("__", "/").replace("_", "."))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _template(*urls: str, name: str = "Agent", parameters: str = "") -> str:
    return f"""{parameters}Resources:
  TheRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: {name}
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Federated: "arn:aws:iam::{ACCOUNT}:saml-provider/okta"}}
            Action: sts:AssumeRoleWithSAML
            Condition: {{StringEquals: {{"SAML:aud": {json.dumps(list(urls))}}}}}
"""


def _role_answer(*urls: str, name: str = "Agent") -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": list(urls)}},
    }
    role = {
        "Path": "/",
        "RoleName": name,
        "RoleId": "AROAEXAMPLEEXAMPLE123",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
    return json.dumps({"Role": role}, indent=2)


def _plan(change: Callable[[dict[str, Any]], None] = lambda _: None, *, losers: int = 1) -> str:
    plan = json.loads(large_plan(100, losers=losers))
    change(plan)
    return json.dumps(plan, indent=1)


def test_a_plan_before_and_after(run: Run) -> None:
    """The gate: who cannot log in after this plan, and since what; with the address of the resource."""
    _write(world_yaml=EMPTY, plan_json=_plan())
    code, out, err = run("plan.json")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[0].startswith("4 logins are lost: 4 people (person00000@example.com, ")
    assert lines[0].endswith(") in acme/amazon-connect, as Role0000")
    assert lines[1] == f"  because SAML:aud of the trust policy of the role Role0000 lost {REGIONAL_SIGN_IN}"
    assert lines[2].startswith("    was   plan.json:")
    assert lines[2].endswith(', Terraform aws_iam_role.team["0"]')
    assert lines[3].startswith("    is    plan.json:")
    assert any(line.startswith("    fix (tried) plan.json:") for line in lines)
    assert lines[-3:] == [
        "plan.json, as it is -> plan.json, as it is planned: 4 lost, 0 changed, 0 gained, 21 as before",
        "",
        "next: correct what is named above, then fedemu compare plan.json",
    ]


def test_a_plan_that_changes_nothing(run: Run) -> None:
    """The exit code 0; the world may be named, and may list the plan by itself."""
    listed = EMPTY.replace("acme: {}", "acme: {seed: [plan.json]}").replace(
        f'"{ACCOUNT}": {{}}', f'"{ACCOUNT}": {{seed: [{{file: plan.json, region: ap-northeast-1}}]}}'
    )
    _write(worlds__world_yaml=EMPTY, worlds__listed_yaml=listed, plan_json=_plan(losers=0), worlds__plan_json=_plan())
    for world in ("worlds/world.yaml", "worlds/listed.yaml"):
        code, out, err = run("plan.json", "--world", world)
        assert (code, err) == (0, "")
        assert "plan.json, as it is -> plan.json, as it is planned: 0 lost, 0 changed, 0 gained, 25 as before" in out


def test_a_person_whom_a_plan_takes_out_of_okta(run: Run) -> None:
    """The output calls them by that name."""

    def without_a_person(plan: dict[str, Any]) -> None:
        planned = plan["planned_values"]["root_module"]["resources"]
        gone = [each for each in planned if each["type"].startswith("okta_") and "person00000" in each["address"]]
        plan["planned_values"]["root_module"]["resources"] = [each for each in planned if each not in gone]
        for each in plan["resource_changes"]:
            if each["address"] in [one["address"] for one in gone]:
                each["change"] = {**each["change"], "actions": ["delete"], "after": None, "after_unknown": {}}

    _write(world_yaml=EMPTY, plan_json=_plan(without_a_person, losers=0))
    code, out, err = run("plan.json", "--no-fixes")
    assert (code, err) == (1, "")
    assert out.splitlines()[:3] == [
        "1 login is lost: person00000@example.com in acme/amazon-connect, as Role0000",
        "  because person00000@example.com is no longer in the org acme",
        "  changed the user person00000@example.com is gone",
    ]


def test_what_is_known_after_apply_is_told_where_it_takes_a_login(run: Run) -> None:
    """A role whose trust policy nobody knows yet is not in the world after; the loss says so."""

    def unknown(plan: dict[str, Any]) -> None:
        for each in plan["planned_values"]["root_module"]["resources"]:
            if each["address"] == 'aws_iam_role.team["0"]':
                del each["values"]["assume_role_policy"]
        for each in plan["resource_changes"]:
            if each["address"] == 'aws_iam_role.team["0"]':
                change = each["change"]
                del change["after"]["assume_role_policy"]
                each["change"] = {**change, "actions": ["update"], "after_unknown": {"assume_role_policy": True}}

    _write(world_yaml=EMPTY, plan_json=_plan(unknown, losers=0))
    code, out, _ = run("plan.json", "--no-fixes")
    assert code == 1
    assert (
        'the role Role0000 is gone: it is left out, aws_iam_role.team["0"]: its trust policy (assume_role_policy) is '
        "known after apply"
    ) in out


def test_a_template_takes_the_place_of_the_worlds_own(run: Run) -> None:
    """The only one of its kind, whatever its name; with the parameters that the world gives it."""
    own = WORLD.replace(
        f'"{ACCOUNT}":\n', f'"{ACCOUNT}":\n    seed: [{{file: own.yaml, parameters: {{Name: Agent}}}}]\n'
    )
    own_name = {"name": "{Ref: Name}", "parameters": "Parameters: {Name: {Type: String}}\n"}
    _write(world_yaml=own, own_yaml=_template("x", **own_name))
    _write(old_yaml=_template(SIGN_IN, REGIONAL_SIGN_IN, **own_name), new_yaml=_template(REGIONAL_SIGN_IN, **own_name))
    code, out, err = run("old.yaml", "new.yaml")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[:2] == [
        "1 login is lost: hana@example.com in acme/console, as Agent",
        f"  because SAML:aud of the trust policy of the role Agent lost {SIGN_IN}",
    ]
    assert lines[2].startswith("    was   old.yaml:13  ")
    assert lines[3].startswith("    is    new.yaml:13  ")
    assert lines[3].endswith(", CloudFormation resource TheRole")
    assert "old.yaml -> new.yaml: 1 lost, 0 changed, 0 gained, 0 as before" in lines
    assert lines[-1] == "next: correct what is named above, then fedemu compare old.yaml new.yaml"


def test_of_several_the_one_with_the_same_name(run: Run) -> None:
    """What one side is called is enough; where neither is called so, the person is asked to."""
    own = WORLD.replace(f'"{ACCOUNT}":\n', f'"{ACCOUNT}":\n    seed: [roles.yaml, other.yaml]\n')
    _write(world_yaml=own, roles_yaml=_template(SIGN_IN), other_yaml=_template(SIGN_IN, name="Other"))
    _write(before__roles_yaml=_template(SIGN_IN), planned_yaml=_template(REGIONAL_SIGN_IN), x_yaml=_template(SIGN_IN))
    code, out, _ = run("before/roles.yaml", "planned.yaml", "--no-fixes")
    assert code == 1
    assert out.splitlines()[0] == "1 login is lost: hana@example.com in acme/console, as Agent"
    code, out, err = run("x.yaml", "planned.yaml")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "The world world.yaml has several seeds of this kind, and none of the name of x.yaml",
        "  want   roles.yaml or other.yaml",
        "  fix    Give the file the name of the one whose place it takes.",
    ]


def test_a_world_without_such_a_seed_is_given_it(run: Run) -> None:
    """A template goes to the only account; an answer that names its account goes there."""
    _write(world_yaml=WORLD, old_yaml=_template(SIGN_IN), new_yaml=_template(SIGN_IN, name="Agents"))
    code, out, _ = run("old.yaml", "new.yaml", "--no-fixes")
    assert code == 1
    assert "the role Agent is gone" in out
    _write(old_json=_role_answer(SIGN_IN), new_json=_role_answer(REGIONAL_SIGN_IN))
    two = f'{WORLD}  "210987654321": {{}}\n'
    _write(two_yaml=two)
    code, out, _ = run("old.json", "new.json", "--world", "two.yaml", "--no-fixes")
    assert code == 1
    assert f"SAML:aud of the trust policy of the role Agent lost {SIGN_IN} and got {REGIONAL_SIGN_IN}" in out or (
        f"SAML:aud of the trust policy of the role Agent is {REGIONAL_SIGN_IN} and was {SIGN_IN}" in out
    )
    code, out, err = run("old.yaml", "new.yaml", "--world", "two.yaml")
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == "Nothing of old.yaml has a place in two.yaml: it does not say whose it is"


def test_an_answer_about_another_role_is_another_seed(run: Run) -> None:
    """One get-role does not take the place of another role's."""
    own = WORLD.replace(f'"{ACCOUNT}":\n', f'"{ACCOUNT}":\n    seed: [agent.json]\n')
    _write(world_yaml=own, agent_json=_role_answer(SIGN_IN))
    _write(old_json=_role_answer(SIGN_IN, name="Other"), new_json=_role_answer(REGIONAL_SIGN_IN, name="Other"))
    code, out, _ = run("old.json", "new.json")
    assert code == 0
    assert "old.json -> new.json: 0 lost, 0 changed, 0 gained, 1 as before" in out


def test_a_seed_and_a_world(run: Run) -> None:
    """The other side is the world that the seed is for."""
    own = WORLD.replace(f'"{ACCOUNT}":\n', f'"{ACCOUNT}":\n    seed: [own.yaml]\n')
    _write(mine_yaml=own, own_yaml=_template(SIGN_IN), new_yaml=_template(REGIONAL_SIGN_IN))
    code, out, _ = run("mine.yaml", "new.yaml", "--no-fixes")
    assert code == 1
    assert "mine.yaml -> new.yaml: 1 lost, 0 changed, 0 gained, 0 as before" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan.json",), "plan.json says what there is, and not who logs in: it needs a world"),
        (("plan.json",), "fedemu init --from plan.json begins one with what the file says."),
        (("main.tf", "--world", "mine.yaml"), "main.tf alone is nothing to compare: it is not a Terraform plan"),
        (("main.tf", "--world", "mine.yaml"), "terraform show -json"),
        (("main.tf", "plan.json", "--world", "mine.yaml"), "terraform show -json"),
        (("plan.json", "--world", "nosuch.yaml"), "nosuch.yaml"),
        (("notes.txt", "plan.json", "--world", "mine.yaml"), "notes.txt"),
        (("binary.tfplan", "--world", "mine.yaml"), "terraform show -json"),
        (("binary.tfplan", "plan.json", "--world", "mine.yaml"), "terraform show -json"),
    ],
)
def test_what_is_no_seed(run: Run, arguments: tuple[str, ...], said: str) -> None:
    """A message in plain words, and the exit code 2."""
    _write(mine_yaml=EMPTY, plan_json=_plan(), main_tf='resource "aws_iam_role" "agent" {\n  name = "Agent"\n}\n')
    _write(notes_txt="hello\n")
    Path("binary.tfplan").write_bytes(b"PK\x03\x04\x00\xff\xfe\x80")
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_file_that_is_no_seed_is_named_and_not_the_seed_in_whose_place_it_is(run: Run) -> None:
    """The world's own seed is not at fault."""
    policy = {"Policy": {"PolicySummary": {"Arn": "arn:aws:organizations::1:policy/o-1/p-1", "Name": "deny"}}}
    world = EMPTY.replace(f'"{ACCOUNT}": {{}}', f'"{ACCOUNT}": {{seed: [now.yaml]}}')
    _write(mine_yaml=world, now_yaml=_template(SIGN_IN), scp_json=json.dumps(policy))
    code, out, err = run("scp.json", "now.yaml", "--world", "mine.yaml")
    assert (code, out) == (2, "")
    assert "  scp.json: this is the output of an aws organizations command\n" in err
    assert "now.yaml: this is" not in err
