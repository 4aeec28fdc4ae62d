"""``fedemu mint``: a signed SAMLResponse on stdout."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from emulator.commands.options import fault_option, federation_of, served_world_option, shown, standalone_option


@click.command()
@click.argument("user")
@click.argument("app")
@served_world_option
@fault_option
@standalone_option
@click.option("--xml", "as_xml", is_flag=True, help="Print the XML instead of base64.")
def command(
    user: str, app: str, world_file: Path | None, faults: tuple[str, ...], standalone: bool, as_xml: bool
) -> int:
    """Print the signed SAMLResponse, in base64, of USER in APP.

    The running emulator issues it, with its own keys and clock, unless --world names another world.

    Exit codes: 0; 2 if the world, the user or the app cannot be used; 3 if the running emulator does not answer.
    """
    from emulator.running.requests.login_requests import AssertionRequest, issue_as_asked
    from emulator.running.requests.running_emulator import (
        ASK_ASSERTION,
        Answered,
        NotCarriedOut,
        ask_running,
        whole_path,
    )

    request = AssertionRequest(user, app, faults, whole_path(world_file))
    try:
        answered = Answered() if standalone else ask_running(ASK_ASSERTION, asdict(request))
    except NotCarriedOut as error:
        click.echo(shown(f"{error.note}\n{error}"), err=True)
        return error.exit_code
    if answered.note:
        click.echo(shown(answered.note), err=True)
    issued = answered.data or issue_as_asked(request, federation_of(world_file))
    click.echo(issued["xml" if as_xml else "saml_response"])
    return 0
