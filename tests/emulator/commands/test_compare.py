"""``fedemu compare``: who loses, changes and gains a login, by which setting, and the exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.cli import main
from emulator.world import DEFAULT_WORLD
from tests.fidelity import ROOT

PAGE = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8")
Run = Callable[..., tuple[int, str, str]]
Write = Callable[..., None]
REGIONAL = "https://ap-northeast-1.signin.aws.amazon.com/saml"
GLOBAL = "https://signin.aws.amazon.com/saml"
AUDIENCE = f'"SAML:aud": "{GLOBAL}"'
HANAKO = "      hanako@example.com: {first_name: Hanako, last_name: Sato, password: correct-horse, groups: [Agents]}\n"
AT_HOME = "ends at https://acme.my.connect.aws/home"


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


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Returns a function that writes the built-in world under a name, with texts replaced."""

    def call(name: str, *replaced: tuple[str, str]) -> None:
        text = DEFAULT_WORLD.read_text(encoding="utf-8")
        for old, new in replaced:
            assert text.count(old) >= 1, old
            text = text.replace(old, new)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return call


def test_nothing_changes(run: Run, write: Write) -> None:
    """One line, and the exit code 0."""
    write("before.yaml")
    write("after.yaml")
    code, out, err = run("before.yaml", "after.yaml")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "before.yaml -> after.yaml: 0 lost, 0 changed, 0 gained, 3 as before",
        "",
        "next: fedemu check after.yaml",
    ]


def test_who_loses_what_and_why(run: Run, write: Write) -> None:
    """One block for all whom the same stops: what was changed, with both places, the service's words, the tried fix."""
    write("before.yaml", (AUDIENCE, f'"SAML:aud": ["{GLOBAL}", "{REGIONAL}"]'))
    write("after.yaml", (AUDIENCE, f'"SAML:aud": ["{REGIONAL}"]'))
    code, out, _ = run("before.yaml", "after.yaml")
    assert code == 1
    lines = out.splitlines()
    condition = "trust.Statement[0].Condition.StringEquals.SAML:aud"
    assert lines[:9] == [
        "3 logins are lost: 2 people (hanako@example.com, taro@example.com) in acme/amazon-connect, as ConnectAgent, "
        "ConnectSupervisor",
        f"  because SAML:aud of the trust policy of the role ConnectAgent lost {GLOBAL}",
        f"    was   before.yaml:60  aws.123456789012.roles.ConnectAgent.{condition}",
        f"    is    after.yaml:60  aws.123456789012.roles.ConnectAgent.{condition}",
        f"  and     SAML:aud of the trust policy of the role ConnectSupervisor lost {GLOBAL}",
        f"    was   before.yaml:60  aws.123456789012.roles.ConnectSupervisor.{condition}",
        f"    is    after.yaml:60  aws.123456789012.roles.ConnectSupervisor.{condition}",
        f"  before  acme/amazon-connect as ConnectAgent {AT_HOME} (Connect user hanako@example.com)",
        "  after   AWS sign-in refused: AccessDenied (403), check trust-policy   (the login of hanako@example.com)",
    ]
    assert (
        f"    fix (tried) after.yaml:60  aws.123456789012.roles.ConnectAgent.{condition}: (none) -> {GLOBAL}" in lines
    )
    assert lines[-3:] == [
        "before.yaml -> after.yaml: 3 lost, 0 changed, 0 gained, 0 as before",
        "",
        "next: fedemu fix after.yaml --dry-run",
    ]
    code, out, _ = run("before.yaml", "after.yaml", "--no-fixes")
    assert code == 1
    assert "fix (tried)" not in out


