"""``fedemu fix``: what is printed, what is written, and the exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from emulator.cli import main
from emulator.fixes.writing import Files
from emulator.kernel.errors import EnvironmentProblem
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, INSTANCE_ID, USER

TEXT = DEFAULT_WORLD.read_text(encoding="utf-8")
NEXT = f"fedemu login {USER} acme/{APP} --world world.yaml"
RIGHT = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
WRONG = RIGHT.replace("12345678", "22345678")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    """Runs the command line and returns its exit code."""
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return int(str(caught.value.code))


def test_a_dry_run_prints_the_diff_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each login that did not arrive with its fix, the diff, and what comes next."""
    path = folder / "world.yaml"
    path.write_text(TEXT.replace(RIGHT, WRONG), encoding="utf-8")
    assert run("fix", "--dry-run") == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"1. {USER}, acme/{APP} as ConnectAgent\n  why    Amazon Connect refused: ")
    assert f"  fix (tried) world.yaml:18  okta.acme.apps.{APP}.default_relay_state: {WRONG} -> {RIGHT}\n" in printed
    assert (
        "  set in Okta Admin Console > Applications > Amazon Connect SAML > Sign On > Default Relay State\n" in printed
    )
    assert (
        "\n--- world.yaml\n+++ world.yaml\n@@ -15,7 +15,7 @@\n"
        "         label: Amazon Connect SAML\n"
        "         login_url: https://console.aws.amazon.com/\n"
        "         identity_provider_arn: arn:aws:iam::123456789012:saml-provider/okta\n"
        f"-        default_relay_state: {WRONG}\n"
        f"+        default_relay_state: {RIGHT}\n"
        "         session_duration: 3600\n"
    ) in printed
    assert printed.endswith(
        "\nworld.yaml: nothing was written; 3 of 3 logins do not arrive with the file as it is\n\nnext: fedemu fix\n"
    )
    assert path.read_text(encoding="utf-8") == TEXT.replace(RIGHT, WRONG)


def test_the_built_in_world_is_not_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is the program's own file, whichever way it is named; a dry run of it is fine."""
    assert folder.exists()
    one = ("--user", USER, "--app", APP, "--lands-on", "https://acme.my.connect.aws/ccp-v2")
    for named in ((), (str(DEFAULT_WORLD),)):
        assert run("fix", *named, *one) == 2
        assert "The built-in world belongs to fedemu and is never changed." in capsys.readouterr().err
    assert run("fix", *one, "--dry-run") == 0
    assert capsys.readouterr().out.endswith("\n\nnext: fedemu demo\n")
    assert DEFAULT_WORLD.read_text(encoding="utf-8") == TEXT


