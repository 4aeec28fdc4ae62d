"""The command line as people use it: output, exit codes, wrong input."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from emulator import commands
from emulator.cli import VERBS, main
from emulator.diagnosis.xml_layout import pretty_xml
from emulator.world import DEFAULT_WORLD
from emulator.worldfile.text.yaml_file import read_yaml
from tests.conftest import APP, USER

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Returns a function that runs a command in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, captured.out, captured.err

    return call


def test_demo_tells_the_whole_story(run: Run) -> None:
    """The login arrives in the CCP; the same login with a fault is refused in AWS's words with the reason."""
    code, out, _ = run("demo")
    assert code == 0
    assert "Arrived at https://acme.my.connect.aws/ccp-v2" in out
    assert "AWS sign-in refused: InvalidIdentityToken (400), check role-session-name" in out
    assert "  said   RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}" in out
    assert "  from   planted fault {attribute: RoleSessionName, set: hanako sato}" in out
    assert out.rstrip().splitlines()[-1].startswith("next: fedemu up")


def test_login_prints_steps_and_writes_a_trace_without_secrets(run: Run, tmp_path: Path) -> None:
    """Steps on the terminal; JSON and HAR in files; neither password nor token in any of them."""
    code, out, _ = run("login", USER, APP, "--trace", "login.json")
    assert code == 0
    assert " 1. Okta dashboard" in out
    assert "Arrived at https://acme.my.connect.aws/home" in out
    trace = json.loads((tmp_path / "login.json").read_text(encoding="utf-8"))
    modes = [(tmp_path / f"login.{kind}").stat().st_mode & 0o777 for kind in ("json", "har")]
    assert modes == [0o600, 0o600] or os.name == "nt"
    assert (trace["outcome"], trace["session_name"]) == ("accepted", USER)
    assert [step["step"] for step in trace["steps"]][-1] == "Connect page"
    har = json.loads((tmp_path / "login.har").read_text(encoding="utf-8"))
    assert har["log"]["version"] == "1.2"
    assert len(har["log"]["entries"]) == len(trace["steps"])
    for name in ("login.json", "login.har"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "correct-horse" not in text
        assert "AccessToken&" not in text
    assert "(redacted)" in (tmp_path / "login.har").read_text(encoding="utf-8")


def test_a_refused_login_exits_with_1_and_names_the_line_of_the_world(run: Run, tmp_path: Path) -> None:
    """The refusal's block points at the setting in the user's file."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    text = text.replace("session_duration: 3600", "audience: urn:example", 1)
    (tmp_path / "world.yaml").write_text(text, encoding="utf-8")
    line = text.splitlines().index("        audience: urn:example") + 1
    code, out, _ = run("login", USER, APP)
    assert code == 1
    assert "  said   Response does not contain the required audience." in out
    assert f"  from   world.yaml:{line}  okta.acme.apps.amazon-connect.audience" in out
    place = re.search(r"  where  assertion /Response/Assertion/Conditions/AudienceRestriction/Audience:(\d+)\n", out)
    assert place is not None
    laid_out = pretty_xml(run("mint", USER, APP, "--xml")[1].encode()).splitlines()
    assert laid_out[int(place[1]) - 1].strip() == "<saml2:Audience>urn:example</saml2:Audience>"


def test_login_as_json_is_json_only(run: Run) -> None:
    """--json prints one JSON document, the refusal in it."""
    code, out, _ = run("login", USER, APP, "--json", "--fault", "{attribute: Role, remove: true}")
    data = json.loads(out)
    assert code == 1
    assert data["refusal"]["message"] == "Your request included an invalid SAML response. To logout, click here."


def test_a_login_that_ends_elsewhere_exits_with_1_and_says_why(run: Run) -> None:
    """The block has no sentence of a service; the next command repeats what was given."""
    wanted = "https://acme.my.connect.aws/ccp-v2"
    code, out, _ = run("login", USER, APP, "--lands-on", wanted, "--role", "ConnectAgent")
    assert code == 1
    assert "Ended elsewhere, at https://acme.my.connect.aws/home\n" in out
    assert "The login did not arrive, check lands-on\n" in out
    assert f"  want   {wanted}\n" in out
    assert f"next: fedemu login {USER} {APP} --trace login.json --role ConnectAgent --lands-on {wanted}   " in out
    code, out, _ = run("login", USER, APP, "--lands-on", wanted, "--json")
    data = json.loads(out)
    assert (code, data["format"], data["outcome"], data["elsewhere"]["check"]) == (1, 2, "elsewhere", "lands-on")
    assert run("login", USER, APP, "--lands-on", "https://acme.my.connect.aws/home")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("login", USER, "nothing", "--json"), 2, "There is no Okta app nothing"),
        (("login", "--json"), 2, "Missing argument 'USER'."),
        (("login", "taro@example.com", APP, "--json"), 1, "AWS sign-in asks which role to take"),
        (("check", "no-such.yaml", "--json"), 2, "No such file or directory"),
        (("inspect", "no-such.txt", "--json"), 2, "No such file or directory"),
    ],
)
def test_errors_are_json_where_json_was_asked_for(
    run: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """On standard output, as the result would have been."""
    status, out, err = run(*arguments)
    data = json.loads(out)
    assert (status, data["format"], data["error"]["message"], err) == (code, 2, message, "")


@pytest.mark.parametrize("verb", ["check", "fix"])
def test_check_and_fix_take_the_world_as_other_verbs_do(run: Run, verb: str) -> None:
    """Also with --world, but not two of them."""
    assert run(verb, "--world", "no-such.yaml")[2].startswith("no-such.yaml\n  No such file or directory")
    code, _, err = run(verb, "one.yaml", "-w", "two.yaml")
    assert (code, "There are two world files, one.yaml and two.yaml: give one of them." in err) == (2, True)


def test_two_roles_need_a_choice(run: Run) -> None:
    """Without --role the command says which there are."""
    code, _, err = run("login", "taro@example.com", APP)
    assert code == 1
    assert "AWS sign-in asks which role to take" in err
    assert "  want   ConnectAgent, ConnectSupervisor" in err


def test_run_reports_and_exits(run: Run, tmp_path: Path) -> None:
    """0 when all is as expected, 1 when not, 5 when there is nothing to run, 2 for a bad file."""
    code, out, _ = run("run", "-k", "AWS-OK-01")
    assert code == 0
    assert "1 scenario, 1 as expected, 0 not" in out
    assert run("run", "-k", "'no such scenario'")[0] == 5
    scenario = f"scenario: Wrong\nid: W\nworld: {DEFAULT_WORLD}\nlogin: {{user: {USER}, app: {APP}}}\n"
    (tmp_path / "wrong.yaml").write_text(scenario + "expect: {outcome: refused, oracle: assumed}\n", encoding="utf-8")
    code, out, _ = run("run", "wrong.yaml")
    assert code == 1
    assert "FAIL W" in out
    assert "     outcome: expected refused, received accepted" in out
    (tmp_path / "bad.yaml").write_text(scenario + "expects: {}\n", encoding="utf-8")
    code, _, err = run("run", "bad.yaml")
    assert code == 2
    assert "bad.yaml:5  expects\n  unknown key expects" in err
    assert "; did you mean expect?" in err


def test_init_writes_what_runs_and_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    """The written world is clean and the written scenarios pass; a second init refuses."""
    assert run("init", "project")[0] == 0
    assert run("check", "project/world.yaml")[0] == 0
    code, out, _ = run("run", "project/scenarios")
    assert code == 0
    assert "3 scenarios, 3 as expected, 0 not" in out
    assert (tmp_path / "project" / "test_login.py").read_text(encoding="utf-8") == (
        '"""Logins as tests. pytest runs these and the scenarios in scenarios/login.fedemu.yaml."""\n'
        "\n"
        "import pytest\n"
        "\n"
        'pytestmark = pytest.mark.world("world.yaml")\n'
        "\n\n"
        "def test_the_login_arrives(login):\n"
        '    result = login("hanako@example.com", "amazon-connect", must_arrive=True)\n'
        '    assert result.login.lands_on == "https://acme.my.connect.aws/home"\n'
        '    assert result.login.role == "arn:aws:iam::123456789012:role/ConnectAgent"\n'
        "\n\n"
        '@pytest.mark.world(changes={"/okta/acme/apps/amazon-connect/audience": "urn:example:another"})\n'
        "def test_another_audience_is_refused(login):\n"
        '    result = login("hanako@example.com", "amazon-connect")\n'
        '    assert result.login.refusal.check == "audience"\n'
    )
    before = (tmp_path / "project" / "world.yaml").read_text(encoding="utf-8")
    (tmp_path / "project" / "test_login.py").unlink()
    code, _, err = run("init", "project")
    assert code == 2
    assert "exists already" in err
    assert not (tmp_path / "project" / "test_login.py").exists()
    assert (tmp_path / "project" / "world.yaml").read_text(encoding="utf-8") == before


def test_init_sends_editors_to_the_schemas_that_it_writes(run: Run, tmp_path: Path) -> None:
    """Every document has the line of its schema, which is there and takes the document; nothing is downloaded."""
    assert run("init")[0] == 0
    for name in ("world.yaml", "scenarios/login.fedemu.yaml"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        parts = text.split("---\n")
        for part, (data, _) in zip(parts, read_yaml(text), strict=True):
            line = part.splitlines()[0]
            assert line.startswith("# yaml-language-server: $schema=")
            schema = json.loads(((tmp_path / name).parent / line.partition("=")[2]).read_text(encoding="utf-8"))
            jsonschema.Draft202012Validator(schema).validate(data)


def test_init_writes_the_job_where_github_looks_for_it(run: Run, tmp_path: Path) -> None:
    """Its command writes JUnit and HTML, and both are kept, and of a failure what was sent and received."""
    run("init")
    job: dict[str, Any] = yaml.safe_load((tmp_path / ".github" / "workflows" / "login.yaml").read_text("utf-8"))
    steps = job["jobs"]["login"]["steps"]
    assert [step["run"] for step in steps if "run" in step][1:] == [
        "fedemu check world.yaml",
        "fedemu run scenarios --junit login.xml --html login.html",
    ]
    kept = [(step["if"], step["with"]["path"]) for step in steps if "upload-artifact" in step.get("uses", "")]
    assert kept == [("always()", "login.*"), ("failure()", ".fedemu/traces")]
    (tmp_path / "scenarios" / "login.fedemu.yaml").write_text(
        "scenario: x\nlogin: {user: hanako@example.com, app: amazon-connect}\nexpect: refused\n", encoding="utf-8"
    )
    assert run(*steps[-3]["run"].split()[1:])[0] == 1
    assert {path.name for path in tmp_path.glob("login.*")} == {"login.xml", "login.html"}
    assert list((tmp_path / ".fedemu" / "traces").rglob("*.har"))


def test_what_is_written_in_a_new_project_stays_out_of_git(run: Run, tmp_path: Path) -> None:
    """After every command that leaves files there, git sees what init wrote, and nothing more."""
    git = shutil.which("git")
    assert git is not None

    def seen() -> str:
        arguments = [git, "-C", str(tmp_path), "ls-files", "--others", "--exclude-standard"]
        return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout  # noqa: S603  # ours

    subprocess.run([git, "init", "--quiet", str(tmp_path)], check=True)  # noqa: S603  # arguments are this test's
    run("init")
    (tmp_path / "scenarios" / "bad.yaml").write_text(
        "scenario: x\nlogin: {user: hanako@example.com, app: amazon-connect}\nexpect: refused\n", encoding="utf-8"
    )
    before = seen()
    assert ".gitignore" in before.splitlines()
    run("login", USER, APP, "--trace", "login.json")
    assert run("run", "scenarios", "--har", "hars", "--junit", "login.xml", "--html", "login.html")[0] == 1
    assert {path.name for path in tmp_path.glob("login.*")} == {"login.xml", "login.html", "login.json", "login.har"}
    assert (tmp_path / ".fedemu").is_dir()
    assert (tmp_path / "hars" / "LOGIN-01.har").is_file()
    assert seen() == before


IGNORED = "# What fedemu writes: the folder of its runs, traces and recordings of logins, reports."


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            b"*.pyc",
            f"*.pyc\n{IGNORED}\n.fedemu/\n*.har\n/login.json\n/login.xml\n/login.html\n",
            "added to .gitignore: .fedemu/, *.har, /login.json, /login.xml, /login.html",
        ),
        (
            b"\xef\xbb\xbf/.fedemu\r\nlogin.json\r\n!*.har\r\n",
            f"\ufeff/.fedemu\r\nlogin.json\r\n!*.har\r\n{IGNORED}\r\n/login.xml\r\n/login.html\r\n",
            "added to .gitignore: /login.xml, /login.html",
        ),
        (b".fedemu\n*.har\nlogin.json\nlogin.xml\nlogin.html", ".fedemu\n*.har\nlogin.json\nlogin.xml\nlogin.html", ""),
    ],
    ids=["without an end", "from Windows, and decided otherwise", "complete"],
)
def test_what_a_git_ignore_lacks_is_added(run: Run, tmp_path: Path, before: bytes, after: str, told: str) -> None:
    """The file's own lines, their order and ends are kept; what its owner decided is not decided again."""
    (tmp_path / ".gitignore").write_bytes(before)
    code, out, _ = run("init")
    assert code == 0
    assert (tmp_path / ".gitignore").read_bytes().decode() == after
    assert [line for line in out.splitlines() if ".gitignore" in line] == [told] * bool(told)


def test_a_git_ignore_that_is_a_link_is_left_alone(run: Run, tmp_path: Path) -> None:
    """Git does not follow it, and what it leads to belongs to somebody else."""
    (tmp_path / "theirs").write_text("x\n", encoding="utf-8")
    (tmp_path / ".gitignore").symlink_to("theirs")
    code, out, _ = run("init")
    assert (code, ".gitignore" in out) == (0, False)
    assert (tmp_path / "theirs").read_text(encoding="utf-8") == "x\n"


@pytest.mark.parametrize("kind", ["world", "scenario", "defaults"])
def test_schema_is_json_schema_that_knows_the_keys(run: Run, kind: str) -> None:
    """Editors get the keys and refuse others."""
    code, out, _ = run("schema", kind)
    schema = json.loads(out)
    assert code == 0
    assert schema["additionalProperties"] is False
    needed = {"world": ["version"], "scenario": ["scenario"], "defaults": []}
    assert schema.get("required", []) == needed[kind]


def test_doctor_looks_at_what_matters(run: Run) -> None:
    """The libraries, the packages, the keys and the port are named, in this order."""
    code, out, _ = run("doctor", "--http", "0")
    assert code == 0
    subjects = list(
        dict.fromkeys(line[6:18].strip() for line in out.splitlines() if line[:4].strip() in {"ok", "note"})
    )
    assert subjects == [
        "Python", "libxml2", "packages", "authority", "keys", "signing key", "port", "browser", "xmlsec1",
    ]  # fmt: skip


def test_doctor_looks_at_the_keys_of_a_world_that_is_named(run: Run, tmp_path: Path) -> None:
    """A world that cannot be used is an error there, since somebody asked for it."""
    code, _, err = run("doctor", "--http", "0", "--world", str(tmp_path / "missing.yaml"))
    assert (code, "missing.yaml" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["lgoin"], 2, "There is no command lgoin. Did you mean login?"),
        (["login", USER, "no-such-app"], 2, "There is no Okta app no-such-app"),
        (["mint", "nobody@example.com", APP], 2, "The org acme has no user nobody@example.com"),
        (
            ["mint", "hanaco@example.com", APP],
            2,
            "The org acme has no user hanaco@example.com; did you mean hanako@example.com?\n"
            "  want   hanako@example.com\n",
        ),
        (
            ["login", APP, USER],
            2,
            f"There is no Okta app {USER}\n  want   acme/{APP}\n  got    {USER}\n"
            "  fix    The app comes after the user: USER APP.\n",
        ),
        (
            ["fix", "--dry-run", "--user", "hanaco@example.com", "--role", "ConectAgent"],
            2,
            "The world has no login with --user hanaco@example.com --role ConectAgent; "
            "did you mean --user hanako@example.com --role ConnectAgent?\n"
            "  fix    fedemu check lists the people, apps and roles.\n",
        ),
        (
            ["fix", "--dry-run", "--user", "mika@example.com"],
            2,
            "The world has no login with --user mika@example.com\n",
        ),
        (["login", USER, APP, "--world", "missing.yaml"], 2, "missing.yaml"),
        (["mint", USER, APP, "--fault", "{atribute: x}"], 2, "did you mean attribute?"),
        (["mint", USER, APP, "--fault", "{signature: maybe}"], 2, "there is no signature maybe"),
        (["mint", "mika@example.com", APP], 1, "Sorry, you cannot access Amazon Connect SAML"),
        (["inspect", "missing.har"], 2, "No such file or directory"),
    ],
)
def test_wrong_input_is_told_in_a_sentence(run: Run, arguments: list[str], code: int, said: str) -> None:
    """No traceback; the message says what was expected; the exit code says whose mistake it is."""
    got, _, err = run(*arguments)
    assert got == code
    assert said in err
    assert "Traceback" not in err


