"""``fedemu check``: who gets where, what stops the others, what is merely worth knowing, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.cli import main
from emulator.world import DEFAULT_WORLD

Run = Callable[..., tuple[int, str, str]]
INSTANCE = "12345678-90ab-cdef-1234-567890abcdef"
FEDERATE = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE}"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Returns a function that runs ``check`` in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(["check", *arguments])
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, captured.out, captured.err

    return call


@pytest.fixture
def broken(tmp_path: Path) -> Callable[..., None]:
    """Returns a function that writes the built-in world to ``world.yaml`` with texts replaced."""

    def write(*replaced: tuple[str, str]) -> None:
        text = DEFAULT_WORLD.read_text(encoding="utf-8")
        for old, new in replaced:
            assert text.count(old) >= 1, old
            text = text.replace(old, new)
        (tmp_path / "world.yaml").write_text(text, encoding="utf-8")

    return write


def test_a_world_that_works(run: Run, broken: Callable[..., None]) -> None:
    """The table of who gets where, notes, and the exit code 0."""
    broken()
    code, out, _ = run()
    assert code == 0
    assert out.splitlines() == [
        "app                  role               ends at                           people",
        "acme/amazon-connect  ConnectAgent       https://acme.my.connect.aws/home       2  hanako@example.com, "
        "taro@example.com",
        "acme/amazon-connect  ConnectSupervisor  https://acme.my.connect.aws/home       1  taro@example.com",
        "",
        "note   world.yaml:11  okta.acme.users.mika@example.com",
        "       1 person has no app: mika@example.com",
        "note   the relay state has no destination; it leads to the instance's home",
        "       cause  The relay state is the Default Relay State of Amazon Connect SAML: ?destination=%2Fccp-v2 is "
        "missing in …567890abcdef.",
        "       from   world.yaml:18  okta.acme.apps.amazon-connect.default_relay_state",
        "",
        "world.yaml: 3 logins of 2 people, 1 made as proof: 3 arrive, 0 do not, 2 notes",
        "",
        "next: fedemu login hanako@example.com acme/amazon-connect --world world.yaml",
    ]


def test_what_stops_everybody_is_told_once(run: Run, broken: Callable[..., None]) -> None:
    """One block for all who are stopped by the same, with the line of the setting, the tried fix and how many it is."""
    broken(("https://ap-northeast-1.console", "https://us-east-1.console"))
    code, out, _ = run()
    assert code == 1
    lines = out.splitlines()
    assert lines[0] == (
        "3 logins do not arrive: 2 people (hanako@example.com, taro@example.com) in acme/amazon-connect, as "
        "ConnectAgent, ConnectSupervisor; for example hanako@example.com as ConnectAgent"
    )
    assert lines[1] == "  Amazon Connect refused: AccessDeniedException (403), check get-federation-token"
    assert "    from   world.yaml:18  okta.acme.apps.amazon-connect.default_relay_state" in lines
    assert any(line.startswith("    fix (tried) world.yaml:18  okta.acme.apps.amazon-connect") for line in lines)
    assert "world.yaml: 3 logins of 2 people, 1 made as proof: 0 arrive, 3 do not, 1 note" in lines
    assert lines[-1] == "next: fedemu fix --dry-run"
    _, out, _ = run("--no-fixes")
    assert out.splitlines()[-1] == (
        "next: fedemu login hanako@example.com acme/amazon-connect --role arn:aws:iam::123456789012:role/ConnectAgent"
    )
    # The contradiction that causes it is reported there, and not a second time.
    assert "the instance is in ap-northeast-1, the URL in" not in out


def test_a_contradiction_that_stops_nobody_is_a_note(run: Run, broken: Callable[..., None]) -> None:
    """A role of an assignment that nobody has does not exist: the exit code is 0, unless notes are to count."""
    broken(
        ("    groups: [Agents, Supervisors]", "    groups: [Agents, Supervisors, Nobody]"),
        (
            "        assignments:\n",
            "        assignments:\n          - {group: Nobody, saml_user_roles: [ConnectAgnt]}\n",
        ),
    )
    code, out, err = run()
    assert (code, err) == (0, "")
    assert "the role ConnectAgnt does not exist in that account" in out
    assert run("--fail-on", "note")[0] == 1


def test_names_are_judged_one_by_one(run: Run, broken: Callable[..., None]) -> None:
    """A Connect user in another case stops one of two people; the other arrives."""
    broken(("          taro@example.com: {", "          Taro@example.com: {"))
    code, out, _ = run("--no-fixes")
    assert code == 1
    assert "2 logins do not arrive: taro@example.com in acme/amazon-connect, as ConnectAgent, ConnectSupervisor" in out
    assert "they differ in case, and case counts" in out
    assert "acme/amazon-connect  ConnectAgent  https://acme.my.connect.aws/home       1  hanako@example.com" in out
    assert "1 arrives, 2 do not" in out


def test_a_user_whom_no_login_reaches_is_a_finding(run: Run, broken: Callable[..., None]) -> None:
    """Somebody of the org is a user of the instance and is assigned no app that leads there."""
    broken(("          - {group: Agents, role: ConnectAgent, saml_user_roles: [ConnectAgent]}\n", ""))
    code, out, _ = run()
    assert code == 1
    assert (
        "1 user of the instance acme is a person of an Okta org here, and no login of theirs leads there: "
        "hanako@example.com" in out
    )
    assert "0 do not, 1 other finding" in out


@pytest.mark.parametrize(
    ("destination", "is_refused"),
    [
        ("https%3A%2F%2Fcrm.example.com%2Fccp", True),
        ("https%3A%2F%2Fconnect.example.com%2Fccp", False),
        ("https%3A%2F%2Facme.my.connect.aws%2Fccp-v2", False),
        ("https%3A%2F%2F%5B", True),
        ("%2Fccp-v2", False),
    ],
)
def test_destinations(run: Run, broken: Callable[..., None], destination: str, is_refused: bool) -> None:
    """A page of one's own needs its origin approved, and a destination has to be a URL."""
    broken((f"federate/{INSTANCE}\n", f"federate/{INSTANCE}?destination={destination}\n"))
    code, out, _ = run("--no-fixes")
    assert code == int(is_refused)
    assert ("check destination" in out) is is_refused


