"""``fedemu ca``: the local certificate authority."""

from __future__ import annotations

import click

from emulator.commands.options import say


@click.group()
def command() -> None:
    """Show, locate or remove the local certificate authority.

    It signs for the emulated hosts. fedemu never installs it anywhere.

    Exit codes: 0; 3 if the authority's files cannot be read or written.
    """


@command.command()
def path() -> int:
    """Print the path of the authority's certificate, creating it if necessary."""
    from emulator.network.data_folder.certs import CertificateAuthority

    click.echo(CertificateAuthority().path)
    return 0


@command.command()
def show() -> int:
    """Show the authority's certificate, its validity and the names it may sign for."""
    from base64 import b64encode

    from cryptography.hazmat.primitives import hashes

    from emulator.network.data_folder.certs import CertificateAuthority

    authority = CertificateAuthority()
    certificate = authority.certificate
    say(f"certificate   {authority.path}")
    say(f"key           {authority.folder / 'ca-private.pem'} (readable by its owner only)")
    say(f"subject       {certificate.subject.rfc4514_string()}")
    say(f"valid         {certificate.not_valid_before_utc:%Y-%m-%d} to {certificate.not_valid_after_utc:%Y-%m-%d}")
    say(f"SHA-256       {certificate.fingerprint(hashes.SHA256()).hex(':').upper()}")
    say(f"SPKI          {b64encode(authority.spki_sha256).decode()}")
    say(f"may sign for  {', '.join(authority.permitted_domains)}")
    return 0


@command.command()
def remove() -> int:
    """Delete the authority; a new one is created when it is next needed."""
    from emulator.network.data_folder.certs import remove_authority

    gone = remove_authority()
    for each in gone:
        say(f"removed {each}")
    if not gone:
        say("there was no authority to remove")
    return 0
