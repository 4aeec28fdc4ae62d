"""``fedemu load`` with Locust itself: logins over sockets, counted and judged, in one process and in several."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from emulator.cli import main
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.network.trace import Exchange
from emulator.running.start import Ports, serving
from emulator.world import DEFAULT_WORLD, World, parse_world
from tests.conftest import APP, NOW, TWO_ROLES_USER, USER
from tests.emulator.load.conftest import LOCUSTFILE, PATIENCE_SECONDS, Load, command

LOGIN = ("LOGIN", f"acme/{APP}")
SAID = (
    "AWS sign-in refused: InvalidIdentityToken (400), check role-session-name: "
    "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"
)
ROLE = "arn:aws:iam::123456789012:role"
ONE_REFUSED = DEFAULT_WORLD.read_text(encoding="utf-8").replace(
    "      hanako@example.com: {first_name: Hanako, last_name: Sato, pass", '      "hanako sato": {pass'
)
FEW = ("-u", "3", "-r", "3")


@pytest.fixture
def serve(keys: KeyFolder) -> Iterator[Callable[[World], Server]]:
    """Returns a function that serves a world in this process."""
    with ExitStack() as served:

        def start(world: World) -> Server:
            federation = Federation(world, clock=Clock(frozen_at=NOW), ids=Ids(seed=7), keys=keys)
            return served.enter_context(serving(federation, Ports(https=None, proxy=None))).server

        yield start


@pytest.fixture
def one_refused(serve: Callable[[World], Server]) -> Server:
    """Serves a world in which one of two people is refused."""
    return serve(parse_world(ONE_REFUSED, file=str(DEFAULT_WORLD)))


def test_every_login_and_every_hop_is_counted(load: Load, server: Server) -> None:
    """Everybody logs in in turn, with each of their roles; names are the steps', and hold no id."""
    ended = load("--host", server.url, "-u", "5", "-r", "5", "--logins", "21")
    assert ended.code == 0
    assert ended.failures == {}
    assert ended.requests == {
        ("GET", "Okta dashboard"): (42, 0),
        ("POST", "Okta password"): (21, 0),
        ("GET", "Okta tile"): (21, 0),
        ("POST", "Present the assertion"): (35, 0),
        ("GET", "Federate into Connect"): (21, 0),
        ("POST", "Sign in to the instance"): (21, 0),
        ("GET", "Connect page"): (21, 0),
        LOGIN: (21, 0),
    }


def test_a_refusal_is_a_failure_with_its_check_and_words(load: Load, one_refused: Server) -> None:
    """Of the hop that was refused and of the login; the log names who, as fedemu login takes it."""
    ended = load("--host", one_refused.url, *FEW, "--logins", "6")
    assert ended.code == 1
    assert ended.failures == {("POST", "Present the assertion", SAID): 2, (*LOGIN, SAID): 2}
    assert (ended.requests[LOGIN], ended.requests["POST", "Present the assertion"]) == ((6, 2), (10, 2))
    assert ended.log.count(f"hanako sato acme/{APP}: {SAID}\n") == 1
    assert ended.log.endswith("next: fedemu check   (whose logins fail, and the tried fix)\n")


def test_what_was_expected_is_no_failure(load: Load, one_refused: Server) -> None:
    """A refusal that should be is none; whoever is let in then is one."""
    refused = ("--host", one_refused.url, *FEW, "--expect", "refused")
    ended = load(*refused, "--people", "hanako*", "--logins", "3")
    assert (ended.code, ended.failures, ended.requests[LOGIN]) == (0, {}, (3, 0))
    ended = load(*refused, "--people", "taro*", "--role", "ConnectAgent", "--logins", "3")
    assert ended.code == 1
    assert ended.failures == {(*LOGIN, "The login was accepted; expected was refused"): 3}


