"""``fedemu doctor``: whether this machine has what fedemu needs."""

from __future__ import annotations

import click

from emulator.commands.options import next_step, say


@click.command()
@click.option(
    "--http", "port", type=click.IntRange(0, 65535), default=7080, show_default=True, help="The port to look at."
)
def command(port: int) -> int:
    """Look at libraries, keys, the port and the browser, and say what is missing.

    Exit code 0 when all is well, 3 when something that fedemu needs is missing.
    """
    from emulator.running.health import examinations

    healthy = True
    for finding in examinations(port=port):
        mark, colour = {"ok": ("ok  ", "green"), "note": ("note", "yellow")}.get(finding.verdict, ("BAD ", "red"))
        say(f"{mark}  {finding.subject:<16} {finding.text}", fg=colour)
        healthy = healthy and finding.verdict != "bad"
    next_step("fedemu demo" if healthy else "repair the lines marked BAD, then fedemu doctor again")
    return 0 if healthy else 3
