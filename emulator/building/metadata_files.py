"""Metadata documents of SAML providers, from files and from the text of a world, and one entity out of an aggregate.

AWS accepts no aggregates: people have to cut their identity provider out of one, which ``entity_id`` does here.

Spec: SAML Metadata §2.3.1; AWS IAM UG "id_roles_providers_create_saml"
Evidence: documented (aggregates), assumed (that AWS takes none)
"""

from __future__ import annotations

from collections.abc import Sequence

from emulator.kernel.errors import Problem, WorldError
from emulator.seeds.metadata_xml import MOST_TAGS, entities_of, listed_entities, without_others
from emulator.world import World, read_world_file
from emulator.worldfile.schema.aws_schema import MetadataSource
from emulator.worldfile.schema.schema_check import suggestion
from emulator.worldfile.text.text_encoding import UnreadableText, text_of
from emulator.worldfile.text.yaml_data import Key
from sp_mock.accounts.provider_metadata import MAX_METADATA_BYTES

# eduGAIN's, the largest, is about as large.
MAX_AGGREGATE_BYTES = 100_000_000
_AGGREGATE = "EntitiesDescriptor"
_LOOKED_AT = 20_000


def metadata_document(world: World, key: Key, source: MetadataSource) -> bytes:
    """Returns the document that a provider's ``file`` or ``xml`` gives.

    Args:
        key: Key in the world at which the metadata is given.
        source: The settings at that key.

    Raises:
        WorldError: the file does not exist, holds several entities and none is named, or lacks the one that is named.
    """
    at: Key = (*key, "file" if source.file is not None else "xml")
    limit = MAX_METADATA_BYTES if source.entity_id is None else MAX_AGGREGATE_BYTES
    if source.xml is not None:
        document = source.xml.encode()
    else:
        document = read_world_file(world, at, source.file or "", limit=limit)
    text = _text(document, limit)
    if source.entity_id is None and _AGGREGATE not in text[:_LOOKED_AT]:
        return document
    if text.count("<") > MOST_TAGS:
        message = f"Could not parse metadata: it holds more than {MOST_TAGS:,} tags"
        raise WorldError([world.problem(at, message, "a smaller document")])
    entities = entities_of(text)
    if source.entity_id is None:
        if entities.are_aggregated and entities.ids:
            raise WorldError([_aggregate(world, at, entities.ids)])
        return document
    taken = without_others(text, source.entity_id)
    if taken is None:
        raise WorldError([_not_in_it(world, (*key, "entity_id"), source.entity_id, entities.ids)])
    return taken


def _text(document: bytes, limit: int) -> str:
    try:
        return text_of(document, limit=limit)
    except UnreadableText:
        return ""


def _aggregate(world: World, key: Key, ids: Sequence[str]) -> Problem:
    message = (
        f"Could not parse metadata: it is an aggregate, an md:EntitiesDescriptor with {len(ids)} "
        f"{'entity' if len(ids) == 1 else 'entities'}, {listed_entities(ids)}; AWS takes one md:EntityDescriptor"
    )
    return world.problem(
        key, message, "the metadata of one identity provider", fix=f"Name the one beside it: entity_id: {ids[0]}"
    )


def _not_in_it(world: World, key: Key, entity_id: str, ids: Sequence[str]) -> Problem:
    if not ids:
        return world.problem(key, "the document is not readable SAML metadata", "an md:EntitiesDescriptor")
    near = suggestion(entity_id, sorted(ids))
    return world.problem(key, f"{entity_id:.200} is not in the metadata", f"one of {listed_entities(ids)}", near)
