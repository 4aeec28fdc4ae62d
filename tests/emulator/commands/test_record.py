"""``fedemu record`` as people use it: what it writes, what it prints, how it exits."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.conftest import APP, INSTANCE_ID, USER
from tests.emulator.inspection.vendor_responses import ISSUED, SHAPES, response
from tests.emulator.recordings.har_files import entry, har, login
from tests.emulator.recordings.test_recorded_events import CONSOLE, OKTA, REFUSED, SSO
from tests.emulator.test_cli import Run, run

__all__ = ["run"]
PAGE = (Path(__file__).parents[3] / "docs" / "record.md").read_text(encoding="utf-8")
FEDERATE = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
MESSAGE = base64.b64encode(response(SHAPES["okta 2023"])).decode()


def _write(name: str, data: Any) -> str:
    Path(name).write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return name


def _recorded(run: Run, *arguments: str) -> str:
    run("login", USER, APP, "--relay-state", f"{FEDERATE}?destination=/ccp-v2", "--trace", "login.json", *arguments)
    return "login.har"


def test_the_documented_transcript_is_what_is_printed(run: Run) -> None:
    """docs/record.md shows the command and its output to the letter."""
    (transcript,) = re.findall(r"```console\n\$ fedemu record login.har\n(.*?)```", PAGE, re.DOTALL)
    code, out, err = run("record", _recorded(run))
    assert (code, err) == (0, "")
    assert out == transcript


def test_what_was_written_runs_and_is_checked(run: Run) -> None:
    """The next step that record names works, and so does every other verb on the world."""
    assert run("record", _recorded(run), "-o", "made/here")[0] == 0
    code, out, _ = run("run", "made/here/scenarios")
    assert code == 0
    assert "1 scenario, 1 as expected, 0 not" in out
    code, out, _ = run("check", "made/here/world.yaml")
    assert code == 0
    assert "1 login of 1 person, 1 made as proof: 1 arrives, 0 do not" in out


def test_a_refused_login_is_refused_again(run: Run) -> None:
    """By the fault that the app cannot make by a setting, with the same words."""
    code, out, _ = run("record", _recorded(run, "--fault", "{attribute: RoleSessionName, set: hanako sato}"))
    assert code == 0
    assert out.splitlines()[-3:] == [
        "the emulated login ends like the recorded one: refused, RoleSessionName in AuthnResponse must match "
        "[a-zA-Z_0-9+=,.@-]{2,64}",
        "",
        "next: fedemu run login/scenarios",
    ]


def test_nothing_that_exists_is_overwritten(run: Run) -> None:
    """Exit code 2 and every file's name; with --force they are written anew."""
    recording = _recorded(run)
    assert run("record", recording)[0] == 0
    Path("login/world.yaml").write_text("mine", encoding="utf-8")
    code, out, err = run("record", recording)
    assert (code, out) == (2, "")
    told = "  exists already\n  want   a folder without it\n  fix    Give -o DIR, or --force.\n"
    assert err == f"login/world.yaml\n{told}login/scenarios/login.fedemu.yaml\n{told}"
    assert Path("login/world.yaml").read_text(encoding="utf-8") == "mine"
    assert run("record", recording, "--force")[0] == 0
    assert Path("login/world.yaml").read_text(encoding="utf-8").startswith("# A recorded login of ")


def test_a_difference_is_printed(run: Run) -> None:
    """Exit code 1, each thing that differs, and the inspector as the next step."""
    at = ISSUED + timedelta(seconds=2)
    answer = entry("GET", FEDERATE, 500, at=at, page="<html><body><p>A sentence that nobody knows.</p></body></html>")
    _write("login.har", har(*login(MESSAGE, answer, relay_state=FEDERATE, status=302, page="", location=FEDERATE)))
    code, out, _ = run("record", "login.har")
    assert code == 1
    assert out.splitlines()[-5:] == [
        "the emulated login does not end like the recorded one:",
        "  outcome: it was refused, and the emulated login has accepted",
        "  message: it was A sentence that nobody knows., and the emulated login has none",
        "",
        "next: fedemu inspect login.har   (what each check says about the recorded message)",
    ]
    assert run("run", "login/scenarios")[0] == 1


