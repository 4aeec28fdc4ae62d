"""login and mint through the running emulator: what each prints, and when they do without it."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.client import parse_headers
from pathlib import Path

import pytest

from emulator.browser import Browser
from emulator.cli import main
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.gateway import EMULATOR_PATH
from emulator.running.control.apis import APIS
from emulator.running.control.commands_api import EMULATOR
from emulator.running.control.control_api import ApiAnswer, Call, ControlApi
from emulator.running.requests import running_emulator
from emulator.running.run_file import Running, run_file
from emulator.running.start import Ports, Serving, serving
from emulator.running.world_watch import WorldWatch
from emulator.world import DEFAULT_WORLD, load_world
from tests.conftest import APP, USER

Run = Callable[..., tuple[int, str, str]]
FAULT = "{attribute: RoleSessionName, set: hanako sato}"
BLOCK_HEAD = "AWS sign-in refused: InvalidIdentityToken (400), check role-session-name"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data_home: Path) -> Run:
    """Returns a function that runs a command in a folder with a data folder of this test's: exit code and output."""
    home = tmp_path / "fedemu-home"
    (home / "keys").mkdir(parents=True)
    for key in (data_home / "keys").glob("*.pem"):
        (home / "keys" / key.name).write_bytes(key.read_bytes())
    monkeypatch.setenv("FEDEMU_HOME", str(home))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "AWS_CREDENTIAL_EXPIRATION"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, captured.out, captured.err

    return call


@pytest.fixture
def federation(run: Run, clock: Clock, keys: KeyFolder) -> Federation:
    """Returns a federation of a world file in that folder."""
    Path("world.yaml").write_text(DEFAULT_WORLD.read_text(encoding="utf-8"), encoding="utf-8")
    return Federation(load_world(Path("world.yaml")), clock=clock, ids=Ids(seed=7), keys=keys)


@pytest.fixture
def emulator(federation: Federation) -> Iterator[Serving]:
    """Serves it as ``fedemu up`` does."""
    with serving(federation, Ports(https=None, proxy=None)) as own:
        own.running.announce()
        yield own
        own.running.withdraw()


def through(emulator: Serving) -> str:
    """Returns the line that says which emulator was used."""
    return f"through the running emulator at {emulator.running.http}, world {Path.cwd() / 'world.yaml'}\n"


def test_the_running_emulator_makes_the_login(run: Run, emulator: Serving) -> None:
    """Its sessions and its history have it, and the steps are printed as without it; one line says which was used."""
    code, out, err = run("login", USER, APP)
    assert (code, err) == (0, through(emulator))
    assert out.startswith(" 1. Okta dashboard")
    assert "Arrived at https://acme.my.connect.aws/home\n" in out
    assert out.endswith(
        "\nnext: fedemu login hanako@example.com amazon-connect --trace login.json   "
        "(writes login.json and login.har)\n"
    )
    events = [each["eventName"] for each in emulator.federation.aws_services.history.records(account_id=None)]
    assert "AssumeRoleWithSAML" in events
    _, alone, err = run("login", USER, APP, "--standalone")
    assert err == ""
    assert [line.partition("->")[0].split("=")[0] for line in alone.splitlines() if line[:2].strip().isdigit()] == [
        line.partition("->")[0].split("=")[0] for line in out.splitlines() if line[:2].strip().isdigit()
    ]


def test_json_and_traces_are_the_same_as_without(run: Run, emulator: Serving) -> None:
    """The same keys and values, but for instants and identifiers; the line that says how is on stderr."""
    code, out, err = run("login", USER, APP, "--json", "--trace", "login.json")
    assert (code, err) == (0, through(emulator))
    assert json.loads(out) == json.loads(Path("login.json").read_text(encoding="utf-8"))
    assert json.loads(Path("login.har").read_text(encoding="utf-8"))["log"]["creator"]["name"] == "fedemu"
    alone = json.loads(run("login", USER, APP, "--json", "--standalone")[1])
    there = json.loads(out)
    assert list(there) == list(alone)
    for key in ("user", "app", "outcome", "lands_on", "role", "session_name", "notes"):
        assert there[key] == alone[key]
    assert [step["step"] for step in there["steps"]] == [step["step"] for step in alone["steps"]]


