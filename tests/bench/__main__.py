"""``make bench``: medians and paired ratios, each in one run, beside what is aimed at.

Nothing here passes or fails: machines differ. The aims are those for two shared server cores.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from emulator.federation import Federation
from emulator.flow import Outcome, log_in
from emulator.network.certs import CertificateAuthority
from emulator.network.keys import KeyFolder
from emulator.world import DEFAULT_WORLD, load_world
from sp_mock.assertion.checks import run_checks
from sp_mock.assertion.login_request import EntryPoint, resolve_request
from sp_mock.assertion.received import receive
from tests.bench.ccp import initialisation
from tests.bench.stock import stock_issuer

USER, APP = "hanako@example.com", "amazon-connect"


def milliseconds(call: Callable[[], object]) -> float:
    """Returns how long one call takes."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def median(call: Callable[[], object], *, rounds: int) -> float:
    """Returns the median of many calls, after a warm-up."""
    for _ in range(3):
        call()
    return statistics.median(milliseconds(call) for _ in range(rounds))


def paired(first: Callable[[], object], second: Callable[[], object], *, rounds: int) -> tuple[float, float, float]:
    """Returns both medians, and the median of the ratios of calls made in turn."""
    for _ in range(3):
        first()
        second()
    pairs = [(milliseconds(first), milliseconds(second)) for _ in range(rounds)]
    ratio = statistics.median(a / b for a, b in pairs)
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), ratio


def row(what: str, figure: str, aim: str, met: bool) -> None:
    """Prints one measurement."""
    print(f"{what:<58} {figure:>24}   aim {aim:<18} {'met' if met else 'MISSED'}", flush=True)


