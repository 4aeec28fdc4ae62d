"""``fedemu inspect`` as people use it: what it prints, how it exits, what it needs to be given."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from emulator.inspection import default_world
from emulator.world import DEFAULT_WORLD
from sp_mock.assertion.checks import CHECKS
from tests.conftest import APP, USER
from tests.emulator.inspection.vendor_responses import (
    GOOD,
    ISSUED,
    ROLE_ARN,
    SHAPES,
    encrypted,
    metadata,
    response,
    trust_policy,
    with_shape,
)
from tests.emulator.recordings.har_files import OKTA, entry, har, login, refused_page
from tests.emulator.recordings.test_recorded_events import CONSOLE, FEDERATION, REFUSED, SSO
from tests.emulator.test_cli import Run, run

__all__ = ["run"]
MESSAGE = base64.b64encode(response(SHAPES["onelogin"])).decode()
RELAY = "https://us-west-2.console.aws.amazon.com/connect/federate/0a1b2c3d-0000-4000-8000-00000000c0c0"


def _write(name: str, data: Any) -> str:
    text = data if isinstance(data, str) else json.dumps(data)
    Path(name).write_text(text, encoding="utf-8")
    return name


def test_mint_and_inspect_fit_together(run: Run) -> None:
    """What mint prints is judged by the built-in world, which it comes from."""
    _write("assertion.txt", run("mint", USER, APP)[1])
    for arguments in ([], ["--world", str(DEFAULT_WORLD)]):
        code, out, _ = run("inspect", "assertion.txt", *arguments)
        assert code == 0
        assert f"{len(CHECKS)} of {len(CHECKS)} checks asked: accepted." in out
    assert default_world.BUILT_IN == DEFAULT_WORLD


def test_a_world_in_the_folder_is_the_default(run: Run) -> None:
    """As for every other verb; a message that it does not know is refused for it."""
    _write(
        "world.yaml", DEFAULT_WORLD.read_text(encoding="utf-8").replace("session_duration: 3600", "audience: urn:x", 1)
    )
    _write("assertion.txt", run("mint", USER, APP)[1])
    code, out, _ = run("inspect", "assertion.txt")
    assert code == 1
    assert "FAIL audience " in out
    assert "     judged by world.yaml for arn:aws:iam::123456789012:role/ConnectAgent, at " in out
    code, out, _ = run("inspect", _write("other.txt", MESSAGE))
    assert code == 1
    assert "Specified provider doesn't exist" in out


def test_an_example_with_the_same_account_is_no_message_of_the_built_in_world(run: Run) -> None:
    """Many examples are of that account; what the built-in world issued is known with another issuer too."""
    role = "arn:aws:iam::123456789012:role/ConnectAgent,arn:aws:iam::123456789012:saml-provider/okta"
    example = base64.b64encode(response(SHAPES["onelogin"], replace(GOOD, role=role))).decode()
    assert run("inspect", _write("example.txt", example))[0] == 4
    issuer = "{element: Assertion/Issuer, set: http://www.okta.com/exk1}"
    code, out, _ = run("inspect", _write("own.txt", run("mint", USER, APP, "--fault", issuer)[1]))
    assert code == 1
    assert "FAIL issuer " in out


def test_a_message_from_elsewhere_is_undecided(run: Run) -> None:
    """No world here knows it: what needs one is reported in one line."""
    code, out, _ = run("inspect", _write("assertion.txt", MESSAGE))
    assert code == 4
    lines = out.splitlines()
    assert [line for line in lines if line.startswith("-    not asked: ")] == [
        "-    not asked: provider, assertion-encryption, issuer, trust-policy, max-session-duration (this needs a "
        "world: give one with --world, or --metadata and --role); signature (Assertion whole and signed with the "
        "certificate inside; whether AWS knows that one is open: give its metadata with --metadata, or a world with "
        "--world)"
    ]
    assert "19 of 25 checks asked: undecided. What was asked passed; what was not may still refuse it." in lines
    assert lines[-1] == "next: fedemu inspect assertion.txt --metadata idp.xml --role role.json"


def test_metadata_and_role_take_a_worlds_place(run: Run) -> None:
    """Accepted at its own instant, refused an hour later."""
    given = [
        *("--metadata", _write("idp.xml", metadata(SHAPES["onelogin"]))),
        *("--role", _write("role.json", {"Role": {"Arn": ROLE_ARN, "AssumeRolePolicyDocument": trust_policy()}})),
    ]
    code, out, _ = run("inspect", _write("assertion.txt", MESSAGE), *given)
    assert code == 0
    judged = f"     judged by the metadata and the role for {ROLE_ARN}, at 2026-03-04T05:06:07.000Z"
    assert f"{judged} (when it was issued; --at judges its age)" in out.splitlines()
    assert "25 of 25 checks asked: accepted." in out
    code, out, _ = run("inspect", "assertion.txt", *given, "--at", "2026-03-04T06:06:07Z")
    assert code == 1
    assert "FAIL redeemed-in-time " in out
    code, _, err = run("inspect", "assertion.txt", *given, "--world", "world.yaml")
    assert code == 2
    assert "--metadata and a role's file replace the world: give either them or --world." in err


def test_the_next_step_names_what_is_lacking(run: Run) -> None:
    """One file, the other, or a look at the message where nothing more can be given."""
    idp, role = _write("idp.xml", metadata(SHAPES["onelogin"])), _write("role.json", trust_policy())
    _write("a.txt", MESSAGE)
    for given, lacking in (
        (["--metadata", idp], "--metadata idp.xml --role role.json"),
        (["--role", role], "--role role.json --metadata idp.xml"),
    ):
        code, out, _ = run("inspect", "a.txt", *given)
        assert code == 4
        assert out.rstrip().splitlines()[-1] == f"next: fedemu inspect a.txt {lacking}"
    _write("secret.txt", base64.b64encode(encrypted(SHAPES["onelogin"])).decode())
    code, out, _ = run("inspect", "secret.txt", "--metadata", idp, "--role", role)
    assert code == 4
    assert "     judged by the metadata and the role, at 2026-03-04T05:06:07.000Z (when it was issued; --at " in out
    assert (
        "-    not asked: response, version, status, instants, role-attribute, provider, assertion-encryption, issuer, "
        "response-destination, signature, subject-confirmation, audience, redeemed-in-time, time-window, "
    ) in out
    assert out.rstrip().splitlines()[-1] == (
        "next: fedemu inspect secret.txt --metadata idp.xml --role role.json --xml"
    )


def test_a_role_can_be_named(run: Run) -> None:
    """By its name or its ARN; a file that is not there is reported."""
    _write("assertion.txt", run("mint", "taro@example.com", APP)[1])
    arn = "arn:aws:iam::123456789012:role/ConnectSupervisor"
    for role in ("ConnectSupervisor", arn):
        code, out, _ = run("inspect", "assertion.txt", "--role", role)
        assert code == 0
        assert f"     judged by the built-in world for {arn}, at " in out
    code, out, _ = run("inspect", "assertion.txt", "--role", "Nobody")
    assert code == 1
    assert "FAIL requested-role " in out
    code, _, err = run("inspect", "assertion.txt", "--role", "role.json")
    assert code == 2
    assert "No such file or directory" in err


def test_failures_come_first(run: Run) -> None:
    """Then their blocks, the remarks, what passed in one line, what was not asked in another."""
    message = base64.b64encode(response(with_shape("okta 2023", signs=(), has_destination=False))).decode()
    code, out, _ = run("inspect", _write("assertion.txt", message))
    assert code == 1
    lines = out.splitlines()
    places = [
        next(number for number, line in enumerate(lines) if line.startswith(start))
        for start in (
            "FAIL signature",
            "AWS sign-in refused: InvalidIdentityToken (400), check signature",
            "!    Destination: none. SAML wants one on a signed message that is posted; AWS is not known to ask for ",
            "ok   base64, response, version, ",
            "-    not asked: ",
            "20 of 25 checks asked: refused. AWS would refuse it in the words of the first FAIL.",
            "next: fedemu explain signature",
        )
    ]
    assert places == sorted(places)


def test_a_har_shows_every_hop_and_what_aws_said(run: Run) -> None:
    """Beside the check that says the same here; the relay state; the instant of the post."""
    page = refused_page(
        "Response signature invalid (Service: AWSSecurityTokenService; Status Code: 400; Error Code: x)"
    )
    _write(
        "login.har", har(*login(MESSAGE, relay_state="https://example.my.connect.aws/ccp-v2", page=page, status=400))
    )
    code, out, _ = run("inspect", "login.har")
    assert code == 1
    assert out.startswith(
        "   1  05:06:04.000  example.okta.com       GET /app/UserHome  -> 200\n"
        "   3  05:06:07.000  example.okta.com       GET /home/amazon_aws/0oa1/272  -> 200\n"
        "   4  05:06:08.000  signin.aws.amazon.com  POST /saml  -> 400\n"
        "\n"
        "AWS sign-in refused at the time: x (400)\n"
        "  said   Response signature invalid\n"
        "  where  request 4\n"
        "  asks   the check signature; fedemu explain signature has its causes\n"
        "  here   not asked: signature\n"
    )
    assert (
        "!    RelayState https://example.my.connect.aws/ccp-v2\n"
        "     leads to https://console.aws.amazon.com/console/home: RelayState leads to example.my.connect.aws, an "
        "instance of Amazon Connect, and AWS sign-in follows its own sites only; it was not followed\n"
    ) in out
    assert f"     judged by the message alone for {ROLE_ARN}, at 2026-03-04T05:06:08.000Z (when it was posted)\n" in out
    assert "19 of 25 checks asked: refused, by AWS sign-in at the time." in out


def test_of_many_logins_those_around_the_chosen_one_are_listed(run: Run) -> None:
    """And how many there are before and after them."""
    messages = [response(SHAPES["okta 2023"], replace(GOOD, session_name=f"rin{number}")) for number in range(40)]
    Path("app.log").write_text("".join(f"login {base64.b64encode(each).decode()}\n" for each in messages))
    _, out, _ = run("inspect", "app.log")
    assert out.startswith(
        "40 logins; using number 40, --login chooses another:\n      10 earlier\n   11  time not recorded\n"
    )
    assert " > 40  time not recorded\n\n" in out
    _, out, _ = run("inspect", "app.log", "--login", "1")
    assert "   30  time not recorded\n      10 later\n\n" in out
    assert "RoleSessionName  rin0\n" in out


def test_several_logins_are_listed_and_one_is_chosen(run: Run) -> None:
    """The last one by default."""
    other = base64.b64encode(encrypted(SHAPES["onelogin"])).decode()
    entries = [*login(MESSAGE), *login(other, at=ISSUED + timedelta(minutes=1), page="", status=302, location=RELAY)]
    _write("login.har", har(*entries))
    code, out, _ = run("inspect", "login.har")
    assert code == 4
    assert out.startswith(
        "2 logins; using number 2, --login chooses another:\n"
        "    1  2026-03-04T05:06:08.000Z  AWS sign-in: Response signature invalid\n"
        " >  2  2026-03-04T05:07:08.000Z  taken\n"
    )
    assert "!    AWS took it at the time.\n" in out
    code, out, _ = run("inspect", "login.har", "--login", "1", "--json")
    data = json.loads(out)
    assert (code, data["verdict"], data["login"], len(data["logins"])) == (1, "refused", 1, 2)
    code, _, err = run("inspect", "login.har", "--login", "3")
    assert code == 2
    assert "Invalid value for --login: there are only 2" in err


def test_json_has_the_verdict(run: Run) -> None:
    """Format 2: what people read, as data."""
    page = refused_page("Response has expired (Service: AWSSecurityTokenService; Status Code: 400; Error Code: y)")
    _write("login.har", har(*login(MESSAGE, relay_state=RELAY, page=page)))
    code, out, _ = run("inspect", "login.har", "--json")
    data = json.loads(out)
    assert code == 1
    assert {
        key: data[key] for key in ("format", "verdict", "accepted", "judged_at", "posted_to", "relay_state", "said")
    } == {
        "format": 2,
        "verdict": "refused",
        "accepted": False,
        "judged_at": "2026-03-04T05:06:08.000Z",
        "posted_to": "https://signin.aws.amazon.com/saml",
        "relay_state": {"value": RELAY, "leads_to": RELAY},
        "said": {
            "service": "AWS sign-in",
            "code": "y",
            "status": 400,
            "message": "Response has expired",
            "checks": ["time-window", "session-end"],
            "hop": 4,
        },
    }
    assert data["comparison"] == (
        "all of time-window, session-end pass: what AWS has set up is not what was given here, or has changed since"
    )
    assert [each["host"] for each in data["hops"]] == ["example.okta.com"] * 2 + ["signin.aws.amazon.com"]
    assert {each["verdict"] for each in data["checks"]} == {"passed", "not asked"}
    data = json.loads(run("inspect", _write("assertion.txt", MESSAGE), "--json")[1])
    assert (data["verdict"], data["accepted"]) == ("undecided", False)


def test_every_key_is_documented(run: Run) -> None:
    """In docs/inspect.md, for logins, for events, and for what differs."""
    page = (Path(__file__).parents[3] / "docs" / "inspect.md").read_text(encoding="utf-8")
    known = set(re.findall(r"`(\w+)`", page.partition("## JSON")[2]))
    relayed = login(MESSAGE, relay_state=RELAY.replace("federate", "federation"))
    _write("login.har", har(*login(MESSAGE), *relayed))
    _write("encoded.txt", f"SAMLResponse={quote(MESSAGE, safe='')}&roleIndex={quote(ROLE_ARN)}")
    _write("events.json", [CONSOLE, REFUSED])
    for arguments in (["login.har"], ["encoded.txt"], ["events.json"], ["encoded.txt", "--diff", "login.har"]):
        data = json.loads(run("inspect", *arguments, "--json")[1])
        assert set(data) - known == set()
        for name in ("hops", "logins", "events", "differences"):
            assert {key for each in data.get(name, ()) for key in each} - known == set()


def test_a_login_that_okta_refused_has_no_message(run: Run) -> None:
    """Its refusal is the verdict."""

    page = (
        "<div class='error-content'><h1>403 App Not Assigned</h1><p>Sorry, you cannot access Amazon Connect because you"
    )
    page += " are not assigned this app in Okta. If you're wondering why</p></div>"
    _write("login.har", har(entry("GET", f"{OKTA}/home/amazon_aws/0oa1/272", 403, page=page)))
    code, out, _ = run("inspect", "login.har")
    assert code == 1
    assert out.splitlines()[2:] == [
        "Okta refused at the time: App Not Assigned (403)",
        "  said   Sorry, you cannot access Amazon Connect because you are not assigned this app in Okta. If you're "
        "wondering why",
        "  where  request 1",
        "  asks   the check app-assignment; fedemu explain app-assignment has its causes",
        "",
        "refused by Okta, before it issued a SAMLResponse.",
        "",
        "next: fedemu explain app-assignment",
    ]


def test_a_bookmark_is_refused_without_a_message(run: Run) -> None:
    """Amazon Connect says that the session has expired; nobody posted anything."""
    page = "<h1>Session expired</h1><p>\u001b[31mred</p>"
    _write("login.har", har(entry("GET", "https://example.my.connect.aws/ccp-v2", 200, page=page)))
    code, out, _ = run("inspect", "login.har")
    assert code == 1
    assert "  said   Session expired\n" in out
    assert "refused by Amazon Connect, and no SAMLResponse was posted." in out.splitlines()
    assert "\u001b" not in out


@pytest.mark.parametrize(
    ("events", "code", "last"),
    [
        ([REFUSED], 1, "refused, as CloudTrail has it."),
        ([CONSOLE], 0, "accepted: AWS recorded ConsoleLogin without an error."),
        ([CONSOLE, FEDERATION], 1, "refused, as CloudTrail has it."),
        ([SSO], 4, "undecided: Okta refused nothing, and its log does not know what AWS said."),
    ],
)
def test_events_are_explained(run: Run, events: list[Any], code: int, last: str) -> None:
    """The last refusal of several is looked at; the verdict is what the log says of it."""
    got, out, _ = run("inspect", _write("events.json", events))
    assert got == code
    assert last in out.splitlines()
    data = json.loads(run("inspect", "events.json", "--json")[1])
    assert (data["format"], len(data["events"])) == (2, len(events))
    assert data["verdict"] == {0: "accepted", 1: "refused", 4: "undecided"}[code]


def test_an_event_has_its_check(run: Run) -> None:
    """With the words of AWS and who it was."""
    _, out, _ = run("inspect", _write("events.json", {"Records": [CONSOLE, FEDERATION, REFUSED]}), "--login", "2")
    assert out.splitlines()[:3] == [
        "    1  ok   2026-03-04T05:00:00.000Z  ConsoleLogin        rin.mori@example.com",
        ">   2  FAIL 2026-03-04T05:06:09.000Z  AssumeRoleWithSAML  rin.mori@example.com  Not authorized to perform "
        "sts:AssumeRoleWithSAML",
        "    3  FAIL 2026-03-04T05:09:00.000Z  GetFederationToken  rin.mori@example.com  UserNotFoundException",
    ]
    assert "  asks   the check trust-policy or name-id; fedemu explain trust-policy has its causes" in out
    assert out.rstrip().splitlines()[-1] == "next: fedemu explain trust-policy"


def test_two_messages_are_compared(run: Run) -> None:
    """In either order of the words: --diff GOOD BAD, BAD --diff GOOD."""
    good = _write("good.txt", MESSAGE)
    bad = _write("bad.txt", base64.b64encode(response(with_shape("onelogin", signs=("Response",)))).decode())
    for arguments in (["--diff", good, bad], [bad, "--diff", good]):
        code, out, _ = run("inspect", *arguments)
        assert code == 1
        assert out == (
            "how it is signed\n  - Assertion, rsa-sha256\n  + Response, rsa-sha256\n\n"
            "1 difference (- the one that works, + the other).\n\nnext: fedemu inspect bad.txt\n"
        )
    assert run("inspect", good, "--diff", good)[:2] == (0, "\nnothing differs.\n\nnext: fedemu inspect good.txt\n")
    code, out, _ = run("inspect", bad, "--diff", good, "--json")
    assert json.loads(out) == {
        "format": 2,
        "differences": [
            {"place": "how it is signed", "good": ["Assertion, rsa-sha256"], "bad": ["Response, rsa-sha256"]}
        ],
    }
    code, _, err = run("inspect", _write("events.json", [REFUSED]), "--diff", good)
    assert code == 2
    assert "--diff compares two SAMLResponses, but one of the files does not have one." in err


def test_a_copy_for_others_is_printed(run: Run) -> None:
    """It can be inspected in the original's place."""
    code, out, _ = run("inspect", _write("assertion.txt", MESSAGE), "--redact")
    assert code == 0
    code, again, _ = run("inspect", _write("copy.txt", out))
    assert code == 4
    assert "rin.mori" not in again
    assert "this copy was redacted" in again