def test_a_person_who_is_gone(run: Run, write: Write) -> None:
    """A person who is taken out of Okta loses their login, and is named so."""
    write("before.yaml")
    write("after.yaml", (HANAKO, ""))
    code, out, _ = run("before.yaml", "after.yaml")
    assert code == 1
    assert out.splitlines()[:6] == [
        "1 login is lost: hanako@example.com in acme/amazon-connect, as ConnectAgent",
        "  because hanako@example.com is no longer in the org acme",
        "  changed the user hanako@example.com is gone",
        "    was   before.yaml:9  okta.acme.users.hanako@example.com",
        "    is    after.yaml:8  okta.acme.users.hanako@example.com, which is not there",
        f"  before  acme/amazon-connect as ConnectAgent {AT_HOME} (Connect user hanako@example.com)",
    ]
    assert "no login here comes as 1 user of the instance acme: hanako@example.com" in out


def test_a_gain_is_shown_and_fails_only_where_it_is_to(run: Run, write: Write) -> None:
    """Somebody who is new in the org, with a role: exit code 0, and 1 with --fail-on gain."""
    write("before.yaml", (HANAKO, ""))
    write("after.yaml")
    code, out, _ = run("before.yaml", "after.yaml")
    assert code == 0
    assert out.splitlines()[:7] == [
        "1 login is gained: hanako@example.com in acme/amazon-connect, as ConnectAgent",
        "  because hanako@example.com is new in the org acme",
        "  changed the user hanako@example.com is new",
        "    was   before.yaml:8  okta.acme.users.hanako@example.com, which is not there",
        "    is    after.yaml:9  okta.acme.users.hanako@example.com",
        "  before  not there",
        f"  after   acme/amazon-connect as ConnectAgent {AT_HOME} (Connect user hanako@example.com)",
    ]
    assert run("before.yaml", "after.yaml", "--fail-on", "gain")[0] == 1
    assert run("after.yaml", "before.yaml", "--fail-on", "never")[0] == 0


def test_one_of_several_roles_is_lost(run: Run, write: Write) -> None:
    """Whoever keeps another role has lost this one; whoever has another in its place has a change."""
    write("before.yaml")
    write("after.yaml", ("saml_user_roles: [ConnectAgent]", "saml_user_roles: [ConnectSupervisor]"))
    code, out, _ = run("before.yaml", "after.yaml", "--no-fixes")
    assert code == 1
    lines = out.splitlines()
    assert lines[:3] == [
        "1 login is lost: taro@example.com in acme/amazon-connect, as ConnectAgent",
        "  because taro@example.com is not given the role any more",
        "  changed the SAML user roles of an assignment of the app amazon-connect lost ConnectAgent and got "
        "ConnectSupervisor",
    ]
    assert "1 login changes: hanako@example.com in acme/amazon-connect, as ConnectAgent" in lines
    assert f"  after   acme/amazon-connect as ConnectSupervisor {AT_HOME} (Connect user hanako@example.com)" in lines
    assert "before.yaml -> after.yaml: 1 lost, 1 changed, 0 gained, 1 as before, 1 new remark" in lines


def test_what_was_changed_is_put_back(run: Run, write: Write) -> None:
    """Where nothing else lets a login arrive, that is tried; what it takes back of the change's gifts is a warning."""
    write("before.yaml")
    write("after.yaml", ("saml_user_roles: [ConnectAgent]", "saml_user_roles: [ConnectSupervisor]"))
    _, out, _ = run("before.yaml", "after.yaml")
    at = "after.yaml:23  okta.acme.apps.amazon-connect.assignments[0].saml_user_roles"
    lines = out.splitlines()
    assert f'    fix (tried) {at}: ["ConnectSupervisor"] -> ["ConnectAgent"]' in lines
    assert "    warning It takes back what the change gives: 1 login." in lines
    assert lines[-1].startswith("next: fedemu login taro@example.com acme/amazon-connect --world after.yaml --role ")
    write(
        "after.yaml",
        ("          - {group: Supervisors, role: ConnectSupervisor, saml_user_roles: [ConnectSupervisor]}\n", ""),
    )
    _, out, _ = run("before.yaml", "after.yaml")
    assert (
        "    fix (tried) after.yaml:22  okta.acme.apps.amazon-connect.assignments: (none) -> "
        '{"group": "Supervisors", "role": "ConnectSupervisor", "saml_user_roles": ["ConnectSupervisor"]}'
    ) in out.splitlines()
    assert "warning" not in out


