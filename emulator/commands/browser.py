"""``fedemu browser``: a browser that reaches the emulated hosts, with a throw-away profile."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import click

from emulator.commands.options import allow_option, federation_of, say, world_option


@click.command()
@click.argument("url", required=False)
@world_option
@click.option("--browser", "wanted", default="", help="The name or path of the browser. Default: the first one found.")
@allow_option
@click.option("--dry-run", is_flag=True, help="Print the command instead of running it.")
def command(
    url: str | None, world_file: Path | None, wanted: str, allowed_hosts: tuple[str, ...], dry_run: bool
) -> int:
    """Open a browser that reaches the emulated hosts.

    It shows URL, by default the Okta dashboard, under the real name: https://acme.okta.com. The browser has a new
    profile, which trusts the local authority and is deleted when the browser is closed.

    Exit codes: the browser's own; 2 if the world cannot be used; 3 if no browser is found.
    """
    from emulator.commands.exec import run_and_pass_signals
    from emulator.network.data_folder.certs import CertificateAuthority
    from emulator.running.browsers import command_line, find_browser
    from emulator.running.start import Ports, fixes_of, serving

    program = find_browser(wanted)
    federation = federation_of(world_file)
    first = next(iter(federation.identity_providers.values()), None)
    url = url or (f"{first.org.base_url}/app/UserHome" if first else "https://console.aws.amazon.com/")
    with contextlib.ExitStack() as stack:
        own = stack.enter_context(
            serving(federation, Ports(https=None), allowed_hosts=allowed_hosts, fixes=fixes_of(federation))
        )
        profile = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fedemu-", ignore_cleanup_errors=True)))
        authority = CertificateAuthority(custom_hosts=federation.custom_hosts())
        arguments = command_line(
            program,
            url,
            profile=profile,
            proxy=own.running.proxy,
            spki_sha256=authority.spki_sha256,
            ca_file=authority.path,
        )
        if dry_run:
            say(" ".join(arguments))
            return 0
        say(f"{url} in {program.path}; close it to stop")
        return run_and_pass_signals(arguments, dict(os.environ))