def test_the_next_command_is_for_the_same_login(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was given is given again."""
    (folder / "mine.yaml").write_text(TEXT, encoding="utf-8")
    one = f"--user {USER} --app {APP} --lands-on https://acme.my.connect.aws/ccp-v2"
    assert run("login", USER, APP, "--world", "mine.yaml", *one.split()[4:]) == 1
    assert capsys.readouterr().out.endswith(f"\nnext: fedemu fix mine.yaml --dry-run {one}\n")
    assert run("fix", "mine.yaml", "--dry-run", *one.split()) == 0
    assert capsys.readouterr().out.endswith(f"\nnext: fedemu fix mine.yaml {one}\n")


def test_what_is_written_is_the_one_value(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file is to the letter what it was without the mistake; its mode stays."""
    path = folder / "world.yaml"
    path.write_text(TEXT.replace(RIGHT, WRONG), encoding="utf-8")
    path.chmod(0o640)
    assert run("fix") == 0
    assert path.read_text(encoding="utf-8") == TEXT
    assert path.stat().st_mode & 0o777 == 0o640
    printed = capsys.readouterr().out
    assert printed.endswith(f"\nWritten: world.yaml\nworld.yaml: 3 of 3 logins arrive\n\nnext: {NEXT}\n")
    assert [each.name for each in folder.iterdir()] == ["world.yaml"]


def test_line_breaks_and_the_byte_order_mark_stay(folder: Path) -> None:
    """A file of Windows stays one."""
    path = folder / "world.yaml"
    mark = "\ufeff"
    path.write_bytes((mark + TEXT.replace(RIGHT, WRONG).replace("\n", "\r\n")).encode())
    assert run("fix", "world.yaml") == 0
    assert path.read_bytes() == (mark + TEXT.replace("\n", "\r\n")).encode()


def test_a_policy_that_roles_share_is_changed_for_the_role_that_is_wrong(folder: Path) -> None:
    """An alias of what is changed is written out."""
    path = folder / "world.yaml"
    wrong = TEXT.replace(
        '"SAML:aud": "https://signin.aws.amazon.com/saml"', '"SAML:aud": "https://signin.aws.amazon.com/sam"'
    )
    path.write_text(wrong, encoding="utf-8")
    assert run("fix", "world.yaml", "--user", USER) == 0
    made = path.read_text(encoding="utf-8")
    assert made != wrong
    assert '{StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}' in made


def test_one_login(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The place that is wanted is the login's own."""
    path = folder / "world.yaml"
    path.write_text(TEXT, encoding="utf-8")
    arguments = ("--user", USER, "--app", APP, "--lands-on", "https://acme.my.connect.aws/ccp-v2")
    assert run("fix", "world.yaml", *arguments) in {0, 1}
    assert f"1. {USER}, {APP}\n" in capsys.readouterr().out


def test_what_nothing_helps_is_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and the general advice."""
    path = folder / "world.yaml"
    path.write_text(TEXT, encoding="utf-8")
    assert run("fix", "world.yaml", "--user", "nobody@example.com", "--app", APP) == 1
    assert "world.yaml: 0 of 1 logins arrive\n" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8") == TEXT


def test_a_world_that_works_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed but that everything arrives."""
    path = folder / "world.yaml"
    path.write_text(TEXT, encoding="utf-8")
    assert run("fix", "world.yaml") == 0
    assert capsys.readouterr().out == f"world.yaml: 3 of 3 logins arrive\n\nnext: {NEXT}\n"


def test_a_file_that_cannot_be_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 with the line, and nothing is written."""
    path = folder / "world.yaml"
    path.write_text("version: 1\nokta: [\n", encoding="utf-8")
    assert run("fix", "world.yaml") == 2
    assert capsys.readouterr().err.startswith("world.yaml:")
    assert path.read_text(encoding="utf-8") == "version: 1\nokta: [\n"


def test_login_shows_the_tried_fix_unless_told_not_to(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the terminal and in JSON."""
    (folder / "world.yaml").write_text(TEXT.replace(RIGHT, WRONG), encoding="utf-8")
    assert run("login", USER, APP) == 1
    assert f"  fix (tried) world.yaml:18  okta.acme.apps.{APP}.default_relay_state: {WRONG} -> {RIGHT}\n" in (
        capsys.readouterr().out
    )
    assert run("login", USER, APP, "--json") == 1
    refusal = json.loads(capsys.readouterr().out)["refusal"]
    assert refusal["fixes"] == [
        {
            "title": "Set the Default Relay State",
            "in": "world",
            "changes": {f"/okta/acme/apps/{APP}/default_relay_state": RIGHT},
            "lands_on": "https://acme.my.connect.aws/home",
            "tried": True,
        }
    ]
    assert run("login", USER, APP, "--no-fixes") == 1
    assert "fix (tried)" not in capsys.readouterr().out


def test_a_mistyped_key_is_put_right_where_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be used is tried with what was probably meant."""
    path = folder / "world.yaml"
    path.write_text(TEXT.replace("join_all_roles: true", "join_all_role: true"), encoding="utf-8")
    assert run("fix", "world.yaml") == 0
    assert path.read_text(encoding="utf-8") == TEXT
    printed = capsys.readouterr().out
    assert printed.startswith(
        f"world.yaml:20  okta.acme.apps.{APP}.join_all_role\n"
        "  unknown key join_all_role; did you mean join_all_roles?\n"
    )
    assert "\n  fix    Write join_all_roles in place of join_all_role\n" in printed


def test_what_gives_something_up_is_written_only_when_allowed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second factor is not taken away unasked."""
    path = folder / "world.yaml"
    text = TEXT.replace("join_all_roles: true", "join_all_roles: true\n        mfa: required   # since 2024")
    path.write_text(text, encoding="utf-8")
    assert run("fix", "world.yaml", "--user", USER) == 1
    assert path.read_text(encoding="utf-8") == text
    assert "  not written: it gives something up: --allow-warnings writes it\n" in capsys.readouterr().out
    assert run("fix", "world.yaml", "--user", USER, "--allow-warnings") == 0
    assert path.read_text(encoding="utf-8") == text.replace("mfa: required ", "mfa: off ")


def test_credentials_that_sts_refuses_have_the_fix_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The call of STS is made again with it."""
    (folder / "world.yaml").write_text(
        TEXT.replace(
            '{StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}',
            '{StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/sam"}}',
        ),
        encoding="utf-8",
    )
    assert run("login", USER, APP, "--print-env", "--standalone") == 1
    assert "  fix (tried) world.yaml:60  " in capsys.readouterr().err


STACK = """\
# the stack
Resources:
  Agent:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ConnectAgent
      ManagedPolicyArns: [arn:aws:iam::123456789012:policy/connect-login]
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Federated: !Sub "arn:aws:iam::${AWS::AccountId}:saml-provider/okta"}
            Action: sts:AssumeRoleWithSAML
            Condition: {StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}   # see the guide
"""


@pytest.mark.parametrize("wrong", ["as it is", "worked out"])
def test_a_template_is_written_where_it_holds_the_value_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    """What a template works out is printed, with its file and line, and not written."""
    start, end = TEXT.index("      ConnectAgent:\n"), TEXT.index("      ConnectSupervisor:\n")
    world = TEXT[:start] + TEXT[end:].replace("trust: *trust", 'trust: {Version: "2012-10-17", Statement: []}')
    principal = '{Federated: "arn:aws:iam::123456789012:saml-provider/okta"}'
    statement = f"{{Effect: Allow, Principal: {principal}, Action: sts:AssumeRoleWithSAML}}"
    world = world.replace("Statement: []}", f"Statement: [{statement}]}}")
    (folder / "world.yaml").write_text(
        world.replace("    alias: acme\n", "    alias: acme\n    seed: [stack.yaml]\n", 1), encoding="utf-8"
    )
    text = (
        STACK.replace('/saml"}}', '/sam"}}')
        if wrong == "as it is"
        else STACK.replace("saml-provider/okta", "saml-provider/okto")
    )
    (folder / "stack.yaml").write_text(text, encoding="utf-8")
    code = run("fix", "world.yaml", "--user", USER)
    printed = capsys.readouterr().out
    if wrong == "as it is":
        assert (code, (folder / "stack.yaml").read_text(encoding="utf-8")) == (0, STACK)
        assert "\nWritten: stack.yaml\nworld.yaml: 1 of 1 logins arrive\n" in printed
    else:
        assert (code, (folder / "stack.yaml").read_text(encoding="utf-8")) == (1, text)
        assert "  fix (tried) stack.yaml:12  " in printed
        assert "  not written: stack.yaml: " in printed
        assert "is worked out by the file itself\n" in printed


def test_no_secret_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not in the lines beside a change either; in the file it stays."""
    path = folder / "world.yaml"
    wrong = TEXT.replace("session_duration: 3600\n        join", "session_duration: 3600000\n        join")
    path.write_text(wrong.replace("groups: [Agents]}", "status: SUSPENDED, groups: [Agents]}"), encoding="utf-8")
    assert run("fix", "--dry-run", "--allow-warnings") == 0
    printed = capsys.readouterr().out
    assert "         provisioning: {access_key: AKIAI44QH8DHBEXAMPLE, secret_key: (secret)}\n" in printed
    assert "first_name: Hanako, last_name: Sato, password: (secret), " in printed
    for secret in ("je7MtGbClwBF", "correct-horse", "battery-staple", "paper-crane"):
        assert secret not in printed


def test_what_a_terminal_would_do_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A title that a file sets, a colour, a change of direction."""
    text = TEXT.replace(RIGHT, WRONG).replace("label: Amazon Connect SAML", 'label: "A\\e]0;x\\aB\\u202eC"')
    (folder / "world.yaml").write_text(text, encoding="utf-8")
    assert run("fix", "--dry-run") == 0
    assert "Applications > A\ufffd]0;x\ufffdB\ufffdC > Sign On > Default Relay State\n" in capsys.readouterr().out


def test_a_file_that_may_not_be_written_is_left(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file beside it, which takes its place, would be allowed; the superuser may write read-only files, too."""
    path = folder / "world.yaml"
    path.write_text(TEXT.replace(RIGHT, WRONG), encoding="utf-8")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert run("fix") == 3
    assert f"{path} cannot be written: it is read-only\n" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == TEXT.replace(RIGHT, WRONG)
    assert [each.name for each in folder.iterdir()] == ["world.yaml"]


def test_a_link_stays_a_link(folder: Path) -> None:
    """What it leads to is changed, with its mode."""
    real = folder / "real.yaml"
    real.write_text(TEXT.replace(RIGHT, WRONG), encoding="utf-8")
    real.chmod(0o600)
    (folder / "world.yaml").symlink_to("real.yaml")
    assert run("fix") == 0
    assert (folder / "world.yaml").is_symlink()
    assert real.read_text(encoding="utf-8") == TEXT
    assert real.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in folder.iterdir()) == ["real.yaml", "world.yaml"]


