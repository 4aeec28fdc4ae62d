"""``fedemu doctor``: whether this machine has what fedemu needs."""

from __future__ import annotations

import click

from emulator.commands.options import next_step, say


@click.command()
@click.option(
    "--http",
    "port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    default=7080,
    show_default=True,
    help="The port that fedemu up is going to use.",
)
def command(port: int) -> int:
    """Check that this machine has what fedemu needs.

    It looks at the libraries, the keys, the port and the browser.

    Exit codes: 0 if nothing is missing that fedemu needs, 3 otherwise.
    """
    from emulator.running.health import examinations

    healthy = True
    for finding in examinations(port=port):
        mark, colour = {"ok": ("ok  ", "green"), "note": ("note", "yellow")}.get(finding.verdict, ("BAD ", "red"))
        say(f"{mark}  {finding.subject:<16} {finding.text}", fg=colour)
        healthy = healthy and finding.verdict != "bad"
    next_step("fedemu demo" if healthy else "fix the lines marked BAD, then run fedemu doctor again")
    return 0 if healthy else 3
