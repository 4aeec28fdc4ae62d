"""``fedemu check``: what is wrong with a world before anybody logs in."""

from __future__ import annotations

from pathlib import Path

import click

from emulator.commands.options import next_step, say


@click.command()
@click.argument("world_file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(world_file: Path | None, as_json: bool) -> int:
    """Read WORLD_FILE and name settings that no login can get past.

    Exit code 0 when nothing is wrong, 1 with findings, 2 when the file cannot be used.
    """
    from emulator.commands.options import federation_of
    from emulator.diagnosis.world_check import findings

    federation = federation_of(world_file)
    found = list(findings(federation))
    if as_json:
        from emulator.reports.json_report import findings_json

        click.echo(findings_json(federation.world.document.file, found), nl=False)
        return 1 if found else 0
    for problem in found:
        say(str(problem), fg="yellow")
    shape = federation.world.settings
    users = sum(len(org.users) for org in shape.okta.values())
    roles = sum(len(account.roles) for account in shape.aws.values())
    say(f"{federation.world.document.file}: {users} users, {roles} roles, {len(found)} findings")
    world = f" --world {world_file}" if world_file else ""
    next_step(f"fedemu demo{world}" if not found else "correct the lines above, then fedemu check again")
    return 1 if found else 0