def test_logins_that_take_the_assertion_to_sts(load: Load, server: Server) -> None:
    """The same people, by AssumeRoleWithSAML; waiting changes nothing in the counts."""
    ended = load("--host", server.url, *FEW, "--via", "sts", "--logins", "6", "--pause", "0.01", "--app", APP)
    assert (ended.code, ended.failures) == (0, {})
    assert ended.requests == {
        ("GET", "Okta dashboard"): (12, 0),
        ("POST", "Okta password"): (6, 0),
        ("GET", "Okta tile"): (6, 0),
        ("POST", "AssumeRoleWithSAML"): (6, 0),
        ("LOGIN", f"acme/{APP} (STS)"): (6, 0),
    }


def test_a_load_with_an_emulator_of_its_own(load: Load, tmp_path: Path) -> None:
    """Where a world is given, one runs as long as the load; a folder named as one of ours changes nothing."""
    for name in ("emulator", "idp", "locust"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(ONE_REFUSED, encoding="utf-8")
    ended = load("--world", "mine.yaml", *FEW, "--people", "taro*", "--logins", "4")
    assert (ended.code, ended.requests[LOGIN]) == (0, (4, 0))
    assert ended.log.startswith("logins go to an emulator of mine.yaml at http://127.0.0.1:")


def test_the_running_emulator_is_used(
    load: Load, environment: dict[str, str], federation: Federation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by its run file, by the command and by Locust itself."""
    environment["FEDEMU_HOME"] = str(tmp_path / "home")
    monkeypatch.setenv("FEDEMU_HOME", str(tmp_path / "home"))
    with serving(federation, Ports(https=None, proxy=None)) as own:
        own.running.announce()
        ended = load(*FEW, "--logins", "3")
        assert (ended.code, ended.requests[LOGIN]) == (0, (3, 0))
        assert ended.log.startswith(f"logins go to the emulator at {own.running.http}\n")
        done = _locust(environment, "-f", str(LOCUSTFILE), "--headless", "--logins", "1", "--only-summary")
        assert done.returncode == 0
        own.running.withdraw()
    done = _locust(environment, "-f", str(LOCUSTFILE), "--headless")
    assert done.returncode == 3
    assert done.stderr.endswith(
        "No emulator runs, so there is nobody to log in to\n"
        "  fix    Start one with fedemu up, or begin the load with fedemu load, which starts one for itself.\n"
    )


def _locust(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "locust", *options]
    return subprocess.run(  # noqa: S603
        line, capture_output=True, text=True, env=environment, timeout=PATIENCE_SECONDS, check=False
    )


@pytest.mark.parametrize("host", ["http://signin.aws.amazon.com", "http://10.1.2.3:7080", "https://127.0.0.1:7081"])
def test_nothing_but_this_machine_is_a_target(load: Load, host: str) -> None:
    """Whatever else is given is refused before anything is sent."""
    ended = load("--host", host, "--logins", "1")
    assert ended.code == 2
    assert ended.log.endswith(
        f"{host} is not an emulator of this machine\n"
        "  why    Nothing is ever sent to another machine.\n"
        "  want   the address that fedemu up prints, such as http://127.0.0.1:7080\n"
        f"  got    {host}\n"
    )
    assert ended.requests == {}


def test_a_wrong_option_is_refused_in_the_name_of_the_command(load: Load, server: Server) -> None:
    """As every verb refuses one, with exit code 2."""
    ended = load("--host", server.url, "--via", "fax")
    assert ended.code == 2
    told = "fedemu load: error: argument --via: invalid choice: 'fax' (choose from 'browser', 'sts')\n"
    assert ended.log.endswith(told)


def test_nobody_to_log_in_ends_the_run(load: Load, server: Server) -> None:
    """With exit code 2 and a sentence that says who there is."""
    ended = load("--host", server.url, "--people", "nobody*", "--logins", "5")
    assert (ended.code, ended.requests) == (2, {})
    assert (
        "There is no login with people nobody*\n"
        "  why    Only people who are assigned to an app can log in to it.\n"
        f"  want   {USER}, {TWO_ROLES_USER}\n"
        "  got    nobody*\n"
    ) in ended.log


def test_an_emulator_that_stops_in_the_middle(load: Load, federation: Federation) -> None:
    """The logins that are left fail, and say which emulator does not answer."""
    with ExitStack() as served:
        server = served.enter_context(serving(federation, Ports(https=None, proxy=None))).server
        seen: list[Exchange] = []
        stopper = threading.Thread(target=served.close)

        def stop_at_60(exchange: Exchange) -> None:
            seen.append(exchange)
            if len(seen) == 60:
                stopper.start()

        federation.gateway.listen(stop_at_60)
        url = server.url
        ended = load("--host", url, *FEW, "--logins", "40")
        stopper.join(timeout=PATIENCE_SECONDS)
    logins, failed = ended.requests[LOGIN]
    assert (ended.code, logins) == (1, 40)
    assert failed > 20
    assert all(words.startswith(f"The emulator at {url} does not answer: ") for _, _, words in ended.failures)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_workers_each_log_in_to_an_emulator_of_their_own(
    load: Load, environment: dict[str, str], serve: Callable[[World], Server], world: World
) -> None:
    """One master and two workers: the counts add up to what was asked for, and each emulator had its half."""
    port, servers = _free_port(), [serve(world), serve(world)]
    workers = [
        subprocess.Popen(  # noqa: S603
            command("--worker", "--master-port", port, "--host", each.url),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        for each in servers
    ]
    try:
        master = ("--master", "--master-bind-port", port, "--expect-workers", "2")
        ended = load(*master, "-u", "4", "-r", "4", "--logins", "11", "--people", "hanako*")
        codes = [each.wait(timeout=PATIENCE_SECONDS) for each in workers]
    finally:
        for each in workers:
            each.kill()
            each.wait()
    assert (ended.code, codes, ended.failures) == (0, [0, 0], {})
    assert ended.requests[LOGIN] == (11, 0)
    tiles = [_tiles_opened(each) for each in servers]
    assert (sum(tiles), sorted(tiles)) == (11, [5, 6])


def _tiles_opened(server: Server) -> int:
    return sum("/home/amazon_aws/" in exchange.url for exchange in server._gateway.exchanges)


@pytest.mark.skipif(sys.platform == "win32", reason="Locust's --processes needs fork")
def test_processes_of_one_machine_share_its_emulator(load: Load, server: Server) -> None:
    """Locust's own way to use more cores; the master, too, reports what nobody can log in to."""
    port = _free_port()
    several = ("--host", server.url, "--processes", "2", "--master-bind-port", port, "--master-port", port)
    ended = load(*several, *FEW, "--logins", "7")
    assert (ended.code, ended.failures, ended.requests[LOGIN]) == (0, {}, (7, 0))
    ended = load(*several, *FEW, "--logins", "7", "--app", "nothing")
    assert ended.code == 2
    assert "There is no Okta app nothing\n" in ended.log
    assert LOGIN not in ended.requests or ended.requests[LOGIN] == (7, 0)


def test_a_signal_ends_the_load_and_its_emulator(environment: dict[str, str], tmp_path: Path) -> None:
    """SIGTERM to the command reaches Locust, which still prints what it counted."""
    line = command("--headless", "-u", "1", "--only-summary", "--world", str(DEFAULT_WORLD))
    with subprocess.Popen(  # noqa: S603
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as load:
        try:
            assert load.stderr is not None
            for text in load.stderr:
                if "All users spawned" in text:
                    break
            load.send_signal(signal.SIGTERM)
            _, log = load.communicate(timeout=PATIENCE_SECONDS)
        finally:
            if load.poll() is None:
                os.killpg(load.pid, signal.SIGKILL)
    assert load.returncode == 0
    assert "Aggregated" in log


def test_the_load_brings_in_neither_side(environment: dict[str, str]) -> None:
    """The load generator needs no emulator in its process, and none of what signs and verifies."""
    script = (
        "import emulator.load.locustfile, sys; "
        "print(*(m for m in sys.modules if m.partition('.')[0] in {'idp', 'sp_mock', 'xmlsec', 'saml2', 'botocore'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)  # noqa: S603
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("given", "brings_locustfile", "brings_host"),
    [
        (("--headless", "-u", "5"), True, True),
        (("--worker", "--master-host", "10.0.0.5"), True, True),
        (("-f", "storm.py"), False, True),
        (("-fstorm.py",), False, True),
        (("--locustfile=storm.py",), False, True),
        (("--host", "http://127.0.0.1:1"), True, False),
        (("-Hhttp://127.0.0.1:1",), True, False),
        (("--master", "--expect-workers", "2"), True, False),
        (("--", "--help"), True, False),
        (("-V",), True, False),
        (("-L", "DEBUG"), True, True),
        (("-fhow.py", "--html", "world.html", "-u5"), False, True),
        (("LOCUST_HOST",), True, False),
        (("LOCUST_LOCUSTFILE",), False, True),
    ],
)
def test_what_locust_is_started_with(
    given: tuple[str, ...],
    brings_locustfile: bool,
    brings_host: bool,
    federation: Federation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is not given: the locustfile of this package, and an emulator, where somebody is to log in to one."""
    lines: list[list[str]] = []
    monkeypatch.setattr("emulator.commands.load.find_spec", lambda _name: True)

    def run(line: list[str], _environment: dict[str, str]) -> int:
        lines.append(line)
        return 0

    monkeypatch.setattr("emulator.commands.exec.run_and_pass_signals", run)
    monkeypatch.setenv("FEDEMU_HOME", str(tmp_path))
    if given[0].startswith("LOCUST_"):
        monkeypatch.setenv(given[0], "x")
    options = [each for each in given if not each.startswith("LOCUST_")]
    with serving(federation, Ports(https=None, proxy=None)) as own:
        own.running.announce()
        with pytest.raises(SystemExit) as caught:
            main(["load", *options])
    brought = ["-f", str(LOCUSTFILE)] if brings_locustfile else []
    brought += ["--host", own.running.http] if brings_host else []
    passed = [each for each in options if each != "--"]
    assert lines == [[sys.executable, "-P", "-m", "emulator.load", *brought, *passed]]
    assert caught.value.code == 0


def test_without_locust(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra that brings it is named; this machine lacks something, so the exit code is 3."""
    monkeypatch.setattr("emulator.commands.load.find_spec", lambda _name: None)
    with pytest.raises(SystemExit) as caught:
        main(["load", "--headless"])
    assert caught.value.code == 3
    assert capsys.readouterr().err == "Locust is not installed\n  fix    pip install 'fedemu[load]'\n"


def test_a_world_without_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    """The option is the command's own, and is read as that of every verb."""
    with pytest.raises(SystemExit) as caught:
        main(["load", "--headless", "--world"])
    assert caught.value.code == 2
    assert "Option '--world' requires an argument." in capsys.readouterr().err
    with pytest.raises(SystemExit) as caught:
        main(["load", "--headless", "-wmissing.yaml"])
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("missing.yaml\n  No such file or directory\n")


def test_help_lists_what_is_added_and_then_locusts(environment: dict[str, str]) -> None:
    """``fedemu load --help`` has the options of a load, ``fedemu load -- --help`` those of Locust."""
    done = subprocess.run(command("--help"), capture_output=True, text=True, env=environment, check=True)  # noqa: S603
    listed = done.stdout.partition("Options added to Locust's own; its page has them too:\n")[2]
    names = [line.split("  ")[1] for line in listed.splitlines() if line.startswith("  --")]
    assert names == [
        "--people <pattern>",
        "--app <app>",
        "--role <role>",
        "--via [browser|sts]",
        "--expect [accepted|elsewhere|refused]",
        "--logins <int>",
        "--pause <seconds>",
    ]
    assert "Stop after this many logins, counted over all workers." in " ".join(listed.split())
    done = subprocess.run(command("--", "--help"), capture_output=True, text=True, env=environment, check=True)  # noqa: S603
    assert "  --headless " in done.stdout


def test_the_locustfile_of_the_documentation(load: Load, server: Server, tmp_path: Path) -> None:
    """It runs as it is printed: its shape ends it, and everybody arrives."""
    text = (LOCUSTFILE.parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")
    (tmp_path / "storm.py").write_text(text.partition("```python\n")[2].partition("```")[0], encoding="utf-8")
    ended = load("--host", server.url, "-f", "storm.py")
    logins, failed = ended.requests[LOGIN]
    assert (ended.code, logins > 3, failed) == (0, True, 0)
