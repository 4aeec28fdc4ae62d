"""``fedemu doctor``: whether this machine has what fedemu needs."""

from __future__ import annotations

from pathlib import Path

import click

from emulator.commands.options import next_step, say, world_option, world_path


@click.command()
@world_option
@click.option(
    "--http",
    "port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    default=7080,
    show_default=True,
    help="The port that fedemu up is going to use.",
)
def command(world_file: Path | None, port: int) -> int:
    """Check that this machine has what fedemu needs.

    It looks at the libraries, the keys, the port and the browser. For each app of the world it shows where the signing
    key is and when its certificate ends.

    Exit codes: 0 if nothing is missing that fedemu needs, 3 otherwise; 2 if the world cannot be used.
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
    next_step("fedemu demo" if healthy else "fix the lines marked BAD, then run fedemu doctor again")
    return 0 if healthy else 3