def raw_signer(private_key_pem: bytes) -> Callable[[], object]:
    """Returns a function that signs two SHA-256 digests with RSA-2048 and does nothing else."""
    key = serialization.load_pem_private_key(private_key_pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    algorithm = utils.Prehashed(hashes.SHA256())
    digest = b"d" * 32

    def sign() -> object:
        return key.sign(digest, padding.PKCS1v15(), algorithm), key.sign(digest, padding.PKCS1v15(), algorithm)

    return sign


def in_process(folder: Path) -> None:
    """Measures issuing, verifying and a whole login without sockets."""
    federation = Federation(load_world(DEFAULT_WORLD), keys=KeyFolder(folder / "keys"))
    provider, app = federation.find_app(APP)

    def issue() -> object:
        return provider.mint(USER, APP)

    stock = stock_issuer(app.key_pair, folder)
    if stock is None:
        print("issue against stock pysaml2: not measured, xmlsec1 is not installed")
    else:
        slow, ours, ratio = paired(stock, issue, rounds=30)
        row(
            "issue, 2 signatures, against stock pysaml2 + xmlsec1",
            f"{ours:.2f} / {slow:.1f} ms, x{ratio:.1f}",
            "x20 or more",
            ratio >= 20,
        )
    ours, raw, ratio = paired(issue, raw_signer(app.key_pair.private_key_pem), rounds=300)
    row("issue, against signing two digests", f"{ours:.2f} / {raw:.2f} ms, x{ratio:.2f}", "x5 or less", ratio <= 5)

    saml_response = provider.mint(USER, APP).saml_response

    def verify() -> None:
        message = receive(saml_response)
        aws, now = federation.aws_services.aws, federation.clock.now()
        run_checks(message, resolve_request(message, aws=aws, entry_point=EntryPoint.SIGN_IN, now=now))

    figure = median(verify, rounds=500)
    row("verify 2 signatures and ask all checks", f"{figure:.2f} ms", "1.0 ms or less", figure <= 1.0)

    def login() -> None:
        assert log_in(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED

    figure = median(login, rounds=150)
    row("a whole login in process, tile to CCP", f"{figure:.1f} ms", "15 ms or less", figure <= 15)


def processes(folder: Path) -> None:
    """Measures what a person waits for at the command line, and memory."""
    environment = {**os.environ, "FEDEMU_HOME": str(folder)}
    seconds = statistics.median(_first_answer(folder, environment) for _ in range(7))
    row("fedemu up, to the first answer (the sign-in page)", f"{seconds:.2f} s", "0.7 s or less", seconds <= 0.7)

    command = [sys.executable, "-m", "emulator", "--help"]
    figure = median(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True), rounds=9)
    row("fedemu --help", f"{figure:.0f} ms", "150 ms or less", figure <= 150)

    script = [sys.executable, "-m", "tests.bench.memory"]
    done = subprocess.run(script, capture_output=True, text=True, check=True, env=environment)
    megabytes = float(done.stdout)
    row("resident memory after 1,000 logins", f"{megabytes:.0f} MB", "90 MB or less", megabytes <= 90)


def sockets(folder: Path) -> None:
    """Measures certificates, the proxy, and many logins at once through it."""
    environment = {**os.environ, "FEDEMU_HOME": str(folder)}
    authority = CertificateAuthority(folder)
    names = iter(range(10_000))
    figure = median(lambda: authority.context(f"h{next(names)}.okta.com"), rounds=100)
    row("a certificate for a new host", f"{figure:.2f} ms", "5 ms or less", figure <= 5)

    with running(folder, environment, "--proxy", "0") as ready:
        direct, tunnelled = _clients(ready)
        through, without, _ = paired(tunnelled, direct, rounds=300)
        figure = through - without
        row("a request through the proxy in TLS, beyond plain HTTP", f"{figure:.2f} ms", "1 ms or less", figure <= 1)

        arrived, asked, seconds = _storm(ready, environment, workers=4, logins=100)
        rate = f"{arrived / seconds:.0f}/s, {asked - arrived} failed"
        met = arrived == asked and arrived / seconds >= 60
        row("logins through the proxy, 4 clients on the same cores", rate, "60/s, 0 failed", met)


def _clients(ready: dict[str, str]) -> tuple[Callable[[], object], Callable[[], object]]:
    """Returns the same small request over plain HTTP and through the proxy, both on open connections."""
    path, host = "/static/saml-metadata.xml", "signin.aws.amazon.com"
    plain = http.client.HTTPConnection(ready["http"].removeprefix("http://"), timeout=30)
    context = ssl.create_default_context(cafile=ready["ca_file"])
    tunnel = http.client.HTTPSConnection(ready["proxy"].removeprefix("http://"), context=context, timeout=30)
    tunnel.set_tunnel(host, 443)

    def direct() -> object:
        plain.request("GET", path, headers={"Host": host})
        return plain.getresponse().read()

    def tunnelled() -> object:
        tunnel.request("GET", path)
        return tunnel.getresponse().read()

    return direct, tunnelled


def _storm(ready: dict[str, str], environment: dict[str, str], *, workers: int, logins: int) -> tuple[int, int, float]:
    federation = Federation(load_world(DEFAULT_WORLD), keys=KeyFolder(Path(environment["FEDEMU_HOME"]) / "keys"))
    provider, app = federation.find_app(APP)
    path = provider.org.embed_link(app).removeprefix(provider.org.base_url)
    port = ready["proxy"].rpartition(":")[2]
    command = [sys.executable, "-m", "tests.bench.storm", port, ready["ca_file"], path]
    subprocess.run([*command, "5"], check=True, stdout=subprocess.DEVNULL)
    began = time.perf_counter()
    clients = [subprocess.Popen([*command, str(logins)], stdout=subprocess.PIPE, text=True) for _ in range(workers)]
    arrived = sum(int(client.communicate()[0] or 0) for client in clients)
    return arrived, workers * logins, time.perf_counter() - began


def sts(folder: Path) -> None:
    """Measures AssumeRoleWithSAML with everything verified, beside moto's server, which verifies nothing."""
    environment = {**os.environ, "FEDEMU_HOME": str(folder)}
    form_file = folder / "form"
    with running(folder, environment, "--no-proxy") as ready, moto_server() as moto_port:
        ports = {"fedemu": ready["http"].rpartition(":")[2], "moto": moto_port}
        federation = Federation(load_world(DEFAULT_WORLD), keys=KeyFolder(folder / "keys"))
        rates: dict[str, list[float]] = {name: [] for name in ports}
        for _ in range(5):
            form_file.write_text(_assume_role_form(federation), encoding="ascii")
            for name, port in ports.items():
                given, asked, seconds = _calls(port, form_file, environment, workers=2, calls=300)
                assert given == asked, f"{name}: {asked - given} of {asked} calls failed"
                rates[name].append(given / seconds)
    ours, theirs = (statistics.median(rates[name]) for name in ("fedemu", "moto"))
    figure = f"{ours:.0f} / {theirs:.0f} per s, x{ours / theirs:.2f}"
    row("AssumeRoleWithSAML verified, against moto's server", figure, "x1 or more", ours >= theirs)


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


def _calls(
    port: str, form_file: Path, environment: dict[str, str], *, workers: int, calls: int
) -> tuple[int, int, float]:
    command = [sys.executable, "-m", "tests.bench.sts", port, str(form_file)]
    subprocess.run([*command, "5"], check=True, stdout=subprocess.DEVNULL, env=environment)
    began = time.perf_counter()
    clients = [
        subprocess.Popen([*command, str(calls)], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(workers)
    ]
    given = sum(int(client.communicate()[0] or 0) for client in clients)
    return given, workers * calls, time.perf_counter() - began


@contextmanager
def moto_server() -> Iterator[str]:
    """Starts moto's server on a free port and yields the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", port]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", int(port)), timeout=1):
                break
            assert process.poll() is None, "moto's server ended"
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def running(folder: Path, environment: dict[str, str], *options: str) -> Iterator[dict[str, str]]:
    """Starts ``fedemu up`` on free ports and yields its ready file."""
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "emulator", "up", "--http", "0", "--quiet", "--ready-file", str(ready), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    try:
        while not (ready.exists() and ready.read_text(encoding="utf-8").endswith("}\n")):
            time.sleep(0.002)
        yield json.loads(ready.read_text(encoding="utf-8"))
    finally:
        process.terminate()
        process.wait()


def _first_answer(folder: Path, environment: dict[str, str]) -> float:
    began = time.perf_counter()
    with running(folder, environment, "--proxy", "0") as ready:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        assert b"Username" in opener.open(f"{ready['http']}/app/UserHome").read()
        return time.perf_counter() - began


def browser(folder: Path) -> None:
    """Measures the custom CCP in Chromium."""
    taken = initialisation(folder)
    if taken is None:
        print("custom CCP: neither measured nor missed, Chromium or amazon-connect-streams is not here")
        return
    row("custom CCP opened until initialised, signed in already", f"{taken:.0f} ms", "at most 1000 ms", taken <= 1000)


def main() -> None:
    """Measures everything."""
    with tempfile.TemporaryDirectory() as name:
        in_process(Path(name))
        processes(Path(name))
        sockets(Path(name))
        sts(Path(name))
        browser(Path(name))


if __name__ == "__main__":
    main()