def test_somebody_who_does_not_come_to_a_role(run: Run, write: Write) -> None:
    """Whoever is refused at Okta loses every role by that, and gets them back by that."""
    write("before.yaml")
    write("after.yaml", ("password: battery-staple", "password: battery-staple, status: SUSPENDED"))
    code, out, _ = run("before.yaml", "after.yaml", "--no-fixes")
    assert code == 1
    lines = out.splitlines()
    assert lines[:2] == [
        "2 logins are lost: taro@example.com in acme/amazon-connect, as ConnectAgent, ConnectSupervisor",
        "  because the status of the user taro@example.com is SUSPENDED and was ACTIVE",
    ]
    assert "  after   Okta refused: E0000004 (401), check okta-sign-in   (the login of taro@example.com)" in lines
    code, out, _ = run("after.yaml", "before.yaml")
    assert code == 0
    assert "  before  acme/amazon-connect does not arrive, check okta-sign-in" in out.splitlines()
    _, out, _ = run("after.yaml", "after.yaml")
    assert (
        "after.yaml -> after.yaml: 0 lost, 0 changed, 0 gained, 1 as before, 1 did not arrive before and does not"
        in out
    )


def test_another_place_is_a_change(run: Run, write: Write) -> None:
    """A relay state that leads elsewhere: a loss of the old place, unless only refusals are to count."""
    write("before.yaml")
    write(
        "after.yaml", ("1234-567890abcdef\n        session", "1234-567890abcdef?destination=%2Fccp-v2\n        session")
    )
    code, out, _ = run("before.yaml", "after.yaml")
    assert code == 1
    assert out.splitlines()[:4] == [
        "2 logins change: 2 people (hanako@example.com, taro@example.com) in acme/amazon-connect, as ConnectAgent",
        "  changed the default relay state of the app amazon-connect is https://ap-northeast-1.console.aws.amazon.com/"
        "connect/federate/12345678-90ab-cdef-1234-567890abcdef?destination=%2Fccp-v2 and was "
        "https://ap-northeast-1.console.aws.amazon.com/connect/federate/12345678-90ab-cdef-1234-567890abcdef",
        "    was   before.yaml:18  okta.acme.apps.amazon-connect.default_relay_state",
        "    is    after.yaml:18  okta.acme.apps.amazon-connect.default_relay_state",
    ]
    assert run("before.yaml", "after.yaml", "--fail-on", "refused")[0] == 0


def test_another_name_of_an_app(run: Run, write: Write) -> None:
    """Whoever has the same role at the same place by another app has a change."""
    write("before.yaml")
    write("after.yaml", ("amazon-connect:", "ccp:"), ("acme/amazon-connect", "acme/ccp"))
    code, out, _ = run("before.yaml", "after.yaml")
    assert code == 1
    assert "before.yaml -> after.yaml: 0 lost, 3 changed, 0 gained, 0 as before" in out.splitlines()
    assert f"  after   acme/ccp as ConnectAgent {AT_HOME} (Connect user hanako@example.com)" in out.splitlines()


def test_secrets_are_not_shown(run: Run, write: Write) -> None:
    """Another password is another password, and no more."""
    write("before.yaml")
    write(
        "after.yaml",
        (
            "hanako@example.com: {first_name: Hanako, last_name: Sato, password: correct-horse, groups: [Agents]}",
            "hanako@example.com: {password: staple-horse, status: SUSPENDED, groups: [Agents]}",
        ),
        ("[Agents, Supervisors]}", "[Agents, Supervisors], status: ACTIVE}"),
    )
    code, out, err = run("before.yaml", "after.yaml", "--json")
    assert (code, err) == (1, "")
    assert "horse" not in out
    assert "the status of the user hanako@example.com" in out


