"""What clients see over sockets: STS beside moto's server, and logins through the TLS proxy beside another commit."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from emulator.federation import Federation
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import DEFAULT_WORLD, load_world
from tests.bench.in_process import APP, USER
from tests.bench.measuring import REPEATS, median, not_measured, report
from tests.bench.processes import moto_server, running


def measure(folder: Path, *, before: Path | None) -> None:
    """Prints the figures over sockets.

    Args:
        folder: For keys and ready files.
        before: A check-out of the commit that logins through the proxy are measured against.
    """
    environment = {**os.environ, "FEDEMU_HOME": str(folder)}
    _assume_role(folder, environment)
    what = "logins a second through the TLS proxy, against the commit before"
    if before is None:
        not_measured(what, "make bench BEFORE=<check-out of a commit>")
    else:
        report(what, _logins(folder, environment, before), at_least=1.5)


def _assume_role(folder: Path, environment: dict[str, str]) -> None:
    """Prints AssumeRoleWithSAML with everything verified, beside moto's server, which verifies nothing."""
    form_file = folder / "form"
    with running(folder, environment, "--no-proxy") as ready, moto_server() as moto_port:
        ports = {"fedemu": ready["http"].rpartition(":")[2], "moto": moto_port}
        federation = Federation(load_world(DEFAULT_WORLD), keys=KeyFolder(folder / "keys"))
        ratios = []
        for _ in range(REPEATS):
            form_file.write_text(_assume_role_form(federation), encoding="ascii")
            rates = {name: _calls(port, form_file, environment) for name, port in ports.items()}
            ratios.append(rates["fedemu"] / rates["moto"])
    report("AssumeRoleWithSAML calls a second, against moto's server", median(ratios), at_least=1.8)


def _assume_role_form(federation: Federation) -> str:
    provider, app = federation.find_app(APP)
    arn = "arn:aws:iam::123456789012"
    return urlencode(
        {
            "Action": "AssumeRoleWithSAML",
            "Version": "2011-06-15",
            "RoleArn": f"{arn}:role/ConnectAgent",
            "PrincipalArn": f"{arn}:saml-provider/okta",
            "SAMLAssertion": provider.mint(USER, app.name).saml_response,
        }
    )


def _calls(port: str, form_file: Path, environment: dict[str, str], *, workers: int = 2, calls: int = 300) -> float:
    """Returns calls a second; each must have given credentials."""
    command = [sys.executable, "-m", "tests.bench.sts", port, str(form_file)]
    return _rate(command, environment, workers=workers, times=calls)


def _logins(folder: Path, environment: dict[str, str], before: Path) -> float:
    """Returns logins a second through the proxy, over those of another check-out, in turn."""
    federation = Federation(load_world(DEFAULT_WORLD), keys=KeyFolder(folder / "keys"))
    provider, app = federation.find_app(APP)
    path = provider.org.embed_link(app).removeprefix(provider.org.base_url)
    ratios = []
    for _ in range(REPEATS):
        rates = []
        for name, code in (("now", None), ("before", before)):
            home = folder / name
            home.mkdir(exist_ok=True)
            served = {**environment, "FEDEMU_HOME": str(home)}
            with running(home, served, "--proxy", "0", code=code) as ready:
                port = ready["proxy"].rpartition(":")[2]
                command = [sys.executable, "-m", "tests.bench.storm", port, ready["ca_file"], path]
                rates.append(_rate(command, environment, workers=4, times=50))
        ratios.append(rates[0] / rates[1])
    return median(ratios)


def _rate(command: list[str], environment: dict[str, str], *, workers: int, times: int) -> float:
    """Returns what clients do in a second, from when all are connected until the last one is done."""
    clients = [
        subprocess.Popen(
            [*command, str(times)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(workers)
    ]
    for client in clients:
        assert client.stdout is not None
        assert client.stdout.readline() == "ready\n", "a client is not served"
    began = time.perf_counter()
    for client in clients:
        assert client.stdin is not None
        client.stdin.write("\n")
        client.stdin.flush()
    done = sum(int(client.stdout.readline() or 0) for client in clients if client.stdout is not None)
    seconds = time.perf_counter() - began
    for client in clients:
        client.communicate()
    assert done == workers * times, f"{workers * times - done} of {workers * times} failed"
    return done / seconds