def test_of_several_logins_the_last_is_taken(run: Run) -> None:
    """All are listed; --login takes another, and a number that there is not is refused."""
    other = base64.b64encode(response(SHAPES["onelogin"])).decode()
    _write("two.har", har(*login(MESSAGE), *login(other, at=ISSUED + timedelta(seconds=60))))
    code, out, _ = run("record", "two.har")
    assert code == 0
    assert out.splitlines()[:3] == [
        "2 logins; using number 2, --login chooses another:",
        "    1  2026-03-04T05:06:08.000Z  AWS sign-in: Response signature invalid",
        " >  2  2026-03-04T05:07:08.000Z  AWS sign-in: Response signature invalid",
    ]
    assert "style: onelogin" in Path("two/world.yaml").read_text(encoding="utf-8")
    assert "https://app.onelogin.com/" in Path("two/world.yaml").read_text(encoding="utf-8")
    assert run("record", "two.har", "--login", "1", "-o", "first")[0] == 0
    assert "http://www.okta.com/exk2example0000000h7" in Path("first/world.yaml").read_text(encoding="utf-8")
    code, _, err = run("record", "two.har", "--login", "3")
    assert code == 2
    assert "there are only 2" in err


def test_a_copy_for_others_has_other_names(run: Run) -> None:
    """Neither in the files nor on the terminal."""
    code, out, _ = run("record", _recorded(run), "--redact")
    assert code == 0
    for text in (out, *(path.read_text(encoding="utf-8") for path in Path("login").rglob("*.yaml"))):
        assert not re.search(f"hanako|acme|123456789012|{INSTANCE_ID}", text)
    assert run("run", "login/scenarios")[0] == 0


def test_the_json_is_documented(run: Run) -> None:
    """Its keys are in docs/record.md, and nothing else is printed."""
    code, out, _ = run("record", _recorded(run), "--json")
    assert code == 0
    data = json.loads(out)
    assert data["files"] == ["login/world.yaml", "login/scenarios/login.fedemu.yaml"]
    assert data["ends"]["lands_on"] == "https://acme.my.connect.aws/ccp-v2"
    assert (data["is_end_known"], data["differences"]) == (True, [])
    assert [key for key in data if f"`{key}`" not in PAGE] == []


def test_a_file_without_an_ending_has_another_folder(run: Run) -> None:
    """Its own name is taken; standard input has none."""
    assert run("record", _write("assertion", MESSAGE))[0] == 0
    assert Path("recorded-login/world.yaml").is_file()


def test_events_are_recorded_or_refused(run: Run) -> None:
    """CloudTrail's call of STS is enough; for Okta's log the error says what is missing."""
    code, out, _ = run("record", _write("events.json", [REFUSED, CONSOLE]))
    assert code == 0
    assert (
        "the emulated login ends like the recorded one: refused, Not authorized to perform sts:AssumeRoleWithSAML"
        in out
    )
    code, _, err = run("record", _write("okta.json", [OKTA, SSO]))
    assert code == 2
    assert err.splitlines()[0] == (
        "A world cannot be made of this: Okta's System Log does not say which roles an assertion had"
    )


def test_other_files_are_refused_by_name(run: Run) -> None:
    """A world, an identity provider's metadata, a page without a message, a HAR without a login, nothing at all."""
    cases = {
        "world.yaml": ("# mine\nversion: 1\nokta: {}\n", "This is not a recording of a login: it is a world file"),
        "idp.xml": (
            '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>',
            "This is not a recording of a login: it is the metadata of an identity provider",
        ),
        "template.yaml": (
            "Resources:\n  Idp: {Type: AWS::IAM::SAMLProvider}\n",
            "This is not a recording of a login: it is a CloudFormation template",
        ),
        "show.json": (
            json.dumps({"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {}}}),
            "This is not a recording of a login: it is Terraform's state or plan",
        ),
        "role.json": (
            json.dumps({"Role": {"RoleName": "A", "Arn": "arn:aws:iam::123456789012:role/A", "Path": "/"}}),
            "This is not a recording of a login: it is an answer of the AWS CLI",
        ),
        "page.html": ("<html><body>Sign in</body></html>", "This page has no SAMLResponse"),
        "empty.har": (json.dumps(har()), "There is no SAMLResponse in this file"),
        "nothing.txt": ("", "There is nothing to inspect"),
    }
    for name, (text, first) in cases.items():
        code, out, err = run("record", _write(name, text))
        assert (code, out) == (2, "")
        assert err.splitlines()[0] == first
    assert "  fix    Begin a world with it: fedemu init --from role.json" in run("record", "role.json")[2].splitlines()
    assert run("record", "absent.har")[0] == 2