def test_standard_input_is_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a minus sign or without a file."""
    for arguments in (["-"], []):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MESSAGE.encode())))
        code, out, _ = run("inspect", *arguments)
        assert code == 4
        assert out.rstrip().splitlines()[-1] == "next: fedemu inspect - --metadata idp.xml --role role.json"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "There is nothing to inspect"),
        ("{}", "There is no SAMLResponse in this file"),
        ("{", "This looks like JSON but is not"),
        ("<html><body>no form</body></html>", "This page has no SAMLResponse"),
        ("EncryptedAssertion", "This is not a SAMLResponse"),
    ],
)
def test_what_a_wrong_file_is_is_told(run: Run, content: str, said: str) -> None:
    """A file without a SAMLResponse is a usage error in one sentence, with what to give instead."""
    code, _, err = run("inspect", _write("file", content))
    assert code == 2
    assert err.startswith(said)
    assert "  want   " in err


def test_without_a_world_neither_side_is_built(tmp_path: Path) -> None:
    """The identity provider and the building of worlds are imported when there is a world."""
    (tmp_path / "assertion.txt").write_text(MESSAGE, encoding="ascii")
    program = (
        "import sys\n"
        "from emulator.cli import main\n"
        "try:\n    main(['inspect', 'assertion.txt'])\n"
        "except SystemExit as done:\n    print(done.code)\n"
        "roots = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(roots & {'idp', 'flask', 'saml2', 'pydantic', 'requests', 'botocore'}))\n"
        "print(sorted({'emulator.building', 'emulator.federation', 'emulator.world'} & sys.modules.keys()))\n"
    )
    done = subprocess.run(  # noqa: S603 - the program is the one above
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-3:] == ["4", "[]", "[]"]