def test_mixed_line_breaks_stay(folder: Path) -> None:
    """Only the line of the change is another one."""
    path = folder / "world.yaml"
    right = TEXT.encode().replace(b"\n", b"\r\n", 30)
    path.write_bytes(right.replace(RIGHT.encode(), WRONG.encode()))
    assert run("fix") == 0
    assert path.read_bytes() == right


@pytest.mark.parametrize("is_absolute", [True, False])
def test_a_policy_outside_the_folder_is_not_written(
    folder: Path, is_absolute: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be somebody else's: the fix is printed."""
    inside = folder / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/okta"},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/sam"}},
            }
        ],
    }
    policy = folder / "trust.json"
    policy.write_text(json.dumps(trust), encoding="utf-8")
    name = str(policy) if is_absolute else "../trust.json"
    before, _, rest = TEXT.partition("trust: &trust\n")
    after = rest[rest.index("      ConnectSupervisor:") :].replace("trust: *trust", f"trust: {name}")
    path = inside / "world.yaml"
    path.write_text(f"{before}trust: {name}\n{after}", encoding="utf-8")
    assert run("fix") == 1
    assert f"  not written: {name}: it is outside the world's folder\n" in capsys.readouterr().out
    assert json.loads(policy.read_text(encoding="utf-8")) == trust


def test_a_file_that_was_changed_meanwhile_is_left(folder: Path) -> None:
    """What somebody wrote in the meantime is not lost."""
    path = folder / "world.yaml"
    path.write_text(TEXT, encoding="utf-8")
    files = Files("world.yaml")
    files.put("world.yaml", files.text("world.yaml").replace("acme", "other"))
    path.write_text("version: 1\n", encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match=r"world\.yaml was changed meanwhile"):
        files.write()
    assert path.read_text(encoding="utf-8") == "version: 1\n"