def test_json(run: Run, broken: Callable[..., None]) -> None:
    """Who gets where, each group with its logins and its proof, findings and notes."""
    broken(("          taro@example.com: {", "          Taro@example.com: {"))
    code, out, _ = run("--json", "--no-fixes")
    assert code == 1
    data = json.loads(out)
    assert {name: data[name] for name in ("format", "file", "logins", "arrive")} == {
        "format": 2,
        "file": "world.yaml",
        "logins": 3,
        "arrive": 1,
    }
    assert data["access"] == [
        {
            "org": "acme",
            "app": "amazon-connect",
            "role": "arn:aws:iam::123456789012:role/ConnectAgent",
            "lands_on": "https://acme.my.connect.aws/home",
            "people": ["hanako@example.com"],
        }
    ]
    (group,) = data["refused"]
    assert (group["check"], group["people"]) == ("connect-user", 1)
    assert [login["role"].rpartition("/")[2] for login in group["logins"]] == ["ConnectAgent", "ConnectSupervisor"]
    assert group["proof"]["refusal"]["from"][0]["line"] > 0
    assert [note["rule"] for note in data["notes"]] == ["no-app", "login-note"]


def test_sarif(run: Run, broken: Callable[..., None]) -> None:
    """A result for each group at the line of its setting, with the check's name as rule; a note for each note."""
    broken(("https://ap-northeast-1.console", "https://us-east-1.console"))
    code, out, _ = run("--sarif", "--no-fixes")
    assert code == 1
    data = json.loads(out)
    assert (data["version"], data["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (one,) = data["runs"]
    assert [rule["id"] for rule in one["tool"]["driver"]["rules"]] == ["get-federation-token", "no-app"]
    error, note = one["results"]
    assert (error["ruleId"], error["ruleIndex"], error["level"]) == ("get-federation-token", 0, "error")
    assert error["locations"][0] == {
        "physicalLocation": {"artifactLocation": {"uri": "world.yaml"}, "region": {"startLine": 18}},
        "logicalLocations": [{"fullyQualifiedName": "okta.acme.apps.amazon-connect.default_relay_state"}],
    }
    assert error["message"]["text"].startswith("3 logins do not arrive: 2 people")
    assert (note["ruleId"], note["level"]) == ("no-app", "note")


def test_an_instant_can_be_rehearsed(run: Run, broken: Callable[..., None]) -> None:
    """A condition that ends with a day is met before and not after it; a certificate that ends by then is a note."""
    condition = 'Condition: {StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}'
    broken((condition, condition + ', DateLessThan: {"aws:CurrentTime": "2030-01-31T12:00:00Z"}'))
    assert run("--at", "2030-01-31")[0] == 0
    code, out, _ = run("--at", "2030-01-31T21:00:00+09:00", "--no-fixes")
    assert code == 1
    assert "check trust-policy" in out
    broken()
    code, out, _ = run("--at", "2046-01-31T09:00:00Z")
    assert code == 0
    assert "the signing certificate of Amazon Connect SAML ended on " in out
    assert "3 logins of 2 people, 1 made as proof: 3 arrive, 0 do not, 3 notes" in out


def test_wrong_options_are_told(run: Run, broken: Callable[..., None]) -> None:
    """No date, and two forms at once."""
    broken()
    code, _, err = run("--at", "tomorrow")
    assert code == 2
    assert "tomorrow is not an instant with a time zone; write 2026-11-23T09:30:00Z" in err
    assert run("--json", "--sarif")[0] == 2


def test_never_fails_if_so_asked(run: Run, broken: Callable[..., None]) -> None:
    """For a first look in CI."""
    broken(("https://ap-northeast-1.console", "https://us-east-1.console"))
    assert run("--no-fixes", "--fail-on", "never")[0] == 0