def test_a_refusal_is_told_with_its_setting_and_the_fix(run: Run, emulator: Serving) -> None:
    """A mistake of the served world: the block names its line, the fix was tried on a copy of what runs."""
    text = Path("world.yaml").read_text(encoding="utf-8")
    provider = emulator.federation.identity_providers["acme"]
    code, out, _ = run("login", USER, APP, "--fault", FAULT)
    assert code == 1
    assert BLOCK_HEAD in out
    assert f"  from   planted fault {FAULT}\n" in out
    # The fault was this login's alone: the next one has none.
    assert provider.faults.of(APP, USER) == ()
    assert run("login", USER, APP)[0] == 0
    assert Path("world.yaml").read_text(encoding="utf-8") == text


def test_the_fix_of_a_mistake_in_the_served_world(run: Run, clock: Clock, keys: KeyFolder) -> None:
    """As without a running emulator: file, line, the value that lets it arrive, and the command that writes it."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    wrong = '{StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/sam"}}'
    right = '{StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}'
    Path("world.yaml").write_text(text.replace(right, wrong), encoding="utf-8")
    alone = run("login", USER, APP, "--standalone")
    federation = Federation(load_world(Path("world.yaml")), clock=clock, ids=Ids(seed=7), keys=keys)
    with serving(federation, Ports(https=None, proxy=None)) as own:
        own.running.announce()
        code, out, err = run("login", USER, APP)
        assert (code, err) == (1, through(own))
        assert out.partition("\n\n")[2].replace(" --standalone", "") == alone[1].partition("\n\n")[2]
        assert "  fix (tried) world.yaml:" in out
        assert "\nnext: fedemu fix --dry-run --user hanako@example.com --app amazon-connect\n" in out
        own.running.withdraw()


def test_mistakes_of_the_command_are_told_as_without(run: Run, emulator: Serving) -> None:
    """An unknown app, a fault that is none, a role that has to be chosen: words and exit codes, below the line."""
    for arguments in (
        ("login", USER, "nothing"),
        ("login", USER, APP, "--json", "--fault", "{nothing: x}"),
        ("login", "taro@example.com", APP),
        ("mint", "nobody@example.com", APP),
        ("mint", USER, APP, "--fault", "{attribute: Rolle, remove: true}"),
    ):
        code, out, err = run(*arguments)
        assert err.startswith(through(emulator))
        said = err.removeprefix(through(emulator))
        assert (code, out, said) == run(*arguments, "--standalone"), arguments
        assert code in {1, 2}
        assert out or said


def test_credentials_for_a_shell(run: Run, emulator: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the address and the region where they are accepted; nothing of it is on stderr."""
    code, out, err = run("login", USER, APP, "--print-env")
    assert (code, err) == (0, through(emulator))
    names = [line.partition("=")[0] for line in out.splitlines()]
    assert names[:3] == ["export AWS_ACCESS_KEY_ID", "export AWS_SECRET_ACCESS_KEY", "export AWS_SESSION_TOKEN"]
    assert out.splitlines()[3:] == [
        f"export AWS_ENDPOINT_URL={emulator.running.http}",
        "export AWS_REGION=ap-northeast-1",
        "export AWS_DEFAULT_REGION=ap-northeast-1",
        "export AWS_EC2_METADATA_DISABLED=true",
    ]
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", "example.com")
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2026-01-15T10:00:00Z")
    assert run("login", USER, APP, "--print-env")[1].splitlines()[7:] == [
        "export NO_PROXY=example.com,127.0.0.1",
        "export no_proxy=example.com,127.0.0.1",
        "unset AWS_CREDENTIAL_EXPIRATION",
    ]


def test_credentials_for_sdks_end_by_the_clock_of_this_machine(run: Run, emulator: Serving) -> None:
    """The emulator's clock is frozen in January: SDKs would take credentials that end then for ended."""
    code, out, err = run("login", USER, APP, "--credential-process")
    assert (code, err) == (0, through(emulator))
    data = json.loads(out)
    assert list(data) == ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"]
    assert data["Version"] == 1
    left = datetime.fromisoformat(data["Expiration"]) - Clock().now()
    assert timedelta(minutes=58) < left <= timedelta(hours=1)