def test_help_names_every_verb(run: Run) -> None:
    """The overview lists the verbs."""
    code, out, _ = run("--help")
    assert code == 0
    for verb in VERBS:
        assert f"  {verb} " in out


def test_every_module_of_a_verb_is_in_the_list() -> None:
    """A verb that is written and not offered is found; so is one that is offered and not written."""
    modules = {
        path.stem
        for path in Path(commands.__path__[0]).glob("*.py")
        if re.search(r"^def command\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert modules - set(VERBS) == set(), "they are missing from VERBS"
    assert set(VERBS) - modules == set(), "they have no module"


def test_help_imports_nothing_but_the_verbs_own_modules() -> None:
    """What a verb needs is imported when it runs, so that the overview comes at once."""
    script = (
        "import sys; from click.testing import CliRunner; from emulator.cli import fedemu; "
        "assert CliRunner().invoke(fedemu, ['--help']).exit_code == 0; "
        "print(*(m for m in sys.modules if m.partition('.')[0] in {'emulator', 'idp', 'sp_mock', 'lxml', 'flask', "
        "'pydantic', 'requests', 'cryptography', 'xmlsec', 'saml2', 'botocore'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    allowed = ("emulator.commands", "emulator.kernel", "emulator.cli")
    assert [m for m in done.stdout.split() if m != "emulator" and not m.startswith(allowed)] == []


def test_a_command_ends_without_looking_for_garbage() -> None:
    """What it made is frozen before Python ends, and not before: whoever calls it in a process goes on as ever."""
    script = (
        "import atexit, gc; from emulator.cli import main\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 10_000))\n"
        "try: main(['--help'])\n"
        "except SystemExit as ended: print(ended.code, gc.get_freeze_count())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    assert done.stdout.splitlines()[-2:] == ["0 0", "True"]


def test_login_prints_credentials_for_shells_and_the_aws_cli(run: Run) -> None:
    """Three export lines, or the JSON that credential_process wants; a refusal goes to stderr with exit code 1."""
    code, out, _ = run("login", USER, APP, "--print-env", "--standalone")
    assert code == 0
    assert [line.partition("=")[0] for line in out.splitlines()] == [
        "export AWS_ACCESS_KEY_ID",
        "export AWS_SECRET_ACCESS_KEY",
        "export AWS_SESSION_TOKEN",
    ]
    code, out, _ = run(
        "login", "taro@example.com", APP, "--credential-process", "--role", "ConnectSupervisor", "--standalone"
    )
    assert code == 0
    data = json.loads(out)
    assert data["Version"] == 1
    assert data["AccessKeyId"].startswith("ASIA")
    assert data["Expiration"].endswith("Z")
    code, out, err = run(
        "login", USER, APP, "--print-env", "--standalone", "--fault", "{attribute: RoleSessionName, remove: true}"
    )
    assert (code, out) == (1, "")
    assert "RoleSessionName is required in AuthnResponse" in err


def test_demo_of_a_world_without_a_login_says_so(run: Run, tmp_path: Path) -> None:
    """A world for AWS alone ends with a usage error that says what to do with it."""
    (tmp_path / "world.yaml").write_text("version: 1\n", encoding="utf-8")
    code, _, err = run("demo")
    assert code == 2
    assert err.startswith("This world has no Okta org with an app and a user, so there is no login to show")


def test_a_login_from_another_address(run: Run, tmp_path: Path) -> None:
    """``--source-ip`` is where the login comes from, also of a login that takes the assertion to STS."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    audience = '{StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}'
    office = '{IpAddress: {"aws:SourceIp": 203.0.113.0/24}}'
    (tmp_path / "world.yaml").write_text(text.replace(audience, office), encoding="utf-8")
    code, out, _ = run("login", USER, APP, "--world", "world.yaml")
    assert code == 1
    assert "  where  the request's address" in out
    assert f"okta.acme.users.{USER}.source_ip: (none) -> 203.0.113.1\n" in out
    out = run("login", USER, APP, "--world", "world.yaml", "--no-fixes")[1]
    assert "  fix    Set source_ip of the Okta user, or --source-ip, to an address that the policy is meant for." in out
    assert "  from   world.yaml:9  okta.acme.users.hanako@example.com" in out
    code, out, _ = run("login", USER, APP, "--world", "world.yaml", "--source-ip", "203.0.113.9")
    assert code == 0
    code, out, _ = run(
        "login", USER, APP, "--world", "world.yaml", "--source-ip", "203.0.113.9", "--print-env", "--standalone"
    )
    assert (code, out.startswith("export AWS_ACCESS_KEY_ID=ASIA")) == (0, True)
    code, _, err = run("login", USER, APP, "--world", "world.yaml", "--source-ip", "office")
    assert code == 2
    assert "'office' is not an IP address such as 203.0.113.10" in err


@pytest.mark.parametrize("verb", [("init",), ("init", "--from"), ("init", "--from", "x.json")])
def test_a_name_that_is_longer_than_a_files(run: Run, verb: tuple[str, ...]) -> None:
    """Whoever pastes a text for a file's name reads so, and no traceback."""
    code, out, err = run(*verb, "a" * 300 + "/b")
    assert (code, out) == (2, "")
    assert err.splitlines() == [f"{'a' * 80}…: File name too long", "  want   a shorter name"]


@pytest.mark.parametrize("verb", [("check",), ("login", USER, APP, "--world"), ("inspect",), ("record",)])
def test_a_file_that_is_not_there_is_answered_with_the_nearest_name(
    run: Run, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    """Of its own folder, whichever command was given it; nothing is said of names that do not resemble it."""
    (tmp_path / "in").mkdir()
    for name in ("world.yaml", "scenario.yaml"):
        (tmp_path / "in" / name).write_text("version: 1\n", encoding="utf-8")
    code, out, err = run(*verb, "in/wrld.yaml")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "in/wrld.yaml",
        "  No such file or directory",
        "  want   a readable file",
        "  fix    Did you mean in/world.yaml?",
    ]
    assert "fix" not in run(*verb, "in/xyz.json")[2]
    assert "fix" not in run(*verb, "nowhere/world.yaml")[2]


def test_init_writes_through_no_link(run: Run, tmp_path: Path) -> None:
    """A link that leads to nothing yet is something that exists."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "world.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    code, out, err = run("init", "mine")
    assert (code, out) == (2, "")
    assert err.splitlines()[:2] == ["mine/world.yaml", "  exists already"]
    assert not (tmp_path / "elsewhere.yaml").exists()
