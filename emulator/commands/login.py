"""``fedemu login``: one real login without a browser, told step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import (
    fault_option,
    federation_of,
    is_built_in,
    next_step,
    no_fixes_option,
    repeated,
    say,
    say_refusal,
    world_option,
)

if TYPE_CHECKING:
    from emulator.diagnosis.login_result import LoginResult
    from emulator.diagnosis.origins import Origin
    from emulator.federation import Federation, Instants
    from emulator.fixes.attempt import Attempt


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
@world_option
@click.option("--relay-state", help="Replaces the app's default relay state.")
@click.option("--role", help="The role to take when sign-in asks: its name or ARN.")
@click.option(
    "--lands-on",
    metavar="URL",
    default="",
    help="The address where the login should end; by default what the relay state, else the role's instance says.",
)
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
@no_fixes_option
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
    lands_on: str,
    source_ip: str | None,
    faults: tuple[str, ...],
    trace_file: Path | None,
    as_json: bool,
    no_fixes: bool,
    print_env: bool,
    credential_process: bool,
) -> int:
    """Log USER in to APP and print every step.

    Exit code 0 when the login arrives, 1 when it is refused or ends elsewhere.
    """
    from emulator.building.faults import read_faults
    from emulator.diagnosis.login_result import result_of
    from emulator.fixes.attempt import Attempt, make_login
    from emulator.flow import Outcome
    from emulator.network.trace import as_text
    from emulator.reports.text import result_block, result_lines

    federation = federation_of(world_file)
    provider, the_app = federation.find_app(app)
    if faults:
        provider.faults.inject(the_app.name, user, read_faults(faults))
    if print_env or credential_process:
        return _print_credentials(
            federation,
            Attempt(user, app, role=role, source_ip=source_ip, via="sts"),
            for_shell=print_env,
            as_json=as_json,
            tries_fixes=not no_fixes,
        )
    began = federation.instants
    attempt = Attempt(user, app, relay_state=relay_state, role=role, source_ip=source_ip, lands_on=lands_on)
    login = make_login(attempt, federation, federation.browser())
    result = result_of(login, federation, options=_options())
    result = _with_fixes(result, federation, attempt, began, not no_fixes)
    if trace_file is not None:
        _write_trace(trace_file, result)
    if as_json:
        click.echo(as_text(result.as_json()), nl=False)
        return 0 if login.outcome is Outcome.ACCEPTED else 1
    for line in result_lines(result):
        say(line)
    if result.diagnosis is not None:
        say()
        say_refusal(result_block(result))
    fixes = result.diagnosis.fixes if result.diagnosis is not None else ()
    if any(fix.is_written for fix in fixes) and not is_built_in(world_file):
        which = {name: value for name, value in _given(click.get_current_context()).items() if name in _FIXABLE}
        next_step(repeated("fix", *([world_file] if world_file else []), "--dry-run", user=user, app=app, **which))
    elif trace_file:
        next_step(repeated("inspect", trace_file.with_suffix(".har"), world=world_file))
    else:
        trace = repeated("login", user, app, "--trace", "login.json", **_given(click.get_current_context()))
        next_step(f"{trace}   (writes login.json and login.har)")
    return 0 if login.outcome is Outcome.ACCEPTED else 1


def _with_fixes(
    result: LoginResult, federation: Federation, attempt: Attempt, began: Instants, tries_fixes: bool
) -> LoginResult:
    """Returns what a login came to, with what lets it arrive where it did not."""
    if result.diagnosis is None or not tries_fixes:
        return result
    from emulator.fixes.trial import Journey
    from emulator.fixes.trying import with_fixes

    return with_fixes(result, federation, Journey((attempt,), began))


def _given(context: click.Context) -> dict[str, object]:
    """Returns the options that say which login it is, as they were given."""
    names = {"world_file": "world", "relay_state": "relay-state", "faults": "fault"}
    kept = ("world_file", "relay_state", "role", "lands_on", "source_ip", "faults")
    return {names.get(name, name.replace("_", "-")): context.params[name] for name in kept}


def _options() -> dict[str, Origin]:
    """Returns where what was asked for comes from, by the name that explanations call it by."""
    from emulator.diagnosis.asked import asked_on_command_line

    given = click.get_current_context().params
    names = ("relay_state", "role", "source_ip")
    return asked_on_command_line({f"--{name.replace('_', '-')}": given[name] or None for name in names})


def _print_credentials(
    federation: Federation, attempt: Attempt, *, for_shell: bool, as_json: bool, tries_fixes: bool
) -> int:
    from emulator.diagnosis.login_result import result_of
    from emulator.fixes.attempt import make_login
    from emulator.flow import credentials_in
    from emulator.network.trace import as_text
    from emulator.reports.text import result_block

    began = federation.instants
    login = make_login(attempt, federation, federation.browser())
    credentials = credentials_in(login.page)
    if login.refusal is not None or not credentials:
        result = _with_fixes(result_of(login, federation, options=_options()), federation, attempt, began, tries_fixes)
        if as_json:
            click.echo(as_text(result.as_json()), nl=False)
        else:
            click.echo(result_block(result) or f"no credentials: the login ended at {login.lands_on}", err=True)
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


def _write_trace(path: Path, result: LoginResult) -> None:
    from importlib import metadata

    from emulator.kernel.errors import FileError, Location, Problem
    from emulator.network.trace import as_text, to_har

    try:
        path.write_text(as_text(result.as_json()), encoding="utf-8")
        har = to_har(result.login.exchanges, version=metadata.version("fedemu"))
        path.with_suffix(".har").write_text(as_text(har), encoding="utf-8")
    except OSError as error:
        raise FileError([Problem(Location(str(path)), f"cannot be written: {error.strerror}")]) from None