def test_as_json(run: Run, write: Write) -> None:
    """Stdout is one value, as docs/compare.md describes it."""
    write("before.yaml")
    write("after.yaml", (AUDIENCE, f'"SAML:aud": "{REGIONAL}"'))
    code, out, err = run("before.yaml", "after.yaml", "--json", "--at", "2026-12-01")
    assert (code, err) == (1, "")
    data: dict[str, Any] = json.loads(out)
    assert list(data) == [
        "format", "verdict", "before", "after", "at", "counts", "lost", "changed", "gained", "remarks",
        "left_out",
    ]  # fmt: skip
    assert (data["format"], data["verdict"], data["at"]) == (2, "lost", "2026-12-01T00:00:00Z")
    assert data["before"] == {"name": "before.yaml", "file": "before.yaml", "logins": 3, "arrive": 3}
    assert data["after"] == {"name": "after.yaml", "file": "after.yaml", "logins": 3, "arrive": 0}
    assert data["counts"] == {"lost": 3, "changed": 0, "gained": 0, "kept": 0, "still_failing": 0}
    (group,) = data["lost"]
    assert group["people"] == ["hanako@example.com", "taro@example.com"]
    first = group["logins"][0]
    assert (first["user"], first["before"]["lands_on"], first["after"]["check"]) == (
        "hanako@example.com",
        "https://acme.my.connect.aws/home",
        "trust-policy",
    )
    change = group["changes"][0]
    assert (change["before"], change["after"], change["named_by_the_service"]) == (GLOBAL, REGIONAL, True)
    assert (change["before_at"]["file"], change["before_at"]["line"]) == ("before.yaml", 60)
    assert group["proof"]["refusal"]["fixes"][0]["tried"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("before.yaml", "nosuch.yaml"), "There is no file nosuch.yaml"),
        (("before.yaml",), "before.yaml alone is nothing to compare: it is not a Terraform plan"),
        (("before.yaml", "."), "There is no world.yaml"),
        (("HEAD~1", "before.yaml"), "HEAD~1 is not a file or folder, and this folder is in no git repository"),
        (("before.yaml", "broken.yaml"), "AFTER (broken.yaml) cannot be used:"),
        (("broken.yaml", "before.yaml"), "BEFORE (broken.yaml) cannot be used:"),
        (("before.yaml", "before.yaml", "--at", "soon"), "soon is not an instant with a time zone"),
    ],
)
def test_what_cannot_be_compared(run: Run, write: Write, arguments: tuple[str, ...], said: str) -> None:
    """A message in plain words on stderr, and the exit code 2."""
    write("before.yaml")
    write("broken.yaml", ("version: 1", "version: 7"))
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_nothing_is_written(run: Run, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is changed or made, no key is kept, and no temporary folder is left."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("FEDEMU_HOME", str(home))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    write("before.yaml")
    write("after.yaml", (AUDIENCE, f'"SAML:aud": "{REGIONAL}"'))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert run("before.yaml", "after.yaml")[0] == 1
    assert run("before.yaml", "HEAD~1")[0] == 2
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert list(temporary.iterdir()) == []
    assert not home.exists()


def test_the_transcript_in_the_documentation(run: Run, write: Write) -> None:
    """docs/compare.md shows what is printed, line for line."""
    trust = f"""        trust:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {{Federated: "arn:aws:iam::123456789012:saml-provider/okta"}}
              Action: sts:AssumeRoleWithSAML
              Condition: {{StringEquals: {{"SAML:aud": "{REGIONAL}"}}}}"""
    write("before.yaml")
    write("after.yaml", ("        trust: *trust", trust))
    (shown,) = re.findall(r"```console\n\$ fedemu compare before.yaml after.yaml\n(.*?)```", PAGE, re.DOTALL)
    assert run("before.yaml", "after.yaml") == (1, shown, "")
