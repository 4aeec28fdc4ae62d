"""``fedemu doctor``: whether this machine has what fedemu needs."""

from __future__ import annotations

from pathlib import Path

import click

from emulator.commands.options import next_step, say, world_option, world_path


@click.command()
@world_option
@click.option(
    "--http", "port", type=click.IntRange(0, 65535), default=7080, show_default=True, help="The port to look at."
)
def command(world_file: Path | None, port: int) -> int:
    """Look at libraries, keys, the port and the browser, and say what is missing.

    Of each app of the world it says where the signing key is and when the certificate ends.

    Exit code 0 when all is well, 3 when something that fedemu needs is missing.
    """
    from emulator.running.health import examinations
    from emulator.world import load_world

    if world_file is not None:
        load_world(world_file)  # one that was asked for by name has to be usable

    healthy = True
    for finding in examinations(port=port, world_file=world_path(world_file)):
        mark, colour = {"ok": ("ok  ", "green"), "note": ("note", "yellow")}.get(finding.verdict, ("BAD ", "red"))
        say(f"{mark}  {finding.subject:<12} {finding.text}", fg=colour)
        healthy = healthy and finding.verdict != "bad"
    next_step("fedemu demo" if healthy else "repair the lines marked BAD, then fedemu doctor again")
    return 0 if healthy else 3
