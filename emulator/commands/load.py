"""``fedemu load``: logins of many people at once, with Locust."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import federation_of, repeated, world_option

if TYPE_CHECKING:
    from emulator.kernel.errors import EnvironmentProblem

# What needs nobody to log in to.
_TOLD_AT_ONCE = frozenset({"-h", "--help", "-V", "--version", "-l", "--list", "--master"})


class _Load(click.Command):
    """Separates its own options from Locust's, and lists the options added to Locust below them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reads the command line. Click alone would find ``-h`` in ``-fhello.py``."""
        own: list[str] = []
        others: list[str] = []
        rest = iter(args)
        for each in rest:
            if each == "--":
                others.extend(rest)
            elif each in {"-w", "--world"}:
                value = next(rest, None)
                if value is None:
                    return super().parse_args(ctx, [each])  # which says what is missing
                own += [each, value]
            elif each in {"-h", "--help"} or each.startswith(("-w", "--world=")):
                own.append(each)
            else:
                others.append(each)
        return super().parse_args(ctx, [*own, "--", *others] if others else own)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from emulator.load.options import OPTIONS

        super().format_options(ctx, formatter)
        with formatter.section("Options added to Locust's own; its page has them too"):
            formatter.write_dl([(f"{each.name} {_shown(each.value)}", each.help) for each in OPTIONS])


def _shown(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else f"[{'|'.join(value)}]"


@click.command(cls=_Load)
@world_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[LOCUST OPTIONS]...")
def command(world_file: Path | None, arguments: tuple[str, ...]) -> int:
    """Log many people in at once with Locust: how fast, and who fails.

    Locust's page is at http://127.0.0.1:8089; --headless -u 20 -r 20 -t 1m runs without it. fedemu load -- --help lists
    Locust's own options.

    The logins go to the running emulator, unless --world is given; if none is running, one is started and stopped with
    the load. Workers on other machines (--worker --master-host) each log in to an emulator of their own machine.

    Exit codes: 0 if every login ended as expected; 1 if one did not; 2 if nobody could log in at all; 3 if Locust or an
    emulator is missing.
    """
    from emulator.commands.exec import run_and_pass_signals

    if find_spec("locust") is None:
        raise _no_locust()
    own = [] if _given(arguments, "-f", "--locustfile", variable="LOCUST_LOCUSTFILE") else ["-f", str(_locustfile())]
    with _emulator(world_file, arguments) as host:
        target = ["--host", host] if host else []
        # -P: a folder of the user's is not taken for one of ours, whatever it is called.
        line = [sys.executable, "-P", "-m", "emulator.load", *own, *target, *arguments]
        code = run_and_pass_signals(line, dict(os.environ))
    if code == 1:
        check = repeated("check", *([world_file] if world_file is not None else []))
        click.echo(f"next: {check}   (whose logins fail, and the tried fix)", err=True)
    return code


def _no_locust() -> EnvironmentProblem:
    from emulator.kernel.errors import EnvironmentProblem

    return EnvironmentProblem("Locust is not installed", fix="pip install 'fedemu[load]'")


def _locustfile() -> Path:
    return Path(__file__).parent.parent / "load" / "locustfile.py"


def _given(arguments: Sequence[str], *names: str, variable: str = "") -> bool:
    """Returns whether Locust gets an option, by one of its names or by the environment variable."""
    values = tuple(f"{name}=" if name.startswith("--") else name for name in names)
    return any(each in names or each.startswith(values) for each in arguments) or variable in os.environ


@contextlib.contextmanager
def _emulator(world_file: Path | None, arguments: Sequence[str]) -> Iterator[str]:
    """Yields the address of the emulator to log in to; empty if Locust has one already, or needs none."""
    from emulator.running.run_file import find_running
    from emulator.running.start import Ports, serving

    if _given(arguments, *_TOLD_AT_ONCE) or _given(arguments, "-H", "--host", variable="LOCUST_HOST"):
        yield ""
        return
    running = find_running() if world_file is None else None
    if running is not None:
        click.echo(f"logins go to the emulator at {running.http}", err=True)
        yield running.http
        return
    federation = federation_of(world_file)
    with serving(federation, Ports(https=None, proxy=None)) as own:
        file = federation.world.document.file
        click.echo(f"logins go to an emulator of {file} at {own.running.http}, which stops with this command", err=True)
        yield own.running.http