def test_refused_credentials(run: Run, emulator: Serving) -> None:
    """Nothing is printed for the shell; the reason is on stderr, with exit code 1, or it is JSON."""
    code, out, err = run("login", USER, APP, "--print-env", "--fault", FAULT)
    assert (code, out) == (1, "")
    assert err.startswith(through(emulator) + "AWS STS refused: InvalidIdentityToken (400), check role-session-name\n")
    code, out, _ = run("login", USER, APP, "--credential-process", "--json", "--fault", FAULT)
    assert (code, json.loads(out)["refusal"]["check"]) == (1, "role-session-name")


@pytest.mark.parametrize("option", ["--print-env", "--credential-process"])
def test_credentials_that_nobody_would_accept(run: Run, option: str) -> None:
    """Without a running emulator that is an error, since SDKs would take them to the real AWS; or asked for."""
    assert run("login", USER, APP, option) == (
        3,
        "",
        "Nothing would accept these credentials\n"
        "  why    no emulator is running\n"
        "  fix    Start an emulator with fedemu up, or print them anyway with --standalone.\n",
    )
    code, out, err = run("login", USER, APP, option, "--standalone")
    assert (code, err) == (0, "note: no emulator knows these credentials, so nothing will accept them\n")
    assert "ASIA" in out
    assert "ENDPOINT" not in out


def test_another_world_is_another_federation(run: Run, emulator: Serving) -> None:
    """A world that is given is used: by the running emulator where it serves that file, else apart from it."""
    assert run("login", USER, APP, "--world", "world.yaml")[2] == through(emulator)
    assert run("login", USER, APP, "-w", str(Path.cwd() / "world.yaml"))[2] == through(emulator)
    apart = f"not through the running emulator at {emulator.running.http}: it serves {Path.cwd() / 'world.yaml'}"
    other = str(DEFAULT_WORLD)
    code, out, err = run("login", USER, APP, "--world", other)
    assert (code, err) == (0, f"{apart}\n")
    assert "Arrived at https://acme.my.connect.aws/home\n" in out
    code, _, err = run("login", USER, APP, "--world", other, "--print-env")
    assert code == 3
    assert f"{apart}\nNothing would accept these credentials\n  why    it serves {Path.cwd() / 'world.yaml'}\n" in err


def test_a_world_that_was_saved_since(run: Run, emulator: Serving) -> None:
    """Given by name it is read anew; without a name the emulator is used, and the line says what it serves."""
    path = Path.cwd() / "world.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# saved\n", encoding="utf-8")
    code, _, err = run("login", USER, APP, "--world", "world.yaml")
    address = emulator.running.http
    assert code == 0
    assert err == (
        f"not through the running emulator at {address}: it serves the world as it was before {path} was changed\n"
    )
    code, _, err = run("login", USER, APP)
    assert (code, err) == (0, through(emulator).rstrip() + f", as it was before {path} was changed\n")


def test_a_world_that_is_read_again_when_it_is_saved(run: Run, emulator: Serving) -> None:
    """The login waits the moment that takes, and is made with what was saved."""
    path = Path.cwd() / "world.yaml"
    with WorldWatch(emulator.federation, [path], lambda _: None):
        text = path.read_text(encoding="utf-8").replace("first_name: Hanako", "first_name: Hana")
        path.write_text(text, encoding="utf-8")
        code, _, err = run("login", USER, APP, "--world", "world.yaml")
        assert (code, err) == (0, through(emulator))
        path.write_text("version: 1\nokta: [broken\n", encoding="utf-8")
        code, _, err = run("login", USER, APP)
        assert (code, err) == (0, through(emulator).rstrip() + f", as it was before {path} was changed\n")


