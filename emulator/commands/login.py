"""``fedemu login``: one real login without a browser, told step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import fault_option, federation_of, next_step, say, say_refusal, world_option

if TYPE_CHECKING:
    from emulator.federation import Federation
    from emulator.flow import Login
    from emulator.network.hosts import Hosts


def _address(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    import ipaddress

    try:
        return text and str(ipaddress.ip_address(text))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not an IP address such as 203.0.113.10") from None


@click.command()
@click.argument("user")
@click.argument("app")
@world_option
@click.option("--relay-state", help="Replaces the app's default relay state.")
@click.option("--role", help="The role to take when sign-in asks: its name or ARN.")
@click.option(
    "--source-ip",
    metavar="ADDRESS",
    callback=_address,
    help="The address that the login comes from; by default the user's source_ip in the world, else 127.0.0.1.",
)
@fault_option
@click.option(
    "--trace", "trace_file", type=click.Path(path_type=Path), help="Write the trace here (JSON), and beside it a HAR."
)
@click.option("--json", "as_json", is_flag=True, help="Print the login as JSON.")
@click.option(
    "--print-env", is_flag=True, help="Take the assertion to STS instead, and print export lines for a shell."
)
@click.option(
    "--credential-process", is_flag=True, help="The same, printed as the AWS CLI's credential_process wants it."
)
def command(
    user: str,
    app: str,
    world_file: Path | None,
    relay_state: str | None,
    role: str | None,
    source_ip: str | None,
    faults: tuple[str, ...],
    trace_file: Path | None,
    as_json: bool,
    print_env: bool,
    credential_process: bool,
) -> int:
    """Log USER in to APP and print every step.

    Exit code 0 when the login arrives, 1 when it is refused.
    """
    from emulator.building.faults import read_faults
    from emulator.diagnosis.asked import asked_on_command_line
    from emulator.flow import Outcome, log_in
    from emulator.network.trace import as_text
    from emulator.reports.text import login_lines, refusal_of

    federation = federation_of(world_file)
    provider, the_app = federation.find_app(app)
    if faults:
        provider.faults.inject(the_app.name, user, read_faults(faults))
    if print_env or credential_process:
        return _print_credentials(federation, user=user, app=app, role=role, source_ip=source_ip, for_shell=print_env)
    login = log_in(federation, user=user, app=app, relay_state=relay_state, role=role, source_ip=source_ip)
    if trace_file is not None:
        _write_trace(trace_file, login, federation.hosts)
    if as_json:
        click.echo(as_text(login.as_json(federation.hosts)), nl=False)
    else:
        for line in login_lines(login, federation.hosts):
            say(line)
        given = {"--relay-state": relay_state, "--role": role, "--source-ip": source_ip}
        block = refusal_of(login, federation, options=asked_on_command_line(given))
        if block:
            say()
            say_refusal(block)
    refused = login.outcome is Outcome.REFUSED
    if not as_json:
        next_step(
            f"fedemu inspect {trace_file.with_suffix('.har')}"
            if trace_file
            else f"fedemu login {user} {app} --trace login.json   (writes login.json and login.har)"
        )
    return 1 if refused else 0


def _print_credentials(
    federation: Federation, *, user: str, app: str, role: str | None, source_ip: str | None, for_shell: bool
) -> int:
    from emulator.diagnosis.asked import asked_on_command_line
    from emulator.flow import assume_role, credentials_in
    from emulator.network.trace import as_text
    from emulator.reports.text import refusal_of

    login = assume_role(federation, user=user, app=app, role=role, source_ip=source_ip)
    credentials = credentials_in(login.page)
    if login.refusal is not None or not credentials:
        options = asked_on_command_line({"--role": role, "--source-ip": source_ip})
        click.echo(refusal_of(login, federation, options=options), err=True)
        return 1
    if for_shell:
        names = {
            "AccessKeyId": "ACCESS_KEY_ID",
            "SecretAccessKey": "SECRET_ACCESS_KEY",
            "SessionToken": "SESSION_TOKEN",
        }
        for name, variable in names.items():
            click.echo(f"export AWS_{variable}={credentials[name]}")
    else:
        click.echo(as_text({"Version": 1, **credentials}), nl=False)
    return 0


def _write_trace(path: Path, login: Login, hosts: Hosts) -> None:
    from importlib import metadata

    from emulator.kernel.errors import FileError, Location, Problem
    from emulator.network.trace import as_text, to_har

    try:
        path.write_text(as_text(login.as_json(hosts)), encoding="utf-8")
        har = to_har(login.exchanges, version=metadata.version("fedemu"))
        path.with_suffix(".har").write_text(as_text(har), encoding="utf-8")
    except OSError as error:
        raise FileError([Problem(Location(str(path)), f"cannot be written: {error.strerror}")]) from None
