"""``fedemu schema``: JSON Schema of the file formats, for editors."""

from __future__ import annotations

import click


@click.command()
@click.argument("kind", type=click.Choice(["world", "scenario"]))
def command(kind: str) -> int:
    """Print the JSON Schema of a world or a scenario file."""
    from emulator.network.trace import as_text
    from emulator.scenarios.scenario_schema import ScenarioSettings
    from emulator.worldfile.world_schema import WorldSettings

    model = WorldSettings if kind == "world" else ScenarioSettings
    click.echo(as_text(model.model_json_schema(by_alias=True)), nl=False)
    return 0
