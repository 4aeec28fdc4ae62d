"""``fedemu exec``: a command that reaches the emulated hosts by their real names."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import allow_option, federation_of, world_option

if TYPE_CHECKING:
    from emulator.network.trace import Exchange
    from emulator.running.run_file import Running

_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
_PATIENCE_SECONDS = 30


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@world_option
@allow_option
@click.option(
    "--endpoints",
    is_flag=True,
    help="Also set AWS_ENDPOINT_URL_STS, _IAM, _CONNECT and _CLOUDTRAIL, for SDKs without proxy support.",
)
@click.option("--quiet", "-q", is_flag=True, help="Do not explain refusals.")
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED)
def command(
    world_file: Path | None, allowed_hosts: tuple[str, ...], endpoints: bool, quiet: bool, arguments: tuple[str, ...]
) -> int:
    """Run a command whose requests to Okta and AWS reach the emulator.

    The command uses the real names, such as https://signin.aws.amazon.com; proxy and certificate variables are set for
    it alone. It uses the running emulator if there is one and neither --world nor --allow is given; otherwise an
    emulator is started and stopped with the command. Refusals are explained on standard error.

    Exit codes: the command's own; 127 if it is not found, 126 if it cannot be started, 2 if the world cannot be used.
    """
    with _emulator(world_file, allowed_hosts) as running:
        before, _ = _refusals(running)
        environment = {**os.environ, **running.environment(endpoints=endpoints)}
        for name in ("ALL_PROXY", "all_proxy", "AWS_ENDPOINT_URL"):
            environment.pop(name, None)
        code = run_and_pass_signals(list(arguments), environment)
        if not quiet:
            for block in _refusals(running, after=before)[1]:
                click.echo(f"\n{block}", err=True)
        return code


def _refusals(running: Running, *, after: int | None = None) -> tuple[int, list[str]]:
    """Returns the number of the emulator's last exchange, and the blocks of refusals after a given one.

    An emulator that does not answer must not keep the command from running.
    """
    query = "" if after is None else f"?after={after}&fixes=wait"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{running.http}/fedemu/refusals{query}", timeout=_PATIENCE_SECONDS) as answer:
            data = json.load(answer)
        return int(data["last"]), [] if after is None else [str(each["block"]) for each in data["refusals"]]
    except (OSError, ValueError, KeyError, TypeError):
        return 0, []


@contextlib.contextmanager
def _emulator(world_file: Path | None, allowed_hosts: tuple[str, ...]) -> Iterator[Running]:
    from emulator.running.run_file import find_running
    from emulator.running.start import Ports, fixes_of, serving

    running = find_running() if world_file is None and not allowed_hosts else None
    if running is not None and running.proxy:
        yield running
        return
    federation = federation_of(world_file)
    federation.gateway.listen(_tell_refused_host)
    with serving(federation, Ports(https=None), allowed_hosts=allowed_hosts, fixes=fixes_of(federation)) as own:
        yield own.running


def _tell_refused_host(exchange: Exchange) -> None:
    """Prints which unknown host the program asked for, and which known one it resembles."""
    if exchange.method == "CONNECT":
        for note in exchange.notes:
            click.echo(f"{note.service}: {note.summary}", err=True)


def run_and_pass_signals(arguments: list[str], environment: dict[str, str]) -> int:
    """Runs a program, forwards signals to it, and returns its exit code as a shell would."""
    try:
        process = subprocess.Popen(arguments, env=environment)  # noqa: S603  running a command is what this is for
    except FileNotFoundError:
        click.echo(f"fedemu exec: {arguments[0]}: not found", err=True)
        return _NOT_FOUND
    except OSError as error:
        click.echo(f"fedemu exec: {arguments[0]}: {error.strerror}", err=True)
        return _NOT_EXECUTABLE
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), lambda number, _: _pass_on(process, number)) for name in names}
    try:
        code = _exit_code_of(process)
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
    return 128 - code if code < 0 else code


def _exit_code_of(process: subprocess.Popen[bytes]) -> int:
    """Waits for the end of a program in a way that a signal interrupts, whichever thread it is given to."""
    from emulator.running.stopping import Wakeup

    def wait() -> None:
        process.wait()
        wakeup.wake()

    with Wakeup() as wakeup:
        threading.Thread(target=wait, name="program", daemon=True).start()
        while process.returncode is None:
            wakeup.wait(3600)
    return process.returncode


def _pass_on(process: subprocess.Popen[bytes], number: int) -> None:
    """Forwards a signal. A terminal sends SIGINT and SIGQUIT to the whole group, so the program already has them."""
    from_terminal = {getattr(signal, name, None) for name in ("SIGINT", "SIGQUIT", "SIGBREAK")}
    if number in from_terminal and os.isatty(0):
        return
    with contextlib.suppress(OSError):
        process.send_signal(number)