def test_files_are_named_as_they_are_reached_from_here(
    run: Run, emulator: Serving, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From another folder the world's lines have the whole path, and the next command names the world."""
    (tmp_path / "elsewhere").mkdir()
    served = Path.cwd() / "world.yaml"
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr("emulator.running.requests.told_places.this_folder", lambda: served.parent)
    monkeypatch.setattr("emulator.running.control.commands_api.is_built_in", lambda _: False)
    code, out, err = run("login", USER, APP)
    assert (code, err) == (0, f"through the running emulator at {emulator.running.http}, world {served}\n")
    assert f"  from   {served}:18  okta.acme.apps.amazon-connect.default_relay_state\n" in out


@pytest.mark.parametrize(("only", "why"), [("idp", "login"), ("aws", "login")])
def test_one_side_alone_makes_no_login(run: Run, federation: Federation, keys: KeyFolder, only: str, why: str) -> None:
    """The login is made apart from it, and the line says why."""
    half = Federation(federation.world, clock=federation.clock, keys=keys, only=only)  # type: ignore[arg-type]
    with serving(half, Ports(https=None, proxy=None)) as own:
        own.running.announce()
        code, _, err = run("login", USER, APP)
        assert code == 0
        side = f"not through the running emulator at {own.running.http}: it emulates the {only} side only, and"
        assert err == f"{side} a {why} needs both\n"
        reasons = {
            "idp": "its assertions are real credentials, for no program that asks",
            "aws": "issues no assertions",
        }
        assert run("mint", USER, APP)[::2] == (0, f"{side} {reasons[only]}\n")
        own.running.withdraw()


def test_an_assertion_of_the_running_emulator_is_accepted_there(run: Run, emulator: Serving) -> None:
    """Its keys, its clock and its people: AWS's sign-in page takes it; the XML is the same message."""
    code, out, err = run("mint", USER, APP)
    assert (code, err) == (0, through(emulator))
    browser = emulator.federation.browser()
    page = browser.post("https://signin.aws.amazon.com/saml", {"SAMLResponse": out.strip(), "RelayState": ""})
    assert (page.status, page.url.partition("?")[0]) == (200, "https://console.aws.amazon.com/console/home")
    code, out, _ = run("mint", USER, APP, "--xml", "--fault", "{attribute: RoleSessionName, remove: true}")
    assert code == 0
    assert "RoleSessionName" not in out
    assert 'IssueInstant="2026-01-15T09:00:00.000Z"' in out


FIX = "Look at the terminal where it runs; start it again with fedemu up, or do without it by --standalone."


def announced(port: int) -> Running:
    """Writes a run file that names a port of this machine."""
    running = Running(f"http://127.0.0.1:{port}", "", "", "", 0, {})
    running.announce()
    return running


@contextmanager
def answering(answer: bytes | None) -> Iterator[int]:
    """Listens on a port, and answers every request so, or not at all."""

    def answer_all() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, connection.makefile("rb") as request:
                    # A client may send the body on its own; one that was not read would reset the connection.
                    request.readline()
                    request.read(int(parse_headers(request)["Content-Length"] or 0))
                    if answer is None:
                        over.wait(30)
                    connection.sendall(answer or b"")

    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_all, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        over.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def test_a_run_file_that_was_left_behind_is_none(run: Run, federation: Federation) -> None:
    """Nothing listens there: the login is made as without a running emulator, and nothing is said of it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    announced(port)
    code, out, err = run("login", USER, APP)
    assert (code, err) == (0, "")
    assert "Arrived at https://acme.my.connect.aws/home\n" in out
    for text in ("", "[]", "{", '{"http": 7080, "https": "", "proxy": "", "ca_file": "", "pid": 1, "dashboards": {}}'):
        run_file().write_text(text, encoding="utf-8")
        assert run("mint", USER, APP)[::2] == (0, "")


def test_a_port_that_another_program_has(run: Run, federation: Federation) -> None:
    """One line says so; the login is made apart, and credentials are nobody's."""
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
    with answering(page) as port:
        running = announced(port)
        said = f"not through the running emulator at {running.http}: another program answers there; "
        said += f"{run_file()} is out of date\n"
        code, out, err = run("login", USER, APP)
        assert (code, err) == (0, said)
        assert "Arrived at https://acme.my.connect.aws/home\n" in out
        assert run("login", USER, APP, "--credential-process")[0] == 3


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 21\r\nConnection: close\r\n\r\nfedemu: this request b",
            "The running emulator at {url} does not know /fedemu/logins: it is of an older version\n"
            "  fix    Stop it and start it again with fedemu up, or do without it by --standalone.\n",
        ),
        (b"", f"The running emulator at {{url}} does not answer\n  why    {{closed}}\n  fix    {FIX}\n"),
        (
            None,
            f"The running emulator at {{url}} does not answer\n"
            f"  why    it answers nobody for 0.2 seconds\n  fix    {FIX}\n",
        ),
    ],
    ids=["older", "stopped", "busy"],
)
def test_an_emulator_that_gives_no_usable_answer(
    run: Run, federation: Federation, monkeypatch: pytest.MonkeyPatch, answer: bytes | None, said: str
) -> None:
    """Of an older version, stopped meanwhile, or too busy: exit code 3 with what to do."""
    monkeypatch.setattr(running_emulator, "_LOOK_SECONDS", 0.2)
    monkeypatch.setattr(running_emulator, "_SILENT_SECONDS", 0.2)
    with answering(answer) as port:
        url = announced(port).http
        code, out, err = run("login", USER, APP)
        assert (code, out) == (3, "")
        assert err == said.format(url=url, closed="Remote end closed connection without response")


