"""``fedemu env``: the variables that lead clients to the running emulator."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import click

_FORMS: dict[str, Callable[[str, str], str]] = {
    "bash": lambda name, value: f"export {name}={shlex.quote(value)}",
    "fish": lambda name, value: f"set -gx {name} {shlex.quote(value)}",
    "powershell": lambda name, value: f"$env:{name} = '" + value.replace("'", "''") + "'",
    "dotenv": lambda name, value: f"{name}={value}",
}


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice([*_FORMS, "json"]),
    default="bash",
    show_default=True,
    help="The syntax to print.",
)
@click.option(
    "--endpoints",
    is_flag=True,
    help="Also print AWS_ENDPOINT_URL_STS, _IAM, _CONNECT and _CLOUDTRAIL, for SDKs without proxy support.",
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path),
    help="Use the emulator that wrote this file (fedemu up --ready-file).",
)
def command(form: str, endpoints: bool, ready_file: Path | None) -> int:
    """Print shell variables that lead programs to the emulator.

    They name the proxy of the running emulator and the certificates to trust: eval "$(fedemu env)".

    Exit codes: 0; 3 if no emulator is running, or it runs without a proxy.
    """
    from emulator.kernel.errors import EnvironmentProblem
    from emulator.running.run_file import find_running

    running = find_running(ready_file)
    if running is None:
        raise EnvironmentProblem("No emulator is running", fix="Start one with fedemu up, or use fedemu exec -- CMD.")
    if not running.proxy:
        raise EnvironmentProblem("The running emulator has no proxy", fix="Start it without --no-proxy.")
    variables = running.environment(endpoints=endpoints)
    if form == "json":
        click.echo(json.dumps(variables, indent=2))
    else:
        for name, value in variables.items():
            click.echo(_FORMS[form](name, value))
    return 0
