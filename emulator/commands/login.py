"""``fedemu login``: one login without a browser, shown step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emulator.commands.options import (
    fault_option,
    federation_of,
    next_step,
    no_fixes_option,
    repeated,
    say,
    say_refusal,
    served_world_option,
    shown,
    standalone_option,
)

if TYPE_CHECKING:
    from emulator.running.requests.login_requests import LoginRequest


# What fedemu fix takes of the options that say which login it is.
_FIXABLE = frozenset({"relay-state", "role", "lands-on"})


def _address(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    import ipaddress

    try:
        return text and str(ipaddress.ip_address(text))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not an IP address such as 203.0.113.10") from None


@click.command()
@click.argument("user")
@click.argument("app")
@served_world_option
@click.option("--relay-state", help="The relay state, in place of the app's default.")
@click.option("--role", help="The role to choose at AWS sign-in, by name or ARN.")
@click.option(
    "--lands-on",
    metavar="URL",
    default="",
    help="The address where the login should end. Default: the relay state's, otherwise that of the role's instance.",
)
@click.option(
    "--source-ip",
    metavar="ADDRESS",
    callback=_address,
    help="The IP address that the login comes from. Default: the user's source_ip in the world, otherwise 127.0.0.1.",
)
@fault_option
@standalone_option
@click.option(
    "--trace",
    "trace_file",
    type=click.Path(path_type=Path),
    help="Write a trace (JSON) to this file, and a HAR next to it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the login as JSON.")
@no_fixes_option
@click.option(
    "--print-env",
    is_flag=True,
    help="Take the assertion to STS instead, and print the credentials as export lines for a shell.",
)
@click.option("--credential-process", is_flag=True, help="The same, in the format of the AWS CLI's credential_process.")
def command(
    user: str,
    app: str,
    world_file: Path | None,
    relay_state: str | None,
    role: str | None,
    lands_on: str,
    source_ip: str | None,
    faults: tuple[str, ...],
    standalone: bool,
    trace_file: Path | None,
    as_json: bool,
    no_fixes: bool,
    print_env: bool,
    credential_process: bool,
) -> int:
    """Log USER in to APP and print every step.

    The login goes through the running emulator, which keeps its sessions and credentials, unless --world names another
    world. If no emulator is running, the command uses a federation of its own. Each login uses a new browser.

    Exit codes: 0 if the login arrives; 1 if it is refused or ends elsewhere; 2 if the world or the app cannot
    be used; 3 if --print-env or --credential-process finds no emulator that would accept the credentials.
    """
    from emulator.running.requests.login_requests import LoginRequest
    from emulator.running.requests.running_emulator import NotCarriedOut, whole_path

    wants_credentials = print_env or credential_process
    request = LoginRequest(
        user,
        app,
        relay_state=None if wants_credentials else relay_state,
        role=role,
        lands_on="" if wants_credentials else lands_on,
        source_ip=source_ip,
        via="sts" if wants_credentials else "browser",
        faults=faults,
        fixes=not no_fixes,
        har=trace_file is not None,
        by_options=True,
        folder=str(Path.cwd()),
        world=whole_path(world_file),
    )
    try:
        told, url = _made(request, world_file, standalone=standalone, wants_credentials=wants_credentials)
    except NotCarriedOut as error:
        click.echo(shown(error.note), err=True)
        click.echo(_json(error.data) if as_json else shown(f"{error}\n"), nl=False, err=not as_json)
        return error.exit_code
    if trace_file is not None:
        _write_trace(trace_file, told)
    arrived: bool = told["login"]["outcome"] == "accepted"
    if wants_credentials and "credentials" in told:
        _print_credentials(told, url, for_shell=print_env)
    elif as_json:
        click.echo(_json(told["login"]), nl=False)
    elif wants_credentials:
        ended = f"no credentials: the login ended at {told['login']['lands_on']}"
        click.echo(shown(told["block"] or ended), err=True)
    else:
        _print_steps(told, trace_file, world_file if world_file or not url else _served(told))
    return 0 if arrived and (not wants_credentials or "credentials" in told) else 1


def _made(
    request: LoginRequest, world_file: Path | None, *, standalone: bool, wants_credentials: bool
) -> tuple[Mapping[str, Any], str]:
    """Makes the login; returns the result and the address of the emulator that made it, empty if none did.

    Raises:
        EnvironmentProblem: credentials are asked for, and no emulator is running.
    """
    from emulator.running.requests.running_emulator import ASK_LOGIN, Answered, ask_running

    answered = Answered() if standalone else ask_running(ASK_LOGIN, asdict(request))
    if answered.note:
        click.echo(shown(answered.note), err=True)
    if answered.data is not None:
        return answered.data, answered.url
    if wants_credentials and not standalone:
        from emulator.kernel.errors import EnvironmentProblem

        raise EnvironmentProblem(
            "Nothing would accept these credentials",
            explanation=answered.reason or "no emulator is running",
            fix="Start an emulator with fedemu up, or print them anyway with --standalone.",
        )
    if wants_credentials:
        click.echo("note: no emulator knows these credentials, so nothing will accept them", err=True)
    from emulator.running.requests.login_requests import log_in_as_asked

    return log_in_as_asked(request, federation_of(world_file)), ""


def _print_steps(told: Mapping[str, Any], trace_file: Path | None, world_file: Path | None) -> None:
    """Prints a login step by step, why it did not arrive, and what to do next."""
    for line in told["text"]:
        say(line)
    if told["block"]:
        say()
        say_refusal(told["block"])
    parameters = click.get_current_context().params
    user, app = parameters["user"], parameters["app"]
    given = _given(parameters)
    alone = ["--standalone"] if parameters["standalone"] else []
    if told["fixable"] and not told["built_in"]:
        which = {name: value for name, value in given.items() if name in _FIXABLE}
        next_step(repeated("fix", *([world_file] if world_file else []), "--dry-run", user=user, app=app, **which))
    elif told.get("warned") and not told["built_in"]:
        which = {name: value for name, value in given.items() if name in _FIXABLE}
        words = [*([world_file] if world_file else []), "--dry-run", "--allow-warnings"]
        next_step(repeated("fix", *words, user=user, app=app, **which))
    elif near_user := told.get("near_user"):
        next_step(repeated("login", near_user, app, *alone, **given))
    elif app_elsewhere := told.get("app_elsewhere"):
        next_step(repeated("login", user, app_elsewhere, *alone, world=given["world"]))
    elif near_role := told.get("near_role"):
        next_step(repeated("login", user, app, *alone, **{**given, "role": near_role}))
    elif told.get("unknown_user"):
        next_step(repeated("check", *([world_file] if world_file else [])) + "   (who can log in, and where)")
    elif trace_file:
        next_step(repeated("inspect", trace_file.with_suffix(".har"), world=world_file))
    else:
        trace = repeated("login", user, app, *alone, "--trace", "login.json", **given)
        next_step(f"{trace}   (writes login.json and login.har)")


def _served(told: Mapping[str, Any]) -> Path | None:
    """Returns the world file that was used, for the next command; None if that command would use it anyway."""
    served, here = Path(told["world"]), Path("world.yaml")
    if here.exists():
        return None if here.resolve() == served else served
    return None if told["built_in"] else served


def _given(parameters: Mapping[str, Any]) -> dict[str, object]:
    """Returns the given options that identify the login."""
    names = {"world_file": "world", "relay_state": "relay-state", "faults": "fault"}
    kept = ("world_file", "relay_state", "role", "lands_on", "source_ip", "faults")
    return {names.get(name, name.replace("_", "-")): parameters[name] for name in kept}


def _print_credentials(told: Mapping[str, Any], url: str, *, for_shell: bool) -> None:
    if not for_shell:
        click.echo(_json(told["credential_process"]), nl=False)
        return
    from emulator.running.requests.shell_variables import variables_for_credentials

    for line in variables_for_credentials(told["credentials"], url=url, region=told["region"]):
        click.echo(line)


def _json(data: Mapping[str, Any]) -> str:
    import json

    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _write_trace(path: Path, told: Mapping[str, Any]) -> None:
    from emulator.kernel.errors import FileError, Location, Problem
    from emulator.network.data_folder.private_files import write_privately

    try:
        write_privately(path, _json(told["login"]).encode())
        write_privately(path.with_suffix(".har"), _json(told["har"]).encode())
    except OSError as error:
        raise FileError([Problem(Location(str(path)), f"cannot be written: {error.strerror}")]) from None