def test_a_login_that_takes_long_is_waited_for(run: Run, emulator: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the emulator answers others meanwhile, and not for ever."""
    monkeypatch.setattr(running_emulator, "_LOOK_SECONDS", 0.05)
    soon = emulator.federation.browser
    is_asked, is_over = threading.Event(), threading.Event()

    def late() -> Browser:
        assert is_asked.wait(30)
        return soon()

    def too_late() -> Browser:
        assert is_over.wait(30)
        return soon()

    def asked(call: Call) -> ApiAnswer:
        is_asked.set()
        return EMULATOR.methods["GET"](call)

    monkeypatch.setitem(APIS, EMULATOR_PATH, ControlApi("the emulator", {"GET": asked}))
    monkeypatch.setattr(emulator.federation, "browser", late, raising=False)
    assert run("login", USER, APP)[::2] == (0, through(emulator))
    monkeypatch.setattr(emulator.federation, "browser", too_late, raising=False)
    monkeypatch.setattr(running_emulator, "_PATIENCE_SECONDS", 0.5)
    code, _, err = run("login", USER, APP)
    is_over.set()
    assert code == 3
    assert "\n  why    it has not answered within 0.5 seconds\n" in err


@pytest.mark.parametrize("arguments", [["login", USER, APP], ["mint", USER, APP], ["login", USER, APP, "--print-env"]])
def test_what_starts_for_a_login_through_it(run: Run, emulator: Serving, arguments: list[str]) -> None:
    """Neither side, no world, no XML: whatever takes time to import is the running emulator's."""
    heavy = "{'idp', 'sp_mock', 'lxml', 'flask', 'pydantic', 'requests', 'cryptography', 'xmlsec', 'yaml', 'cattrs'}"
    script = (
        "import atexit, sys; from emulator.cli import main; "
        f"tops = {{'emulator'}} | {heavy}; "
        "atexit.register(lambda: print(*(m for m in sys.modules if m.partition('.')[0] in tops), file=sys.stderr)); "
        f"main({arguments})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    first, modules = done.stderr.splitlines()
    assert f"{first}\n" == through(emulator)
    assert set(modules.split()) - {"emulator.running.requests.shell_variables"} == {
        "emulator",
        "emulator.cli",
        "emulator.commands",
        f"emulator.commands.{arguments[0]}",
        "emulator.commands.options",
        "emulator.commands.standard_streams",
        "emulator.kernel",
        "emulator.kernel.errors",
        "emulator.kernel.explanations",
        "emulator.kernel.records",
        "emulator.network",
        "emulator.network.data_folder",
        "emulator.network.data_folder.keys",
        "emulator.network.data_folder.private_files",
        "emulator.running",
        "emulator.running.requests",
        "emulator.running.requests.login_requests",
        "emulator.running.requests.running_emulator",
        "emulator.running.run_file",
        "emulator.worldfile",
        "emulator.worldfile.text",
        "emulator.worldfile.text.read_files",
    }
