"""``fedemu schema``: JSON Schema of the file formats, for editors."""

from __future__ import annotations

from typing import Final

import click

KINDS: Final = ("world", "scenario", "defaults")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
def command(kind: str) -> int:
    """Print a JSON Schema for editors: world or scenario files.

    Editors with yaml-language-server use it if the file has this comment: # yaml-language-server: $schema=FILE

    Exit codes: 0; 2 if KIND is none of the three.
    """
    click.echo(schema_text(kind), nl=False)
    return 0


def schema_text(kind: str) -> str:
    """Returns the JSON Schema of a kind of file."""
    from emulator.network.trace import as_text
    from emulator.scenarios.format.defaults_schema import DefaultsSettings
    from emulator.scenarios.format.editor_schema import editor_schema
    from emulator.scenarios.scenario_schema import ScenarioSettings
    from emulator.worldfile.schema.world_schema import WorldSettings

    if kind == "world":
        schema = WorldSettings.model_json_schema(by_alias=True)
    else:
        schema = editor_schema(ScenarioSettings if kind == "scenario" else DefaultsSettings)
    return as_text({"$schema": _DIALECT, **schema})


_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_file(kind: str) -> str:
    """Returns the file name of a schema."""
    return f"{kind}.schema.json"


def modeline(kind: str, folder: str) -> str:
    """Returns the line by which yaml-language-server finds a schema, without the comment sign.

    Each document of a file needs one, because the text after ``---`` is a separate document.

    Args:
        kind: The kind of file: one of ``KINDS``.
        folder: The schema's folder, relative to the file.
    """
    return f"yaml-language-server: $schema={folder}/{schema_file(kind)}"
