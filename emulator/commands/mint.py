"""``fedemu mint``: a signed SAMLResponse on stdout."""

from __future__ import annotations

from pathlib import Path

import click

from emulator.commands.options import fault_option, federation_of, world_option


@click.command()
@click.argument("user")
@click.argument("app")
@world_option
@fault_option
@click.option("--xml", "as_xml", is_flag=True, help="Print the XML instead of its base64 form.")
def command(user: str, app: str, world_file: Path | None, faults: tuple[str, ...], as_xml: bool) -> int:
    """Print the base64 SAMLResponse that APP issues for USER."""
    from emulator.building.faults import read_faults

    federation = federation_of(world_file)
    provider, the_app = federation.find_app(app)
    issued = provider.mint(user, the_app.name, faults=read_faults(faults))
    click.echo(issued.xml.decode("utf-8", "replace") if as_xml else issued.saml_response)
    return 0
